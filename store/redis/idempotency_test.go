package redis

import (
	"context"
	"fmt"
	"path/filepath"
	"reflect"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"

	"fondaco/store"
	"fondaco/store/sqlite"
	"fondaco/store/storetest"
)

func open(t *testing.T, path string, l store.Limits) store.Store {
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{Project: "venezia", Limits: l})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// guarded is a store whose idempotency keys are guarded by the server.
type guarded struct {
	store.Store
	keys store.Idempotency
}

func (g guarded) Idempotency() store.Idempotency { return g.keys }

// The contract holds with the server between, whether it answers or not.
func TestContract(t *testing.T) {
	n := start(t)
	for name, url := range map[string]string{"with a server": "redis://127.0.0.1:" + n.port, "without": "redis://127.0.0.1:1"} {
		t.Run(name, func(t *testing.T) {
			storetest.Idempotency(t, func(t *testing.T) storetest.Place {
				path := filepath.Join(t.TempDir(), "state.db")
				c, err := Open(Options{URL: url, Project: t.Name()})
				if err != nil {
					t.Fatal(err)
				}
				t.Cleanup(func() { c.Close() })
				return storetest.Place{Open: func(l store.Limits) store.Store {
					s := open(t, path, l)
					return guarded{s, c.Idempotency(s.Idempotency())}
				}}
			})
		})
	}
}

// asked counts the questions that reach the durable store.
type asked struct {
	store.Idempotency
	n atomic.Int64
}

func (a *asked) Reserve(ctx context.Context, c store.Claim, now time.Time) (store.Reservation, error) {
	a.n.Add(1)
	return a.Idempotency.Reserve(ctx, c, now)
}

// A second node spares the durable store a question while the first works, and not longer.
func TestMarks(t *testing.T) {
	n := start(t)
	s := open(t, filepath.Join(t.TempDir(), "state.db"), store.Limits{})
	defer s.Close()
	durable := &asked{Idempotency: s.Idempotency()}
	client := n.client("venezia")
	one, two := client.Idempotency(durable), n.client("venezia").Idempotency(durable)
	claim := store.Claim{Scope: "s", Key: "k", Lease: time.Minute, Keep: time.Hour}
	now := time.Now()
	reserve := func(i store.Idempotency, c store.Claim, want store.Reserve, questions int64) store.Reservation {
		t.Helper()
		before := durable.n.Load()
		r, err := i.Reserve(t.Context(), c, now)
		if err != nil || r.State != want || durable.n.Load()-before != questions {
			t.Errorf("%+v, %v after %d questions; expected %s after %d", r, err, durable.n.Load()-before, want, questions)
		}
		return r
	}
	first := reserve(one, claim, store.Reserved, 1)
	if r := reserve(two, claim, store.Running, 0); !r.Since.Equal(first.Since) {
		t.Errorf("since %v, expected %v", r.Since, first.Since)
	}
	other := claim
	other.Body[0] = 1
	reserve(two, other, store.Mismatch, 1)
	key := client.key('i', "s", "k")
	if ttl := n.say("pttl", key).(int64); ttl <= 0 || ttl > brief.Milliseconds() {
		t.Errorf("the mark stays for %d ms", ttl)
	}
	stale := n.say("get", key)
	for _, lie := range []string{
		"", "a b c", fmt.Sprintf("%d %064x x", now.Add(-time.Hour).UnixMicro(), 0),
		fmt.Sprintf("%d %064x x", now.Add(time.Hour).UnixMicro(), 0),
	} {
		n.say("set", key, lie)
		reserve(two, claim, store.Running, 1)
	}
	n.say("set", key, stale)
	answer := store.Answer{Status: 200, Body: []byte("done")}
	if err := one.Record(t.Context(), first.Token, answer, now); err != nil {
		t.Fatal(err)
	}
	if n.say("exists", key) != int64(0) {
		t.Error("the mark stays after the answer")
	}
	if r := reserve(two, claim, store.Answered, 1); !reflect.DeepEqual(r.Answer, answer) {
		t.Errorf("the answer is %+v", r.Answer)
	}
	n.say("set", key, stale) // the server shows what was removed: for a short while only
	eventually(t, "the answer is given in spite of it", func() bool {
		r, err := two.Reserve(t.Context(), claim, time.Now())
		return err == nil && r.State == store.Answered
	})
	claim.Key = "released"
	r := reserve(one, claim, store.Reserved, 1)
	if err := one.Release(t.Context(), r.Token); err != nil {
		t.Fatal(err)
	}
	reserve(two, claim, store.Reserved, 1)
}

