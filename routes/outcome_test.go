package routes

import (
	"errors"
	"slices"
	"strings"
	"testing"

	"fondaco/connectors"
	"fondaco/routes/trigger"
	"fondaco/schema"
)

// TestOutcomeIsTold: a caller is told that a request may have taken effect where it may, in a member and in the language, and nowhere else.
func TestOutcomeIsTold(t *testing.T) {
	for _, c := range []struct {
		fault connectors.Fault
		told  bool
	}{
		{connectors.Fault{Kind: connectors.Unknown, Sent: true}, true},
		{connectors.Fault{Kind: connectors.Invalid, Sent: true}, true},
		{connectors.Fault{Kind: connectors.Timeout, Sent: true}, true},     // of a call with a key
		{connectors.Fault{Kind: connectors.Unavailable, Sent: true}, true}, // the connection broke
		{connectors.Fault{Kind: connectors.Unavailable, Sent: true, Status: 503}, false},
		{connectors.Fault{Kind: connectors.Unavailable}, false}, // connection refused
		{connectors.Fault{Kind: connectors.Timeout}, false},
		{connectors.Fault{Kind: connectors.Invalid}, false}, // the input
		{connectors.Fault{Kind: connectors.Unavailable, Withheld: true}, false},
		{connectors.Fault{Kind: connectors.Refused, Sent: true, Status: 422}, false},
		{connectors.Fault{Kind: connectors.Conflict, Sent: true, Status: 409}, false},
		{connectors.Fault{Kind: connectors.NotFound, Sent: true, Status: 404}, false},
	} {
		p := problemOf(doubtful(&c.fault, true))
		_, body := trigger.Language("it").Answer(p)
		for _, want := range []string{`"outcome":"unknown"`, "prima di ripeterla"} {
			if strings.Contains(string(body), want) != c.told {
				t.Errorf("%+v: answered %s", c.fault, body)
			}
		}
		if kept := trigger.Language("it").Stored(p.AppendJSON(nil)); string(kept) != string(body) {
			t.Errorf("%+v: kept as %s, answered %s", c.fault, kept, body)
		}
		if err := doubtful(&c.fault, false); err != error(&c.fault) {
			t.Errorf("%+v of a call that may be repeated: %#v", c.fault, err)
		}
		if connectors.AsFault(doubtful(&c.fault, true)) != &c.fault || !errors.Is(doubtful(&c.fault, true), error(&c.fault)) {
			t.Errorf("%+v: the fault is not found any more", c.fault)
		}
	}
}

// TestOutcomeIsDescribed: the document describes the member where an answer may have it, and keeps what steps fail add.
func TestOutcomeIsDescribed(t *testing.T) {
	route := func(e connectors.Effect, keyed bool) *TypedRoute {
		return &TypedRoute{
			Model: &RouteModel{}, Calls: []*CallInfo{{Effect: connectors.Read}, {Effect: e, keyed: keyed}},
			escapes: map[escape]bool{
				{fault: connectors.Invalid, status: 502}: true, {fault: connectors.Unavailable, status: 503}: true,
				{fault: connectors.Refused, status: 422}: true, {status: 404}: true, {fault: connectors.Timeout, status: 504}: true,
			},
		}
	}
	for _, c := range []struct {
		route *TypedRoute
		told  []int
	}{
		{route(connectors.Once, false), []int{0, 502}},
		{route(connectors.Once, true), []int{0, 502, 503, 504}},
		{route(connectors.Idempotent, false), nil},
	} {
		c.route.extended = []extended{{502, schema.RecordType(schema.Field{Name: "codice", Type: schema.TypeText, Required: true}), nil}}
		for _, status := range []int{0, 404, 422, 502, 503, 504} {
			var names []string
			if members := c.route.members(status, "en"); members != nil {
				for _, f := range members.Fields {
					names = append(names, f.Name)
				}
			}
			if told := slices.Contains(names, "outcome"); told != slices.Contains(c.told, status) {
				t.Errorf("%d: the members are %v", status, names)
			}
			if own := slices.Contains(names, "codice"); own != (status == 0 || status == 502) {
				t.Errorf("%d: the members are %v", status, names)
			}
		}
	}
}
