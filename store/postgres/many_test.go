package postgres

import (
	"context"
	"errors"
	"fmt"
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
