package messaging

import (
	"context"
	"slices"
	"time"
)

// finishedBatch is how many messages are finished at a time.
const finishedBatch = 1024

// finished is a message that was handled.
type finished struct {
	envelope *Envelope
	id       string  // as the inbox knows it
	message  Message // without its body
}

// finish has a message that was handled acked once the inbox knows it. The worker takes the next one meanwhile.
func (c *Consumer) finish(f finished) {
	if c.work.Inbox == nil {
		c.ack(f.envelope.Context(), f)
		return
	}
	c.finished <- f
}

// ack ends a message that is finished. A letter whose replay it is learns that first; if it cannot, the message comes
// again, and is then known as finished.
func (c *Consumer) ack(ctx context.Context, f finished) {
	if err := c.settle(ctx, f.message, false); err != nil {
		c.again(f.envelope, f.message, "the end of a replay cannot be kept", err, c.work.Backoff.After(1), false)
		return
	}
	c.account.end(func(s *Stats) { s.Done++ })
	c.work.Retries.end(&c.work, &f.message)
	Ack(f.envelope)
}

// gathering is how long a batch waits for more while many messages are finished: half of what else is spent on writing ids is
// saved, and a message that is finished alone waits for nothing.
const gathering = 2 * time.Millisecond

// finisher writes ids into the inbox until the workers are over: those that came while the ones before were written
// become durable together.
func (c *Consumer) finisher(ctx context.Context) {
	var batch []finished
	timer := time.NewTimer(time.Hour)
	defer timer.Stop()
	for f := range c.finished {
		batch = c.finishedNow(append(batch[:0], f))
		if many := c.work.Workers / 4; c.work.Inbox != nil && len(batch) > many {
			timer.Reset(gathering)
			batch = c.finishedSoon(batch, 2*c.work.Workers, timer.C)
		}
		c.conclude(ctx, batch)
	}
}

// finishedNow takes what is finished into a batch.
func (c *Consumer) finishedNow(batch []finished) []finished {
	for len(batch) < finishedBatch {
		select {
		case f, more := <-c.finished:
			if !more {
				return batch
			}
			batch = append(batch, f)
		default:
			return batch
		}
	}
	return batch
}

// finishedSoon takes into a batch what is finished until the time is up, until it is as large as told: more would keep hands
// idle whose messages may be given out only once these are durable.
func (c *Consumer) finishedSoon(batch []finished, most int, up <-chan time.Time) []finished {
	for len(batch) < min(most, finishedBatch) {
		select {
		case f, more := <-c.finished:
			if !more {
				return batch
			}
			batch = append(batch, f)
		case <-up:
			return batch
		}
	}
	return batch
}

// conclude writes the ids of a batch, for as long as it takes: the work is done, doing it again is the worse end.
func (c *Consumer) conclude(ctx context.Context, batch []finished) {
	ids := make([]string, 0, len(batch))
	for try := 1; ; try++ {
		ids = ids[:0]
		for _, f := range batch {
			ids = append(ids, f.id)
		}
		err := c.work.Inbox.Done(ctx, c.work.Topic, c.work.Group, ids...)
		if err == nil {
			break
		}
		c.work.Log.Error("the inbox cannot be written; the messages are held", "topic", c.work.Topic, "group", c.work.Group, "messages",
			len(batch), "error", err)
		over := !pause(ctx, c.work.Backoff.After(try))
		batch = slices.DeleteFunc(batch, func(f finished) bool {
			gone := over || f.envelope.Context().Err() != nil // it is no longer ours
			if gone {
				c.work.Reserved.free(c, f.id)
				c.again(f.envelope, f.message, "the inbox cannot be written", err, 0, false)
			}
			return gone
		})
		if len(batch) == 0 {
			return
		}
	}
	for _, f := range batch {
		c.work.Reserved.free(c, f.id)
		c.ack(ctx, f)
	}
}
