package routes_test

import (
	"strings"
	"testing"
)

func TestMatchJSON(t *testing.T) {
	for _, c := range []struct{ want, got, differences string }{
		{`{"a": 1.50, "b": [1, 2]}`, `{"b":[1,2],"a":1.5}`, ""},
		{`{"a": 1}`, `{"a": "1"}`, `body /a: found "1", expected 1`},
		{`{"a": 1}`, `{}`, "body /a: not there, expected 1"},
		{`{}`, `{"a": null}`, "body /a: found null, expected nothing"},
		{`{"a": 1, ...}`, `{"a": 1, "b": 2}`, ""},
		{`{...}`, `[]`, `body: found [], expected {"...":0}`},
		{`[1, ...]`, `[1, 2, 3]`, ""},
		{`[1, ...]`, `[]`, `body: found 0 items, expected 2: []`},
		{`[1]`, `[1, 2]`, `body: found 2 items, expected 1: [1,2]`},
		{`{"a": ...}`, `{"a": {"b": [true]}}`, ""},
		{`"..."`, `7`, ""},
		{`{"a": "..., \"..."}`, `{"a": "..., \"..."}`, ""},
		{`{"a": 1}`, `{"a": 1} x`, `body: not JSON`},
		{`12345678901234567890.1`, `12345678901234567890.2`, "body: found 12345678901234567890.2, expected 12345678901234567890.1"},
	} {
		got := strings.Join(MatchJSON(c.want, c.got), "; ")
		if c.differences == "body: not JSON" && strings.Contains(got, "not JSON") {
			continue
		}
		if got != c.differences {
			t.Errorf("%s and %s:\nfound    %s\nexpected %s", c.want, c.got, got, c.differences)
		}
	}
}

func TestArchive(t *testing.T) {
	a := ParseArchive("comment\n-- a.yaml --\none\ntwo\n-- request --\nGET /\n")
	if a.Comment != "comment\n" || len(a.Files) != 2 || a.Files[0].Text != "one\ntwo\n" || a.Files[1].Line != 6 {
		t.Errorf("%+v", a)
	}
	if fs := a.FS(Archive{}); len(fs) != 1 || string(fs["a.yaml"].Data) != "one\ntwo\n" {
		t.Errorf("%v", fs)
	}
}
