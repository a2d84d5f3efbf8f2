package messagingtest

import (
	"context"
	"fmt"
	"time"

	"fondaco/messaging"
)

// ready: a broker that can tell whether work waits says so of what could be given out now, and of nothing else.
func ready(b *bench) {
	asked, can := b.broker.(messaging.Backlog)
	if !can {
		b.Skip("this broker cannot tell whether work waits")
	}
	topic := b.topic()
	becomes := func(group string, want bool, when string) {
		b.Helper()
		for deadline := time.Now().Add(patience); ; {
			ctx, end := context.WithTimeout(b.Context(), patience)
			got, err := asked.Ready(ctx, topic, group)
			end()
			if err == nil && got == want {
				return
			}
			if time.Now().After(deadline) {
				b.Fatalf("%s: ready is %v (%v), expected %v", when, got, err, want)
			}
			<-time.After(10 * time.Millisecond)
		}
	}
	in, stop := b.subscribe(topic, "g", 4)
	defer stop()
	becomes("g", false, "before anything was published")
	list := []messaging.Message{event("k", 0), event("k", 1)}
	b.publish(topic, list...)
	becomes("g", true, "two messages wait, and nobody takes one")
	becomes("other", false, "of a group that does not read here")
	e, _ := b.next(in)
	becomes("g", false, "the one that waits stands behind one in hand")
	messaging.Ack(e)
	becomes("g", true, "the second follows")
	e, _ = b.next(in)
	messaging.Defer(e, time.Now().Add(time.Hour), true)
	messaging.Nack(e)
	becomes("g", false, "the one that waits waits for its time")
	var more []messaging.Message
	for i := range 50 {
		more = append(more, event(fmt.Sprint("k", i), 0))
	}
	b.publish(topic, more...)
	becomes("g", true, "messages of other keys came")
	for range more {
		e, _ := b.next(in)
		messaging.Ack(e)
	}
	becomes("g", false, "all but one that waits for its time is finished")
}
