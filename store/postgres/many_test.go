package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

// together calls f at the same time n times.
func together(n int, f func(i int)) {
	var all sync.WaitGroup
	begin := make(chan struct{})
	for i := range n {
		all.Go(func() {
			<-begin
			f(i)
		})
	}
	close(begin)
	all.Wait()
}

// two are two processes on one database.
func two(t *testing.T) (*place, [2]*Store) {
	p := newPlace(t, nil)
	return p, [2]*Store{p.open(p.options()), p.open(p.options())}
}

// Of all callers of two processes one reserves a key, one records its answer, and all learn that one.
func TestReserveAmongTwo(t *testing.T) {
	_, both := two(t)
	for round := range 20 {
		c := store.Claim{Scope: "s", Key: fmt.Sprint(round), Lease: time.Minute, Keep: time.Hour}
		var won, recorded, fenced, token atomic.Int64
		together(40, func(i int) {
			r, err := both[i%2].Idempotency().Reserve(t.Context(), c, now)
			switch {
			case err != nil:
				t.Error(err)
			case r.State == store.Reserved:
				won.Add(1)
				token.Store(r.Token)
			case r.State != store.Running:
				t.Errorf("the key is %s", r.State)
			}
		})
		together(10, func(i int) {
			switch err := both[i%2].Idempotency().Record(t.Context(), token.Load(), store.Answer{Status: 200 + i}, now); {
			case err == nil:
				recorded.Add(1)
			case errors.Is(err, store.ErrFenced):
				fenced.Add(1)
			default:
				t.Error(err)
			}
		})
		if won.Load() != 1 || recorded.Load() != 1 || fenced.Load() != 9 {
			t.Fatalf("round %d: %d reserved, %d recorded, %d fenced", round, won.Load(), recorded.Load(), fenced.Load())
		}
		one, _ := both[0].Idempotency().Reserve(t.Context(), c, now)
		other, _ := both[1].Idempotency().Reserve(t.Context(), c, now)
		if one.State != store.Answered || other.State != store.Answered || one.Answer.Status != other.Answer.Status {
			t.Fatalf("%+v and %+v", one, other)
		}
	}
}

// A call that has an effect each time is begun by one of two processes, and by the one as often as it asks.
func TestBeginAmongTwo(t *testing.T) {
	_, both := two(t)
	for round := range 20 {
		i := store.Intent{Exchange: fmt.Sprint(round), Step: "1", Operation: "registry.register", At: now}
		var mu sync.Mutex
		begun := map[int]int{}
		together(20, func(n int) {
			err := both[n%2].Intents().Begin(t.Context(), i)
			if err != nil && !errors.Is(err, store.ErrBegun) {
				t.Error(err)
			}
			if err == nil {
				mu.Lock()
				defer mu.Unlock()
				begun[n%2]++
			}
		})
		if len(begun) != 1 || begun[0]+begun[1] != 10 {
			t.Fatalf("round %d: begun by %v", round, begun)
		}
	}
	// The other process finds it, and lets go of it when the work has ended there.
	for _, s := range both {
		if any, err := s.Intents().Any(t.Context(), "0"); err != nil || !any {
			t.Errorf("%v, %v", any, err)
		}
	}
	for _, s := range both {
		if err := s.Intents().End(t.Context(), "0"); err != nil {
			t.Error(err)
		}
		if _, err := s.Intents().Find(t.Context(), "0", "1"); !errors.Is(err, store.ErrAbsent) {
			t.Errorf("after its end: %v", err)
		}
	}
}

// What one process did, any other returns: none knows more than another.
func TestAnyAnswers(t *testing.T) {
	_, both := two(t)
	ctx := t.Context()
	one, other := both[0], both[1]
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(one.Operations().Create(ctx, store.Operation{ID: "o", Route: "r", State: store.Accepted, Created: now, Updated: now}))
	must(other.Operations().Set(ctx, "o", store.Done, 1, store.Answer{Status: 200, Body: []byte("{}")}, now))
	if o, err := one.Operations().Get(ctx, "o"); err != nil || o.State != store.Done {
		t.Errorf("%+v, %v", o, err)
	}
	must(one.Inbox().Done(ctx, "t", "g", now, "m"))
	if seen, err := other.Inbox().Seen(ctx, "t", "g", "m"); err != nil || !seen {
		t.Errorf("seen %v, %v", seen, err)
	}
	_, err := one.DeadLetters().Keep(ctx, store.DeadLetter{ID: "l", Topic: "t", Group: "g", MessageID: "m2", Kept: now})
	must(err)
	var claims atomic.Int64
	together(20, func(i int) {
		got, _, err := both[i%2].DeadLetters().Claim(ctx, []string{"l"}, store.Act{Who: "anna", At: now})
		if err != nil {
			t.Error(err)
		}
		claims.Add(int64(len(got)))
	})
	if claims.Load() != 1 {
		t.Errorf("the letter was claimed %d times", claims.Load())
	}
	first, err := one.Secret(ctx)
	must(err)
	second, err := other.Secret(ctx)
	must(err)
	if string(first) != string(second) {
		t.Error("the processes have different secrets")
	}
}

