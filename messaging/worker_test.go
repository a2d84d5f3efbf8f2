package messaging_test

import (
	"context"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/embedded"
)

// deaf is a broker whose first subscriptions give out nothing of what they get.
type deaf struct {
	*embedded.Broker
	left atomic.Int64
}

func (d *deaf) Subscriber(group string, o messaging.Options) (messaging.Subscriber, error) {
	s, err := d.Broker.Subscriber(group, o)
	if err == nil && d.left.Add(-1) >= 0 {
		return deafSubscriber{s}, nil
	}
	return s, err
}

type deafSubscriber struct{ messaging.Subscriber }

func (d deafSubscriber) Subscribe(ctx context.Context, topic string) (<-chan *messaging.Envelope, error) {
	if _, err := d.Subscriber.Subscribe(ctx, topic); err != nil {
		return nil, err
	}
	return make(chan *messaging.Envelope), nil
}

// working runs a worker in virtual time on the real broker, watched with a limit of a minute.
func working(t *testing.T, deafTimes int64, handle messaging.Handler, test func(d *desk, w *messaging.Worker, dog *messaging.Watchdog)) {
	dir := t.TempDir()
	synctest.Test(t, func(t *testing.T) {
		b, err := embedded.Open(t.Context(), filepath.Join(dir, "topics.db"), embedded.Options{Project: "test"})
		if err != nil {
			t.Fatal(err)
		}
		defer b.Close()
		d := &desk{T: t, broker: b, seen: map[string]bool{}}
		broker := &deaf{Broker: b}
		broker.left.Store(deafTimes)
		w, err := messaging.NewWorker(broker, messaging.Work{
			Topic: "t", Group: "g", Handle: handle, Dead: d, Inbox: d, Workers: 2,
			Timeout: 5 * time.Minute,
		}, messaging.Options{Direct: true})
		if err != nil {
			t.Fatal(err)
		}
		dog := messaging.NewWatchdog(time.Minute, nil, nil)
		defer dog.Close()
		ctx, stop := context.WithCancel(t.Context())
		done := make(chan struct{})
		go func() {
			defer close(done)
			w.Run(ctx, dog, "r", func(err error) { t.Errorf("held: %v", err) })
		}()
		test(d, w, dog)
		_ = w.Stop(ctx)
		stop()
		<-done
	})
}

func message1(id string) messaging.Message {
	return messaging.Message{ID: id, Key: id, Type: "t", Source: "/s"}
}

// TestWorkerRestarts: a consumer that gets nothing although messages wait is begun anew, as often as it takes, and the
// account goes on.
func TestWorkerRestarts(t *testing.T) {
	working(t, 2, func(context.Context, messaging.Message) error { return nil }, func(d *desk, w *messaging.Worker, dog *messaging.Watchdog) {
		d.publish(message1("1"), message1("2"))
		time.Sleep(3 * time.Minute)
		synctest.Wait()
		if s := w.Stats(); s.Done != 2 || s.InFlight != 0 {
			d.Errorf("%+v, expected 2 done", s)
		}
		if list := dog.Stalls(); len(list) != 1 || list[0].Times != 2 || list[0].Standing {
			d.Errorf("stalls %+v, expected 2", list)
		}
		d.publish(message1("3"))
		time.Sleep(time.Hour)
		if s := w.Stats(); s.Done != 3 {
			d.Errorf("%+v, expected 3 done", s)
		}
		if list := dog.Stalls(); list[0].Times != 2 {
			d.Errorf("stalls %+v: it was restarted without need", list)
		}
	})
}

// TestWorkerLeftAlone: slow work within its time, a pause, and messages that wait for their time are no reason for a restart.
func TestWorkerLeftAlone(t *testing.T) {
	slow := func(ctx context.Context, m messaging.Message) error {
		if m.Attempt == 1 && m.ID == "later" {
			return &messaging.Retry{After: time.Hour, Counts: true}
		}
		time.Sleep(4 * time.Minute)
		return ctx.Err()
	}
	working(t, 0, slow, func(d *desk, w *messaging.Worker, dog *messaging.Watchdog) {
		d.publish(message1("later"), message1("1"), message1("2"), message1("3"))
		time.Sleep(10 * time.Minute)
		w.Pause(time.Now().Add(30 * time.Minute))
		d.publish(message1("4"))
		time.Sleep(2 * time.Hour)
		synctest.Wait()
		if s := w.Stats(); s.Done != 5 {
			d.Errorf("%+v, expected 5 done", s)
		}
		if list := dog.Stalls(); len(list) != 0 {
			d.Errorf("stalls %+v, expected none", list)
		}
	})
}

// TestWorkerHungHandler: a handler that stays beyond its time is given up, and what it had comes again.
func TestWorkerHungHandler(t *testing.T) {
	var release chan struct{} // of the bubble
	var hung atomic.Bool
	hang := func(ctx context.Context, m messaging.Message) error {
		if hung.CompareAndSwap(false, true) {
			<-release // whatever its context says
		}
		return ctx.Err()
	}
	working(t, 0, hang, func(d *desk, w *messaging.Worker, dog *messaging.Watchdog) {
		release = make(chan struct{})
		d.publish(message1("1"))
		time.Sleep(8 * time.Minute)
		synctest.Wait()
		if list := dog.Stalls(); len(list) != 1 || list[0].Times != 1 {
			d.Errorf("stalls %+v, expected one", list)
		}
		if s := w.Stats(); s.Done != 1 {
			d.Errorf("%+v, expected 1 done", s)
		}
		close(release)
	})
}
