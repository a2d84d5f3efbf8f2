package messaging

import (
	"context"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"
)

// Envelope is a message on its way into a broker, or out of one. Its fields are set before it is handed on and not changed
// afterwards; Ack, Nack, Acked and Nacked may be called concurrently. The zero value is one without contents.
type Envelope struct {
	ID       string            // of the message, for logs; the broker goes by the metadata
	Metadata map[string]string // the headers
	Payload  []byte            // the body

	ctx context.Context

	mu            sync.Mutex
	end           ending
	acked, nacked chan struct{} // nil where nobody watches them
}

// ending is how an envelope ended.
type ending int

const (
	open ending = iota
	ackedEnd
	nackedEnd
)

// NewEnvelope returns an envelope without metadata whose end can be watched.
func NewEnvelope(id string, payload []byte) *Envelope {
	return &Envelope{ID: id, Metadata: map[string]string{}, Payload: payload, acked: make(chan struct{}), nacked: make(chan struct{})}
}

// Context returns the context that the envelope travels under, the background's if it was given none.
func (e *Envelope) Context() context.Context {
	if e.ctx == nil {
		return context.Background()
	}
	return e.ctx
}

// SetContext sets the context, before the envelope is handed on.
func (e *Envelope) SetContext(ctx context.Context) { e.ctx = ctx }

// Ack says that the message is finished. It does not wait. It reports whether the message is acked, by this call or an earlier
// one: false after Nack. Ack of this package also informs a broker that asked for it.
func (e *Envelope) Ack() bool { return e.ends(ackedEnd, e.acked) }

// Nack gives the message back. It does not wait. It reports whether the message is nacked, by this call or an earlier one: false after
// Ack. Nack of this package also informs a broker that asked for it.
func (e *Envelope) Nack() bool { return e.ends(nackedEnd, e.nacked) }

func (e *Envelope) ends(how ending, watched chan struct{}) bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.end != open {
		return e.end == how
	}
	e.end = how
	if watched != nil {
		close(watched)
	}
	return true
}

// Acked returns a channel that is closed by Ack; nil, which is never ready, for an envelope whose end nobody watches.
func (e *Envelope) Acked() <-chan struct{} { return e.acked }

// Nacked returns a channel that is closed by Nack; nil, which is never ready, for an envelope whose end nobody watches.
func (e *Envelope) Nacked() <-chan struct{} { return e.nacked }

// Pack makes of m what a Publisher takes. A time that m lacks is set to now; Due travels in the envelope's context, so
// that no header can forge it. The error is that of Check; the size of the body is the publisher's to judge.
func Pack(ctx context.Context, m Message) (*Envelope, error) {
	if err := m.Check(math.MaxInt); err != nil {
		return nil, err
	}
	m = m.timed()
	if m.Key == "" {
		m.Key = m.Replay.key()
	}
	e := envelope(m.ID, m.Headers(), m.Body)
	e.SetContext(context.WithValue(ctx, controlKey{}, &control{due: m.Due}))
	return e, nil
}

// timed returns m with a time: now, if it lacks one.
func (m Message) timed() Message {
	if m.Time.IsZero() {
		m.Time = time.Now()
	}
	return m
}

// Publish publishes the messages to a topic in their order: nil only when all are durable. A MessagePublisher is given
// them as they are, any other publisher packed.
// The wait ends with ctx; whether the messages were accepted is then unknown (ErrUnknown).
func Publish(ctx context.Context, p Publisher, topic string, messages ...Message) error {
	if d, is := p.(MessagePublisher); is && !slices.ContainsFunc(messages, Message.ofAnother) {
		timed := make([]Message, len(messages))
		for i, m := range messages {
			timed[i] = m.timed()
		}
		return d.PublishMessages(ctx, topic, timed...)
	}
	envelopes := make([]*Envelope, len(messages))
	for i, m := range messages {
		e, err := Pack(ctx, m)
		if err != nil {
			return err
		}
		envelopes[i] = e
	}
	return p.Publish(topic, envelopes...)
}

// ofAnother reports whether a message may have been made by somebody else, who need not have made an event: a letter that is
// given back, or one whose headers say that its attributes stand in its body. Brokers read those as they read what comes in.
func (m Message) ofAnother() bool {
	return m.Replay != (Replay{}) || len(m.Beside) > 0 || Structured(m.ContentType)
}

// Delivery is what a broker knows of a message that it gives out.
type Delivery struct {
	Headers []Attribute
	Body    []byte
	Attempt int       // 1 on the first delivery
	Due     time.Time // as published or deferred
	Since   time.Time // as Wait said; zero if it never did
	Arrived time.Time // stands in for a time that the message lacks
	Place   Place     // of the record in its log
	Flaw    *Flaw     // what the broker itself holds against it, as Corrupt; nil to go by the headers alone

	// Open reads what of the message is encrypted; Headers are then those that are not, and Body is nothing. nil for a message that
	// is as it was published.
	Open OpenSealed

	// Ended is told by Ack and Nack of this package, on their caller's goroutine; it may be told more than once, and the
	// first time counts. nil for a subscriber that was not asked to be Direct: its envelopes are complete.
	Ended func(e *Envelope, acked bool)
}

