package sqlitefile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"time"

	"fondaco/config"

	sqlite "modernc.org/sqlite"
)

// Copy is a file to be copied: that at Path, which is of the Kind and of the Project, to To, which must not exist.
type Copy struct {
	Kind          Kind
	Path, Project string
	To            string
}

// Copied is a copy that was made.
type Copied struct{ Format int }

// snapshotPatience is how long it is waited for a writer to finish its transaction.
const snapshotPatience = "mode=rw&_pragma=busy_timeout(30000)"

// copyPages is how many pages are copied between two looks at whether the copy is still wanted.
const copyPages = 4096

// Snapshot copies files as all of them are at one moment, which it returns by clock (nil: the machine's), while other processes may write to them.
// Writers wait for as long as it takes to look at each file once; while the copies are read they write on, and their logs
// grow by what they write. The copies are for their owner alone, on the disk when Snapshot returns, and not verified.
// After an error the caller removes what was made.
//
// The moment is the same because all files are locked for writing, in the order given, while a reading transaction is begun
// on each of them: https://www.sqlite.org/isolation.html. The copy is that of https://www.sqlite.org/backup.html over the
// connection whose transaction that is.
func Snapshot(ctx context.Context, clock config.Clock, files ...Copy) (moment time.Time, made []Copied, err error) {
	all := make([]*copying, 0, len(files))
	defer func() {
		for _, c := range all {
			c.close()
		}
	}()
	for _, f := range files {
		c, err := openCopying(ctx, f)
		if err != nil {
			return moment, nil, err
		}
		all = append(all, c)
		made = append(made, Copied{Format: c.format})
	}
	if moment, err = freeze(ctx, clock, all); err != nil {
		return moment, nil, err
	}
	for _, c := range all {
		if err := c.copy(ctx); err != nil {
			return moment, nil, fmt.Errorf("%s %s: the copy %s: %w", c.Kind.Name, c.Path, c.To, err)
		}
	}
	return moment, made, nil
}

// freeze begins a reading transaction on each file, all of them at one moment.
func freeze(ctx context.Context, clock config.Clock, all []*copying) (moment time.Time, err error) {
	locked := 0
	defer func() {
		for _, c := range all[:locked] {
			_, failed := c.lock.ExecContext(context.WithoutCancel(ctx), "rollback")
			err = errors.Join(err, failed)
		}
	}()
	for _, c := range all {
		if _, err := c.lock.ExecContext(ctx, "begin immediate"); err != nil {
			return moment, fmt.Errorf("%s %s: %w", c.Kind.Name, c.Path, err)
		}
		locked++
	}
	for _, c := range all {
		var tables int
		_, err := c.read.ExecContext(ctx, "begin")
		if err == nil { // the transaction takes its view of the file when it first reads
			err = c.read.QueryRowContext(ctx, "select count(*) from sqlite_master").Scan(&tables)
		}
		if err != nil {
			return moment, fmt.Errorf("%s %s: %w", c.Kind.Name, c.Path, err)
		}
	}
	return clock.Now(), nil
}

// copying is a file that is being copied.
type copying struct {
	Copy
	format     int
	db         *sql.DB
	lock, read *sql.Conn
}

func openCopying(ctx context.Context, f Copy) (*copying, error) {
	c := &copying{Copy: f}
	err := c.open(ctx)
	if err != nil {
		c.close()
		return nil, err
	}
	return c, nil
}

func (c *copying) open(ctx context.Context) (err error) {
	if c.db, err = sql.Open("sqlite", Address(c.Path, snapshotPatience)); err != nil {
		return err
	}
	if c.format, err = c.Kind.Judge(ctx, c.db, c.Path, c.Project); err != nil {
		return err
	}
	if c.lock, err = c.db.Conn(ctx); err == nil {
		c.read, err = c.db.Conn(ctx)
	}
	return err
}

func (c *copying) close() {
	for _, conn := range []*sql.Conn{c.lock, c.read} {
		if conn != nil {
			_ = conn.Close()
		}
	}
	if c.db != nil {
		_ = c.db.Close()
	}
}

// copy writes the copy, of what the reading transaction sees, onto the disk.
func (c *copying) copy(ctx context.Context) error {
	if err := makePrivate(c.To); err != nil {
		return err
	}
	err := c.read.Raw(func(driver any) error {
		source, ok := driver.(interface {
			NewBackup(to string) (*sqlite.Backup, error)
		})
		if !ok {
			return errors.New("the driver of SQLite makes no copies")
		}
		// What is half written is thrown away, and what is whole is written to the disk below.
		b, err := source.NewBackup(Address(c.To, "mode=rw&_pragma=journal_mode(off)&_pragma=synchronous(off)"))
		if err != nil {
			return err
		}
		for more := true; more && err == nil; {
			if err = ctx.Err(); err == nil {
				more, err = b.Step(copyPages)
			}
		}
		return errors.Join(err, b.Finish())
	})
	if err != nil {
		return err
	}
	return Flush(c.To)
}

// Flush has the file or folder at path on the disk when it returns nil.
func Flush(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(f.Sync(), f.Close())
}

// Verify reads all of the file at path, which nobody writes to and which has no log beside it, and returns its format. The
// error says what is wrong: it is damaged, empty, another's, another project's or of a newer version.
func (k Kind) Verify(ctx context.Context, path, project string) (format int, err error) {
	db, err := sql.Open("sqlite", Address(path, "mode=ro&immutable=1&_pragma=cell_size_check(1)"))
	if err != nil {
		return 0, err
	}
	defer func() { _ = db.Close() }()
	if format, err = k.Judge(ctx, db, path, project); err != nil {
		return 0, err
	}
	if format == 0 {
		return 0, k.foreign(path, errors.New("it is empty"))
	}
	var result string
	if err := db.QueryRowContext(ctx, "pragma integrity_check(1)").Scan(&result); err != nil {
		return 0, k.foreign(path, err)
	}
	if result != "ok" {
		return 0, k.foreign(path, errors.New(result))
	}
	return format, nil
}

// Change makes one transaction on the file at path, which nobody has open and which has no log beside it; afterwards it has
// none either, and is on the disk.
func (k Kind) Change(ctx context.Context, path, project string, f func(tx *sql.Tx, format int) error) error {
	db, err := sql.Open("sqlite", Address(path, "mode=rw&_pragma=journal_mode(delete)&_pragma=synchronous(full)&_pragma=fullfsync(1)&_pragma=secure_delete(1)"))
	if err != nil {
		return err
	}
	defer func() { _ = db.Close() }()
	format, err := k.Judge(ctx, db, path, project)
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	defer tx.Rollback() //nolint:errcheck // after Commit it does nothing, before it the error is told already
	if err := f(tx, format); err != nil {
		return err
	}
	if err := tx.Commit(); err != nil {
		return err
	}
	return db.Close()
}
