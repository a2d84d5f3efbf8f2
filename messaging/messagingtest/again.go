package messagingtest

import (
	"context"
	"errors"
	"fmt"
	"time"

	"fondaco/messaging"
)

// attempts: each Nack that counts adds one, others do not; the message stays the same.
func attempts(b *bench) {
	topic := b.topic()
	b.publish(topic, event("k", 1))
	in, stop := b.subscribe(topic, "g", 0)
	defer stop()
	want, since := 1, time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	for i, counts := range []bool{true, true, false, false, true} {
		e, m := b.next(in)
		if m.Attempt != want || m.ID != "k-1" || string(m.Body) != "k 1" {
			b.Errorf("delivery %d: %s %q, attempt %d; expected attempt %d", i+1, m.ID, m.Body, m.Attempt, want)
		}
		if counts {
			want++
		}
		if i == 1 {
			messaging.Wait(e, since) // once: it stays
		}
		if i > 0 { // the first Nack is a plain one: it counts
			messaging.Defer(e, time.Time{}, counts)
		}
		messaging.Nack(e)
	}
	e, m := b.next(in)
	if m.Attempt != want || !m.Since.Equal(since) {
		b.Errorf("attempt %d in the end, expected %d", m.Attempt, want)
	}
	messaging.Ack(e)
	b.silence(in, 50*time.Millisecond)
}

// deferred: a message comes again not before its time, and then soon.
func deferred(b *bench) {
	topic := b.topic()
	b.publish(topic, event("k", 1))
	in, stop := b.subscribe(topic, "g", 0)
	defer stop()
	e, _ := b.next(in)
	until := time.Now().Add(300 * time.Millisecond)
	messaging.Defer(e, until, true)
	messaging.Nack(e)
	e, m := b.next(in)
	if late := time.Since(until); late < 0 || late > 5*time.Second {
		b.Errorf("it came %v after its time", late)
	}
	if m.Attempt != 2 {
		b.Errorf("attempt %d, expected 2", m.Attempt)
	}
	messaging.Ack(e)
}

// due: a message published with a due time waits for it; other keys do not, later ones of its key do.
func due(b *bench) {
	topic := b.topic()
	in, stop := b.subscribe(topic, "g", 0)
	defer stop()
	later := event("later", 1)
	later.Due = time.Now().Add(2 * time.Second) // by then the slowest broker has let the group in
	b.publish(topic, later, event("later", 2), event("now", 1))
	var order []string
	for range 3 {
		e, m := b.next(in)
		order = append(order, m.ID)
		if m.Key == "later" && time.Now().Before(later.Due) {
			b.Errorf("%s came %v too early", m.ID, time.Until(later.Due))
		}
		messaging.Ack(e)
	}
	if got := fmt.Sprint(order); got != "[now-1 later-1 later-2]" {
		b.Errorf("they came as %s", got)
	}
}

// reopened: what was acked is finished and what was not comes again, in order.
func reopened(b *bench) {
	topic := b.topic()
	for i := range 10 {
		b.publish(topic, event("k", i))
	}
	in, _ := b.subscribe(topic, "g", 4)
	left := map[string]bool{}
	for i := range 10 {
		left[fmt.Sprintf("k-%d", i)] = true
	}
	for range 3 {
		e, m := b.next(in)
		delete(left, m.ID)
		messaging.Ack(e)
	}
	_, m := b.next(in)
	if b.ordered && m.ID != "k-3" || !left[m.ID] {
		b.Fatalf("%s in hand, expected k-3, or another of %v if there is no order", m.ID, left)
	}
	b.close()
	b.reopen()
	in, stop := b.subscribe(topic, "g", 4)
	defer stop()
	b.expectSet(in, left, func(i int) string { return fmt.Sprintf("k-%d", 3+i) })
	b.silence(in, 50*time.Millisecond)
}

// deferralReopened: attempts, due times and since when a message waits outlive the process.
func deferralReopened(b *bench) {
	topic := b.topic()
	scheduled := event("scheduled", 1)
	scheduled.Due = time.Now().Add(time.Hour)
	b.publish(topic, event("k", 1), scheduled)
	in, stop := b.subscribe(topic, "g", 4)
	e, _ := b.next(in)
	until, since := time.Now().Add(time.Second), time.Now().Add(-time.Hour).Truncate(time.Millisecond)
	messaging.Defer(e, until, true)
	messaging.Wait(e, since)
	messaging.Nack(e)
	stop()
	b.close()
	b.reopen()
	in, stop = b.subscribe(topic, "g", 4)
	defer stop()
	e, m := b.next(in)
	if early := time.Until(until); early > 0 || m.ID != "k-1" || m.Attempt != 2 {
		b.Errorf("%s came, attempt %d, %v too early; expected k-1, attempt 2, not early", m.ID, m.Attempt, early)
	}
	if !m.Since.Equal(since) {
		b.Errorf("it waits since %v, expected %v", m.Since, since)
	}
	messaging.Ack(e)
	b.silence(in, 50*time.Millisecond)
}

// cancel: the end of Subscribe's context ends channel and messages, and what was in hand comes to the next.
func cancel(b *bench) {
	topic := b.topic()
	b.publish(topic, event("k", 1), event("l", 1))
	s, err := b.broker.Subscriber("g", messaging.Options{InFlight: 1, Direct: b.direct})
	if err != nil {
		b.Fatal(err)
	}
	ctx, end := context.WithCancel(b.Context())
	in, err := s.Subscribe(ctx, topic)
	if err != nil {
		b.Fatal(err)
	}
	e, first := b.next(in)
	if e.Context().Err() != nil {
		b.Error("the context of a message in hand has ended")
	}
	end()
	select {
	case <-e.Context().Done():
	case <-time.After(patience):
		b.Fatal("the message's context goes on")
	}
	select {
	case _, open := <-in:
		if open { // one may have stood in the channel's mouth
			if _, open = <-in; open {
				b.Error("messages come after the end")
			}
		}
	case <-time.After(patience):
		b.Fatal("the channel stays open")
	}
	messaging.Ack(e) // too late: passed over
	if err := s.Close(); err != nil {
		b.Error(err)
	}
	in, stop := b.subscribe(topic, "g", 4)
	defer stop()
	found := false
	for range 2 {
		e, m := b.next(in)
		found = found || m.ID == first.ID
		messaging.Ack(e)
	}
	if !found {
		b.Errorf("%s did not come again", first.ID)
	}
}

// closing: Close ends what is open, and what follows is told so.
func closing(b *bench) {
	topic := b.topic()
	b.publish(topic, event("k", 1))
	in, _ := b.subscribe(topic, "g", 4)
	e, _ := b.next(in)
	if err := b.broker.Health(); err != nil {
		b.Errorf("health of an open broker: %v", err)
	}
	b.close()
	if e.Context().Err() == nil {
		b.Error("the context of a message outlives the broker")
	}
	if _, open := <-in; open {
		b.Error("a message came after Close")
	}
	if err := messaging.Publish(b.Context(), b.broker, topic, event("k", 2)); !errors.Is(err, messaging.ErrClosed) {
		b.Errorf("publish after Close: %v", err)
	}
	if s, err := b.broker.Subscriber("g", messaging.Options{}); err == nil {
		if _, err := s.Subscribe(b.Context(), topic); !errors.Is(err, messaging.ErrClosed) {
			b.Errorf("subscribe after Close: %v", err)
		}
		_ = s.Close()
	}
	b.close() // once more does nothing
	b.reopen()
}
