package routes

import (
	"context"
	"encoding/json"
	"fmt"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/store"
	"fondaco/store/sqlite"
)

// TestBatches: a collection becomes messages that none is too large, in its order, and always the same ones.
func TestBatches(t *testing.T) {
	now := time.Now()
	c := &Collector{
		Route: "digest", Topic: "fondaco.digest", source: "/fondaco/p/digest",
		program: &Program{now: func() time.Time { now = now.Add(time.Second); return now }},
	}
	for _, x := range []struct{ count, size, parts int }{{1, 10, 1}, {1000, 100, 1}, {3, 300 << 10, 3}, {4, 200 << 10, 2}, {2, 900 << 10, 2}} {
		taken := store.Taken{Collection: store.Collection{Route: "digest", Key: `k"1`}}
		for i := range x.count {
			taken.Bodies = append(taken.Bodies, []byte(fmt.Sprintf(`{"id":"%d","pad":%q}`, i, strings.Repeat("x", x.size))))
		}
		list, ids := c.batches(taken), map[string]bool{}
		var order []string
		for i, m := range list {
			var body struct {
				Key      string
				Messages []struct{ ID string }
			}
			if err := json.Unmarshal(m.Body, &body); err != nil || body.Key != `k"1` || m.Key != `k"1` {
				t.Errorf("%v: part %d: %v %+v", x, i, err, body)
			}
			if err := m.Check(1 << 20); err != nil && x.size < 512<<10 {
				t.Errorf("%v: part %d cannot be published: %v", x, i, err)
			}
			for _, one := range body.Messages {
				order = append(order, one.ID)
			}
			ids[m.ID] = true
		}
		want := make([]string, x.count)
		for i := range want {
			want[i] = fmt.Sprint(i)
		}
		if len(list) != x.parts || len(ids) != x.parts || !slices.Equal(order, want) {
			t.Errorf("%v: %d parts with %d ids, messages %v", x, len(list), len(ids), order)
		}
		for i, m := range c.batches(taken) {
			if m.ID != list[i].ID {
				t.Errorf("%v: part %d has another id the second time", x, i)
			}
		}
	}
}

// lateTopics publishes for longer than a lease, meanwhile another owner does the same.
type lateTopics struct{ meanwhile func() }

func (l lateTopics) Publish(context.Context, string, messaging.Message) error {
	l.meanwhile()
	return nil
}

// TestFencedBatch: a batch whose owner slept past its lease while it was published is another's, and is counted.
func TestFencedBatch(t *testing.T) {
	state, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), sqlite.Options{Project: "p"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = state.Close() }()
	now := time.Now()
	kept := state.Collections()
	c := &Collector{Route: "digest", source: "/fondaco/p/digest", program: &Program{
		now: func() time.Time { return now }, collections: kept,
		topics: lateTopics{func() {
			now = now.Add(time.Hour)
			taken, err := kept.Take(t.Context(), 1, now, time.Minute)
			if err == nil {
				err = kept.Finish(t.Context(), taken.Token, now)
			}
			if err != nil {
				t.Error(err)
			}
		}},
	}}
	at, err := kept.Add(t.Context(), "digest", "k", "m", "", []byte("{}"), now, now)
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(t.Context(), at); err != nil || c.Fenced() != 1 {
		t.Errorf("%v, %d batches were refused, expected 1", err, c.Fenced())
	}
}
