package kafka

import (
	"context"
	"fmt"
	"sync"
	"testing"
	"time"

	"fondaco/messaging"
)

// ledger is what publishers and handlers wrote down: it judges lost, phantom, doubled and turned round.
type ledger struct {
	t  testing.TB
	mu sync.Mutex

	sent     map[string]int // by key: how many were begun
	accepted map[string]int // by key: how many were accepted
	handled  map[string]int // by key: the first number not handled yet
	times    map[string]int // by id
	unknown  int            // publishes without an answer
	inverted int
	phantom  int
	last     time.Time     // of the deliveries
	gap      time.Duration // the longest between two of them
}

func newLedger(t testing.TB) *ledger {
	return &ledger{t: t, sent: map[string]int{}, accepted: map[string]int{}, handled: map[string]int{}, times: map[string]int{}}
}

// publish sends a key's messages one after the other until stop is closed; what is not accepted is sent again with the
// same id.
func (l *ledger) publish(b *Broker, topic, key string, stop <-chan struct{}, pace time.Duration) {
	for n := 0; ; n++ {
		m := messaging.Message{ID: fmt.Sprintf("%s-%d", key, n), Key: key, Type: "test", Source: "/ledger", Body: fmt.Append(nil, n)}
		l.mu.Lock()
		l.sent[key] = n + 1
		l.mu.Unlock()
		for {
			select {
			case <-stop:
				return
			case <-time.After(pace):
			}
			ctx, cancel := context.WithTimeout(context.Background(), 2*time.Second)
			err := messaging.Publish(ctx, b, topic, m)
			cancel()
			if err == nil {
				break
			}
			l.mu.Lock()
			l.unknown++
			l.mu.Unlock()
		}
		l.mu.Lock()
		l.accepted[key] = n + 1
		l.mu.Unlock()
	}
}

// handle takes messages until the channel closes, each with some work.
func (l *ledger) handle(in <-chan *messaging.Envelope, work func(m messaging.Message)) {
	var all sync.WaitGroup
	defer all.Wait()
	for e := range in {
		all.Go(func() {
			m, _ := messaging.Received(e)
			l.note(m)
			work(m)
			if e.Context().Err() == nil {
				e.Ack()
			}
		})
	}
}

func (l *ledger) note(m messaging.Message) {
	var n int
	_, err := fmt.Sscan(string(m.Body), &n)
	l.mu.Lock()
	defer l.mu.Unlock()
	now := time.Now()
	if !l.last.IsZero() {
		l.gap = max(l.gap, now.Sub(l.last))
	}
	l.last = now
	l.times[m.ID]++
	switch {
	case err != nil || n >= l.sent[m.Key]:
		l.phantom++
	case n > l.handled[m.Key]:
		l.inverted++
		l.handled[m.Key] = n + 1
	case n == l.handled[m.Key]:
		l.handled[m.Key] = n + 1
	}
}

// longest returns the longest time without a delivery since it was asked last.
func (l *ledger) longest() time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	gap := l.gap
	l.gap = 0
	return gap
}

// judgement is what a ledger says in the end.
type judgement struct{ accepted, lost, phantom, inverted, doubled, unknown int }

// settle waits until all that was accepted was handled, no longer than patience, and judges.
func (l *ledger) settle(patience time.Duration) judgement {
	l.t.Helper()
	deadline := time.Now().Add(patience)
	for {
		l.mu.Lock()
		v := judgement{phantom: l.phantom, inverted: l.inverted, unknown: l.unknown}
		for key, n := range l.accepted {
			v.accepted += n
			for i := range n {
				if l.times[fmt.Sprintf("%s-%d", key, i)] == 0 {
					v.lost++
				}
			}
		}
		for _, n := range l.times {
			v.doubled += n - 1
		}
		l.mu.Unlock()
		if v.lost == 0 || time.Now().After(deadline) {
			l.t.Logf("accepted %d, lost %d, phantom %d, inversions %d, duplicates %d; %d publishes without an answer",
				v.accepted, v.lost, v.phantom, v.inverted, v.doubled, v.unknown)
			return v
		}
		<-time.After(20 * time.Millisecond)
	}
}

// leastLoad is how many messages are accepted in a test before its load ends.
const leastLoad = 1000

// loaded waits until so many messages were accepted, whatever the machine does besides.
func (l *ledger) loaded(least int) {
	l.t.Helper()
	for end := time.Now().Add(2 * time.Minute); ; <-time.After(20 * time.Millisecond) {
		n := 0
		l.mu.Lock()
		for _, of := range l.accepted {
			n += of
		}
		l.mu.Unlock()
		if n >= least {
			return
		}
		if time.Now().After(end) {
			l.t.Fatalf("%d messages were accepted in two minutes, expected %d", n, least)
		}
	}
}

// holds expects nothing lost, invented or turned round, some load, and at most so many duplicates.
func (v judgement) holds(t testing.TB, duplicates int) {
	t.Helper()
	if v.lost+v.phantom+v.inverted > 0 {
		t.Errorf("lost %d, phantom %d, inversions %d; none was expected", v.lost, v.phantom, v.inverted)
	}
	if v.accepted < leastLoad {
		t.Errorf("only %d were accepted: the load was none", v.accepted)
	}
	if v.doubled > duplicates {
		t.Errorf("%d came twice; at most %d were expected", v.doubled, duplicates)
	}
}
