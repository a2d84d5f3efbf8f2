package nats

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/watermill/nats/natstest"
)

func event(n int) messaging.Message {
	return messaging.Message{ID: fmt.Sprint(n), Type: "test.event", Source: "/test", Body: []byte("x")}
}

// subscribed returns what comes of a topic, until the test ends.
func subscribed(t *testing.T, b *Broker, topic, group string, o messaging.Options) <-chan *messaging.Envelope {
	t.Helper()
	s, err := b.Subscriber(group, o)
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.Subscribe(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	return in
}

// next waits for a message.
func next(t *testing.T, in <-chan *messaging.Envelope) (*messaging.Envelope, messaging.Message) {
	t.Helper()
	select {
	case e, open := <-in:
		if !open {
			t.Fatal("the channel was closed")
		}
		m, _ := messaging.Received(e)
		return e, m
	case <-time.After(time.Minute):
		t.Fatal("nothing came within a minute")
		return nil, messaging.Message{}
	}
}

// TestAwayAtTheStart: while the server was never reached it is certain that nothing was accepted, readers wait, and all begins by itself.
func TestAwayAtTheStart(t *testing.T) {
	s := natstest.Away(t)
	b := opened(t, options(s))
	in := subscribed(t, b, "requests", "work", messaging.Options{})
	err := messaging.Publish(t.Context(), b, "requests", event(1))
	if err == nil || errors.Is(err, messaging.ErrUnknown) {
		t.Errorf("published with the error %v while there is no server; expected one that is certain", err)
	}
	if b.Health() == nil {
		t.Error("it is well while there is no server")
	}
	s.Start()
	until(t, "the broker is well", func() bool { return b.Health() == nil })
	if err := messaging.Publish(t.Context(), b, "requests", event(2)); err != nil {
		t.Fatal(err)
	}
	e, m := next(t, in)
	if m.ID != "2" {
		t.Errorf("%s came, which was refused", m.ID)
	}
	messaging.Ack(e)
}

// TestKilledServer: the server is killed again and again amid publishing and work; what was confirmed comes, and is finished.
func TestKilledServer(t *testing.T) {
	s := natstest.New(t)
	b := opened(t, options(s))
	until(t, "the broker is well", func() bool { return b.Health() == nil })
	if err := b.Keep(messaging.Kept{Topic: "requests", Readers: []messaging.Reader{{Group: "work"}}}); err != nil {
		t.Fatal(err)
	}
	in := subscribed(t, b, "requests", "work", messaging.Options{})
	const each, kills = 50, 3
	came := make(chan string)
	go func() {
		defer close(came)
		for e := range in {
			m, _ := messaging.Received(e)
			came <- m.ID
			messaging.Ack(e)
		}
	}()
	finished := map[string]bool{}
	for kill := range kills + 1 {
		for n := range each {
			id := kill*each + n
			until(t, "a message is confirmed", func() bool {
				ctx, end := context.WithTimeout(t.Context(), 10*time.Second)
				defer end()
				published := make(chan error, 1)
				go func() { published <- messaging.Publish(ctx, b, "requests", event(id)) }()
				for {
					select {
					case m := <-came:
						finished[m] = true
					case err := <-published:
						return err == nil
					}
				}
			})
			if kill < kills && n == each/2 {
				s.Kill()
				s.Start()
			}
		}
	}
	for timeout := time.After(2 * time.Minute); len(finished) < each*(kills+1); {
		select {
		case id := <-came:
			finished[id] = true
		case <-timeout:
			t.Fatalf("%d of %d confirmed messages came", len(finished), each*(kills+1))
		}
	}
	until(t, "all is finished", func() bool {
		for { // what came twice is acked too
			select {
			case <-came:
				continue
			default:
			}
			break
		}
		counts, err := b.Counts(t.Context())
		return err == nil && len(counts) == 1 && counts[0].Waiting == 0
	})
	if err := b.Close(); err != nil {
		t.Error(err)
	}
	for range came {
	}
}
