package postgres

import (
	"strings"
	"testing"
	"time"

	"fondaco/store"
)

// TestUnopened: what wants the state for itself waits for the connections of a process that has just ended, and refuses while one goes on.
func TestUnopened(t *testing.T) {
	p := newPlace(t, nil)
	o := Options{Project: "venezia"}
	other := p.open(o)
	mark := func() error {
		_, err := MarkRestored(t.Context(), p.address, o, store.Restored{At: time.Unix(1_800_000_000, 0).UTC()})
		return err
	}
	if err := mark(); err == nil || !strings.Contains(err.Error(), "have it open") || !strings.Contains(err.Error(), "nothing was changed") {
		t.Errorf("while a process has it open: %v", err)
	}
	closed := time.AfterFunc(300*time.Millisecond, func() { _ = other.Close() })
	defer closed.Stop()
	if err := mark(); err != nil {
		t.Errorf("as a process ends: %v", err)
	}
}
