package sqlitefile

import (
	"context"
	"database/sql"
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

// Due gives a value when the writes have paused: then Tidy is called.
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
	done, err := cutLog(ctx, conn)
	if !done || err != nil {
		t.since = time.Now()
		t.timer.Reset(tidyPause)
	}
}

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

// Scrub writes a file of an earlier version anew, once, without the remains of what was deleted in it. Where the disk
// has no room for that it is tried again at the next start. The file is sound, and nobody else has it open.
func Scrub(ctx context.Context, conn *sql.Conn) error {
	var pages, size int64
	var done bool
	if err := conn.QueryRowContext(ctx, "select exists (select 1 from meta where name = ?), (select page_count from pragma_page_count), (select page_size from pragma_page_size)", scrubbed).Scan(&done, &pages, &size); err != nil || done {
		return err
	}
	if pages*size > inMemory {
		if _, err := conn.ExecContext(ctx, "pragma temp_store = file"); err != nil {
			return err
		}
		defer func() { _, _ = conn.ExecContext(ctx, "pragma temp_store = memory") }()
	}
	for _, text := range []string{"vacuum", "insert into meta (name, value) values ('" + scrubbed + "', '1')"} {
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
