package embedded

import (
	"path/filepath"
	"testing"
	"time"

	"fondaco/messaging"
)

// TestAcceptedAt: when a message was accepted is said by the clock that the broker was handed.
func TestAcceptedAt(t *testing.T) {
	at := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	b, err := Open(t.Context(), filepath.Join(t.TempDir(), "topics.db"), Options{Project: "p", Clock: func() time.Time { return at }})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.Close() }()
	s, err := b.Subscriber("g", messaging.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Subscribe(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	x := &erasing{T: t, b: b}
	x.publish("M", "k", "one")
	var found []time.Time
	damaged, err := b.Bearing(t.Context(), "M", func(m messaging.Borne) error {
		found = append(found, m.At)
		return nil
	})
	if err != nil || damaged != 0 || len(found) != 1 || !found[0].Equal(at) {
		t.Errorf("found %v, %d damaged, %v; expected %v", found, damaged, err, at)
	}
}
