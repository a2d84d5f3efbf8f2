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
