package wss

import (
	"errors"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// A key is taken once until it is forgotten, and never more are kept than may be.
func TestReplays(t *testing.T) {
	r := &Replays{Max: 3}
	take := func(key string, after, until time.Duration, want error) {
		t.Helper()
		if err := r.Take(key, noon.Add(after), noon.Add(until)); !errors.Is(err, want) {
			t.Errorf("%s after %s: got %v, want %v", key, after, err, want)
		}
	}
	take("a", 0, 10*time.Second, nil)
	take("a", 0, 10*time.Second, ErrReplayed)
	take("b", time.Second, 5*time.Second, nil)
	take("a", 10*time.Second, 20*time.Second, ErrReplayed) // its last moment
	take("b", 10*time.Second, 20*time.Second, nil)         // forgotten before a, which came first
	take(strings.Repeat("long", 1<<20), 10*time.Second, 20*time.Second, nil)
	take("c", 10*time.Second, 20*time.Second, ErrReplaysFull)
	take("b", 10*time.Second, 20*time.Second, ErrReplayed)
	take("c", 11*time.Second, 20*time.Second, nil) // a is over
	if r.Len() != 3 {
		t.Error(r.Len())
	}
	take("d", time.Minute, 2*time.Minute, nil)
	if r.Len() != 1 {
		t.Errorf("%d are kept that are over", r.Len()-1)
	}
}

// Of many who come at once with the same keys, one each is the first.
func TestReplaysAtOnce(t *testing.T) {
	r := &Replays{}
	var first atomic.Int32
	var all sync.WaitGroup
	for range 16 {
		all.Go(func() {
			for i := range 500 {
				if r.Take(strconv.Itoa(i), noon, noon.Add(time.Minute)) == nil {
					first.Add(1)
				}
			}
		})
	}
	all.Wait()
	if first.Load() != 500 || r.Len() != 500 {
		t.Errorf("%d were first, %d are kept", first.Load(), r.Len())
	}
}

func BenchmarkReplays(b *testing.B) {
	r := &Replays{}
	b.ReportAllocs()
	for i := range b.N {
		now := noon.Add(time.Duration(i) * time.Millisecond)
		if err := r.Take(strconv.Itoa(i), now, now.Add(time.Minute)); err != nil {
			b.Fatal(err)
		}
	}
}
