package routes

import (
	"context"
	"encoding/json"
	"errors"
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

// TestBatches: a collection becomes messages of which none is too large or holds too many, in its order, and always the same ones.
func TestBatches(t *testing.T) {
	now := time.Now()
	c := &Collector{
		Route: "digest", Topic: "fondaco.digest", source: "/fondaco/p/digest",
		program: &Program{now: func() time.Time { now = now.Add(time.Second); return now }},
	}
	for _, x := range []struct{ count, size, most, parts int }{
		{1, 10, 5, 1}, {1000, 100, 1000, 1}, {3, 300 << 10, 5, 3}, {4, 200 << 10, 5, 2}, {2, 900 << 10, 5, 2}, {5, 10, 5, 1}, {6, 10, 5, 2}, {11, 10, 5, 3},
	} {
		taken := store.Taken{Collection: store.Collection{Route: "digest", Key: `k"1`}}
		for i := range x.count {
			taken.Bodies = append(taken.Bodies, []byte(fmt.Sprintf(`{"id":"%d","pad":%q}`, i, strings.Repeat("x", x.size))))
		}
		list, ids := c.batches(taken, x.most), map[string]bool{}
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
			if len(body.Messages) > x.most {
				t.Errorf("%v: part %d holds %d messages", x, i, len(body.Messages))
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
		for i, m := range c.batches(taken, x.most) {
			if m.ID != list[i].ID {
				t.Errorf("%v: part %d has another id the second time", x, i)
			}
		}
	}
}

// lateTopics publishes for longer than a lease, meanwhile another owner does the same.
type lateTopics struct {
	meanwhile func()
	err       error // with which it ends
}

func (l lateTopics) Publish(context.Context, string, messaging.Message) error {
	l.meanwhile()
	return l.err
}

// unfenced are collections whose fence is broken: whoever slept is not refused.
type unfenced struct{ store.Collections }

func (u unfenced) Finish(ctx context.Context, token int64, now time.Time) error {
	err := u.Collections.Finish(ctx, token, now)
	if errors.Is(err, store.ErrFenced) {
		return nil
	}
	return err
}

// TestFencedBatch: a batch whose owner slept past its lease while it was published is another's, and is counted, whether it was published
// or not; where the fence is broken it is counted as one with two owners.
func TestFencedBatch(t *testing.T) {
	failed := errors.New("not published in time")
	for _, x := range []struct {
		name            string
		takes, finishes bool // another, meanwhile
		broken          bool
		published, told error
		fenced, doubled int64
	}{
		{name: "nobody else", fenced: 0},
		{name: "nobody else, and not published", published: failed, told: failed},
		{name: "another finished it", takes: true, finishes: true, fenced: 1},
		{name: "another has it", takes: true, fenced: 1},
		{name: "another finished it, and not published", takes: true, finishes: true, published: failed, fenced: 1},
		{name: "another has it, and not published", takes: true, published: failed, fenced: 1},
		{name: "without a fence", takes: true, finishes: true, broken: true, doubled: 1},
	} {
		t.Run(x.name, func(t *testing.T) {
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
					if !x.takes {
						return
					}
					taken, err := kept.Take(t.Context(), 1, now, time.Minute)
					if err == nil && x.finishes {
						err = kept.Finish(t.Context(), taken.Token, now)
					}
					if err != nil {
						t.Error(err)
					}
				}, x.published},
			}}
			if x.broken {
				c.program.collections = unfenced{kept}
			}
			at, err := kept.Add(t.Context(), "digest", "k", "m", "", []byte("{}"), now, now)
			if err != nil {
				t.Fatal(err)
			}
			if err := c.Close(t.Context(), at); !errors.Is(err, x.told) || c.Fenced() != x.fenced || c.Doubled() != x.doubled {
				t.Errorf("%v, %d batches were refused and %d had two owners, expected %v, %d and %d", err, c.Fenced(), c.Doubled(), x.told,
					x.fenced, x.doubled)
			}
		})
	}
}