// Deliver makes the envelope that a Subscriber delivers. Its context is a child of ctx. It never fails.
func Deliver(ctx context.Context, d Delivery) *Envelope {
	c := &control{attempt: d.Attempt, due: d.Due, since: d.Since, flaw: d.Flaw, ended: d.Ended}
	m, flaw := Read(d.Headers, d.Body, d.Arrived)
	m.Place = d.Place
	c.message = m
	var e *Envelope
	if d.Ended != nil {
		e = &Envelope{ID: m.ID} // nobody watches its end
	} else {
		e = envelope("", d.Headers, d.Body)
		e.ID = e.Metadata["ce_id"]
	}
	if c.flaw == nil {
		c.flaw = flaw
	}
	if d.Flaw == nil && d.Open != nil {
		c.flaw, c.open, c.arrived = &sealedFlaw, d.Open, d.Arrived
	}
	e.SetContext(context.WithValue(ctx, controlKey{}, c))
	return e
}

func envelope(id string, headers []Attribute, body []byte) *Envelope {
	e := NewEnvelope(id, body)
	e.Metadata = make(map[string]string, len(headers))
	for _, h := range headers {
		if _, twice := e.Metadata[h.Name]; !twice {
			e.Metadata[h.Name] = h.Value
		}
	}
	return e
}

// Unpack reads an envelope's metadata and payload. It never fails: a message that is no good comes with its flaw.
// Attempt, Due, Since and Place are those of the envelope's context, never of a header.
func Unpack(e *Envelope) (Message, *Flaw) {
	headers := make([]Attribute, 0, len(e.Metadata))
	for name, value := range e.Metadata {
		headers = append(headers, Attribute{name, value})
	}
	m, flaw := Read(headers, e.Payload, time.Now())
	if c, ours := e.Context().Value(controlKey{}).(*control); ours {
		m.Attempt, m.Due, m.Since, m.Place = c.attempt, c.due, c.since, c.message.Place
		if c.flaw != nil {
			flaw = c.flaw
		}
	}
	return m, flaw
}

// Received returns the message as the broker delivered it, before any middleware touched the envelope; of an envelope
// that no broker delivered it is Unpack.
func Received(e *Envelope) (Message, *Flaw) {
	c, ours := e.Context().Value(controlKey{}).(*control)
	if !ours || c.attempt == 0 {
		return Unpack(e)
	}
	m := c.message
	m.Attempt, m.Due, m.Since = c.attempt, c.due, c.since
	if m.Key == m.Replay.key() {
		m.Key = ""
	}
	return m, c.flaw
}

// Defer says when the Nack that follows delivers the message again: not before until, and whether that delivery counts as
// a further attempt. Without it a Nack delivers the message again at once and counts. It works on any context derived from
// the envelope's; of two calls the later holds.
func Defer(e *Envelope, until time.Time, countsAsAttempt bool) {
	if c, ours := e.Context().Value(controlKey{}).(*control); ours {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.until, c.spared = until, !countsAsAttempt
	}
}

// Deferral tells a broker what Defer said of a message that was nacked: the time before which it is not delivered again
// (zero: at once) and whether the next delivery counts as a further attempt.
func Deferral(e *Envelope) (until time.Time, counts bool) {
	c, ours := e.Context().Value(controlKey{}).(*control)
	if !ours {
		return time.Time{}, true
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.until, !c.spared
}

// Wait says since when a message that is then nacked waits for a system that is down; what it said stays until it says
// otherwise. The zero time says nothing.
func Wait(e *Envelope, since time.Time) {
	if c, ours := e.Context().Value(controlKey{}).(*control); ours && !since.IsZero() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.since = since
	}
}

// Waiting tells a broker what Wait said last of a message that was nacked, on this delivery or an earlier one: it is to be
// kept as Deferral is.
func Waiting(e *Envelope) time.Time {
	c, ours := e.Context().Value(controlKey{}).(*control)
	if !ours {
		return time.Time{}
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.since
}

// Ack ends a message as its own Ack does, and tells the broker at once if it asked for it.
func Ack(e *Envelope) { end(e, e.Ack()) }

// Nack gives a message back as its own Nack does, and tells the broker at once if it asked for it.
func Nack(e *Envelope) { end(e, !e.Nack()) }

func end(e *Envelope, acked bool) {
	if c, ours := e.Context().Value(controlKey{}).(*control); ours && c.ended != nil {
		c.ended(e, acked)
	}
}

type controlKey struct{}

// control is what only we set: it lives in the context of an envelope and never in its headers.
type control struct {
	attempt int
	due     time.Time
	since   time.Time
	flaw    *Flaw
	message Message
	ended   func(e *Envelope, acked bool)
	open    OpenSealed // nil where there is nothing to open, or it was opened; of the worker that has the message
	arrived time.Time  // where open is not nil

	mu      sync.Mutex
	until   time.Time
	spared  bool
	parking Parking
	need    Need
}

// PublishEnvelopes publishes the messages of envelopes as Publish of a Publisher does, for brokers that take them without.
func PublishEnvelopes(p MessagePublisher, topic string, envelopes ...*Envelope) error {
	if len(envelopes) == 0 {
		return nil
	}
	list := make([]Message, len(envelopes))
	for i, e := range envelopes {
		m, flaw := Unpack(e)
		if flaw != nil {
			return fmt.Errorf("%w: %w", ErrInvalid, flaw)
		}
		list[i] = m
	}
	return p.PublishMessages(envelopes[0].Context(), topic, list...)
}
