// Package sqlite speaks with files of SQLite that are other programs', and is the home of modernc.org/sqlite among the connectors.
package sqlite
