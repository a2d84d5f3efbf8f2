package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"

	"fondaco/store/sqlitefile"
	sqlite "modernc.org/sqlite"
)

const (
	applicationID = 0x464e4454 // "FNDT": SQLite's mark of whose file it is
	formatVersion = 1
)

// schema of version 1. A message's seq is its topic's id in the upper 23 bits and a number in the lower 40 that is
// counted in topic.last and never given twice, also after deletes: rows of one topic lie together and are read in order.
// A message is there until every consumer of its topic has finished it; finished has a row only while others have not.
const schema = `
create table meta (name text primary key, value text not null) without rowid;
create table topic (id integer primary key, name text not null unique, last integer not null, accepted integer not null);
create table consumer (id integer primary key, topic integer not null, name text not null, base integer not null, finished integer not null, unique (topic, name));
create table message (seq integer primary key, key text not null, due integer not null, at integer not null, headers blob not null, body blob not null, sum integer not null);
create table finished (seq integer not null, consumer integer not null, primary key (seq, consumer)) without rowid;
create table again (seq integer not null, consumer integer not null, attempt integer not null, due integer not null, primary key (seq, consumer)) without rowid;
`

const (
	pragmas = "_pragma=busy_timeout(10000)&_pragma=journal_mode(wal)&_pragma=synchronous(full)&_pragma=fullfsync(1)&_pragma=checkpoint_fullfsync(1)" +
		"&_pragma=wal_autocheckpoint(4000)&_pragma=journal_size_limit(67108864)&_pragma=cell_size_check(1)&_pragma=cache_size(-16384)&_pragma=temp_store(memory)"
	idBits = 40
)

// address is the URI of a file, whatever its path holds.
func address(path, query string) string {
	return (&url.URL{Scheme: "file", Opaque: url.PathEscape(path), RawQuery: query}).String()
}

// file is the open database: one connection writes, others read.
type file struct {
	write, read *sql.DB
	conn        *sql.Conn
	statements
}

// inspect judges what lies at path without touching it: the main file alone is read, and not the log beside it.
func inspect(ctx context.Context, path, project string) error {
	err := look(ctx, path, project)
	if code(err) != 0 && sqlitefile.Torn(path, applicationID) {
		return nil
	}
	return err
}

func look(ctx context.Context, path, project string) error {
	db, err := sql.Open("sqlite", address(path, "mode=ro&immutable=1"))
	if err != nil {
		return err
	}
	defer db.Close()
	if err = db.PingContext(ctx); err != nil {
		if code(err) == cannotOpen {
			return nil // there is none yet
		}
		return foreign(path, err)
	}
	var pages int
	if err := db.QueryRowContext(ctx, "pragma page_count").Scan(&pages); err != nil {
		return foreign(path, err)
	}
	if pages == 0 {
		return fmt.Errorf("topics %s: the file is empty, which one of ours never is; restore it from a backup, or remove it to begin anew; nothing was changed", path)
	}
	_, err = judge(ctx, db, path, project)
	return err
}

// judge tells whether the database is ours: fresh if it is empty, an error if it is another's.
func judge(ctx context.Context, db *sql.DB, path, project string) (fresh bool, err error) {
	var id, version, tables int
	if err := db.QueryRowContext(ctx, "select (select application_id from pragma_application_id), (select user_version from pragma_user_version), (select count(*) from sqlite_master)").Scan(&id, &version, &tables); err != nil {
		return false, foreign(path, err)
	}
	if id == 0 && version == 0 && tables == 0 {
		return true, nil
	}
	if id != applicationID {
		return false, foreign(path, nil)
	}
	if version > formatVersion {
		return false, fmt.Errorf("topics %s: written by a newer version of fondaco (format %d, this one knows %d); run that version, or give this one a place of its own; nothing was changed", path, version, formatVersion)
	}
	var owner string
	if err := db.QueryRowContext(ctx, "select value from meta where name = 'project'").Scan(&owner); err != nil {
		return false, foreign(path, err)
	}
	if owner != project {
		return false, fmt.Errorf("topics %s: they belong to project %q and this is project %q; give each project a place of its own; nothing was changed", path, owner, project)
	}
	return false, nil
}

func foreign(path string, err error) error {
	if err == nil {
		return fmt.Errorf("topics %s: the file is none of fondaco's topics; name another place; nothing was changed", path)
	}
	return fmt.Errorf("topics %s: the file is none of fondaco's topics, or damaged; restore it from a backup or name another place; nothing was changed: %w", path, err)
}

// open opens the database at path, and creates it if it is fresh. The lock is held.
func open(ctx context.Context, path, project string) (*file, error) {
	write, err := sql.Open("sqlite", address(path, pragmas))
	if err != nil {
		return nil, err
	}
	f := &file{write: write}
	fresh, err := judge(ctx, write, path, project)
	if err == nil && fresh {
		err = create(ctx, write, project)
	}
	if err == nil {
		f.conn, err = write.Conn(ctx)
	}
	if err == nil {
		f.read, err = sql.Open("sqlite", address(path, pragmas+"&_pragma=query_only(1)"))
	}
	if err == nil {
		f.read.SetMaxOpenConns(4)
		err = f.prepare(ctx)
	}
	if err != nil {
		f.close()
		return nil, fmt.Errorf("topics %s: %w", path, err)
	}
	return f, nil
}

// create writes the schema in one transaction and into the main file, where inspect looks.
func create(ctx context.Context, db *sql.DB, project string) error {
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing, before it the error is told already
	if _, err := tx.ExecContext(ctx, schema+fmt.Sprintf("pragma application_id = %d; pragma user_version = %d;", applicationID, formatVersion)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "insert into meta (name, value) values ('project', ?), ('probe', '')", project); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "pragma wal_checkpoint(truncate)")
	return err
}

// sound reads the whole structure of the file: a damaged one is refused, never served.
func (f *file) sound(ctx context.Context, path string) error {
	var result string
	err := f.conn.QueryRowContext(ctx, "pragma quick_check(1)").Scan(&result)
	if err == nil && result != "ok" {
		err = errors.New(result)
	}
	if err != nil {
		return fmt.Errorf("topics %s: the file is damaged; restore it from a backup, or move it away to begin anew: %w", path, err)
	}
	return nil
}

func (f *file) close() {
	f.statements.close()
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
	busy       = 5
	cannotOpen = 14
)

// code is the primary result code of SQLite that err holds, 0 if none.
func code(err error) int {
	var e *sqlite.Error
	if errors.As(err, &e) {
		return e.Code() & 0xff
	}
	return 0
}
