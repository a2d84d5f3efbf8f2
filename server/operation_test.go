package server

import (
	"testing"
	"time"

	"fondaco/store"
)

func TestPollAfter(t *testing.T) {
	created := time.Date(2026, 1, 15, 9, 0, 0, 0, time.UTC)
	for age, want := range map[time.Duration]string{
		-time.Hour: "1", 0: "1", 9 * time.Second: "1", 25 * time.Second: "2", 5 * time.Minute: "30", 24 * time.Hour: "60",
	} {
		if got := pollAfter(store.Operation{Created: created}, created.Add(age)); got != want {
			t.Errorf("after %s: found %s, expected %s", age, got, want)
		}
	}
}

// TestCancels: of a cancellation and the begin of work on the same request one comes first, and the other sees it.
func TestCancels(t *testing.T) {
	var c cancels
	end := c.begin("a")
	if err := c.cancel("a", func() error { t.Error("cancelled while worked on"); return nil }); err != store.ErrBegun {
		t.Errorf("found %v", err)
	}
	end()
	began := make(chan struct{})
	if err := c.cancel("a", func() error {
		go func() { c.begin("a")(); close(began) }()
		select {
		case <-began:
			t.Error("work begins while the request is being cancelled")
		case <-time.After(20 * time.Millisecond):
		}
		return nil
	}); err != nil {
		t.Error(err)
	}
	<-began
	if !c.any.Load() || len(c.working) > 0 || len(c.cancelling) > 0 {
		t.Errorf("left behind: %v %v", c.working, c.cancelling)
	}
}
