package messagingtest

import (
	"time"

	"fondaco/messaging"
)

// places: each record has a place of its own, whatever its id, and keeps it through retries; for every group it is the
// same, and no other topic has it.
func places(b *bench) {
	topic := b.topic()
	same := event("k", 1)
	other := event("", 1)
	other.ID = same.ID
	seen, ins := map[string]map[messaging.Place]bool{}, map[string]<-chan *messaging.Envelope{}
	for _, group := range []string{"g", "h"} {
		in, stop := b.subscribe(topic, group, 0)
		defer stop()
		seen[group], ins[group] = map[messaging.Place]bool{}, in
	}
	b.publish(topic, same, same, other, other)
	for group, in := range ins {
		for range 4 {
			e, m := b.next(in)
			if m.Place.String() == "" || seen[group][m.Place] {
				b.Errorf("group %s: a record at %q, where another one is: %v", group, m.Place, seen[group])
			}
			seen[group][m.Place] = true
			messaging.Ack(e)
		}
	}
	for p := range seen["g"] {
		if !seen["h"][p] {
			b.Errorf("the record at %s is elsewhere for another group: %v", p, seen["h"])
		}
	}
}

// placesStay: a record that comes again, after a Nack or a reopening, is where it was.
func placesStay(b *bench) {
	topic := b.topic()
	b.publish(topic, event("k", 1))
	in, _ := b.subscribe(topic, "g", 0)
	e, first := b.next(in)
	messaging.Defer(e, time.Time{}, true)
	messaging.Nack(e)
	e, again := b.next(in)
	if again.Attempt != 2 || again.Place != first.Place {
		b.Errorf("attempt %d at %s, the first was at %s", again.Attempt, again.Place, first.Place)
	}
	messaging.Defer(e, time.Time{}, false)
	messaging.Nack(e)
	b.publish(topic, event("k", 2))
	b.close()
	b.reopen()
	in, stop := b.subscribe(topic, "g", 0)
	defer stop()
	at := map[string]messaging.Place{}
	for range 2 {
		e, m := b.next(in)
		at[m.ID] = m.Place
		messaging.Ack(e)
	}
	if at[first.ID] != first.Place {
		b.Errorf("after a reopening %s is at %s, and was at %s", first.ID, at[first.ID], first.Place)
	}
	if at["k-2"] == first.Place {
		b.Errorf("two records are at %s", first.Place)
	}
}

// addressed: a replay travels as it was published, beside an event that is the same in all else.
func addressed(b *bench) {
	topic := b.topic()
	m := event("k", 1)
	m.Replay = messaging.Replay{Letter: "letter1", Group: "g", Number: 2}
	b.publish(topic, m, event("k", 2))
	in, stop := b.subscribe(topic, "g", 0)
	defer stop()
	expected := map[string]messaging.Replay{"k-1": m.Replay, "k-2": {}}
	for range 2 {
		e, got := b.next(in)
		want := expected[got.ID]
		if got.Replay != want || len(got.Extensions) != 0 {
			b.Errorf("%s came as %+v with %v, expected %+v", got.ID, got.Replay, got.Extensions, want)
		}
		messaging.Ack(e)
	}
}

// keylessReplay: the copies of one replay come one after the other, though its message has no key, and show none.
func keylessReplay(b *bench) {
	topic := b.topic()
	m := event("", 1)
	m.Replay = messaging.Replay{Letter: "letter1", Group: "g", Number: 1}
	b.publish(topic, m, m)
	in, stop := b.subscribe(topic, "g", 0)
	defer stop()
	for range 2 {
		e, got := b.next(in)
		if got.Key != "" || got.Replay != m.Replay {
			b.Errorf("it came as %+v with the key %q", got.Replay, got.Key)
		}
		b.silence(in, 200*time.Millisecond)
		messaging.Ack(e)
	}
}
