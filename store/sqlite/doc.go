// Package sqlite keeps the state of a project in one SQLite file, for one process on one machine. Every write is on the
// disk before it is told (write-ahead log, synchronous=FULL); one goroutine writes, and what waits while the disk works
// goes into the next transaction together, so that a thousand writers cost little more than one.
package sqlite
