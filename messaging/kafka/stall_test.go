package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
)

type noLetters struct{ t *testing.T }

func (n noLetters) Keep(_ context.Context, topic, _ string, m messaging.Message, reason messaging.Reason, _, _ string) error {
	n.t.Errorf("%s of %s became a dead letter: %s", m.ID, topic, reason)
	return nil
}

func (noLetters) Settle(context.Context, string, string, messaging.Message, bool) error { return nil }

// TestStalled: two members whose names were mixed up stand still with nobody's error, each with the other's partitions. A
// worker notices that messages wait, begins its membership anew, and goes on.
func TestStalled(t *testing.T) {
	n := kafkatest.New(t)
	o := options(n)
	o.Instance, o.Session = "node-a", 30*time.Second
	open := func() *Broker {
		b, err := openWith(o, faults{mixed: true})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	before := open()
	ensure(t, before, "a", "b")
	for _, topic := range []string{"a", "b"} {
		in := subscribed(t, before, "g", topic, 8)
		publishSome(t, before, topic, 0, 1)
		next(t, in).Ack()
	}
	if err := before.Close(); err != nil {
		t.Fatal(err)
	}
	b := open()
	t.Cleanup(func() { _ = b.Close() })
	dog := messaging.NewWatchdog(3*time.Second, nil, nil)
	defer dog.Close()
	var done [2]atomic.Int64
	for i, topic := range []string{"b", "a"} {
		w, err := messaging.NewWorker(b, messaging.Work{
			Topic: topic, Group: "g", Dead: noLetters{t},
			Handle: func(context.Context, messaging.Message) error {
				done[i].Add(1)
				return nil
			},
		}, messaging.Options{Direct: true})
		if err != nil {
			t.Fatal(err)
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			w.Run(ctx, dog, topic, func(err error) { t.Errorf("held: %v", err) })
		}()
		t.Cleanup(func() { stop(); <-ended })
		eventually(t, 10*time.Second, "membership", func() error {
			b.mu.Lock()
			defer b.mu.Unlock()
			if len(b.instances) != i+1 {
				return fmt.Errorf("%d members", len(b.instances))
			}
			return nil
		})
	}
	for _, topic := range []string{"a", "b"} {
		eventually(t, 10*time.Second, "publish", func() error {
			return messaging.Publish(t.Context(), b, topic, messaging.Message{ID: "waits", Key: "k", Type: "t", Source: "/s"})
		})
	}
	eventually(t, 90*time.Second, "the work goes on", func() error {
		if a, b := done[0].Load(), done[1].Load(); a != 1 || b != 1 {
			return errors.Join(fmt.Errorf("%d of b and %d of a were handled", a, b), dog.Health())
		}
		return nil
	})
	if len(dog.Stalls()) == 0 {
		t.Error("nothing stood still: the test sees nothing")
	}
	t.Log(dog.Health())
}
