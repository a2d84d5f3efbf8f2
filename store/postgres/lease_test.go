package postgres

import (
	"errors"
	"fmt"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/store"
)

// slept is how far the database is told to be, beside its own time, to let leases pass in a test.
type slept struct{ by atomic.Int64 }

func (d *slept) faults() faults {
	return faults{time: func(time.Time) int64 { return now.UnixMicro() + d.by.Load() }}
}

// Whoever slept past a lease and wakes is refused, whatever it believed to hold: the other has taken over.
func TestSleptPastItsLease(t *testing.T) {
	p := newPlace(t, nil)
	var clock slept
	sleeper, other := p.openWith(p.options(), clock.faults()), p.openWith(p.options(), clock.faults())
	ctx := t.Context()
	epoch, held, err := sleeper.Schedules().Acquire(ctx, "maree", "sleeper", now, 30*time.Second)
	if err != nil || !held {
		t.Fatal(held, err)
	}
	if _, err := sleeper.Collections().Add(ctx, "r", "k", "m", "", []byte("b"), now, now); err != nil {
		t.Fatal(err)
	}
	due, err := sleeper.Collections().Due(ctx, now, 1)
	if err != nil || len(due) != 1 {
		t.Fatal(due, err)
	}
	taken, err := sleeper.Collections().Take(ctx, due[0].ID, now, 30*time.Second)
	if err != nil {
		t.Fatal(err)
	}
	key := store.Claim{Scope: "s", Key: "k", Lease: 30 * time.Second, Keep: time.Hour}
	reserved, err := sleeper.Idempotency().Reserve(ctx, key, now)
	if err != nil || reserved.State != store.Reserved {
		t.Fatal(reserved, err)
	}
	clock.by.Store((30*time.Second - time.Microsecond).Microseconds())
	if _, held, err := other.Schedules().Acquire(ctx, "maree", "other", now, time.Minute); held || err != nil {
		t.Errorf("within the lease: %v, %v", held, err)
	}
	if _, err := other.Collections().Take(ctx, taken.ID, now, time.Minute); !errors.Is(err, store.ErrFenced) {
		t.Errorf("within the lease: %v", err)
	}
	clock.by.Store((30 * time.Second).Microseconds())
	second, held, err := other.Schedules().Acquire(ctx, "maree", "other", now, time.Minute)
	if err != nil || !held || second != epoch+1 {
		t.Fatal(second, held, err)
	}
	again, err := other.Collections().Take(ctx, taken.ID, now, time.Minute)
	if err != nil || len(again.Bodies) != 1 {
		t.Fatal(again, err)
	}
	if r, err := other.Idempotency().Reserve(ctx, key, now); err != nil || r.State != store.Unknown {
		t.Errorf("the key: %+v, %v", r, err)
	}
	// It wakes.
	if err := sleeper.Schedules().SetLastRun(ctx, "maree", epoch, now); !errors.Is(err, store.ErrFenced) {
		t.Errorf("its run: %v", err)
	}
	if _, held, err := sleeper.Schedules().Acquire(ctx, "maree", "sleeper", now, time.Minute); held || err != nil {
		t.Errorf("its lease: %v, %v", held, err)
	}
	if err := sleeper.Schedules().Release(ctx, "maree", epoch); err != nil {
		t.Error(err)
	}
	if err := sleeper.Collections().Finish(ctx, taken.Token, now); !errors.Is(err, store.ErrFenced) {
		t.Errorf("its collection: %v", err)
	}
	if err := other.Schedules().SetLastRun(ctx, "maree", second, now); err != nil {
		t.Error(err)
	}
	if err := other.Collections().Finish(ctx, again.Token, now); err != nil {
		t.Error(err)
	}
}

