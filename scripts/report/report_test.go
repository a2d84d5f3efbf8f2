package main

import (
	"bufio"
	"regexp"
	"strings"
	"testing"
)

const run = `{"Action":"start","Package":"fondaco/a"}
{"Action":"output","Package":"fondaco/a","Test":"TestGood","Output":"noise\n"}
{"Action":"pass","Package":"fondaco/a","Test":"TestGood","Elapsed":2.4}
{"Action":"output","Package":"fondaco/a","Test":"TestBad","Output":"    a_test.go:3: it broke\n"}
{"Action":"fail","Package":"fondaco/a","Test":"TestBad","Elapsed":0.1}
{"Action":"output","Package":"fondaco/a","Test":"TestWide","Output":"=== RUN   TestWide\n"}
{"Action":"output","Package":"fondaco/a","Test":"TestWide","Output":"    a_test.go:9: redis-server is absent\n"}
{"Action":"output","Package":"fondaco/a","Test":"TestWide","Output":"--- SKIP: TestWide (0.00s)\n"}
{"Action":"skip","Package":"fondaco/a","Test":"TestWide","Elapsed":0}
{"Action":"fail","Package":"fondaco/a","Elapsed":1.5}
`

// TestSkippedBut: tests of others' suites for what is not promised may be skipped, and no other.
func TestSkippedBut(t *testing.T) {
	r := newReport(&strings.Builder{})
	if err := r.read(bufio.NewReader(strings.NewReader(run))); err != nil {
		t.Fatal(err)
	}
	for pattern, want := range map[string]int{"^$": 1, "^fondaco/a TestWide$": 0, "^fondaco/b ": 1} {
		if n := r.skippedBut(regexp.MustCompile(pattern)); n != want {
			t.Errorf("%s: %d, expected %d", pattern, n, want)
		}
	}
}

// TestFailuresAreRepeated: what failed tests printed, and nothing else, is written once more, shortened.
func TestFailuresAreRepeated(t *testing.T) {
	var again strings.Builder
	r := newReport(&strings.Builder{})
	r.failures = &again
	long := strings.Repeat(`{"Action":"output","Package":"fondaco/a","Test":"TestLong","Output":"one\n"}`+"\n", 50) +
		`{"Action":"output","Package":"fondaco/a","Test":"TestLong","Output":"` + strings.Repeat("x", 500) + `\n"}
{"Action":"fail","Package":"fondaco/a","Test":"TestLong","Elapsed":0.1}
`
	if err := r.read(bufio.NewReader(strings.NewReader(run + long))); err != nil {
		t.Fatal(err)
	}
	want := "--- fondaco/a TestBad\n    a_test.go:3: it broke\n--- fondaco/a TestLong\n" + strings.Repeat("one\n", 39) +
		strings.Repeat("x", 400) + " […]\n"
	if again.String() != want {
		t.Errorf("got\n%s\nexpected\n%s", again.String(), want)
	}
}

func TestReport(t *testing.T) {
	for _, c := range []struct{ name, in, want string }{
		{"a run", run, `    a_test.go:3: it broke
FAIL	fondaco/a	1.5s
slowest tests:
  2s	fondaco/a TestGood
skipped ("make test-all" fetches what these need):
  fondaco/a TestWide: redis-server is absent
1 passed, 1 failed, 1 skipped
`},
		{"no build", `{"ImportPath":"fondaco/a","Action":"build-output","Output":"a.go:1: no\n"}
{"ImportPath":"fondaco/a","Action":"build-fail"}
{"Action":"fail","Package":"fondaco/a","Elapsed":0}
`, "a.go:1: no\nFAIL\tfondaco/a\t0.0s\n0 passed, 1 failed, 0 skipped\n"},
		{"a process that ended", `{"Action":"output","Package":"fondaco/a","Output":"panic: x\n"}
{"Action":"fail","Package":"fondaco/a","Elapsed":2}
`, "panic: x\nFAIL\tfondaco/a\t2.0s\n0 passed, 1 failed, 0 skipped\n"},
		{"a test that ran too long", `{"Action":"output","Package":"fondaco/a","Test":"TestLong","Output":"panic: test timed out\n"}
{"Action":"output","Package":"fondaco/ab","Test":"TestOther","Output":"goes on\n"}
{"Action":"fail","Package":"fondaco/a","Elapsed":2}
`, "panic: test timed out\nFAIL\tfondaco/a\t2.0s\n0 passed, 1 failed, 0 skipped\n"},
		{"a line of another program", "go: no such tool\n", "go: no such tool\n0 passed, 0 failed, 0 skipped\n"},
	} {
		var out strings.Builder
		r := newReport(&out)
		if err := r.read(bufio.NewReader(strings.NewReader(c.in))); err != nil {
			t.Fatal(err)
		}
		if r.summary(); out.String() != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, out.String(), c.want)
		}
	}
}
