package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"sync"

	sqlite "modernc.org/sqlite"

	"fondaco/store"
	"fondaco/store/sqlitefile"
)

const pragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=fullfsync(1)&_pragma=checkpoint_fullfsync(1)" +
	"&_pragma=wal_autocheckpoint(4000)&_pragma=journal_size_limit(67108864)&_pragma=cell_size_check(1)&_pragma=cache_size(-16384)&_pragma=temp_store(memory)"

// address is the URI of a file, whatever its path holds.
func address(path, query string) string {
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: query}).String()
}

// file is the open database: one connection writes, others read.
type file struct {
	write, read *sql.DB
	conn        *sql.Conn

	written map[string]*sql.Stmt // prepared on conn; of the writer's goroutine alone
	mu      sync.RWMutex
	reads   map[string]*sql.Stmt // prepared on read
}

// inspect judges what lies at path without touching it: the main file alone is read, and not the log beside it.
func inspect(ctx context.Context, path, project string, formats int) error {
	err := look(ctx, path, project, formats)
	if code(err) != 0 && sqlitefile.Torn(path, applicationID) {
		return nil
	}
	return err
}

func look(ctx context.Context, path, project string, formats int) error {
	db, err := sql.Open("sqlite", address(path, "mode=ro&immutable=1"))
	if err != nil {
		return err
	}
	defer db.Close()
	if err = db.PingContext(ctx); err != nil {
		if code(err) == codeCannotOpen {
			return nil // there is none yet
		}
		return foreign(path, err)
	}
	var pages int
	if err := db.QueryRowContext(ctx, "pragma page_count").Scan(&pages); err != nil {
		return foreign(path, err)
	}
	if pages == 0 {
		return fmt.Errorf("state %s: the file is empty, which one of ours never is; restore it from a backup, or remove it to begin anew; nothing was changed", path)
	}
	_, err = judge(ctx, db, path, project, formats)
	return err
}

// judge tells the format of the database, 0 if it is empty; an error if it is another's.
func judge(ctx context.Context, db *sql.DB, path, project string, formats int) (version int, err error) {
	var id, tables int
	if err := db.QueryRowContext(ctx, "select (select application_id from pragma_application_id), (select user_version from pragma_user_version), (select count(*) from sqlite_master)").Scan(&id, &version, &tables); err != nil {
		return 0, foreign(path, err)
	}
	if id == 0 && version == 0 && tables == 0 {
		return 0, nil
	}
	if id != applicationID || version < 1 {
		return 0, foreign(path, nil)
	}
	if version > formats {
		return 0, fmt.Errorf("state %s: written by a newer version of fondaco (format %d, this one knows %d); run that version, or give this one a place of its own; nothing was changed", path, version, formats)
	}
	var owner string
	if err := db.QueryRowContext(ctx, "select value from meta where name = 'project'").Scan(&owner); err != nil {
		return 0, foreign(path, err)
	}
	if owner != project {
		return 0, fmt.Errorf("state %s: it belongs to project %q and this is project %q; give each project a place of its own; nothing was changed", path, owner, project)
	}
	return version, nil
}

func foreign(path string, err error) error {
	if err == nil {
		return fmt.Errorf("state %s: the file is none of fondaco's states; name another place; nothing was changed", path)
	}
	return fmt.Errorf("state %s: the file is none of fondaco's states, or damaged; restore it from a backup or name another place; nothing was changed: %w", path, err)
}

// open opens the database at path and brings it to the present format. The lock is held.
func open(ctx context.Context, path, project string, steps []string) (*file, error) {
	write, err := sql.Open("sqlite", address(path, pragmas))
	if err != nil {
		return nil, err
	}
	f := &file{write: write, written: map[string]*sql.Stmt{}, reads: map[string]*sql.Stmt{}}
	version, err := judge(ctx, write, path, project, len(steps))
	if err == nil {
		err = migrate(ctx, write, steps, version, project)
	}
	if err == nil {
		f.conn, err = write.Conn(ctx)
	}
	if err == nil {
		f.read, err = sql.Open("sqlite", address(path, pragmas+"&_pragma=query_only(1)"))
	}
	if err != nil {
		f.close()
		return nil, fmt.Errorf("state %s: %w", path, err)
	}
	f.read.SetMaxOpenConns(4)
	f.read.SetMaxIdleConns(4)
	return f, nil
}

// sound reads the whole structure of the file: a damaged one is refused, never served.
func (f *file) sound(ctx context.Context, path string) error {
	var result string
	err := f.conn.QueryRowContext(ctx, "pragma quick_check(1)").Scan(&result)
	if err == nil && result != "ok" {
		err = errors.New(result)
	}
	if err != nil {
		return fmt.Errorf("state %s: the file is damaged; restore it from a backup, or move it away to begin anew: %w", path, err)
	}
	return nil
}

// writing gives the statement prepared on the writer's connection.
func (f *file) writing(ctx context.Context, text string) (*sql.Stmt, error) {
	if s := f.written[text]; s != nil {
		return s, nil
	}
	s, err := f.conn.PrepareContext(ctx, text)
	if err == nil {
		f.written[text] = s
	}
	return s, err
}

// reading gives the statement prepared on the readers' connections.
func (f *file) reading(ctx context.Context, text string) (*sql.Stmt, error) {
	f.mu.RLock()
	s := f.reads[text]
	f.mu.RUnlock()
	if s != nil {
		return s, nil
	}
	f.mu.Lock()
	defer f.mu.Unlock()
	if s = f.reads[text]; s != nil {
		return s, nil
	}
	s, err := f.read.PrepareContext(ctx, text)
	if err == nil {
		f.reads[text] = s
	}
	return s, err
}

// close ends the file when its readers have ended.
func (f *file) close() {
	for _, s := range f.written {
		s.Close()
	}
	f.mu.Lock()
	for _, s := range f.reads {
		s.Close()
	}
	f.mu.Unlock()
	if f.conn != nil {
		f.conn.Close()
	}
	if f.read != nil {
		f.read.Close()
	}
	f.write.Close()
}

// SQLite's primary result codes that are told apart.
const (
	codeBusy       = 5
	codeIO         = 10
	codeCorrupt    = 11
	codeFull       = 13
	codeCannotOpen = 14
	codeNotADB     = 26
)

// code is the primary result code of SQLite that err holds, 0 if none.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}

// classify gives the word for a failure of the database.
func classify(err error) error {
	switch {
	case err == nil || errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		return err
	case code(err) == codeFull:
		return fmt.Errorf("%w: %w", store.ErrFull, err)
	case code(err) == codeCorrupt || code(err) == codeNotADB:
		return fmt.Errorf("%w: %w", store.ErrDamaged, err)
	}
	return fmt.Errorf("%w: %w", store.ErrIO, err)
}
