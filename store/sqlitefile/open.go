package sqlitefile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"

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
	first := ""
	if i, err := os.Stat(path); err != nil || i.Size() == 0 {
		first = "_pragma=auto_vacuum(incremental)&" // a file returns its free pages to the disk (Tidy) if that is said before all else
	}
	return sql.Open("sqlite", Address(path, first+pragmas+"&modeof="+url.PathEscape(path+lockEnd)))
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

// ErrDamaged is wrapped by errors about a file whose structure is not as it must be.
var ErrDamaged = errors.New("its structure is damaged")

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

// soundAtOnce is the size in bytes up to which a file is read as a whole before it is served: that takes some tenths of a
// second. A larger one is read beside the work, so that a start does not grow with what waits.
const soundAtOnce = 64 << 20

// SoundAtOnce reads the whole structure of the file at path, which conn has open: a damaged one is refused, never served.
// Of a large file it reads nothing and returns true: the caller serves it, and has it read by Sound meanwhile.
func (k Kind) SoundAtOnce(ctx context.Context, conn *sql.Conn, path string) (later bool, err error) {
	var size int64
	if err := conn.QueryRowContext(ctx, "select (select page_count from pragma_page_count) * (select page_size from pragma_page_size)").
		Scan(&size); err == nil && size > soundAtOnce {
		return true, nil
	}
	return false, k.Sound(ctx, conn, path)
}

// Rower is a connection to a file, or several.
type Rower interface {
	QueryRowContext(ctx context.Context, query string, args ...any) *sql.Row
}

// Sound reads the whole structure of the file at path. An error wraps ErrDamaged if it is damaged.
func (k Kind) Sound(ctx context.Context, conn Rower, path string) error {
	var result string
	err := conn.QueryRowContext(ctx, "pragma quick_check(1)").Scan(&result)
	if err == nil && result != "ok" {
		err = fmt.Errorf("%w: %s", ErrDamaged, result)
	}
	if code := Code(err); code == Corrupt || code == NotADB {
		err = fmt.Errorf("%w: %w", ErrDamaged, err)
	}
	if err != nil {
		return fmt.Errorf("%s %s: the file is damaged; restore it from a backup, or move it away to begin anew: %w", k.Name, path, err)
	}
	return nil
}
