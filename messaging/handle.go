package messaging

import (
	"context"
	"errors"
	"slices"
	"time"
)

// handle brings one delivery, whose context is ctx, to one of its ends: acked, or deferred and nacked.
func (c *Consumer) handle(ctx context.Context, e *Envelope) {
	c.account.take()
	m, flaw, err := opened(ctx, e)
	erased := errors.Is(err, ErrErased)
	if err != nil && !erased {
		c.again(e, m, "it cannot be decrypted", err, c.work.Backoff.After(1), false)
		return
	}
	if flaw != nil {
		c.bury(ctx, e, m, &Dead{Reason: flaw.Reason, Detail: flaw.Detail})
		return
	}
	if m.elsewhere(c.work.Group) && !slices.Contains(c.work.Also, m.Replay.Group) { // of another group, which was given it again
		c.account.end(func(s *Stats) { s.Repeated++ })
		Ack(e)
		return
	}
	id := m.Identity()
	do := c.work.Handle
	if erased {
		do = c.erase
	}
	if c.work.Inbox == nil {
		c.attempt(ctx, e, m, id, do)
		return
	}
	if since, taken := c.work.Reserved.take(c, id); !taken {
		c.copied(e, m, since)
		return
	}
	if !c.attempt(ctx, e, m, id, do) { // what is done is freed once the inbox knows it
		c.work.Reserved.free(c, id)
	}
}

// erase ends a message that nobody can read any more. A letter whose replay it is learns that.
func (c *Consumer) erase(ctx context.Context, m Message) error {
	if err := c.settle(ctx, m, true); err != nil {
		return &Retry{Err: err}
	}
	if c.work.Erased != nil {
		if err := c.work.Erased(ctx, m); err != nil {
			return &Retry{Err: err}
		}
	}
	return ErrCancelled
}

// attempt has do work on a message, whose id is reserved where there is an inbox. It reports whether the work is done and the
// message is on its way
// into the inbox; otherwise it is brought to its end here.
func (c *Consumer) attempt(ctx context.Context, e *Envelope, m Message, id string, do Handler) (done bool) {
	if c.work.Inbox != nil {
		seen, err := c.seen(ctx, id)
		if errors.Is(err, ErrCancelled) {
			c.cancelled(e, m)
			return false
		}
		if err != nil {
			c.again(e, m, "the inbox cannot be asked", err, c.work.Backoff.After(1), false)
			return false
		}
		if seen {
			c.repeated(ctx, e, m)
			return false
		}
	}
	began := time.Now()
	err := guard(func() error { return do(ctx, m) })
	var crash *panicked
	if errors.As(err, &crash) {
		c.account.change(func(s *Stats) { s.Panics++ })
	}
	if err == nil {
		m.Body = nil
		c.finish(finished{e, id, m})
		return true
	}
	if errors.Is(err, ErrCancelled) {
		c.cancelled(e, m)
		return false
	}
	if errors.Is(err, ErrSuperseded) {
		c.superseded(e, m)
		return false
	}
	if ctx.Err() != nil { // cut short: nobody can tell what the handler would have said
		c.again(e, m, "the work was cut short", err, 0, false)
		return false
	}
	if dead, after, down := c.down(err, began, e, &m); down {
		if dead != nil {
			c.bury(ctx, e, m, dead)
			return false
		}
		c.again(e, m, "a system is unavailable", err, after, false)
		return false
	}
	dead, after, counts := decide(err, m.Attempt, c.work.Backoff)
	if dead != nil {
		c.bury(ctx, e, m, dead)
		return false
	}
	c.again(e, m, "the handler failed", err, after, counts)
	return false
}

// seen asks the inbox for a message, under all names of the group.
func (c *Consumer) seen(ctx context.Context, id string) (bool, error) {
	seen, err := c.work.Inbox.Seen(ctx, c.work.Topic, c.work.Group, id)
	for _, group := range c.work.Also {
		if seen || err != nil {
			break
		}
		seen, err = c.work.Inbox.Seen(ctx, c.work.Topic, group, id)
	}
	return seen, err
}

// down decides on a message whose handler, which began at that time, says that a system is down, and notes in m since when it
// waits, and in e what for.
func (c *Consumer) down(err error, began time.Time, e *Envelope, m *Message) (dead *Dead, after time.Duration, down bool) {
	var retry *Retry
	if errors.As(err, &dead) || !errors.As(err, &retry) || !retry.Down {
		return nil, 0, false
	}
	now := time.Now()
	if m.Since.IsZero() {
		m.Since = now
	}
	dead, after = retry.waits(m.Since, now, c.work.Backoff)
	Park(e, retry.parking(m.Since, now, c.work.Backoff))
	Await(e, retry.need(began, c.work.Backoff))
	return dead, after, true
}

