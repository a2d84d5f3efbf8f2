package messaging_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/embedded"
)

// copies are five copies of one message, each on a lane of its own.
func copies() (list []messaging.Message) {
	for i := range 5 {
		m := letter("a", 1)
		m.Key = fmt.Sprint("lane ", i)
		list = append(list, m)
	}
	return list
}

// TestCopiesAtOnce: of copies of a message that come at the same time one is worked on; the others wait for its end.
func TestCopiesAtOnce(t *testing.T) {
	var r runs
	at(t, messaging.Work{Handle: func(_ context.Context, m messaging.Message) error {
		r.add(m)
		time.Sleep(10 * time.Second)
		return nil
	}}, func(d *desk, c *messaging.Consumer) {
		d.publish(copies()...)
		settle(time.Minute)
		if s := c.Stats(); len(r.of("a1")) != 1 || s.Done != 1 || s.Repeated != 4 || s.Retried != 0 {
			t.Errorf("worked on %d times; %+v", len(r.of("a1")), s)
		}
	})
}

// TestCopiesOfAFailure: while the work on a message fails its copies are tried in its place, one at a time, and after the
// first success none is.
func TestCopiesOfAFailure(t *testing.T) {
	var now, most, tries, good atomic.Int64
	at(t, messaging.Work{
		Backoff: messaging.Backoff{First: time.Second, Max: time.Second, Attempts: 20},
		Handle: func(context.Context, messaging.Message) error {
			most.Store(max(most.Load(), now.Add(1)))
			defer now.Add(-1)
			time.Sleep(3 * time.Second)
			if tries.Add(1) < 7 {
				return errors.New("not yet")
			}
			good.Add(1)
			return nil
		},
	}, func(d *desk, c *messaging.Consumer) {
		d.publish(copies()...)
		settle(5 * time.Minute)
		if s := c.Stats(); most.Load() != 1 || good.Load() != 1 || s.Done != 1 || s.Repeated != 4 {
			t.Errorf("%d at the same time, %d done; %+v", most.Load(), good.Load(), s)
		}
	})
}

// TestCopiesOfTwoConsumers: consumers of one group in a process, as the one that ends and the one that begins at a reload,
// share what is reserved.
func TestCopiesOfTwoConsumers(t *testing.T) {
	path := t.TempDir() + "/topics.db"
	synctest.Test(t, func(t *testing.T) {
		broker, err := embedded.Open(t.Context(), path, embedded.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer broker.Close()
		d := &desk{T: t, broker: broker, seen: map[string]bool{}}
		var r runs
		work := messaging.Work{
			Topic: "t", Group: "g", Dead: d, Inbox: d, Workers: 1, Reserved: &messaging.Reservations{},
			Handle: func(_ context.Context, m messaging.Message) error {
				r.add(m)
				time.Sleep(10 * time.Second)
				return nil
			},
		}
		var stops []func()
		for range 2 {
			c, err := messaging.NewConsumer(work)
			if err != nil {
				t.Fatal(err)
			}
			s, err := broker.Subscriber("g", messaging.Options{InFlight: 1})
			if err != nil {
				t.Fatal(err)
			}
			ended := make(chan error, 1)
			go func() { ended <- c.Run(context.Background(), s) }()
			stops = append(stops, func() {
				if err := errors.Join(c.Stop(context.Background()), <-ended, s.Close()); err != nil {
					t.Error(err)
				}
			})
		}
		d.publish(copies()...)
		settle(time.Minute)
		if n := len(r.of("a1")); n != 1 {
			t.Errorf("worked on %d times", n)
		}
		for _, stop := range stops {
			stop()
		}
	})
}