// P3 and P11: whatever is wrong with the server, of the callers of a key on two nodes exactly one does the work, and all
// get its answer.
func TestOneDoesTheWork(t *testing.T) {
	for name, begin := range ways {
		t.Run(name, func(t *testing.T) {
			n := start(t)
			s := open(t, filepath.Join(t.TempDir(), "state.db"), store.Limits{})
			defer s.Close()
			if twice := work(t, n.hasty("venezia").Idempotency(s.Idempotency()), n.hasty("venezia").Idempotency(s.Idempotency()),
				func() func() { return begin(n) }); twice > 0 {
				t.Errorf("%d times a key was worked on again", twice)
			}
		})
	}
}

// The test above finds the bug it hunts: the server as the only copy.
func TestOneDoesTheWorkFindsTheBug(t *testing.T) {
	n := start(t)
	s := open(t, filepath.Join(t.TempDir(), "state.db"), store.Limits{})
	defer s.Close()
	only := onlyCopy{n.client("venezia"), s.Idempotency()}
	twice := int64(0)
	for round := 0; round < 10 && twice == 0; round++ {
		n.say("flushall")
		twice = work(t, only, only, func() func() { return ways["starts again and again"](n) })
	}
	if twice == 0 {
		t.Error("keys were kept by the server alone, which lost them, and nothing was found to be done twice")
	}
}

// onlyCopy is the planted bug.
type onlyCopy struct {
	c       *Client
	durable store.Idempotency
}

func (o onlyCopy) Reserve(ctx context.Context, c store.Claim, now time.Time) (store.Reservation, error) {
	switch was, err := o.c.rdb.SetArgs(ctx, c.Key, "running", redis.SetArgs{Mode: "NX", Get: true}).Result(); {
	case err != nil:
		return store.Reservation{State: store.Reserved}, nil
	case was == "done":
		return store.Reservation{State: store.Answered, Answer: store.Answer{Body: []byte(c.Key)}}, nil
	}
	return store.Reservation{State: store.Running}, nil
}

func (o onlyCopy) Record(ctx context.Context, _ int64, a store.Answer, _ time.Time) error {
	<-time.After(5 * time.Millisecond) // about as long as a durable store takes
	o.c.rdb.Set(ctx, string(a.Body), "done", 0)
	return nil
}

func (o onlyCopy) Release(context.Context, int64) error { return nil }

// work has 16 callers ask two nodes for the same 40 keys while something is wrong, until each has every answer. It returns
// how many times a key was worked on again.
func work(t *testing.T, one, two store.Idempotency, begin func() (end func())) (twice int64) {
	nodes := []store.Idempotency{one, two}
	var effects sync.Map
	var again atomic.Int64
	end := begin()
	var all sync.WaitGroup
	for w := range 16 {
		all.Go(func() {
			for round, key := range names("key ", 40) {
				for answered := false; !answered; {
					i := nodes[(w+round)%2]
					r, err := i.Reserve(t.Context(), store.Claim{Key: key, Lease: time.Minute, Keep: time.Hour}, time.Now())
					if err != nil {
						t.Error(err)
						return
					}
					switch r.State {
					case store.Reserved:
						if _, before := effects.LoadOrStore(key, w); before {
							again.Add(1)
						}
						if err := i.Record(t.Context(), r.Token, store.Answer{Status: 200, Body: []byte(key)}, time.Now()); err != nil {
							t.Error(err)
						}
					case store.Running:
						<-time.After(time.Millisecond)
					case store.Answered:
						if answered = true; string(r.Answer.Body) != key {
							t.Errorf("%s got the answer %q", key, r.Answer.Body)
						}
					default:
						t.Errorf("%s: %+v", key, r)
						return
					}
				}
			}
		})
	}
	all.Wait()
	end()
	for _, key := range names("key ", 40) {
		if _, done := effects.Load(key); !done {
			t.Errorf("nobody worked on %s", key)
		}
	}
	return again.Load()
}
