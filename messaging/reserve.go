package messaging

import (
	"hash/maphash"
	"sync"
	"time"
)

// Reservations knows which messages of a process are being worked on, so that of several copies of one message, on
// whatever lanes and partitions they arrive, one is worked on and the others wait for its end. They end with the process.
// The zero value is ready for use, and safe for concurrent use.
type Reservations struct {
	parts [reservedParts]reservedPart
}

// reservedParts is how many locks share the load: a power of two.
const reservedParts = 64

type reservedPart struct {
	mu   sync.Mutex
	held map[reservedKey]reservation
}

// reservedKey is what one group does once.
type reservedKey struct{ topic, group, id string }

type reservation struct {
	by    *Consumer
	since time.Time
}

var reservedSeed = maphash.MakeSeed()

func (r *Reservations) part(id string) *reservedPart {
	return &r.parts[maphash.String(reservedSeed, id)%reservedParts]
}

// take reserves an id for a consumer. When it is taken, since is when that was.
func (r *Reservations) take(c *Consumer, id string) (since time.Time, taken bool) {
	k, p := reservedKey{c.work.Topic, c.work.Group, id}, r.part(id)
	p.mu.Lock()
	defer p.mu.Unlock()
	if other, held := p.held[k]; held {
		return other.since, false
	}
	if p.held == nil {
		p.held = map[reservedKey]reservation{}
	}
	p.held[k] = reservation{c, time.Now()}
	return time.Time{}, true
}

// free ends a consumer's reservation; one that is another's by now stays.
func (r *Reservations) free(c *Consumer, id string) {
	k, p := reservedKey{c.work.Topic, c.work.Group, id}, r.part(id)
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.held[k].by == c {
		delete(p.held, k)
	}
}

// abandon ends all reservations of a consumer that was left to itself.
func (r *Reservations) abandon(c *Consumer) {
	for i := range r.parts {
		p := &r.parts[i]
		p.mu.Lock()
		for k, held := range p.held {
			if held.by == c {
				delete(p.held, k)
			}
		}
		p.mu.Unlock()
	}
}

// The pauses of a copy that waits for the one that is worked on: as long as that has taken so far, within these.
const (
	copyFirst = 20 * time.Millisecond
	copyMost  = 2 * time.Second
)

// copied hands a copy of a message back until the one that is worked on may have ended.
func (c *Consumer) copied(e *Envelope, m Message, since time.Time) {
	after := min(max(time.Since(since), copyFirst), copyMost)
	Defer(e, time.Now().Add(after), false)
	Wait(e, m.Since)
	c.work.Log.Debug("a message comes again: a copy of it is being worked on", "topic", c.work.Topic, "group", c.work.Group, "message",
		logged(m.ID),
		"trace_id", m.Trace(), "attempt", m.Attempt, "after_ms", after.Milliseconds())
	c.account.end(func(s *Stats) { s.Deferred++ })
	Nack(e)
}
