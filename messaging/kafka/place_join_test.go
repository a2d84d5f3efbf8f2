package kafka

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
)

// TestUnite: of any two or three places of groups that are one, joined and written and read back, all that one of them has
// finished is finished, and nothing else; what lay before a later group began is the earlier one's.
func TestUnite(t *testing.T) {
	for range 3000 {
		const end = 60
		begins := rand.Int64N(20)
		var all []past
		done := map[int64]bool{}
		for i := range 2 + rand.IntN(2) {
			origin := begins
			if i > 0 {
				origin += rand.Int64N(30)
			}
			p := newProgress([16]byte{1}, origin)
			p.origin = origin
			for offset := origin; offset < end; offset++ {
				if rand.IntN(4) > 0 {
					p.pass(offset)
					done[offset] = true
				} else {
					p.add(&entry{offset: offset})
				}
			}
			at, err := decode(p.base(), p.encode(metadataBytes))
			if err != nil || at.origin != origin {
				t.Fatal(at.origin, err)
			}
			all = append(all, at)
		}
		rand.Shuffle(len(all), func(i, j int) { all[i], all[j] = all[j], all[i] })
		u := unite(all)
		u.topic = [16]byte{1}
		back, err := decode(u.base, u.encode(metadataBytes))
		if err != nil {
			t.Fatal(err)
		}
		for offset := begins; offset < end; offset++ {
			if back.finished(offset) != done[offset] {
				t.Fatalf("offset %d of %+v, joined as %+v: finished is %v, expected %v", offset, all, back, back.finished(offset), done[offset])
			}
		}
		if back.origin != begins {
			t.Fatalf("the group began at %d, expected %d", back.origin, begins)
		}
	}
}

// TestJoinedGroups: a group to which another one is joined, that read the topic under another name, works on what neither
// has done: what lay unfinished when the other began, and what the other left. This process knows nothing of it but what
// the cluster knows.
func TestJoinedGroups(t *testing.T) {
	n := kafkatest.New(t)
	at := func(group string, also ...string) (*Broker, <-chan string, func()) {
		o := ofProject(n, "dime")
		o.Seen = &memory{}
		b := opened(t, o)
		keep(t, b, "filed", messaging.Reader{Group: group, From: messaging.Now, Also: also})
		s, err := b.Subscriber(group, messaging.Options{Also: also})
		if err != nil {
			t.Fatal(err)
		}
		in, err := s.Subscribe(t.Context(), "filed")
		if err != nil {
			t.Fatal(err)
		}
		got := make(chan string, 100)
		go func() {
			for e := range in {
				m, _ := messaging.Received(e)
				if m.ID[0] == 'x' { // left
					messaging.Defer(e, time.Now().Add(time.Hour), false)
					e.Nack()
					continue
				}
				e.Ack()
				got <- m.ID
			}
		}()
		return b, got, func() {
			if err := b.Close(); err != nil {
				t.Error(err)
			}
		}
	}
	expect := func(got <-chan string, ids ...string) {
		t.Helper()
		wanted := map[string]bool{}
		for _, id := range ids {
			wanted[id] = true
		}
		for len(wanted) > 0 {
			select {
			case id := <-got:
				if !wanted[id] {
					t.Fatalf("%s is worked on again", id)
				}
				delete(wanted, id)
			case <-time.After(time.Minute):
				t.Fatalf("%v is not worked on", wanted)
			}
		}
	}
	b, got, end := at("note")
	publish(t, b, "filed", event("a1", "a"), event("x1", "x"), event("a2", "a"), event("a3", "a"))
	expect(got, "a1", "a2", "a3")
	end()

	b, _, end = at("other") // keeps the topic going while nobody is note
	publish(t, b, "filed", event("b1", "b"), event("b2", "b"))
	end()

	b, got, end = at("annotate")
	publish(t, b, "filed", event("c1", "c"), event("x2", "x"), event("c2", "c"))
	expect(got, "c1", "c2")
	end()

	b, got, _ = at("note", "annotate")
	publish(t, b, "filed", event("d1", "d"))
	expect(got, "b1", "b2", "d1")
	eventually(t, time.Minute, "the account", func() error {
		c, err := b.Count(t.Context(), "filed", "note")
		if err == nil && c.Waiting != 2 {
			err = fmt.Errorf("%d wait, expected the two that were left", c.Waiting)
		}
		return err
	})
	if places, err := b.Places(t.Context(), "filed", "annotate"); err != nil || len(places) > 0 {
		t.Errorf("the group that was joined stands at %v (%v)", places, err)
	}
}
