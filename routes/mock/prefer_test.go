package mock

import (
	"net/http"
	"strings"
	"testing"
	"time"
)

// TestWish: the header Prefer as RFC 7240 writes it, in one line or several; what the mock does not know is passed over.
func TestWish(t *testing.T) {
	for _, c := range []struct {
		lines []string
		want  wish
		words string
	}{
		{nil, wish{}, ""},
		{[]string{"code=503, example=name, delay=2s"}, wish{code: 503, example: "name", delay: 2 * time.Second}, "code=503|example=name|delay=2s"},
		{[]string{"code=503", "delay=0.5"}, wish{code: 503, delay: 500 * time.Millisecond}, "code=503|delay=0.5"},
		{[]string{`CODE = "404" ; foo=1, respond-async, wait=10`}, wish{code: 404}, `CODE = "404"`},
		{[]string{"code=404, code=500"}, wish{code: 404}, "code=404"},
		{[]string{`example="a, \"b\""`}, wish{example: `a, "b"`}, `example="a, \"b\""`},
		{[]string{"handling=strict"}, wish{}, ""},
	} {
		got, p := wishOf(http.Header{prefer: c.lines})
		words := strings.Join(got.words, "|")
		got.words = nil
		if p != nil || got.code != c.want.code || got.example != c.want.example || got.delay != c.want.delay || words != c.words {
			t.Errorf("%q: found %+v %q %v", c.lines, got, words, p)
		}
	}
	for line, said := range map[string]string{
		"code=x": "a status from 200 to 599", "code": "a status from", "code=99": "a status from", "example=": "the name of an example",
		"delay=soon": "a time up to 60s", "delay=61s": "a time up to 60s", "delay=-1s": "a time up to 60s",
	} {
		if _, p := wishOf(http.Header{prefer: {line}}); p == nil || p.Status != 400 || !strings.Contains(p.Detail, said) {
			t.Errorf("%q: found %v", line, p)
		}
	}
}
