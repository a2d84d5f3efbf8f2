package messagingtest

import (
	"context"
	"errors"
	"fmt"
	"os"
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

// waitingMessages is how many wait in ManyWait: FONDACO_TEST_WAITING=200000 for the long form, go test -short for the
// short one.
func waitingMessages(t *testing.T) int {
	n, err := strconv.Atoi(os.Getenv("FONDACO_TEST_WAITING"))
	switch {
	case err == nil:
	case testing.Short():
		return 4_000
	default:
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
func (o *office) consume(t *testing.T, b messaging.Broker) (stop func()) {
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

// Many says how ManyWait is to be tried.
type Many struct {
	Open  func() messaging.Broker // opens it, and after its Close the same again; the topic "t" is there
	Bytes int                     // of memory that a message aside may take
	Asks  bool                    // a new start asks about each of them again
}

// crowd is a broker and what is tried on it.
type crowd struct {
	*testing.T
	m       Many
	o       *office
	b       messaging.Broker
	waiting int
	keys    int // of some keys others wait behind
}

// ManyWait has very many messages wait for a system that is down. They are not in memory; what needs no such system is done
// within a second; after a new start they are put aside again; when the system is back all are done, each key in its order.
func ManyWait(t *testing.T, m Many) {
	c := &crowd{T: t, m: m, b: m.Open(), waiting: waitingMessages(t)}
	c.keys = c.waiting * 4 / 5
	c.o = &office{well: make(chan time.Time, 1), next: make(map[string]int, c.keys)}
	c.o.down.Store(true)
	c.publish(c.waiting, func(i int) messaging.Message {
		e := event(fmt.Sprint("down", i%c.keys), i/c.keys)
		e.Body = make([]byte, 2048)
		return e
	})
	before := heap()
	stop := c.o.consume(t, c.b)
	c.aside("all are put aside", 0)
	grown := heap() - before
	t.Logf("%d bytes of memory a message that waits", grown/int64(c.waiting))
	if most := int64(m.Bytes*c.waiting + 24<<20); grown > most {
		t.Errorf("%d MB of memory while %d wait; at most %d MB may be held", grown>>20, c.waiting, most>>20)
	}
	c.passes()
	stop()
	if err := c.b.Close(); err != nil {
		t.Fatal(err)
	}

	c.b = m.Open()
	asked := c.o.refused.Load()
	stop = c.o.consume(t, c.b)
	c.aside("all are put aside again after a new start", asked)
	if n := c.o.refused.Load() - asked; n > 100 && !m.Asks {
		t.Errorf("a new start asked about %d messages", n)
	}
	c.passes()
	c.o.down.Store(false)
	begin := time.Now()
	c.within("all are done", func() bool { return c.o.finished() >= c.waiting })
	t.Logf("all done %v after the system was back", time.Since(begin))
	c.within("the account says so", c.settled)
	stop()
	if len(c.o.bad) > 0 || c.o.finished() != c.waiting {
		t.Errorf("%d done of %d; %v", c.o.finished(), c.waiting, c.o.bad)
	}
	if err := c.b.Close(); err != nil {
		t.Fatal(err)
	}
}

func heap() int64 {
	runtime.GC()
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return int64(m.HeapAlloc)
}

func (c *crowd) publish(n int, make func(i int) messaging.Message) {
	c.Helper()
	for i := 0; i < n; i += 1000 {
		var batch []messaging.Message
		for j := i; j < min(i+1000, n); j++ {
			batch = append(batch, make(j))
		}
		if err := messaging.Publish(c.Context(), c.b, "t", batch...); err != nil {
			c.Fatal(err)
		}
	}
}

func (c *crowd) within(what string, is func() bool) {
	c.Helper()
	for deadline := time.Now().Add(4 * time.Minute); !is(); <-time.After(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			c.Fatalf("%s: not within 4 minutes; %d refused, %d done", what, c.o.refused.Load(), c.o.finished())
		}
	}
}

// aside waits until of every key one is put aside, but for the one that is being tried.
func (c *crowd) aside(what string, asked int64) {
	c.Helper()
	begin := time.Now()
	c.within(what, func() bool {
		n := 0
		for _, p := range c.b.(messaging.Parker).Parked() {
			n += p.Messages
		}
		return n >= c.keys-1
	})
	c.Logf("%s, in %v, with %d refusals", what, time.Since(begin), c.o.refused.Load()-asked)
}

// passes sees that a message that needs no system that is down is done at once.
func (c *crowd) passes() {
	c.Helper()
	begin := time.Now()
	c.publish(1, func(int) messaging.Message { return event("well", int(begin.UnixNano())) })
	select {
	case at := <-c.o.well:
		c.Logf("what needs no system that is down was done after %v", at.Sub(begin))
		if at.Sub(begin) > 5*time.Second { // a second, and what a busy machine adds
			c.Errorf("what needs no system that is down waited for %v", at.Sub(begin))
		}
	case <-time.After(patience):
		c.Fatal("what needs no system that is down was not done")
	}
}

// settled reports whether the broker counts all as finished.
func (c *crowd) settled() bool {
	counts, err := c.b.(messaging.Counter).Counts(c.Context())
	if err != nil {
		c.Fatal(err)
	}
	for _, x := range counts {
		if x.Topic == "t" && x.Group == "g" {
			return x.Accepted == int64(c.waiting+2) && x.Finished == x.Accepted
		}
	}
	return false
}
