package main

import (
	"slices"
	"testing"
	"time"
)

// TestIdle: work that waits and that a run leaves alone is named, leg by leg.
func TestIdle(t *testing.T) {
	odd := leg{name: "odd", of: func(r *request) bool { return r.Number%2 == 1 }}
	table := append(slices.Clone(twoLegs), odd)
	sent := map[string]*request{
		"a1": {ID: "a1", Key: "a", Number: 1, Told: true},
		"a2": {ID: "a2", Key: "a", Number: 2, Told: true},
		"a3": {ID: "a3", Key: "a", Number: 3}, // nobody was told of it
	}
	all := []effect{
		{Leg: "order", ID: "a1", Run: "n-1"},
		{Leg: "follow", ID: "a1", Run: "n-1"},
		{Leg: "odd", ID: "a1", Run: "n-1"},
		{Leg: "order", ID: "a2", Run: "n-2"},
	}
	for name, c := range map[string]struct {
		effects []effect
		run     string
		want    []string
	}{
		"nothing was done":                        {nil, "n-1", []string{"follow", "odd", "order"}},
		"what the run before did does not count":  {all, "n-2", []string{"follow"}},
		"an order without the leg is no work":     {all[:3], "n-2", []string{"follow", "order"}},
		"a run that did a part of each goes on":   {all[:3], "n-1", nil},
		"where nothing waits nothing is expected": {append(all[:4:4], effect{Leg: "follow", ID: "a2", Run: "n-2"}), "n-3", nil},
	} {
		t.Run(name, func(t *testing.T) {
			if got := idle(table, sent, c.effects, c.run, time.UnixMilli(50)); !slices.Equal(got, c.want) {
				t.Errorf("silent about %q, expected %q", got, c.want)
			}
		})
	}
}
