package schema

import "testing"

// TestViolationsTold: what is wrong in three items of a list or more is told once, with how many there are.
func TestViolationsTold(t *testing.T) {
	at := func(path string) *Violation {
		return &Violation{Path: path, Code: "type", Expected: "a date", Found: "text"}
	}
	for _, x := range []struct {
		in   Violations
		want string
	}{
		{Violations{at("/0/dal"), at("/1/dal")}, "/0/dal: expected a date, found text; /1/dal: expected a date, found text"},
		{
			Violations{at("/p/0/dal"), at("/p/0/al"), at("/p/1/dal"), at("/p/12/dal")},
			"/p/*/dal: expected a date, found text (3 times); /p/0/al: expected a date, found text",
		},
		{Violations{at(""), at("/a")}, "expected a date, found text; /a: expected a date, found text"},
	} {
		if got := x.in.Error(); got != x.want {
			t.Errorf("found %s, expected %s", got, x.want)
		}
	}
}
