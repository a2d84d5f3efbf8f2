package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/messaging"
)

type noLetters struct{}

func (noLetters) Keep(context.Context, string, string, messaging.Message, messaging.Reason, string, string) error {
	return errors.New("nothing may die here")
}

func (noLetters) Settle(context.Context, string, string, messaging.Message, bool) error { return nil }

// waitingMessages is how many wait in TestManyWait: FONDACO_TEST_WAITING=200000 for the long form.
func waitingMessages(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("FONDACO_TEST_WAITING"))
	if err != nil {
		return 20_000
	}
	t.Logf("%d messages", n)
	return n
}

// office is a handler whose system is down for the keys that begin with "down", closed for as long as the test says.
type office struct {
	down    atomic.Bool
	refused atomic.Int64
	well    chan time.Time

	mu   sync.Mutex
	next map[string]int // by key: the number that is to come
	bad  []string
	done int
}

func (o *office) handle(_ context.Context, m messaging.Message) error {
	if !strings.HasPrefix(m.Key, "down") {
		o.well <- time.Now()
		return nil
	}
	if o.down.Load() {
		o.refused.Add(1)
		return &messaging.Retry{Down: true, On: "crm", After: 2 * time.Second, Err: errors.New("crm is down")}
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if want := fmt.Sprintf("%s-%d", m.Key, o.next[m.Key]); m.ID != want && len(o.bad) < 10 {
		o.bad = append(o.bad, fmt.Sprintf("%s came, expected %s", m.ID, want))
	}
	o.next[m.Key]++
	o.done++
	return nil
}

func (o *office) finished() int {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.done
}

// consume works on the topic t until stop.
func (o *office) consume(t *testing.T, b *Broker) (stop func()) {
	t.Helper()
	c, err := messaging.NewConsumer(messaging.Work{Topic: "t", Group: "g", Handle: o.handle, Dead: noLetters{}})
	if err != nil {
		t.Fatal(err)
	}
	s, err := b.Subscriber("g", messaging.Options{Direct: true})
	if err != nil {
		t.Fatal(err)
	}
	over := make(chan error, 1)
	go func() { over <- c.Run(t.Context(), s) }()
	return func() {
		t.Helper()
		if err := errors.Join(c.Stop(t.Context()), <-over, s.Close()); err != nil {
			t.Error(err)
		}
	}
}

func (b *Broker) asideNow() (n int) {
	for _, p := range b.Parked() {
		n += p.Messages
	}
	return n
}

// Very many messages wait for a system that is down: they are not in memory, what needs no such system is done within a
// second, and a new start puts them aside again without asking about each; when the system is back all are done, each key
// in its order.
func TestManyWait(t *testing.T) {
	waiting := waitingMessages(t)
	keys := waiting * 4 / 5 // of some keys others wait behind
	path := filepath.Join(t.TempDir(), "topics.db")
	open := func() *Broker {
		b, err := Open(t.Context(), path, Options{Project: "bench"})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	heap := func() int64 {
		runtime.GC()
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		return int64(m.HeapAlloc)
	}
	b := open()
	fillTopic(t, b, waiting, func(i int) messaging.Message {
		m := small(fmt.Sprint("down", i%keys), i/keys)
		m.Body = make([]byte, 2048)
		return m
	})
	o := &office{well: make(chan time.Time, 1), next: make(map[string]int, keys)}
	o.down.Store(true)
	before := heap()
	stop := o.consume(t, b)
	begin := time.Now()
	within := func(what string, is func() bool) {
		t.Helper()
		for deadline := time.Now().Add(3 * time.Minute); !is(); <-time.After(5 * time.Millisecond) {
			if time.Now().After(deadline) {
				t.Fatalf("%s: not within 3 minutes; %d aside", what, b.asideNow())
			}
		}
	}
	within("all are put aside", func() bool { return b.asideNow() >= keys-1 })
	t.Logf("%d put aside in %v, %d refusals", keys, time.Since(begin), o.refused.Load())
	grown := heap() - before
	t.Logf("%d bytes of memory a message that waits", grown/int64(waiting))
	if most := int64(160*waiting + 8<<20); grown > most {
		t.Errorf("%d MB of memory while %d wait; at most %d MB may be held", grown>>20, waiting, most>>20)
	}
	begin = time.Now()
	fillTopic(t, b, 1, func(int) messaging.Message { return small("well", 0) })
	select {
	case at := <-o.well:
		t.Logf("what needs no system that is down was done after %v", at.Sub(begin))
		if at.Sub(begin) > 5*time.Second { // a second, and what a busy machine adds
			t.Errorf("what needs no system that is down waited for %v", at.Sub(begin))
		}
	case <-time.After(time.Minute):
		t.Fatal("what needs no system that is down was not done")
	}
	if n := o.refused.Load(); n > int64(keys+keys/100+100) {
		t.Errorf("%d refusals for %d messages that could be worked on", n, keys)
	}
	stop()
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}

	b = open()
	asked := o.refused.Load()
	begin = time.Now()
	stop = o.consume(t, b)
	within("all are put aside again", func() bool { return b.asideNow() >= keys-1 })
	t.Logf("put aside again after a new start in %v, %d refusals", time.Since(begin), o.refused.Load()-asked)
	if n := o.refused.Load() - asked; n > 100 {
		t.Errorf("a new start asked about %d messages", n)
	}
	o.down.Store(false)
	begin = time.Now()
	within("all are done", func() bool { return o.finished() >= waiting })
	t.Logf("all done %v after the system was back", time.Since(begin))
	stop()
	if len(o.bad) > 0 || o.finished() != waiting {
		t.Errorf("%d done of %d; %v", o.finished(), waiting, o.bad)
	}
	account(t, b, "t", "g", int64(waiting+1), int64(waiting+1))
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
}
