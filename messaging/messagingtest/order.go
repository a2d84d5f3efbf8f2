package messagingtest

import (
	"fmt"
	"math/rand/v2"
	"sync"
	"time"

	"fondaco/messaging"
)

// orderByKey: many publishers, many handlers, many Nacks; never two of a key at once, each key in order.
func orderByKey(b *bench) {
	const publishers, keys, each = 8, 4, 25
	topic := b.topic()
	in, stop := b.subscribe(topic, "g", 32)
	defer stop()
	var publishing sync.WaitGroup
	for p := range publishers {
		publishing.Go(func() {
			for i := range keys * each {
				b.publish(topic, event(fmt.Sprintf("p%dk%d", p, i%keys), i/keys))
			}
		})
	}
	var mu sync.Mutex
	busy, expected, notBefore := map[string]bool{}, map[string]int{}, map[string]time.Time{}
	finished := make(chan struct{}, publishers*keys*each)
	handle := func(e *messaging.Envelope) {
		m, _ := messaging.Received(e)
		mu.Lock()
		if busy[m.Key] {
			b.Errorf("two messages of key %s at once", m.Key)
		}
		busy[m.Key] = true
		if early := time.Until(notBefore[m.Key]); early > 0 {
			b.Errorf("%q came %v before its time", m.Body, early)
		}
		if want := fmt.Sprintf("%s %d", m.Key, expected[m.Key]); string(m.Body) != want {
			b.Errorf("%q came, attempt %d; expected %q", m.Body, m.Attempt, want)
		}
		mu.Unlock()
		<-time.After(rand.N(2 * time.Millisecond))
		again, until := m.Attempt < 3 && rand.N(4) == 0, time.Now().Add(rand.N(5*time.Millisecond))
		mu.Lock()
		busy[m.Key] = false
		if again {
			notBefore[m.Key] = until
		}
		if !again {
			expected[m.Key]++
		}
		mu.Unlock()
		if again {
			messaging.Defer(e, until, true)
			messaging.Nack(e)
			return
		}
		messaging.Ack(e)
		finished <- struct{}{}
	}
	var handlers sync.WaitGroup
	defer handlers.Wait()
	timeout := time.After(patience)
	for done := 0; done < publishers*keys*each; {
		select {
		case e, open := <-in:
			if !open {
				b.Fatal("the channel was closed")
			}
			handlers.Go(func() { handle(e) })
		case <-finished:
			done++
		case <-timeout:
			b.Fatalf("%d of %d finished in %v", done, publishers*keys*each, patience)
		}
	}
	publishing.Wait()
}

// parkedKey: a key that waits holds its later messages and nothing else, however many they are.
func parkedKey(b *bench) {
	const others, parked = 500, 3000
	topic := b.topic()
	batch := []messaging.Message{}
	for i := range parked {
		batch = append(batch, event("parked", i))
	}
	for i := range others {
		batch = append(batch, event(fmt.Sprintf("k%d", i%50), i/50))
	}
	for start := 0; start < len(batch); start += 500 {
		b.publish(topic, batch[start:min(start+500, len(batch))]...)
	}
	in, stop := b.subscribe(topic, "g", 16)
	defer stop()
	begin := time.Now()
	var until time.Time
	for done := 0; done < others; {
		e, m := b.next(in)
		if m.Key != "parked" {
			messaging.Ack(e)
			done++
			continue
		}
		if m.ID != "parked-0" || m.Attempt > 1 {
			b.Fatalf("%s came, attempt %d, while its key is parked", m.ID, m.Attempt)
		}
		until = time.Now().Add(9 * time.Second)
		messaging.Defer(e, until, true)
		messaging.Nack(e)
	}
	if took := time.Since(begin); took > 8*time.Second {
		b.Errorf("the others took %v", took)
	}
	for i := range 20 {
		e, m := b.next(in)
		if want := fmt.Sprintf("parked-%d", i); m.ID != want || time.Now().Before(until) {
			b.Fatalf("%s came %v before its time; expected %s", m.ID, time.Until(until), want)
		}
		messaging.Ack(e)
	}
}

// withoutKey: messages without a key do not wait for one another.
func withoutKey(b *bench) {
	topic := b.topic()
	in, stop := b.subscribe(topic, "g", 8)
	defer stop()
	for i := range 8 {
		m := event("", i)
		b.publish(topic, m)
	}
	inHand := []*messaging.Envelope{}
	for range 8 {
		e, m := b.next(in)
		if m.Key != "" {
			b.Errorf("%s came with the key %q", m.ID, m.Key)
		}
		inHand = append(inHand, e)
	}
	for _, e := range inHand {
		messaging.Ack(e)
	}
}
