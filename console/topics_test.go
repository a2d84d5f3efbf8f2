package console

import "testing"

// TestStanding: an operator reads what a route's messages wait for, and how many more are in flight behind those.
func TestStanding(t *testing.T) {
	for _, c := range []struct {
		row  Topic
		want string
	}{
		{Topic{State: "working", InFlight: 3}, "working"},
		{
			Topic{State: "working", InFlight: 37, WaitsFor: map[string]int{"iris.create": 1}},
			"working, 1 waits for iris.create (36 more behind or at work)",
		},
		{Topic{State: "working", InFlight: 5, WaitsFor: map[string]int{"iris": 2, "crm": 3}}, "working, 3 wait for crm, 2 wait for iris"},
		{
			Topic{State: "working", InFlight: 7, WaitsFor: map[string]int{"crm": 3}, Retries: []Retry{{On: "iris.create", Messages: 2}}},
			"working, 3 wait for crm, 2 tried again for iris.create (2 more behind or at work)",
		},
		{Topic{State: "paused", InFlight: 1, WaitsFor: map[string]int{"crm": 2}}, "paused, 2 wait for crm"}, // counted at two moments
		{Topic{}, ""},
	} {
		if got := c.row.Standing(); got != c.want {
			t.Errorf("found %q, expected %q", got, c.want)
		}
	}
}
