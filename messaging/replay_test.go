package messaging_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/messaging"
)

func replayOf(m messaging.Message, group string, n int) messaging.Message {
	m.Replay = messaging.Replay{Letter: "l" + m.ID, Group: group, Number: n}
	return m
}

// TestReplayForItsGroup: a replay is handled by the group that it is meant for, once, and its letter learns the end once
// the inbox knows the message; another group passes over it.
func TestReplayForItsGroup(t *testing.T) {
	r := &runs{}
	at(t, messaging.Work{Handle: func(_ context.Context, m messaging.Message) error { r.add(m); return nil }},
		func(d *desk, c *messaging.Consumer) {
			d.publish(replayOf(letter("a", 1), "other", 1), replayOf(letter("b", 1), "g", 2), letter("c", 1), replayOf(letter("b", 1), "g", 2))
			time.Sleep(time.Minute)
			synctest.Wait()
			if got := len(r.list); got != 2 {
				t.Errorf("%d were handled, expected the one for this group and the one that is no replay: %+v", got, r.list)
			}
			want := "t/g letter lb1 replay 2, repeated false, in the inbox true; t/g letter lb1 replay 2, repeated true, in the inbox true"
			if got := strings.Join(d.settled, "; "); got != want {
				t.Errorf("letters learned\n%s\nexpected\n%s", got, want)
			}
			if s := c.Stats(); s.Done != 2 || s.Repeated != 2 {
				t.Errorf("%+v", s)
			}
		})
}

// TestReplaySettledLater: while the end of a replay cannot be noted its message stays, and the work is not done again.
func TestReplaySettledLater(t *testing.T) {
	r := &runs{}
	at(t, messaging.Work{Handle: func(_ context.Context, m messaging.Message) error { r.add(m); return nil }},
		func(d *desk, c *messaging.Consumer) {
			d.set(nil, errors.New("the disk is full"))
			d.publish(replayOf(letter("a", 1), "g", 1))
			time.Sleep(time.Minute)
			synctest.Wait()
			if s := c.Stats(); len(r.list) != 1 || s.Repeated != 0 || len(d.settled) != 0 {
				t.Errorf("before: %+v, handled %d times, learned %v", s, len(r.list), d.settled)
			}
			d.set(nil, nil)
			time.Sleep(time.Hour)
			synctest.Wait()
			if s := c.Stats(); len(r.list) != 1 || s.Repeated != 1 || len(d.settled) != 1 {
				t.Errorf("after: %+v, handled %d times, learned %v", s, len(r.list), d.settled)
			}
		})
}

// TestReplayOnTheWire: a replay travels, and what is forged or broken is none.
func TestReplayOnTheWire(t *testing.T) {
	m := replayOf(letter("a", 1), "g.1", 3)
	m.Time = time.Unix(1_700_000_000, 0).UTC()
	got, flaw := messaging.Read(m.Headers(), m.Body, time.Now())
	if flaw != nil || got.Replay != m.Replay || len(got.Extensions) != len(m.Extensions) {
		t.Errorf("%+v, %v", got, flaw)
	}
	for _, text := range []string{
		"", "l", "l 1", "l 0 g", "l -1 g", "l 1 g h", "l x g", " 1 g", "l 1 ", "l 99999999 g",
		strings.Repeat("l", 65) + " 1 g", "l 1 g\x00",
	} {
		hs := append(letter("a", 1).Headers(), messaging.Attribute{Name: "fondaco_replay", Value: text})
		if got, flaw := messaging.Read(hs, nil, time.Now()); flaw != nil || got.Replay != (messaging.Replay{}) {
			t.Errorf("%q is read as %+v, %v", text, got.Replay, flaw)
		}
	}
	for _, r := range []messaging.Replay{
		{Letter: "l"},
		{Letter: "a b", Group: "g", Number: 1},
		{Letter: "l", Group: "g"},
		{Letter: "l", Group: "g h", Number: 1},
	} {
		bad := m
		bad.Replay = r
		if err := bad.Check(0); !errors.Is(err, messaging.ErrInvalid) {
			t.Errorf("%+v may be published: %v", r, err)
		}
	}
}

// TestIdentity: what has an id is known by source and id, in one way only; what has none by its place.
func TestIdentity(t *testing.T) {
	place := messaging.Place{Log: "x", Partition: 2, Offset: 7}
	for want, m := range map[string]messaging.Message{
		"/s 1":     {Source: "/s", ID: "1", Place: place},
		"/s ":      {Source: "/s"},
		"x/2/7":    {Source: "/s", Place: place},
		"/0/7":     {Place: messaging.Place{Offset: 7}},
		"letter l": {Source: "/s", Place: place, Replay: messaging.Replay{Letter: "l"}},
	} {
		if got := m.Identity(); got != want {
			t.Errorf("%+v: %q, expected %q", m, got, want)
		}
	}
	all := map[string]string{}
	for _, p := range [][2]string{{"a b", "c"}, {"a", "b c"}, {"", "a b c"}, {"a b c", ""}} {
		id := messaging.Message{Source: p[0], ID: p[1]}.Identity()
		if other, taken := all[id]; taken {
			t.Errorf("%q and %s are one: %q", p, other, id)
		}
		all[id] = fmt.Sprintf("%q", p)
	}
}
