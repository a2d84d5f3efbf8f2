package embedded

import (
	"context"
	"database/sql"
	"fmt"

	"fondaco/store/sqlitefile"
)

const (
	applicationID = 0x464e4454 // "FNDT": SQLite's mark of whose file it is
	formatVersion = 1          // of a file in which nothing was ever encrypted
	sealedFormat  = 2
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
create table again (seq integer not null, consumer integer not null, attempt integer not null, due integer not null, since integer not null default 0,
	parked text not null default '', patience integer not null default 0, primary key (seq, consumer)) without rowid;
`

const idBits = 40

// file is the open database: one connection writes, others read.
type file struct {
	write, read *sql.DB
	conn        *sql.Conn
	statements
}

// kind is that of our files.
var kind = sqlitefile.Kind{Mark: applicationID, Formats: sealedFormat, Name: "topics", Several: "topics", Plural: true}

// FileKind returns what the files of topics are known by.
func FileKind() sqlitefile.Kind { return kind }

// open opens the database at path, and creates it if it is fresh. The lock is held.
func open(ctx context.Context, path, project string, vault *sqlitefile.Vault) (*file, error) {
	write, err := sqlitefile.OpenWriter(path)
	if err != nil {
		return nil, err
	}
	f := &file{write: write}
	format, err := kind.Judge(ctx, write, path, project)
	if err == nil {
		err = vault.CheckKeys(ctx, write)
	}
	if err == nil && format == 0 {
		err = create(ctx, write, project)
	}
	if err == nil {
		err = extend(ctx, write)
	}
	if err == nil {
		err = addKeys(ctx, write, vault.On() && format != sealedFormat)
	}
	if err == nil {
		f.conn, err = write.Conn(ctx)
	}
	if err == nil {
		f.read, err = sqlitefile.OpenReaders(path)
	}
	if err == nil {
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
	if _, err := tx.ExecContext(ctx, schema+fmt.Sprintf("pragma application_id = %d; pragma user_version = %d;", applicationID,
		formatVersion)); err != nil {
		return err
	}
	if _, err := tx.ExecContext(ctx, "insert into meta (name, value) values ('project', ?), ('probe', '')", project); err != nil {
		return err
	}
	if err := sqlitefile.MarkScrubbed(ctx, tx); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "pragma wal_checkpoint(truncate)")
	return err
}

// extend adds what files of before lack. Older programs go on to work with the file: they pass over it.
func extend(ctx context.Context, db *sql.DB) error {
	for _, c := range []struct{ name, kind string }{
		{"since", "integer not null default 0"},
		{"parked", "text not null default ''"},
		{"patience", "integer not null default 0"},
	} {
		var there bool
		if err := db.QueryRowContext(ctx, "select count(*) from pragma_table_info('again') where name = ?", c.name).Scan(&there); err != nil {
			return err
		}
		if there {
			continue
		}
		if _, err := db.ExecContext(ctx, "alter table again add column "+c.name+" "+c.kind); err != nil {
			return err
		}
	}
	return nil
}

// addKeys adds what encrypted messages need. Where sealed, programs before it are kept away from the file from then on.
func addKeys(ctx context.Context, db *sql.DB, sealed bool) error {
	var there bool
	if err := db.QueryRowContext(ctx, "select count(*) from pragma_table_info('message') where name = 'dk'").Scan(&there); err != nil ||
		there && !sealed {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing, before it the error is told already
	text := ""
	if !there {
		text = sqlitefile.DataKeys + "alter table message add column dk integer not null default 0; create index message_dk on message (dk) " +
			"where dk > 0;"
	}
	if sealed {
		text += fmt.Sprintf("pragma user_version = %d;", sealedFormat)
	}
	if _, err := tx.ExecContext(ctx, text); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	_, err = db.ExecContext(ctx, "pragma wal_checkpoint(truncate)")
	return err
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
