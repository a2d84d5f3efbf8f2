package postgres

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"fondaco/store"
)

// trips count what is sent to the database, each in one round trip, and hold it back while the gate is shut.
type trips struct {
	n    atomic.Int64
	mu   sync.Mutex
	gate chan struct{} // nil: open
}

func (c *trips) pass() {
	c.n.Add(1)
	c.mu.Lock()
	gate := c.gate
	c.mu.Unlock()
	if gate != nil {
		<-gate
	}
}

// shut holds back what is sent from now on, until the function that it returns is called.
func (c *trips) shut() (open func()) {
	gate := make(chan struct{})
	c.mu.Lock()
	defer c.mu.Unlock()
	c.gate = gate
	c.n.Store(0)
	return func() {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.gate = nil
		close(gate)
	}
}

func (c *trips) TraceQueryStart(ctx context.Context, _ *pgx.Conn, q pgx.TraceQueryStartData) context.Context {
	for _, of := range []string{"select current_setting", "listen ", "-- ping"} { // a connection's own
		if strings.HasPrefix(q.SQL, of) {
			return ctx
		}
	}
	c.pass()
	return ctx
}

func (c *trips) TraceQueryEnd(context.Context, *pgx.Conn, pgx.TraceQueryEndData) {}

func (c *trips) TraceBatchStart(ctx context.Context, _ *pgx.Conn, _ pgx.TraceBatchStartData) context.Context {
	c.pass()
	return ctx
}

func (c *trips) TraceBatchQuery(context.Context, *pgx.Conn, pgx.TraceBatchQueryData) {}

func (c *trips) TraceBatchEnd(context.Context, *pgx.Conn, pgx.TraceBatchEndData) {}

// TestRoundTrips: what a burst of exchanges does at the same time goes to the database together, whatever its number: at most a few round
// trips for each step of them all, beside those that began before the rest came.
func TestRoundTrips(t *testing.T) {
	const burst = 200
	p, c := newPlace(t, nil), &trips{}
	s := p.openWith(p.options(), faults{trace: c, patience: time.Minute}) // the gate is shut for as long as the burst takes to come
	ctx := t.Context()
	tokens := make([]int64, burst)
	id := func(i int) string { return fmt.Sprint("o", i) }
	for _, step := range []struct {
		what  string
		most  int64 // round trips
		reads bool
		do    func(i int) error
	}{
		{"keys are reserved", 4, false, func(i int) error {
			r, err := s.Idempotency().Reserve(ctx, store.Claim{Scope: "s", Key: id(i), Lease: time.Minute, Keep: time.Hour}, now)
			tokens[i] = r.Token
			return err
		}},
		{"operations are made", 2, false, func(i int) error {
			return s.Operations().Create(ctx, store.Operation{ID: id(i), Route: "r", State: store.Accepted, Created: now, Updated: now})
		}},
		{"answers are recorded", 4, false, func(i int) error {
			return s.Idempotency().Record(ctx, tokens[i], store.Answer{Status: 202}, now)
		}},
		{"messages are looked for", 2 * asking, true, func(i int) error {
			seen, err := s.Inbox().Seen(ctx, "t", "g", id(i))
			if seen {
				err = errors.New("it was not finished")
			}
			return err
		}},
		{"states are asked for", 2 * asking, true, func(i int) error {
			state, err := s.Operations().State(ctx, id(i))
			if err == nil && state != store.Accepted {
				err = fmt.Errorf("it is %s", state)
			}
			return err
		}},
		{"states and messages are asked for together", 2 * asking, true, func(i int) error {
			state, seen, err := s.Operations().(store.Handled).Standing(ctx, id(i), "t", "g", id(i))
			if err == nil && (state != store.Accepted || seen) {
				err = fmt.Errorf("it is %s, seen %t", state, seen)
			}
			return err
		}},
		{"operations are asked for", 2 * asking, true, func(i int) error {
			o, err := s.Operations().Get(ctx, id(i))
			if err == nil && o.ID != id(i) {
				err = fmt.Errorf("it is %s", o.ID)
			}
			return err
		}},
		{"calls are looked for", 2 * asking, true, func(i int) error {
			if _, err := s.Intents().Find(ctx, id(i), "1"); !errors.Is(err, store.ErrAbsent) {
				return fmt.Errorf("found: %w", err)
			}
			return nil
		}},
		{"operations end", 4, false, func(i int) error {
			return s.Operations().Set(ctx, id(i), store.Done, 1, store.Answer{Status: 200}, now)
		}},
		{"messages are finished", 2, false, func(i int) error { return s.Inbox().Done(ctx, "t", "g", now, id(i)) }},
	} {
		open := c.shut()
		var all sync.WaitGroup
		begin := func(i int) {
			all.Go(func() {
				if err := step.do(i); err != nil {
					t.Errorf("%s: %d: %v", step.what, i, err)
				}
			})
		}
		first := 1 // that are on their way, each by itself
		if step.reads {
			first = asking
		}
		for i := range burst {
			begin(i)
			if i < first {
				eventually(t, step.what+": the first are sent", func() bool { return c.n.Load() == int64(i+1) })
			}
		}
		eventually(t, step.what+": the others wait", func() bool {
			s.mu.Lock()
			s.questions.mu.Lock()
			defer s.mu.Unlock()
			defer s.questions.mu.Unlock()
			return len(s.pending)+len(s.questions.waiting) == burst-first
		})
		open()
		all.Wait()
		t.Logf("%s: %d round trips of %d exchanges", step.what, c.n.Load(), burst)
		if c.n.Load() > step.most {
			t.Errorf("%s: %d round trips of %d exchanges at the same time, expected at most %d", step.what, c.n.Load(), burst, step.most)
		}
	}
}
