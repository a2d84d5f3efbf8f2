package connectors_test

import (
	"errors"
	"testing"

	"fondaco/connectors"
)

// TestAway: what was not reached, or reset the connection, is the whole system; what answered that it is down, or nothing in
// time, the operation alone; what may be the call's own fault, and what was not called, is neither.
func TestAway(t *testing.T) {
	for _, x := range []struct {
		kind           connectors.FaultKind
		status         int
		sent, withheld bool
		want           string
	}{
		{connectors.Unavailable, 0, false, false, "crm"},
		{connectors.Unavailable, 0, true, false, "crm"},
		{connectors.Timeout, 0, false, false, "crm"},
		{connectors.Timeout, 0, true, false, "crm.create"},
		{connectors.Unavailable, 502, true, false, "crm.create"},
		{connectors.Unavailable, 503, true, false, "crm.create"},
		{connectors.Unavailable, 504, true, false, "crm.create"},
		{connectors.Unavailable, 429, true, false, ""},
		{connectors.Unavailable, 500, true, false, ""},
		{connectors.Unavailable, 401, true, false, ""},
		{connectors.Unavailable, 0, false, true, ""},
		{connectors.Refused, 422, true, false, ""},
		{connectors.Invalid, 200, true, false, ""},
		{connectors.Unknown, 503, true, false, ""},
	} {
		f := &connectors.Fault{
			System: "crm", Operation: "create", Kind: x.kind, Status: x.status, Sent: x.sent, Withheld: x.withheld,
			Err: errors.New("so it is"),
		}
		if got := f.Away(); got != x.want {
			t.Errorf("%+v: %q, expected %q", x, got, x.want)
		}
	}
}
