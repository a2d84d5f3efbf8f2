// Package record is what the rows of a state hold, whichever database keeps them: their sums, how they are encrypted, and how they are
// told. Statements, locks and transactions are the databases' own.
package record
