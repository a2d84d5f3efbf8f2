package watermill

import (
	"context"
	"time"

	"github.com/ThreeDotsLabs/watermill/message"

	"fondaco/messaging"
)

// settling is how long it is waited for an adapter to have told its broker how a message ended.
const settling = 5 * time.Second

// carry gives a message out, again and again until it is acked, and then acks it to its broker. When ctx ends, or the message has been in
// hand for as long as it may be, it is given back.
func (s *subscription) carry(ctx context.Context, w *message.Message) {
	d := s.delivery(w)
	k := mark{s.topic, s.group, d.Place.String()}
	if k.message == "" {
		k.message = w.UUID
	}
	stands := s.b.memory.take(k)
	hold := ctx
	if s.b.a.Hold > 0 {
		var end context.CancelFunc
		hold, end = context.WithTimeout(ctx, s.b.a.Hold)
		defer end()
	}
	for wait(hold, w.Context(), stands.until) {
		stands.until = time.Time{}
		d.Attempt, d.Since = stands.attempt, stands.since
		e, acked, over := s.give(ctx, w, d)
		if !over {
			break
		}
		if acked {
			w.Ack()
			settle(w)
			return
		}
		until, counts := messaging.Deferral(e)
		stands.until, stands.since = until, messaging.Waiting(e)
		if counts {
			stands.attempt++
		}
	}
	s.b.memory.put(k, stands)
	w.Nack()
	settle(w)
}

// delivery reads a message of the adapter.
func (s *subscription) delivery(w *message.Message) messaging.Delivery {
	d := messaging.Delivery{Arrived: s.b.a.Clock.Now()}
	if s.b.a.Read != nil {
		place, arrived := s.b.a.Read(w)
		d.Place = place
		if !arrived.IsZero() {
			d.Arrived = arrived
		}
	}
	d.Headers = make([]messaging.Attribute, 0, len(w.Metadata))
	for name, value := range w.Metadata {
		d.Headers = append(d.Headers, messaging.Attribute{Name: name, Value: value})
	}
	d.Body = w.Payload
	if len(d.Body) > messaging.MaxBody {
		d.Flaw = &messaging.Flaw{Reason: messaging.TooLarge, Detail: "the body is over the limit of one message"}
		d.Body = d.Body[:messaging.MaxBody]
	}
	return d
}

// give gives a message out once. over reports whether its receiver said how it ended; it did not if ctx ended or the broker took it away.
func (s *subscription) give(ctx context.Context, w *message.Message, d messaging.Delivery) (e *messaging.Envelope, acked, over bool) {
	life, end := context.WithCancel(w.Context())
	defer end()
	defer context.AfterFunc(ctx, end)()
	told := make(chan bool, 1)
	if s.o.Direct {
		d.Ended = func(_ *messaging.Envelope, acked bool) {
			select {
			case told <- acked:
			default: // the first time counts
			}
		}
	}
	e = messaging.Deliver(life, d) //nolint:contextcheck // a message's context is its adapter's
	select {
	case s.out <- e:
	case <-life.Done():
		return e, false, false
	}
	select {
	case acked = <-told:
		return e, acked, true
	case <-e.Acked():
		return e, true, true
	case <-e.Nacked():
		return e, false, true
	case <-life.Done():
	}
	select { // what was said before the end holds
	case acked = <-told:
		return e, acked, true
	case <-e.Acked():
		return e, true, true
	case <-e.Nacked():
		return e, false, true
	default:
		return e, false, false
	}
}

// wait waits for a time; false if one of the contexts ended before.
func wait(ctx, life context.Context, until time.Time) bool {
	timer := time.NewTimer(time.Until(until))
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return false
	case <-life.Done():
		return false
	case <-timer.C:
		return ctx.Err() == nil && life.Err() == nil
	}
}

// settle waits until the adapter has told its broker how a message ended: it ends the message's context then.
func settle(w *message.Message) {
	timer := time.NewTimer(settling)
	defer timer.Stop()
	select {
	case <-w.Context().Done():
	case <-timer.C:
	}
}