// The clocks of two processes are 90 s apart, either way: a lease ends by the database's, and not by theirs.
func TestClocksApart(t *testing.T) {
	_, both := two(t)
	ctx := t.Context()
	real := time.Now()
	for name, apart := range map[string]time.Duration{"ahead": 90 * time.Second, "behind": -90 * time.Second} {
		if _, held, err := both[0].Schedules().Acquire(ctx, name, "one", real, time.Minute); err != nil || !held {
			t.Fatal(held, err)
		}
		if _, held, err := both[1].Schedules().Acquire(ctx, name, "other", real.Add(apart), time.Minute); err != nil || held {
			t.Errorf("%s: a lease of a minute was taken: %v, %v", name, held, err)
		}
		key := store.Claim{Scope: "s", Key: name, Lease: time.Minute, Keep: time.Hour}
		if _, err := both[0].Idempotency().Reserve(ctx, key, real); err != nil {
			t.Fatal(err)
		}
		if r, err := both[1].Idempotency().Reserve(ctx, key, real.Add(apart)); err != nil || r.State != store.Running {
			t.Errorf("%s: the key is %+v, %v", name, r, err)
		}
		// A collection of a minute, opened by a process whose clock is apart, is not due before.
		its := real.Add(apart)
		c, err := both[1].Collections().Add(ctx, "r", name, "m", "", nil, its, its.Add(time.Minute))
		if err != nil || c.Due.Sub(its.Add(time.Minute)).Abs() > time.Millisecond {
			t.Errorf("%s: due %v, expected %v, %v", name, c.Due, its.Add(time.Minute), err)
		}
		for i, clock := range []time.Time{real, its} {
			if due, err := both[i].Collections().Due(ctx, clock, 10); err != nil ||
				slices.ContainsFunc(due, func(d store.Collection) bool { return d.Key == name }) {
				t.Errorf("%s: due are %+v, %v", name, due, err)
			}
		}
	}
}

// A process moves on what it remembers, unless another has moved it since: then it goes by what is there.
func TestMovedByAnother(t *testing.T) {
	_, both := two(t)
	ctx := t.Context()
	for _, c := range []struct {
		id         string
		other, own store.OperationState
		want       store.OperationState
	}{
		{"goes on", store.Working, store.Waiting, store.Waiting},
		{"ended", store.Done, store.Working, store.Done},
		{"cancelled", store.Cancelled, store.Working, store.Cancelled},
	} {
		if err := both[0].Operations().Create(ctx, store.Operation{
			ID: c.id, Route: "r", ReplyTo: "https://host/x", State: store.Accepted,
			Created: now, Updated: now,
		}); err != nil {
			t.Fatal(err)
		}
		end := 0
		if c.other.Ended() {
			end = 1
		}
		if err := both[1].Operations().Set(ctx, c.id, c.other, end, store.Answer{Status: 200}, now.Add(time.Second)); err != nil {
			t.Fatal(err)
		}
		if err := both[0].Operations().Set(ctx, c.id, c.own, 0, store.Answer{}, now.Add(2*time.Second)); err != nil {
			t.Errorf("%s: %v", c.id, err)
		}
		if o, err := both[1].Operations().Get(ctx, c.id); err != nil || o.State != c.want || o.ReplyTo != "https://host/x" {
			t.Errorf("%s: %+v, %v", c.id, o, err)
		}
	}
	// Of two that cancel and begin at the same time, one is refused.
	for round := range 20 {
		id := fmt.Sprint(round)
		if err := both[0].Operations().Create(ctx, store.Operation{
			ID: id, Route: "r", State: store.Accepted, Created: now,
			Updated: now,
		}); err != nil {
			t.Fatal(err)
		}
		var cancelled atomic.Bool
		together(2, func(i int) {
			if i == 0 {
				if err := both[0].Operations().Set(ctx, id, store.Working, 0, store.Answer{}, now.Add(time.Second)); err != nil {
					t.Error(err)
				}
				return
			}
			err := both[1].Operations().Cancel(ctx, id, store.Answer{Status: 200}, now.Add(time.Second))
			cancelled.Store(err == nil)
			if err != nil && !errors.Is(err, store.ErrBegun) {
				t.Error(err)
			}
		})
		if o, err := both[0].Operations().Get(ctx, id); err != nil || (o.State == store.Cancelled) != cancelled.Load() {
			t.Errorf("%+v, %v; cancelled: %v", o, err, cancelled.Load())
		}
	}
}

// A lease that nobody holds longer ends by the database's time, and who held it is refused then.
func TestLeaseEnds(t *testing.T) {
	_, both := two(t)
	ctx := t.Context()
	first, held, err := both[0].Schedules().Acquire(ctx, "maree", "one", time.Now(), time.Second)
	if err != nil || !held {
		t.Fatal(held, err)
	}
	var second int64
	eventually(t, "the other takes over", func() bool {
		epoch, held, err := both[1].Schedules().Acquire(ctx, "maree", "other", time.Now(), time.Hour)
		if err != nil {
			t.Fatal(err)
		}
		second = epoch
		return held
	})
	if second != first+1 {
		t.Errorf("the epoch is %d after %d", second, first)
	}
	if err := both[0].Schedules().SetLastRun(ctx, "maree", first, now); !errors.Is(err, store.ErrFenced) {
		t.Errorf("who was late: %v", err)
	}
}
