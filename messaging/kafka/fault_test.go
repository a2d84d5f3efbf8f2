package kafka

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/kafka/kafkatest"
)

// under runs publishers and a group under load while something happens to the cluster, and judges.
func under(t *testing.T, n *kafkatest.Node, bugs faults, happens func(b *Broker)) judgement {
	t.Helper()
	const keys, inFlight = 40, 32
	o := options(n)
	o.Instance = "node-a"
	b, err := openWith(o, bugs)
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	topic := fmt.Sprint("under-", time.Now().UnixNano())
	ensure(t, b, topic)
	s, err := b.Subscriber("g", messaging.Options{InFlight: inFlight})
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.Subscribe(t.Context(), topic)
	if err != nil {
		t.Fatal(err)
	}
	l := newLedger(t)
	var handling, publishing sync.WaitGroup
	handling.Go(func() { l.handle(in, func(messaging.Message) { <-time.After(2 * time.Millisecond) }) })
	stop := make(chan struct{})
	for k := range keys {
		publishing.Go(func() { l.publish(b, topic, fmt.Sprint("k", k), stop, 10*time.Millisecond) })
	}
	happens(b)
	l.loaded(leastLoad)
	close(stop)
	publishing.Wait()
	patience := 30 * time.Second
	if bugs != (faults{}) {
		patience = 5 * time.Second
	}
	v := l.settle(patience)
	eventually(t, 10*time.Second, "health", b.Health)
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	handling.Wait()
	return v
}

func eventually(t testing.TB, patience time.Duration, what string, check func() error) {
	t.Helper()
	patience = max(patience, 2*time.Minute) // on a loaded machine
	deadline := time.Now().Add(patience)
	for {
		err := check()
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("%s, after %v: %v", what, patience, err)
		}
		<-time.After(10 * time.Millisecond)
	}
}

// killed kills the cluster's only broker again and again under load.
func killed(t *testing.T, bugs faults, kills int) judgement {
	n := kafkatest.New(t)
	return under(t, n, bugs, func(b *Broker) {
		for range kills {
			<-time.After(1500 * time.Millisecond)
			n.Kill()
			n.Start()
			began := time.Now()
			eventually(t, 15*time.Second, "publishing again", func() error {
				ctx, cancel := context.WithTimeout(t.Context(), 2*time.Second)
				defer cancel()
				_, err := b.EnsureTopics(ctx, "probe")
				if err == nil {
					err = messaging.Publish(ctx, b, "probe", messaging.Message{ID: "probe", Type: "test", Source: "/ledger"})
				}
				return err
			})
			t.Logf("published %v after the start", time.Since(began).Round(time.Millisecond))
		}
		<-time.After(2 * time.Second)
	})
}

// TestBrokerKilled: kill -9 of the cluster's only broker under load. Each kill may double what was in hand, and what was
// published without an answer and sent again.
func TestBrokerKilled(t *testing.T) {
	kills := inLong(3, 1)
	killed(t, faults{}, kills).holds(t, kills*(32+40))
}

// TestBrokerKilledTeeth: a message that counts as accepted before the broker's answer is lost.
func TestBrokerKilledTeeth(t *testing.T) {
	inLongForm(t)
	if v := killed(t, faults{early: true}, 2); v.lost == 0 {
		t.Error("nothing was lost although messages count as accepted too early: the test sees nothing")
	}
}

// TestBrokerFrozen: a broker that keeps its connections and does not answer.
func TestBrokerFrozen(t *testing.T) {
	n := kafkatest.New(t)
	v := under(t, n, faults{}, func(b *Broker) {
		ensure(t, b, "frozen")
		m := messaging.Message{ID: "frozen", Type: "test", Source: "/ledger", Body: []byte("0")}
		publish := func(patience time.Duration) error {
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			return messaging.Publish(ctx, b, "frozen", m)
		}
		if err := publish(10 * time.Second); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Second)
		n.Freeze()
		defer n.Thaw()
		began := time.Now()
		err := publish(time.Second)
		if took := time.Since(began); !errors.Is(err, messaging.ErrUnknown) || took > 10*time.Second {
			t.Errorf("published to a frozen broker: %v after %v; expected ErrUnknown after a second", err, took)
		}
		if b.Health() == nil {
			t.Error("health is good although the last publish failed")
		}
		eventually(t, 30*time.Second, "a publish is refused at once, and nothing sent", func() error {
			began := time.Now()
			if err := publish(20 * time.Second); err == nil || errors.Is(err, messaging.ErrUnknown) {
				return fmt.Errorf("publishing returns %w after %v", err, time.Since(began))
			}
			if took := time.Since(began); took > 10*time.Second {
				return fmt.Errorf("it took %v", took)
			}
			return nil
		})
		if b.Health() == nil {
			t.Error("health is good although nothing answers")
		}
		n.Thaw()
		began = time.Now()
		eventually(t, 10*time.Second, "publishes", func() error { return publish(2 * time.Second) })
		t.Logf("published %v after the end of the silence", time.Since(began).Round(time.Millisecond))
		<-time.After(2 * time.Second)
	})
	v.holds(t, v.unknown+40)
}
