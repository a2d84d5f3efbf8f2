// Package messagingtest is the contract that every broker passes.
package messagingtest

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/messaging"
	"go.uber.org/goleak"
)

// Promises are what a broker keeps beyond the exact carrying of messages; what it does not promise is not tried.
type Promises struct {
	OrderByKey bool // else messages may come in any order; with it one of a key at a time, in the order of publishing, also through retries
	Durable    bool // what is accepted and not acked is there after a close and a reopening
	Groups     bool // several groups, several subscribers in a group
	Due        bool // Message.Due is kept
	Direct     bool // no promise: subscribers are asked to be direct
}

// Place is where one test's broker lives.
type Place struct {
	// Open opens the broker; after its Close it opens the same again.
	Open func() messaging.Broker
	// Topic makes a topic, before it is published or subscribed to; nil if nothing need be done.
	Topic func(name string)
}

// Run tries the whole contract. It asks for a new place for each part of it, names every topic anew, and
// looks for goroutines left behind after each part.
func Run(t *testing.T, p Promises, newPlace func(t *testing.T) Place) {
	for _, part := range []struct {
		name    string
		promise bool
		test    func(*bench)
	}{
		{"exact", true, exact},
		{"refused", true, refused},
		{"attempts", true, attempts},
		{"deferred", true, deferred},
		{"topics are apart", true, topicsApart},
		{"cancel", true, cancel},
		{"close", true, closing},
		{"ended context", true, endedContext},
		{"backlog", true, backlog},
		{"order by key", p.OrderByKey, orderByKey},
		{"parked key", p.OrderByKey, parkedKey},
		{"parked system", p.OrderByKey, parkedSystem},
		{"sooner", p.OrderByKey, sooner},
		{"parked by", p.OrderByKey, parkedBy},
		{"parked reopened", p.OrderByKey && p.Durable, parkedReopened},
		{"without a key", p.OrderByKey, withoutKey},
		{"ready", p.OrderByKey, ready},
		{"due", p.Due, due},
		{"groups get all", p.Groups, groupsGetAll},
		{"a group shares", p.Groups, groupShares},
		{"handed over", p.Groups, handedOver},
		{"places", p.Groups, places},
		{"places stay", p.Durable, placesStay},
		{"addressed", true, addressed},
		{"keyless replay", p.OrderByKey, keylessReplay},
		{"reopened", p.Durable, reopened},
		{"deferral reopened", p.Durable && p.Due, deferralReopened},
	} {
		if part.promise {
			t.Run(strings.ReplaceAll(part.name, " ", "_"), func(t *testing.T) {
				before := goleak.IgnoreCurrent()
				b := &bench{T: t, place: newPlace(t), direct: p.Direct, ordered: p.OrderByKey}
				b.reopen()
				part.test(b)
				b.close()
				goleak.VerifyNone(t, before)
			})
		}
	}
}

// patience is how long a test waits for what must come.
const patience = 60 * time.Second

// bench is one test's broker and its helpers.
type bench struct {
	*testing.T
	place   Place
	direct  bool
	ordered bool // by key
	broker  messaging.Broker
}

func (b *bench) reopen() { b.broker = b.place.Open() }

func (b *bench) close() {
	b.Helper()
	if err := b.broker.Close(); err != nil {
		b.Fatalf("close: %v", err)
	}
}

var topics atomic.Int64

// topic makes a topic of a name that no other test and no earlier run has.
func (b *bench) topic() string {
	name := fmt.Sprintf("suite-%d-%d", time.Now().UnixNano(), topics.Add(1))
	if b.place.Topic != nil {
		b.place.Topic(name)
	}
	return name
}

func event(key string, n int) messaging.Message {
	return messaging.Message{
		ID: fmt.Sprintf("%s-%d", key, n), Key: key, Type: "test.event", Source: "/suite", Time: time.Unix(1_700_000_000, 0).UTC(),
		Body: fmt.Appendf(nil, "%s %d", key, n),
	}
}

func (b *bench) publish(topic string, ms ...messaging.Message) {
	b.Helper()
	ctx, end := context.WithTimeout(b.Context(), patience)
	defer end()
	if err := messaging.Publish(ctx, b.broker, topic, ms...); err != nil {
		b.Fatalf("publish: %v", err)
	}
}

// subscribe returns a subscription that ends with stop.
func (b *bench) subscribe(topic, group string, inFlight int) (in <-chan *messaging.Envelope, stop func()) {
	b.Helper()
	s, err := b.broker.Subscriber(group, messaging.Options{InFlight: inFlight, Direct: b.direct})
	if err != nil {
		b.Fatalf("subscriber: %v", err)
	}
	in, err = s.Subscribe(b.Context(), topic)
	if err != nil {
		b.Fatalf("subscribe: %v", err)
	}
	return in, func() {
		b.Helper()
		if err := s.Close(); err != nil {
			b.Errorf("close of the subscriber: %v", err)
		}
	}
}

// next waits for one delivery.
func (b *bench) next(in <-chan *messaging.Envelope) (*messaging.Envelope, messaging.Message) {
	b.Helper()
	select {
	case e, open := <-in:
		if !open {
			b.Fatal("the channel was closed while messages were expected")
		}
		m, flaw := messaging.Received(e)
		if flaw != nil {
			b.Fatalf("a good message came with the flaw %v", flaw)
		}
		return e, m
	case <-time.After(patience):
		b.Fatalf("no message came in %v", patience)
		return nil, messaging.Message{}
	}
}

// expect takes n messages of a key, and acks them: numbers from first, in their order if the broker keeps one, else each once.
func (b *bench) expect(in <-chan *messaging.Envelope, key string, first, n int) {
	b.Helper()
	expected := map[string]bool{}
	for i := first; i < first+n; i++ {
		expected[fmt.Sprintf("%s-%d", key, i)] = true
	}
	b.expectSet(in, expected, func(i int) string { return fmt.Sprintf("%s-%d", key, first+i) })
}

// expectSet takes all messages of a set, each at its first attempt, and acks them; next is the order in which they come if the
// broker keeps one.
func (b *bench) expectSet(in <-chan *messaging.Envelope, expected map[string]bool, next func(i int) string) {
	b.Helper()
	for i := 0; len(expected) > 0; i++ {
		e, m := b.next(in)
		if b.ordered && m.ID != next(i) || !expected[m.ID] || m.Attempt != 1 {
			b.Fatalf("%s came, attempt %d; expected %s, or another of %v if there is no order, attempt 1", m.ID, m.Attempt, next(i), expected)
		}
		delete(expected, m.ID)
		messaging.Ack(e)
	}
}

// silence fails if a message comes within d.
func (b *bench) silence(in <-chan *messaging.Envelope, d time.Duration) {
	b.Helper()
	select {
	case e, open := <-in:
		if open {
			m, _ := messaging.Received(e)
			b.Fatalf("message %s came (attempt %d), where none was expected", m.ID, m.Attempt)
		}
	case <-time.After(d):
	}
}