// Letters that two processes keep at the same time weigh together, and the oldest go first.
func TestLettersAmongTwo(t *testing.T) {
	p := newPlace(t, nil)
	o := p.options()
	o.Limits.LetterBytes = 40 * (record.LetterWeight + 1000)
	both := [2]*Store{p.open(o), p.open(o)}
	var dropped atomic.Int64
	together(8, func(i int) {
		for n := range 20 {
			id := fmt.Sprint(i, "-", n)
			kept, err := both[i%2].DeadLetters().Keep(t.Context(),
				store.DeadLetter{ID: id, Topic: "t", Group: "g", MessageID: id, Body: make([]byte, 1000), Kept: now})
			if err != nil {
				t.Error(err)
			}
			dropped.Add(kept.Dropped)
		}
	})
	n, err := both[0].DeadLetters().Count(t.Context(), store.LetterFilter{})
	if err != nil || n+dropped.Load() != 160 || n > 40 || n < 20 {
		t.Errorf("%d are kept and %d went, %v", n, dropped.Load(), err)
	}
	if kept, weighs := p.ask("select value from counter where name = 'letter bytes'"),
		p.ask("select sum(weight) from letter"); kept != weighs {
		t.Errorf("the letters weigh %s, and %s is kept of that", weighs, kept)
	}
	tallies, err := both[1].DeadLetters().Tallies(t.Context())
	if err != nil || len(tallies) != 1 || tallies[0].Waiting != n || tallies[0].Gone != dropped.Load() {
		t.Errorf("%+v, %v", tallies, err)
	}
}

// Two processes draw numbers, append to the audit and collect: no number twice, one chain, no message lost or doubled.
func TestWorkAmongTwo(t *testing.T) {
	_, both := two(t)
	ctx := t.Context()
	var mu sync.Mutex
	drawn := map[int64]string{}
	together(16, func(i int) {
		s := both[i%2]
		for n := range 10 {
			purpose := fmt.Sprint(i/2, " ", n) // one caller of each process
			number, err := s.Sequences().Draw(ctx, store.Draw{Name: "protocol", Start: 1, For: purpose}, now)
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			if other, taken := drawn[number]; taken && other != purpose {
				t.Errorf("%d was drawn for %s and %s", number, other, purpose)
			}
			drawn[number] = purpose
			mu.Unlock()
			if _, err := s.Audit().Append(ctx, store.AuditEntry{At: now, Who: "anna", What: store.AuditReveal, On: purpose}); err != nil {
				t.Error(err)
			}
			if _, err := s.Collections().Add(ctx, "r", "k", purpose, "", []byte(purpose), now, now); err != nil {
				t.Error(err)
			}
		}
	})
	if len(drawn) != 80 {
		t.Errorf("%d numbers for 80 purposes", len(drawn))
	}
	if head, err := store.VerifyAudit(ctx, both[0].Audit()); err != nil || head.Number != 160 {
		t.Errorf("the audit: %+v, %v", head, err)
	}
	due, err := both[1].Collections().Due(ctx, time.Now().Add(time.Hour), 10)
	if err != nil || len(due) != 1 || due[0].Count != 80 {
		t.Fatalf("due are %+v, %v", due, err)
	}
	var taken atomic.Int64
	together(10, func(i int) {
		got, err := both[i%2].Collections().Take(ctx, due[0].ID, time.Now(), time.Minute)
		if err == nil && len(got.Bodies) == 80 {
			taken.Add(1)
		} else if !errors.Is(err, store.ErrFenced) {
			t.Errorf("%d bodies, %v", len(got.Bodies), err)
		}
	})
	if taken.Load() != 1 {
		t.Errorf("it was taken %d times", taken.Load())
	}
}

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

// All kinds of writes of two processes go on at the same time, with sweeps: none fails, and none waits for another in a circle for
// good.
func TestLoadOfTwo(t *testing.T) {
	_, both := two(t)
	ctx, end := context.WithTimeout(t.Context(), time.Minute)
	defer end()
	together(24, func(i int) {
		s := both[i%2]
		for n := range 25 {
			id := fmt.Sprint(i/2, "-", n) // of both processes the same
			_ = s.Operations().Create(ctx, store.Operation{
				ID: id, Route: "r", State: store.Accepted, Created: now, Updated: now,
				Marks: "00112233445566778899aabbccddeeff",
			})
			for _, err := range []error{
				s.Operations().Set(ctx, id, store.Working, 0, store.Answer{}, now),
				s.Operations().Set(ctx, id, store.Done, 1, store.Answer{Status: 200, Body: []byte(id)}, now),
				s.Inbox().Done(ctx, "t", "g", now, id, id+"b", fmt.Sprint(n)),
			} {
				if err != nil {
					t.Error(err)
				}
			}
			r, err := s.Idempotency().Reserve(ctx, store.Claim{Scope: "s", Key: fmt.Sprint(n), Lease: time.Minute, Keep: time.Hour}, now)
			if err != nil {
				t.Error(err)
			}
			if r.State == store.Reserved {
				if err := s.Idempotency().Record(ctx, r.Token, store.Answer{Status: 200}, now); err != nil {
					t.Error(err)
				}
			}
			if n%5 == 0 {
				if _, err := s.Sweep(ctx, now.Add(-time.Hour)); err != nil {
					t.Error(err)
				}
			}
		}
	})
	for i := range 12 {
		for n := range 25 {
			if o, err := both[0].Operations().Get(ctx, fmt.Sprint(i, "-", n)); err != nil || o.State != store.Done {
				t.Fatalf("%+v, %v", o, err)
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
