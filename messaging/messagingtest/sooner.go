package messagingtest

import (
	"fmt"
	"time"

	"fondaco/messaging"
)

// sooner: what waits for a system by pauses of its own comes soon when that answers again, each key in order, also where the
// answer comes before the message is back; what waits for another system, or for itself, does not.
func sooner(b *bench) {
	const keys, least = 100, 50 * time.Millisecond
	p := b.parker()
	topic := b.topic()
	in, stop := b.subscribe(topic, "g", keys+3)
	defer stop()
	var batch []messaging.Message
	for n := range 2 {
		for k := range keys {
			batch = append(batch, event(fmt.Sprintf("k%d", k), n))
		}
	}
	b.publish(topic, append(batch, event("other", 0), event("itself", 0), event("last", 0))...)
	began := time.Now()
	for range keys + 3 {
		e, m := b.next(in)
		need := messaging.Need{On: "crm", Tried: began, Least: least, Most: time.Second}
		switch m.Key {
		case "other":
			need.On = "map"
		case "itself":
			need = messaging.Need{}
		}
		messaging.Defer(e, time.Now().Add(time.Hour), false)
		messaging.Wait(e, began)
		messaging.Await(e, need)
		messaging.Nack(e)
	}
	b.silence(in, 300*time.Millisecond)
	p.Answers("crm")
	seen := map[string]int{}
	for range 2*keys + 1 {
		e, m := b.next(in)
		if want := fmt.Sprintf("%s-%d", m.Key, seen[m.Key]); m.ID != want || m.Key == "other" || m.Key == "itself" {
			b.Fatalf("%s came, expected %s", m.ID, want)
		}
		seen[m.Key]++
		messaging.Ack(e)
	}
	p.Answers("map")
	e, m := b.next(in)
	if m.Key != "other" || m.Attempt != 1 {
		b.Fatalf("%s came, attempt %d", m.ID, m.Attempt)
	}
	p.Answers("map") // before it is back
	messaging.Defer(e, time.Now().Add(time.Hour), false)
	messaging.Await(e, messaging.Need{On: "map", Tried: began, Least: least, Most: time.Second})
	messaging.Nack(e)
	if e, m = b.next(in); m.Key != "other" {
		b.Fatalf("%s came", m.ID)
	}
	messaging.Ack(e)
	b.silence(in, 300*time.Millisecond)
}
