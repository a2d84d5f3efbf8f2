package embedded

import (
	"errors"
	"fmt"
	"sync/atomic"
	"time"

	"fondaco/messaging"
)

// task is one wish to the writer.
type task interface {
	// apply does it within a transaction. It may be called again after a transaction failed.
	apply(x *transaction) error
	// settled is called with how it ended: nil when it is durable. It reports whether the writer is to try again.
	settled(err error) (again bool)
	// weight is the number of bytes it writes.
	weight() int
}

// publish stores messages.
type publish struct {
	topic   string
	records []record
	bytes   int
	stage   atomic.Int32 // waiting → taken, or waiting → withdrawn
	to      *topic
	done    chan error
}

const (
	waiting = iota
	taken
	withdrawn
)

func (p *publish) weight() int { return p.bytes }

func (p *publish) apply(x *transaction) error {
	if !p.stage.CompareAndSwap(waiting, taken) && p.stage.Load() == withdrawn {
		return nil
	}
	c, err := x.topic(p.topic)
	if err != nil {
		return err
	}
	p.to = c.topic
	for i := range p.records {
		if err := x.insert(c, &p.records[i]); err != nil {
			return err
		}
	}
	return nil
}

func (p *publish) settled(err error) bool {
	if p.stage.Load() == withdrawn {
		return false
	}
	if err == nil {
		for _, q := range p.to.queues {
			q.offer(p.records)
		}
	}
	p.done <- err
	return false
}

// finish stores an ack.
type finish struct {
	q     *queue
	e     *entry
	tried func() // called when it is durable, or failed once
	free  func() // called when it is durable
	heard bool
}

func (o *finish) weight() int                { return 50 }
func (o *finish) apply(x *transaction) error { return x.finish(o.q, o.e) }

func (o *finish) settled(err error) bool {
	if err == nil {
		o.q.finished(o.e)
		o.free()
	}
	if !o.heard {
		o.heard = true
		o.tried()
	}
	return err != nil
}

// again stores when a message comes again, so that a restart keeps its time and attempts.
type again struct {
	q       *queue
	seq     int64
	attempt int
	due     time.Time
	since   time.Time
	parking messaging.Parking
	tried   func() // called when it is durable, or failed once
	heard   bool
}

func (o *again) weight() int { return 50 }

func (o *again) apply(x *transaction) error {
	var due, since, by int64
	if !o.due.IsZero() {
		due = o.due.UnixNano()
	}
	if !o.since.IsZero() {
		since = o.since.UnixNano()
	}
	if !o.parking.By.IsZero() {
		by = o.parking.By.UnixNano()
	}
	_, err := x.f.again.ExecContext(x.ctx, o.seq, o.q.id, o.attempt, due, since, o.parking.On, by)
	return err
}

func (o *again) settled(err error) bool {
	if !o.heard {
		o.heard = true
		o.tried()
	}
	return err != nil
}

// full says that the disk does not take what was to be written. If late, the write may have taken effect.
func full(err error, late bool) error {
	if late {
		return fmt.Errorf("%w: %w; %w", messaging.ErrFull, err, messaging.ErrUnknown)
	}
	return fmt.Errorf("%w: %w", messaging.ErrFull, err)
}

var errStopped = errors.New("the broker ended before it could write")
