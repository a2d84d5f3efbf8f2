package queue_test

import (
	"bytes"
	"log/slog"
	"strings"
	"syscall"
	"testing"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/queue/queuetest"
)

// TestMosquittoSessions: that a broker has lost what it was to keep for a watch is told in the log, whether the watch was open meanwhile or
// not, and nothing is told of one that has kept it, nor of a first subscription.
func TestMosquittoSessions(t *testing.T) {
	versions(t, func(t *testing.T, b *queuetest.Broker, connector string) {
		s := queuetest.System(t, b.Address, connector)
		var log bytes.Buffer
		place := ""
		open := func() connectors.Watching {
			w, err := s.Watch(t.Context(), s.Connector.Watch("livelli"), connectors.Deps{
				Log: slog.New(slog.NewTextHandler(&log, nil)), Now: time.Now,
			})
			if err != nil {
				t.Fatal(err)
			}
			return w
		}
		poll := func(w connectors.Watching) {
			t.Helper()
			var err error
			for end := time.Now().Add(queuetest.Patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
				var f *connectors.Finds
				if f, err = w.Poll(t.Context(), place); err == nil {
					place = f.Place
					return
				}
			}
			t.Fatal(err)
		}
		told := func(after string, want int) {
			t.Helper()
			if n := strings.Count(log.String(), "the broker has kept no session of ours"); n != want {
				t.Errorf("after %s it is told %d times, expected %d\n%s", after, n, want, log.String())
			}
		}
		w := open()
		poll(w)
		told("the first subscription", 0)
		b.Stop(t, syscall.SIGTERM)
		b.Start(t)
		poll(w)
		told("a new start of the broker", 0)
		b.Forget(t)
		poll(w)
		told("the loss of its sessions", 1)
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		w = open()
		poll(w)
		told("a new start of ours", 1)
		if err := w.Close(); err != nil {
			t.Error(err)
		}
		b.Forget(t)
		w = open()
		poll(w)
		told("the loss of its sessions between two starts of ours", 2)
		if err := w.Close(); err != nil {
			t.Error(err)
		}
	})
}
