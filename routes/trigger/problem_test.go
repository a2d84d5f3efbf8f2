package trigger

import (
	"encoding/json"
	"errors"
	"testing"
)

func TestProblemJSON(t *testing.T) {
	p := &Problem{
		Status: 422, Title: "Invalid request", Detail: "a \"quoted\"\nline\u2028", Instance: "/multe/1", Err: errors.New("secret cause"),
		Errors: []Invalid{{Pointer: "#/a", Detail: "expected a date"}, {Parameter: "b", Detail: "is required"}},
	}
	got := string(p.AppendJSON(nil))
	want := `{"type":"about:blank","title":"Invalid request","status":422,"detail":"a \"quoted\"\u000aline\u2028","instance":"/multe/1",` +
		`"errors":[{"pointer":"#/a","detail":"expected a date"},{"parameter":"b","detail":"is required"}]}`
	if got != want {
		t.Errorf("found    %s\nexpected %s", got, want)
	}
	if !json.Valid([]byte(got)) {
		t.Error("not JSON")
	}
	if got := string(NewProblem(404, "").AppendJSON(nil)); got != `{"type":"about:blank","title":"Not Found","status":404}` {
		t.Error(got)
	}
	if p.Error() != "422 Invalid request: a \"quoted\"\nline\u2028; #/a: expected a date; b: is required: secret cause" {
		t.Error(p.Error())
	}
}

func TestResponseReuse(t *testing.T) {
	r := NewResponse()
	r.Status, r.Body, r.Header = 200, append(r.Body, "x"...), append(r.Header, Header{"A", "b"})
	r.Release()
	if r.Status != 0 || len(r.Body) != 0 || len(r.Header) != 0 {
		t.Error("a released answer holds on to what it said")
	}
	large := &Response{Body: make([]byte, 0, largeBody+1)}
	large.Release()
	(*Response)(nil).Release()
}
