package sqlitefile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	sqlite "modernc.org/sqlite"
)

// pragmas are what every file of ours is opened with: what was told to be written is on the disk.
const pragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=fullfsync(1)&_pragma=checkpoint_fullfsync(1)" +
	"&_pragma=wal_autocheckpoint(4000)&_pragma=journal_size_limit(16777216)&_pragma=secure_delete(1)&_pragma=cell_size_check(1)&_pragma=cache_size(-16384)&_pragma=temp_store(memory)"

// Address is the URI of a file, whatever its path holds, with SQLite's parameters.
func Address(path, query string) string {
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: query}).String()
}

// OpenWriter opens the file at path for the one connection that writes. A file that is made is for its owner alone, as
// the lock that the caller has is. The caller closes it.
func OpenWriter(path string) (*sql.DB, error) {
	return sql.Open("sqlite", Address(path, pragmas+"&modeof="+url.PathEscape(path+lockEnd)))
}

// OpenReaders opens it for the few that read beside the writer, and cannot write. The caller closes it.
func OpenReaders(path string) (*sql.DB, error) {
	db, err := sql.Open("sqlite", Address(path, pragmas+"&_pragma=query_only(1)"))
	if err == nil {
		db.SetMaxOpenConns(4)
		db.SetMaxIdleConns(4)
	}
	return db, err
}

// SQLite's primary result codes that are told apart (https://www.sqlite.org/rescode.html).
const (
	Busy       = 5
	IO         = 10
	Corrupt    = 11
	Full       = 13
	CannotOpen = 14
	NotADB     = 26
)

// Code is the primary result code of SQLite that err holds, 0 if none.
func Code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// Sound reads the whole structure of the file at path: a damaged one is refused, never served.
func (k Kind) Sound(ctx context.Context, conn *sql.Conn, path string) error {
	var result string
	err := conn.QueryRowContext(ctx, "pragma quick_check(1)").Scan(&result)
	if err == nil && result != "ok" {
		err = errors.New(result)
	}
	if err != nil {
		return fmt.Errorf("%s %s: the file is damaged; restore it from a backup, or move it away to begin anew: %w", k.Name, path, err)
	}
	return nil
}
