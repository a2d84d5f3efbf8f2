package messagingtest

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
)

// parker returns the broker as a Parker, which puts aside what waits for a system.
func (b *bench) parker() messaging.Parker {
	p, is := b.broker.(messaging.Parker)
	if !is {
		b.Skip("this broker goes by Defer alone")
	}
	return p
}

// park gives a message back as one that waits for a system until then.
func park(e *messaging.Envelope, on string, until time.Time) {
	messaging.Defer(e, until, false)
	messaging.Wait(e, time.Now())
	messaging.Park(e, messaging.Parking{On: on, Until: until})
	messaging.Nack(e)
}

// parkedSystem: what waits for a system holds back its own keys and nothing else, however much it is; one is tried when
// the time comes; the others follow when that one is done, each key in order.
func parkedSystem(b *bench) {
	keys, each, others := 1500, 3, 300
	if testing.Short() {
		keys, others = 300, 60
	}
	p := b.parker()
	topic := b.topic()
	in, stop := b.subscribe(topic, "g", 8)
	defer stop()
	batch := make([]messaging.Message, 0, keys*each+others)
	for n := range each {
		for k := range keys {
			batch = append(batch, event(fmt.Sprintf("down%d", k), n))
		}
	}
	for i := range others {
		batch = append(batch, event(fmt.Sprintf("well%d", i), 0))
	}
	for start := 0; start < len(batch); start += 500 {
		b.publish(topic, batch[start:min(start+500, len(batch))]...)
	}
	down := time.Now().Add(patience)
	for parked, done := 0, 0; parked < keys || done < others; {
		e, m := b.next(in)
		if strings.HasPrefix(m.Key, "well") {
			messaging.Ack(e)
			done++
			continue
		}
		if m.ID != m.Key+"-0" || m.Attempt != 1 {
			b.Fatalf("%s came, attempt %d, while its key waits", m.ID, m.Attempt)
		}
		if parked++; parked == keys {
			down = time.Now().Add(3 * time.Second) // time to count what is put aside, on a busy machine too
		}
		park(e, "crm", down)
	}
	b.parked(p, topic, keys)
	e, first := b.next(in)
	if time.Now().Before(down) || first.Since.IsZero() {
		b.Fatalf("%s was tried %v early, waiting since %v", first.ID, time.Until(down), first.Since)
	}
	b.silence(in, 200*time.Millisecond)
	down = time.Now().Add(time.Second)
	park(e, "crm", down) // not yet
	e, m := b.next(in)
	if time.Now().Before(down) || m.Attempt != 1 || m.ID != first.ID {
		b.Fatalf("%s, attempt %d, was tried %v early; expected %s", m.ID, m.Attempt, time.Until(down), first.ID)
	}
	expected := map[string]int{}
	for n := range keys * each {
		if want := fmt.Sprintf("%s-%d", m.Key, expected[m.Key]); m.ID != want {
			b.Fatalf("%s came, expected %s", m.ID, want)
		}
		expected[m.Key]++
		messaging.Ack(e)
		if n < keys*each-1 {
			e, m = b.next(in)
		}
	}
	b.silence(in, 100*time.Millisecond)
	b.parked(p, topic, 0)
}

// parked waits until so many messages of the topic are put aside.
func (b *bench) parked(p messaging.Parker, topic string, want int) {
	b.Helper()
	got := 0
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(5 * time.Millisecond) {
		got = 0
		for _, x := range p.Parked() {
			if x.Topic == topic {
				got += x.Messages
			}
		}
		if got == want {
			return
		}
	}
	b.Fatalf("%d messages are put aside, expected %d", got, want)
}

// parkedBy: a message comes when it has waited for as long as it may, though its system is down; the others stay, also
// when it ends so.
func parkedBy(b *bench) {
	p := b.parker()
	topic := b.topic()
	in, stop := b.subscribe(topic, "g", 8)
	defer stop()
	b.publish(topic, event("k0", 0), event("k1", 0), event("k2", 0))
	by := time.Now().Add(time.Second)
	for range 3 {
		e, m := b.next(in)
		x := messaging.Parking{On: "crm", Until: time.Now().Add(time.Hour)}
		if m.Key == "k1" {
			x.By = by
		}
		messaging.Park(e, x)
		messaging.Nack(e)
	}
	b.parked(p, topic, 3)
	e, m := b.next(in)
	if m.Key != "k1" || time.Now().Before(by) {
		b.Fatalf("%s came %v early", m.ID, time.Until(by))
	}
	messaging.Park(e, messaging.Parking{On: "crm", Until: time.Now().Add(time.Hour)})
	messaging.Ack(e)
	b.silence(in, 300*time.Millisecond)
	b.parked(p, topic, 2)
}

// parkedReopened: what waits is there after a reopening, with the time since when, and still in order.
func parkedReopened(b *bench) {
	b.parker()
	topic := b.topic()
	in, stop := b.subscribe(topic, "g", 8)
	b.publish(topic, event("k", 0), event("other", 0), event("k", 1), event("done", 0))
	for range 3 {
		e, m := b.next(in)
		if m.Key == "done" {
			messaging.Ack(e)
			continue
		}
		park(e, "crm", time.Now().Add(time.Hour))
	}
	stop()
	b.close()
	b.reopen()
	in, stop = b.subscribe(topic, "g", 8)
	defer stop()
	seen := map[string]int{}
	for range 3 {
		e, m := b.next(in)
		if want := fmt.Sprintf("%s-%d", m.Key, seen[m.Key]); m.ID != want {
			b.Fatalf("%s came, expected %s", m.ID, want)
		}
		seen[m.Key]++
		messaging.Ack(e)
	}
	b.silence(in, 100*time.Millisecond)
}
