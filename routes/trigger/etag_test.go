package trigger

import "testing"

// TestTags: lists, weak tags, "*", and what is no tag (RFC 9110 §8.8.3.2, §13.1.2).
func TestTags(t *testing.T) {
	for _, c := range []struct {
		lines []string
		tag   string
		weak  bool
	}{
		{[]string{`"a"`}, `"a"`, true},
		{[]string{`W/"a"`}, `"a"`, true},
		{[]string{`"a"`}, `W/"a"`, true},
		{[]string{`W/"a"`}, `W/"a"`, true},
		{[]string{`"b", W/"c" ,"a"`}, `"a"`, true},
		{[]string{`"b"`, `"a"`}, `"a"`, true},
		{[]string{`"x,"a","b"`}, `"b"`, false}, // after "x," comes what is no tag
		{[]string{`"x,y","b"`}, `"b"`, true},
		{[]string{`"x,b"`}, `"b"`, false},
		{[]string{` * `}, `"a"`, true},
		{[]string{`*`}, "", false},
		{[]string{`*, "b"`}, `"a"`, false},
		{[]string{`a`}, `"a"`, false},
		{[]string{`w/"a"`}, `"a"`, false},
		{[]string{`"A"`}, `"a"`, false},
		{[]string{`"a`}, `"a"`, false},
		{[]string{``}, `"a"`, false},
		{nil, `"a"`, false},
		{[]string{`""`}, `""`, true},
	} {
		if got := NoneMatch(c.lines, c.tag); got != c.weak {
			t.Errorf("If-None-Match: %q with %s: %v, expected %v", c.lines, c.tag, got, c.weak)
		}
	}
}