// unhandled acks a message whose sender has taken it back, or whose work the next one does.
func (c *Consumer) unhandled(e *Envelope, m Message, what string, counted func(*Stats)) {
	c.work.Log.Info(what, "topic", c.work.Topic, "group", c.work.Group, "message", logged(m.ID), "trace_id", m.Trace())
	c.account.end(counted)
	c.work.Retries.end(&c.work, &m)
	Ack(e)
}

func (c *Consumer) cancelled(e *Envelope, m Message) {
	c.unhandled(e, m, "a message was cancelled before work on it began", func(s *Stats) { s.Cancelled++ })
}

func (c *Consumer) superseded(e *Envelope, m Message) {
	c.unhandled(e, m, "a message gave way to the next", func(s *Stats) { s.Superseded++ })
}

// repeated acks a message that its group has handled before; a letter whose replay it is learns that first.
func (c *Consumer) repeated(ctx context.Context, e *Envelope, m Message) {
	if err := c.settle(ctx, m, true); err != nil {
		c.again(e, m, "the end of a replay cannot be kept", err, c.work.Backoff.After(1), false)
		return
	}
	c.account.end(func(s *Stats) { s.Repeated++ })
	c.work.Retries.end(&c.work, &m)
	Ack(e)
}

// settle has the letter noted as replayed whose replay the message is, if it is one.
func (c *Consumer) settle(ctx context.Context, m Message, repeated bool) error {
	if m.Replay == (Replay{}) {
		return nil
	}
	return guard(func() error { return c.work.Dead.Settle(ctx, c.work.Topic, c.work.Group, m, repeated) })
}

// bury keeps a dead letter and acks only then; if it cannot be kept the message comes again.
func (c *Consumer) bury(ctx context.Context, e *Envelope, m Message, d *Dead) {
	err := guard(func() error {
		return c.work.Dead.Keep(ctx, c.work.Topic, c.work.Group, m, d.Reason, d.Detail, m.Trace())
	})
	if err != nil {
		Park(e, Parking{}) // it waits for the letters now
		Await(e, Need{})
		c.again(e, m, "a dead letter cannot be kept", err, c.work.Backoff.After(1), false)
		return
	}
	what := "a message became a dead letter"
	if d.Reason.Failure() {
		what = "a message has failed, and is kept as a letter"
	}
	c.work.Log.Warn(what, "topic", c.work.Topic, "group", c.work.Group, "message", logged(m.ID), "trace_id", m.Trace(), "reason",
		string(d.Reason), "cause", d.Cause, "attempt", m.Attempt)
	if c.work.Buried != nil {
		c.work.Buried(d)
	}
	c.account.end(func(s *Stats) {
		if d.Reason.Failure() {
			s.Failed++
		} else {
			s.Dead++
		}
	})
	c.work.Retries.end(&c.work, &m)
	Ack(e)
}

func (c *Consumer) again(e *Envelope, m Message, why string, err error, after time.Duration, counts bool) {
	until := time.Time{}
	if after > 0 {
		until = time.Now().Add(after)
	}
	Defer(e, until, counts)
	Wait(e, m.Since)
	say := c.work.Log.Warn
	if on := Parks(e).On; on != "" && !c.parked.due(on) {
		say = c.work.Log.Debug // one of very many
	}
	say("a message comes again: "+why, "topic", c.work.Topic, "group", c.work.Group, "message", logged(m.ID), "trace_id", m.Trace(), "attempt",
		m.Attempt,
		"after_ms", after.Milliseconds(), "error", err)
	c.account.end(func(s *Stats) {
		s.Deferred++
		if counts {
			s.Retried++
		}
	})
	if r := c.work.Retries; r != nil && r.Aside && Parks(e).On != "" {
		r.end(&c.work, &m)
	} else {
		r.again(&c.work, &m, err, until)
	}
	Nack(e)
}

// logged is the id of a message as the log has it: whoever made the message chose its length.
func logged(id string) string {
	const most = 200
	if len(id) > most {
		return id[:most] + "..."
	}
	return id
}

// pause waits; false if ctx ended first.
func pause(ctx context.Context, d time.Duration) bool {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-timer.C:
		return true
	}
}
