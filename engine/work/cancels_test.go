package work

import (
	"errors"
	"testing"
	"testing/synctest"

	"fondaco/store"
)

// TestCancels: of a cancellation and the begin of work on the same request one comes first, and the other sees it.
func TestCancels(t *testing.T) { synctest.Test(t, testCancels) }

func testCancels(t *testing.T) {
	var c cancels
	end := c.begin("a")
	if err := c.cancel("a", func() error { t.Error("cancelled while worked on"); return nil }); !errors.Is(err, store.ErrBegun) {
		t.Errorf("found %v", err)
	}
	end()
	began := make(chan struct{})
	if err := c.cancel("a", func() error {
		go func() { c.begin("a")(); close(began) }()
		synctest.Wait()
		select {
		case <-began:
			t.Error("work begins while the request is being cancelled")
		default:
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
