package messaging_test

import (
	"context"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/embedded"
)

// desk is a broker, an inbox and a place for dead letters, in a bubble of virtual time.
type desk struct {
	*testing.T
	broker  *embedded.Broker
	mu      sync.Mutex
	dead    []string
	trace   []string
	settled []string
	seen    map[string]bool
	fail    error // of the inbox, while it is set
	full    error // of the dead letters, while it is set
}

func (d *desk) Keep(_ context.Context, topic, group string, m messaging.Message, reason messaging.Reason, detail, trace string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full != nil {
		return d.full
	}
	d.dead = append(d.dead, fmt.Sprintf("%s/%s %s %s attempt %d body %q: %s", topic, group, m.ID, reason, m.Attempt, m.Body, detail))
	d.trace = append(d.trace, trace)
	return nil
}

func (d *desk) Settle(_ context.Context, topic, group string, m messaging.Message, repeated bool) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.full != nil {
		return d.full
	}
	d.settled = append(d.settled, fmt.Sprintf("%s/%s letter %s replay %d, repeated %t, in the inbox %t", topic, group, m.Replay.Letter,
		m.Replay.Number, repeated, d.seen[topic+" "+group+" "+m.Identity()]))
	return nil
}

func (d *desk) Seen(_ context.Context, topic, group, id string) (bool, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.seen[topic+" "+group+" "+id], d.fail
}

func (d *desk) Done(_ context.Context, topic, group string, ids ...string) error {
	d.mu.Lock()
	defer d.mu.Unlock()
	for _, id := range ids {
		if d.fail == nil {
			d.seen[topic+" "+group+" "+id] = true
		}
	}
	return d.fail
}

func (d *desk) set(inbox, dead error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.fail, d.full = inbox, dead
}

func (d *desk) letters() []string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]string{}, d.dead...)
}

func (d *desk) publish(ms ...messaging.Message) {
	d.Helper()
	if err := messaging.Publish(context.Background(), d.broker, "t", ms...); err != nil {
		d.Fatal(err)
	}
}

// at runs a test with a consumer, in virtual time on the real broker. The test ends the consumer by Stop or not at all.
func at(t *testing.T, w messaging.Work, test func(d *desk, c *messaging.Consumer)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		broker, err := embedded.Open(t.Context(), filepath.Join(dir, "topics.db"), embedded.Options{})
		if err != nil {
			t.Fatal(err)
		}
		d := &desk{T: t, broker: broker, seen: map[string]bool{}}
		w.Topic, w.Group, w.Dead = "t", "g", d
		if w.Inbox == nil {
			w.Inbox = d
		}
		c, err := messaging.NewConsumer(w)
		if err != nil {
			t.Fatal(err)
		}
		s, err := broker.Subscriber("g", messaging.Options{})
		if err != nil {
			t.Fatal(err)
		}
		ended := make(chan error, 1)
		go func() { ended <- c.Run(context.Background(), s) }()
		test(d, c)
		if err := c.Stop(context.Background()); err != nil {
			t.Error(err)
		}
		if err := <-ended; err != nil {
			t.Error(err)
		}
		s.Close()
		if st := c.Stats(); st.InFlight != 0 || st.Taken != st.Done+st.Repeated+st.Dead+st.Deferred {
			t.Errorf("the account does not balance: %+v", st)
		}
		if err := broker.Close(); err != nil {
			t.Error(err)
		}
	})
}

func letter(key string, n int) messaging.Message {
	m := event()
	m.ID, m.Key, m.Time, m.Body = fmt.Sprint(key, n), key, time.Time{}, fmt.Appendf(nil, "%s %d", key, n)
	return m
}

// runs records what a handler was given.
type runs struct {
	mu   sync.Mutex
	list []run
}

type run struct {
	id      string
	attempt int
	when    time.Time
}

func (r *runs) add(m messaging.Message) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.list = append(r.list, run{m.ID, m.Attempt, time.Now()})
}

func (r *runs) of(id string) (out []run) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, x := range r.list {
		if x.id == id {
			out = append(out, x)
		}
	}
	return out
}

// settle waits until nothing moves any more at this moment of virtual time, then lets d pass.
func settle(d time.Duration) {
	<-time.After(d)
	synctest.Wait()
}
