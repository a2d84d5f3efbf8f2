package main

import (
	"bufio"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// event is a line of "go test -json" (go doc cmd/test2json).
type event struct {
	Action, Package, ImportPath, Test, Output string
	Elapsed                                   float64 // seconds
}

type skip struct{ test, reason string }

// took is how long a test ran, with its subtests.
type took struct {
	test    string
	seconds float64
}

// report collects the events of one run.
type report struct {
	out            io.Writer
	failures       io.Writer           // gets the end of what failed tests printed, once more; nil for nowhere
	output         map[string][]string // of a test that has not ended, by package and test
	passed, failed int                 // tests, with their subtests
	packages       int
	skips          []skip
	slow           []took // the top tests of a second and more
}

func newReport(out io.Writer) *report {
	return &report{out: out, output: map[string][]string{}}
}

// read takes events until the input ends. A line that is no event is printed as it is.
func (r *report) read(in *bufio.Reader) error {
	for {
		line, err := in.ReadString('\n')
		if line != "" {
			var e event
			if json.Unmarshal([]byte(line), &e) != nil || e.Action == "" {
				fmt.Fprint(r.out, line)
			} else {
				r.take(e)
			}
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return err
		}
	}
}

func (r *report) take(e event) {
	key := e.Package + " " + e.Test
	if e.Elapsed >= 1 && e.Test != "" && !strings.Contains(e.Test, "/") {
		r.slow = append(r.slow, took{key, e.Elapsed})
	}
	switch e.Action {
	case "build-output":
		fmt.Fprint(r.out, e.Output)
	case "build-fail":
		r.failed++
	case "output":
		r.output[key] = append(r.output[key], e.Output)
	case "pass":
		if e.Test != "" {
			r.passed++
			delete(r.output, key)
		} else {
			r.packageEnded(e, "ok  ")
		}
	case "skip":
		if e.Test != "" {
			r.skips = append(r.skips, skip{e.Package + " " + e.Test, reason(r.output[key])})
			delete(r.output, key)
		} else {
			delete(r.output, key) // it has no tests
		}
	case "fail":
		if e.Test != "" {
			r.failed++
			r.printOutput(key)
			return
		}
		r.printUnended(e.Package)
		r.printOutput(key)
		r.packageEnded(e, "FAIL")
		r.failed = max(r.failed, 1) // a package fails without a failed test when its process ends
	}
}

func (r *report) printOutput(key string) {
	lines := r.output[key]
	fmt.Fprint(r.out, strings.Join(lines, ""))
	delete(r.output, key)
	if r.failures != nil && len(lines) > 0 {
		fmt.Fprintf(r.failures, "--- %s\n", key)
		for _, line := range lines[max(0, len(lines)-mostRepeated):] {
			if len(line) > widestRepeated {
				line = line[:widestRepeated] + " […]\n"
			}
			fmt.Fprint(r.failures, line)
		}
	}
}

// Of a failed test this much is repeated: lines, and octets of a line.
const (
	mostRepeated   = 40
	widestRepeated = 400
)

// printUnended prints the output of the tests of a package that have not ended, among them the stacks of one that ran too long.
func (r *report) printUnended(of string) {
	for _, key := range slices.Sorted(maps.Keys(r.output)) {
		if test, is := strings.CutPrefix(key, of+" "); is && test != "" {
			r.printOutput(key)
		}
	}
}

func (r *report) packageEnded(e event, result string) {
	cached := ""
	for _, line := range r.output[e.Package+" "] {
		if strings.Contains(line, "(cached)") {
			cached = "\t(cached)"
		}
	}
	delete(r.output, e.Package+" ")
	r.packages++
	fmt.Fprintf(r.out, "%s\t%s\t%.1fs%s\n", result, e.Package, e.Elapsed, cached)
}

// summary ends the run: what was skipped and why, what took longest, and the counts.
func (r *report) summary() {
	slices.SortStableFunc(r.slow, func(a, b took) int { return cmp.Compare(b.seconds, a.seconds) })
	if n := min(len(r.slow), 12); n > 0 {
		fmt.Fprintln(r.out, "slowest tests:")
		for _, t := range r.slow[:n] {
			fmt.Fprintf(r.out, "  %.0fs\t%s\n", t.seconds, t.test)
		}
	}
	if len(r.skips) > 0 {
		fmt.Fprintln(r.out, "skipped (\"make test-all\" fetches what these need):")
		for _, s := range r.skips {
			fmt.Fprintf(r.out, "  %s: %s\n", s.test, s.reason)
		}
	}
	fmt.Fprintf(r.out, "%d passed, %d failed, %d skipped\n", r.passed, r.failed, len(r.skips))
}

// skippedBut counts the tests that were skipped and that a pattern does not match.
func (r *report) skippedBut(admitted *regexp.Regexp) (n int) {
	for _, s := range r.skips {
		if !admitted.MatchString(s.test) {
			n++
		}
	}
	return n
}

// reason is what the test said when it skipped itself: the last line of its output that is not go test's own.
func reason(output []string) string {
	said := "no reason given"
	for _, line := range output {
		line = strings.TrimSpace(line)
		if line == "" || strings.HasPrefix(line, "=== ") || strings.HasPrefix(line, "--- ") {
			continue
		}
		if _, text, ok := strings.Cut(line, ".go:"); ok { // file_test.go:52: why
			_, text, _ = strings.Cut(text, ": ")
			line = text
		}
		said = line
	}
	return said
}
