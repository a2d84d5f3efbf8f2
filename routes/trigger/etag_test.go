package trigger

import "testing"

// TestTags: lists, weak and strong tags, "*", and what is no tag (RFC 9110 §8.8.3.2, §13.1).
func TestTags(t *testing.T) {
	for _, c := range []struct {
		lines        []string
		tag          string
		weak, strong bool
	}{
		{[]string{`"a"`}, `"a"`, true, true},
		{[]string{`W/"a"`}, `"a"`, true, false},
		{[]string{`"a"`}, `W/"a"`, true, false},
		{[]string{`W/"a"`}, `W/"a"`, true, false},
		{[]string{`"b", W/"c" ,"a"`}, `"a"`, true, true},
		{[]string{`"b"`, `"a"`}, `"a"`, true, true},
		{[]string{`"x,"a","b"`}, `"b"`, false, false}, // after "x," comes what is no tag
		{[]string{`"x,y","b"`}, `"b"`, true, true},
		{[]string{`"x,b"`}, `"b"`, false, false},
		{[]string{` * `}, `"a"`, true, true},
		{[]string{`*`}, "", false, false},
		{[]string{`*, "b"`}, `"a"`, false, false},
		{[]string{`a`}, `"a"`, false, false},
		{[]string{`w/"a"`}, `"a"`, false, false},
		{[]string{`"A"`}, `"a"`, false, false},
		{[]string{`"a`}, `"a"`, false, false},
		{[]string{``}, `"a"`, false, false},
		{[]string{`"a-gzip"`}, `"a"`, true, true},
		{[]string{`W/"a-gzip"`}, `"a"`, true, false},
		{nil, `"a"`, false, false},
		{[]string{`""`}, `""`, true, true},
	} {
		if got := NoneMatch(c.lines, c.tag); got != c.weak {
			t.Errorf("If-None-Match: %q with %s: %v, expected %v", c.lines, c.tag, got, c.weak)
		}
		if got := Match(c.lines, c.tag); got != c.strong {
			t.Errorf("If-Match: %q with %s: %v, expected %v", c.lines, c.tag, got, c.strong)
		}
	}
}
