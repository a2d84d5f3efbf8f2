package embedded

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"time"

	"fondaco/messaging"
)

// Bounds of one read: a scan ends at the first of them.
const (
	scanRows  = 512
	scanBytes = 8 << 20
	fetchRows = 64
)

// loader reads what the queue wants from the file. It lives from the first subscription to the broker's end.
func (q *queue) loader() {
	defer func() {
		q.mu.Lock()
		defer q.mu.Unlock()
		if q.timer != nil {
			q.timer.Stop()
		}
		q.active = false
	}()
	for q.b.ctx.Err() == nil {
		select {
		case <-q.b.ctx.Done():
			return
		case <-q.kick:
		}
		for more := true; more && q.b.ctx.Err() == nil; {
			var err error
			if more, err = q.read(q.b.ctx); err != nil && q.b.ctx.Err() == nil {
				q.b.unreadable(err)
				wait(q.b.ctx, retryAfter)
				more = true
			}
		}
	}
}

// read does one read: the contents of heads first, then the messages after the cursor.
func (q *queue) read(ctx context.Context) (more bool, err error) {
	q.mu.Lock()
	wanted := q.wanting
	if len(wanted) > fetchRows {
		wanted = wanted[:fetchRows]
	}
	if q.held >= heldBytes && q.ready.len() > 0 {
		wanted = nil
	}
	cursor, last, room, held, erasing := q.cursor, q.last, q.room(), q.holds > 0, q.erasing
	q.mu.Unlock()
	if held || len(wanted) == 0 && (cursor >= last || !room) {
		return false, nil
	}
	f := q.b.file.Load()
	if f == nil {
		return true, errReopening
	}
	if len(wanted) > 0 {
		return true, q.fetch(ctx, f, wanted, erasing)
	}
	return true, q.scan(ctx, f, cursor, last, erasing)
}

// stale reports whether messages were erased or replaced since a read began, or are being: what it read is read again. The
// lock is held.
func (q *queue) stale(erasing int64) bool { return q.holds > 0 || q.erasing != erasing }

// overtaken reports the same to who does not hold the lock.
func (q *queue) overtaken(erasing int64) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.stale(erasing)
}

var errReopening = errors.New("the file is being opened anew")

// fetch reads the contents of heads.
func (q *queue) fetch(ctx context.Context, f *file, wanted []int64, erasing int64) error {
	heads := make([]*entry, 0, len(wanted))
	for _, seq := range wanted {
		e, err := row(f.fetch.QueryRowContext(ctx, q.id, seq).Scan)
		if errors.Is(err, sql.ErrNoRows) {
			if q.overtaken(erasing) {
				return nil
			}
			return fmt.Errorf("message %d is missing in the file", seq)
		}
		if err != nil {
			return err
		}
		if err := q.b.open(ctx, f, e); err != nil {
			return err
		}
		heads = append(heads, e)
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stale(erasing) {
		return nil
	}
	q.wanting = q.wanting[len(wanted):]
	for _, e := range heads {
		if q.lot.Out(e.seq) {
			e.stored = true // or will be soon
		}
		e.parked = ""
		if q.pauses.Woken(e.seq) { // before the time that the file says
			e.due = time.Time{}
		}
		q.place(e)
	}
	q.wakeUp()
	return nil
}

// scan reads the messages after cursor, up to last.
func (q *queue) scan(ctx context.Context, f *file, cursor, last, erasing int64) error {
	rows, err := f.scan.QueryContext(ctx, q.id, cursor, last, scanRows)
	if err != nil {
		return err
	}
	defer rows.Close()
	found := make([]*entry, 0, scanRows)
	bytes := 0
	for bytes < scanBytes && rows.Next() {
		e, err := row(rows.Scan)
		if err != nil {
			return err
		}
		found = append(found, e)
		bytes += e.size
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return err
	}
	for _, e := range found { // now that no connection of the readers is held
		if err := q.b.open(ctx, f, e); err != nil {
			return err
		}
	}
	if len(found) == scanRows || bytes >= scanBytes {
		last = found[len(found)-1].seq
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.stale(erasing) {
		return nil
	}
	for _, e := range found {
		q.add(e)
	}
	q.cursor = last
	q.wakeUp()
	return nil
}

// unreadable keeps what Health reports of a file that cannot be read; the next commit that succeeds takes it back.
func (b *Broker) unreadable(err error) {
	if errors.Is(err, errReopening) {
		return
	}
	told := fmt.Errorf("topics %s cannot be read; if the file is damaged, restore it from a backup: %w", b.path, err)
	b.unwell.Store(&told)
	select {
	case b.wake <- struct{}{}:
	default:
	}
}

// wait waits for d, or until ctx ends.
func wait(ctx context.Context, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
	case <-timer.C:
	}
}

var _ messaging.Counter = (*Broker)(nil)
