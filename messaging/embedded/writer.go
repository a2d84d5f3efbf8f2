package embedded

import (
	"context"
	"database/sql"
	"fmt"
	"runtime"
	"time"

	"fondaco/store/sqlitefile"
)

// Bounds of one transaction: what waits beyond them waits for the next one.
const (
	batchTasks = 4096
	batchBytes = 16 << 20
)

// retryAfter is the pause after which a failed writer tries by itself.
const retryAfter = time.Second

// enqueue hands a task to the writer; false if the writer has ended.
func (b *Broker) enqueue(o task) bool {
	b.mu.Lock()
	if b.ended {
		b.mu.Unlock()
		return false
	}
	b.pending = append(b.pending, o)
	b.mu.Unlock()
	select {
	case b.wake <- struct{}{}:
	default:
	}
	return true
}

// take returns the tasks for the next transaction, in their order.
func (b *Broker) take() (tasks []task, more bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	n, bytes := 0, 0
	for n < len(b.pending) && n < batchTasks && (n == 0 || bytes+b.pending[n].weight() <= batchBytes) {
		bytes += b.pending[n].weight()
		n++
	}
	tasks = b.pending[:n:n]
	if b.pending = b.pending[n:]; len(b.pending) == 0 {
		b.pending = nil
	}
	return tasks, len(b.pending) > 0
}

// writer is the goroutine that writes. It ends when stop is closed and nothing waits any more.
func (b *Broker) writer(ctx context.Context, stop <-chan struct{}) {
	var kept []task // acks that failed: they stay until they are durable
	retry := time.NewTimer(retryAfter)
	retry.Stop()
	defer retry.Stop()
	tidy := sqlitefile.NewTidier()
	defer tidy.Stop()
	for stopping := false; ; {
		runtime.Gosched() // those who were just told, and may write again, come into this transaction
		tasks, more := b.take()
		if len(tasks) == 0 && !stopping {
			select {
			case <-b.wake:
				if b.unwell.Load() != nil { // a reader met a fault: see whether writing works
					retry.Reset(retryAfter)
				}
				continue
			case <-stop:
				stopping = true
				continue
			case <-tidy.Due():
				b.sweepKeys(ctx)
				tidy.Tidy(ctx, b.connection())
				continue
			case <-retry.C:
			}
		} else if len(tasks) == 0 && len(kept) == 0 {
			b.end(nil)
			return
		}
		kept = b.commit(ctx, append(kept, tasks...))
		if b.unwell.Load() == nil {
			if time.Since(b.keysSwept) >= keysSweepAtLeast {
				b.sweepKeys(ctx)
			}
			tidy.Wrote(ctx, b.connection())
			continue
		}
		if stopping && !more {
			b.end(kept)
			return
		}
		retry.Reset(retryAfter)
	}
}

// commit brings the tasks into one transaction and tells each how it ended; it returns those to be tried again.
func (b *Broker) commit(ctx context.Context, tasks []task) (kept []task) {
	f, err := b.current(ctx)
	late := false
	if err == nil {
		if b.faults.early != nil { // accepted before it is durable
			for _, o := range tasks {
				if p, is := o.(*publish); is {
					p.done <- nil
				}
			}
			b.faults.early()
		}
		var x *transaction
		if x, late, err = b.run(ctx, f, tasks); err == nil {
			x.take()
		}
	}
	b.judge(err)
	if err != nil {
		b.discard(f)
		err = full(err, late)
	}
	for _, o := range tasks {
		if o.settled(err) {
			kept = append(kept, o)
		}
	}
	return kept
}

// end lets nothing more in, and informs those who still wait that nothing of theirs was written.
func (b *Broker) end(kept []task) {
	b.mu.Lock()
	b.ended = true
	rest := b.pending
	b.pending = nil
	b.mu.Unlock()
	for _, o := range append(kept, rest...) {
		o.settled(full(errStopped, false))
	}
}

// current returns the open file, after a failure by opening it anew: what a failed fsync left behind is not trusted.
func (b *Broker) current(ctx context.Context) (*file, error) {
	if f := b.file.Load(); f != nil {
		return f, nil
	}
	f, err := open(ctx, b.path, b.project, b.vault)
	if err != nil {
		return nil, err
	}
	if err := b.refresh(ctx, f); err != nil {
		f.close()
		return nil, err
	}
	b.file.Store(f)
	for _, t := range b.topics {
		for _, q := range t.queues {
			q.extend(t.from() + t.last)
		}
	}
	return f, nil
}

// connection returns the connection that writes, nil while the file is closed.
func (b *Broker) connection() *sql.Conn {
	if f := b.file.Load(); f != nil {
		return f.conn
	}
	return nil
}

// discard closes a file that failed.
func (b *Broker) discard(f *file) {
	if f != nil && b.file.CompareAndSwap(f, nil) {
		f.close()
	}
}

// refresh reads topics and groups: on opening, and after a failure, when a commit may have taken effect unheard.
func (b *Broker) refresh(ctx context.Context, f *file) error {
	rows, err := f.conn.QueryContext(ctx, "select t.id, t.name, t.last, t.accepted, coalesce(c.id, 0), coalesce(c.name, '') from topic t "+
		"left join consumer c on c.topic = t.id order by t.id, c.id")
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var t topic
		var consumer int64
		var group string
		if err := rows.Scan(&t.id, &t.name, &t.last, &t.accepted, &consumer, &group); err != nil {
			return err
		}
		known := b.topics[t.name]
		if known == nil {
			known = &topic{id: t.id, name: t.name}
			b.topics[t.name] = known
		}
		known.last, known.accepted = t.last, t.accepted
		if consumer != 0 && known.queue(group) == nil {
			known.queues = append(known.queues, newQueue(b, known, consumer, group))
		}
	}
	return rows.Err()
}

func (t *topic) queue(group string) *queue {
	for _, q := range t.queues {
		if q.group == group {
			return q
		}
	}
	return nil
}

// judge keeps what Health reports.
func (b *Broker) judge(err error) {
	if err == nil {
		b.unwell.Store(nil)
		return
	}
	told := fmt.Errorf("topics %s cannot be written; free space or repair the disk, writing resumes by itself: %w", b.path, err)
	b.unwell.Store(&told)
}
