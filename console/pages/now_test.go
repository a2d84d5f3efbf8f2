package pages

import (
	"slices"
	"testing"

	"fondaco/console"
)

// TestWaitsFor: what messages wait for is named once, whether they are put aside or tried again, and a system without its operations.
func TestWaitsFor(t *testing.T) {
	for _, c := range []struct {
		aside map[string]int
		again []string
		want  []string
	}{
		{nil, []string{"crm.create"}, []string{"crm.create"}},
		{map[string]int{"crm.create": 3}, []string{"crm.create"}, []string{"crm.create"}},
		{map[string]int{"crm": 3}, []string{"crm.create", "crm2.create", "iris"}, []string{"crm", "crm2.create", "iris"}},
		{map[string]int{"crm.create": 1, "crm.find": 2}, []string{"crm"}, []string{"crm"}},
	} {
		row := console.Topic{WaitsFor: c.aside}
		for _, on := range c.again {
			row.Retries = append(row.Retries, console.Retry{On: on, Messages: 1})
		}
		if got := waitsFor(row); !slices.Equal(got, c.want) {
			t.Errorf("%v and %v: %q, expected %q", c.aside, c.again, got, c.want)
		}
	}
}

// TestSystemAddress: what waits for an operation leads to its system.
func TestSystemAddress(t *testing.T) {
	for _, on := range []string{"crm", "crm.create"} {
		if to := (&visit{}).SystemAddress(on); to != "/console/systems?q=crm" {
			t.Errorf("%s leads to %s", on, to)
		}
	}
}
