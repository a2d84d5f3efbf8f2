package routestest

import (
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/routes/trigger"
)

// TestCompareBodies: numbers are equal by their value, and a body that is not JSON is expected as text, in base64, or as anything.
func TestCompareBodies(t *testing.T) {
	for _, x := range []struct{ want, body, differs string }{
		{"{ lat: 10.5 }", `{"lat":10.500000}`, ""},
		{"{ n: 2 }", `{"n":2.0}`, ""},
		{"{ n: 2 }", `{"n":"2"}`, `n is "2", expected 2; the body is {"n":"2"}`},
		{"{ lat: 10.5 }", `{"lat":10.51}`, `lat is 10.51, expected 10.5; the body is {"lat":10.51}`},
		{`"..."`, "%PDF\xff", ""},
		{`"..."`, "", " is not there; the body is "},
		{"JVBERv8=", "%PDF\xff", ""},
		{"nota", "nota", ""},
		{`"17"`, "17", ""},
		{"altro", "nota", "the body is not JSON: nota"},
		{"altro", "%PDF\xff", "the body is not JSON but 5 octets, in base64 JVBERv8="},
		{"nota", `"nota"`, ""},
	} {
		var out diag.List
		a := &Answer{Status: 200, Body: config.Parse("t.yaml", []byte("body: "+x.want), &out).Get("body")}
		if got := a.compare(200, nil, []byte(x.body), nil); got != x.differs {
			t.Errorf("%s against %q: %q, expected %q", x.want, x.body, got, x.differs)
		}
	}
}

// TestCompareCause: a problem within a problem is told once.
func TestCompareCause(t *testing.T) {
	inner := &trigger.Problem{Status: 422, Detail: "Manca il nome."}
	got := (&Answer{Status: 200}).compare(422, nil, []byte(`{}`), &trigger.Problem{Status: 422, Detail: "Manca il nome.", Err: inner})
	if n := strings.Count(got, "Manca il nome."); n != 1 {
		t.Errorf("told %d times: %s", n, got)
	}
}
