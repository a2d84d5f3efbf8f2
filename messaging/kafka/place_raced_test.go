package kafka

import (
	"sync"
	"testing"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
)

// overtaken is a memory that is asked by a process which another overtakes at that moment.
type overtaken struct {
	memory
	once  sync.Once
	other func()
}

func (o *overtaken) Seen(topic, group string) bool {
	o.once.Do(o.other)
	return o.memory.Seen(topic, group)
}

// TestPlaceRaced: of two processes that start at the same time the one sets a group's place, and remembers that, after the other has
// found none. The other does not hold the place to be lost: it reads.
func TestPlaceRaced(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	shared := &overtaken{}
	reader := messaging.Reader{Group: "g", From: messaging.Now}
	first := ofProject(n, "dime")
	first.Seen = &shared.memory
	shared.other = func() {
		b := opened(t, first)
		keep(t, b, "t", reader)
		publish(t, b, "t", event("1", "k"))
		<-b.keeping["t"][0].placed
	}
	second := ofProject(n, "dime")
	second.Seen = shared
	second.Stopped = func(_, _ string, err error) { t.Error(err) }
	b := opened(t, second)
	keep(t, b, "t", reader)
	in := subscribed(t, b, "g", "t", 1)
	publish(t, b, "t", event("2", "k"))
	ids(t, in, 2)
}
