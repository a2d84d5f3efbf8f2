package messagingtest

import (
	"fmt"
	"time"

	"fondaco/messaging"
)

// groupsGetAll: each group gets every message, at its own pace.
func groupsGetAll(b *bench) {
	const n = 100
	topic := b.topic()
	one, stopOne := b.subscribe(topic, "one", 8)
	defer stopOne()
	two, stopTwo := b.subscribe(topic, "two", 8)
	defer stopTwo()
	for i := range n {
		b.publish(topic, event("k", i))
	}
	for _, in := range []<-chan *messaging.Envelope{one, two} {
		b.expect(in, "k", 0, n)
		b.silence(in, 50*time.Millisecond)
	}
}

// groupShares: the subscribers of one group get each message between them.
func groupShares(b *bench) {
	const n, inFlight = 400, 8
	topic := b.topic()
	one, stopOne := b.subscribe(topic, "g", inFlight)
	defer stopOne()
	two, stopTwo := b.subscribe(topic, "g", inFlight)
	defer stopTwo()
	batch := make([]messaging.Message, n)
	for i := range batch {
		batch[i] = event(fmt.Sprintf("k%d", i%40), i/40)
	}
	b.publish(topic, batch...)
	seen, deliveries := map[string]bool{}, 0
	timeout := time.After(patience)
	for len(seen) < n {
		var e *messaging.Envelope
		select {
		case e = <-one:
		case e = <-two:
		case <-timeout:
			b.Fatalf("%d of %d came in %v", len(seen), n, patience)
		}
		m, _ := messaging.Received(e)
		seen[m.ID] = true
		deliveries++
		messaging.Ack(e)
	}
	if twice := deliveries - n; twice > 2*inFlight {
		b.Errorf("%d came twice; at most the %d in flight at a change of the group may", twice, 2*inFlight)
	}
}

// handedOver: what a subscriber had in hand when it was closed comes to another of its group.
func handedOver(b *bench) {
	topic := b.topic()
	for i := range 5 {
		b.publish(topic, event("k", i))
	}
	one, stopOne := b.subscribe(topic, "g", 4)
	if _, m := b.next(one); b.ordered && m.ID != "k-0" {
		b.Fatalf("%s came first", m.ID)
	}
	two, stopTwo := b.subscribe(topic, "g", 4)
	defer stopTwo()
	stopOne()
	b.expect(two, "k", 0, 5)
}
