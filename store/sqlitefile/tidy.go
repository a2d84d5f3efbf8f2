package sqlitefile

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"
)

// What was deleted is gone from the disk soon: pages are overwritten when they are freed (secure_delete), and the log,
// which has copies of them all, is brought into the main file and cut off.
const (
	// tidyPause is how long after the last write the log is cut off.
	tidyPause = time.Second
	// tidyAtLeast is how often it is under writes that do not pause.
	tidyAtLeast = 10 * time.Second
)

// Tidier says to the goroutine that writes to a file when its log is to be cut off. It is of that goroutine alone.
type Tidier struct {
	timer *time.Timer
	since time.Time // of the first write that is still in the log; zero for none
}

// NewTidier returns a Tidier of a file whose log is as the last process left it. Stop it.
func NewTidier() *Tidier { return &Tidier{timer: time.NewTimer(tidyPause), since: time.Now()} }

// Due delivers a value when the writes have paused: then Tidy is called.
func (t *Tidier) Due() <-chan time.Time { return t.timer.C }

// Stop ends the Tidier.
func (t *Tidier) Stop() { t.timer.Stop() }

// Wrote is called after each commit on conn. Where commits never pause it tidies by itself.
func (t *Tidier) Wrote(ctx context.Context, conn *sql.Conn) {
	if t.since.IsZero() {
		t.since = time.Now()
	}
	if time.Since(t.since) >= tidyAtLeast {
		t.Tidy(ctx, conn)
		return
	}
	t.timer.Reset(tidyPause)
}

// Tidy cuts the log off, and comes due again where a reader is in it. conn may be nil: of a file that is closed the log
// was cut off already, or is as its opener finds it. That the disk fails is for the next write to say.
func (t *Tidier) Tidy(ctx context.Context, conn *sql.Conn) {
	t.since = time.Time{}
	if conn == nil {
		return
	}
	more := shrink(ctx, conn)
	done, err := cutLog(ctx, conn)
	switch {
	case !done || err != nil:
		t.since = time.Now()
		t.timer.Reset(tidyPause)
	case more:
		t.since = time.Now()
		t.timer.Reset(shrinkPause)
	}
}

// What a file gives back to the disk when much of it is free, as after a backlog was worked off: some of it stays, as what
// comes next needs room again.
const (
	shrinkPages = 2048                  // in one step, during which nothing is written: 8 MiB
	shrinkPause = 20 * time.Millisecond // between two, where writes pause
	keptPages   = 1024                  // of free pages so many stay, and a quarter of all
)

// shrink takes a step of giving free pages back; more says that there are others. A file of an earlier version returns nothing
// to the disk before Scrub has written it anew.
func shrink(ctx context.Context, conn *sql.Conn) (more bool) {
	var free, pages, mode int64
	err := conn.QueryRowContext(ctx, "select (select freelist_count from pragma_freelist_count), (select page_count from "+
		"pragma_page_count), (select auto_vacuum from pragma_auto_vacuum)").
		Scan(&free, &pages, &mode)
	over := free - keptPages - pages/4
	if err != nil || mode != incremental || over <= 0 {
		return false
	}
	rows, err := conn.QueryContext(ctx, fmt.Sprintf("pragma incremental_vacuum(%d)", min(over, shrinkPages)))
	if err != nil {
		return false // if it prevents writing, the next write returns it
	}
	for rows.Next() { // each is a page
	}
	return errors.Join(rows.Err(), rows.Close()) == nil && over > shrinkPages
}

// incremental is SQLite's number for files that give free pages back when they are asked to.
const incremental = 2

// cutLog brings the log into the main file and cuts it off; false if a reader is in it. It waits for nobody.
func cutLog(ctx context.Context, conn *sql.Conn) (done bool, err error) {
	if _, err := conn.ExecContext(ctx, "pragma busy_timeout = 0"); err != nil {
		return false, err
	}
	var busy, frames, moved int
	err = conn.QueryRowContext(ctx, "pragma wal_checkpoint(truncate)").Scan(&busy, &frames, &moved)
	if _, again := conn.ExecContext(ctx, "pragma busy_timeout = 10000"); err == nil {
		err = again
	}
	return err == nil && busy == 0, err
}

// scrubbed is the name in meta of what says that a file holds no remains of what was deleted before deletion overwrote.
const scrubbed = "scrubbed"

// MarkScrubbed notes in a new file that it holds no remains.
func MarkScrubbed(ctx context.Context, tx *sql.Tx) error {
	_, err := tx.ExecContext(ctx, "insert into meta (name, value) values (?, '1')", scrubbed)
	return err
}

// inMemory is the size in bytes up to which a file is written anew with the help of memory rather than of the disk.
const inMemory = 16 << 20

// Scrub writes a file of an earlier version anew, once, without the remains of what was deleted in it, and so that it returns
// to the disk what becomes free. Where the disk has no room for that it is tried again at the next start. The file is sound, and
// nobody else has it open.
func Scrub(ctx context.Context, conn *sql.Conn) error {
	var pages, size int64
	var clean, shrinks bool
	if err := conn.QueryRowContext(ctx, "select exists (select 1 from meta where name = ?), (select auto_vacuum from pragma_auto_vacuum) = "+
		"?, (select page_count from pragma_page_count), (select page_size from pragma_page_size)", scrubbed, incremental).
		Scan(&clean, &shrinks, &pages, &size); err != nil || clean && shrinks {
		return err
	}
	if pages*size > inMemory {
		if _, err := conn.ExecContext(ctx, "pragma temp_store = file"); err != nil {
			return err
		}
		defer func() { _, _ = conn.ExecContext(ctx, "pragma temp_store = memory") }()
	}
	for _, text := range []string{"pragma auto_vacuum = incremental", "vacuum", "insert or ignore into meta (name, value) values ('" +
		scrubbed + "', '1')"} {
		if _, err := conn.ExecContext(ctx, text); err != nil {
			if code := Code(err); code == Full || code == CannotOpen || code == IO {
				return nil
			}
			return err
		}
	}
	_, err := cutLog(ctx, conn)
	return err
}
