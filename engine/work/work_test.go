package work

import (
	"context"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/embedded"
	"fondaco/routes"
	"fondaco/server/metrics"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

type noLetters struct{}

func (noLetters) Keep(context.Context, string, string, messaging.Message, messaging.Reason, string, string) error {
	return nil
}

func (noLetters) Settle(context.Context, string, string, messaging.Message, bool) error { return nil }

// always is a program that stays in service.
type always []*routes.Consumer

func (a always) Take() ([]*routes.Consumer, Lease) { return a, a }

func (always) Release() {}

func begun(t *testing.T, p Programs) (*Work, *embedded.Broker) {
	t.Helper()
	broker, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "topics.db"), embedded.Options{Project: "city"})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = broker.Close() })
	w := New(Deps{Topics: Topics{Broker: broker, Dead: noLetters{}}, Programs: p, Metrics: metrics.New(), Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(func() { w.Stop(context.Background()) })
	return w, broker
}

func publish(t *testing.T, to messaging.Broker) {
	t.Helper()
	if err := messaging.Publish(t.Context(), to, "ticket", messaging.Message{ID: "1", Type: "t", Source: "s", Time: time.Now()}); err != nil {
		t.Fatal(err)
	}
}

// TestEnded: a consumer whose subscription ends by itself is told of, and not begun again in silence.
func TestEnded(t *testing.T) {
	handled := make(chan struct{}, 1)
	crm := &routes.Consumer{ID: "crm", Topic: "ticket", Group: "crm", Handle: func(context.Context, messaging.Message) error {
		handled <- struct{}{}
		return nil
	}}
	w, broker := begun(t, always{crm})
	w.Take(Program{Consumers: []*routes.Consumer{crm}})
	publish(t, broker)
	<-handled
	if at := w.Consumers()["crm"]; at.Ended || at.Paused {
		t.Errorf("at work: %+v", at)
	}
	if err := broker.Close(); err != nil {
		t.Fatal(err)
	}
	for deadline := time.Now().Add(time.Minute); !w.Consumers()["crm"].Ended; time.Sleep(5 * time.Millisecond) {
		if time.Now().After(deadline) {
			t.Fatal("a consumer whose subscription is over counts as working")
		}
	}
}

// TestStopWaits: what a program no longer has is waited for at the stop too, as it still uses what is closed afterwards.
func TestStopWaits(t *testing.T) {
	var left atomic.Bool
	begins := make(chan struct{}, 1)
	crm := &routes.Consumer{ID: "crm", Topic: "ticket", Group: "crm", Handle: func(ctx context.Context, _ messaging.Message) error {
		begins <- struct{}{}
		<-ctx.Done()
		left.Store(true)
		return ctx.Err()
	}}
	w, broker := begun(t, always{crm})
	w.Take(Program{Consumers: []*routes.Consumer{crm}})
	publish(t, broker)
	<-begins
	w.Take(Program{}) // it goes on with what it has in hand
	over, cancel := context.WithCancel(t.Context())
	cancel()
	w.Stop(over)
	if !left.Load() {
		t.Error("the work was stopped, and a consumer that was removed before still works")
	}
}
