package main

import (
	"bufio"
	"fmt"
	"io"
	"regexp"
	"strconv"
	"strings"
)

// target is one fuzz target and what came of it.
type target struct {
	pkg, name string
	kept      int // inputs that earlier runs found, and Go's cache keeps
	execs     int
	found     int // inputs of this run that reached new code
	ended     string
}

var (
	began    = regexp.MustCompile(`^fuzz: target (\S+) (\S+) kept (\d+)$`)
	progress = regexp.MustCompile(`^fuzz: elapsed: \S+, execs: (\d+) .*new interesting: (\d+) `)
	ended    = regexp.MustCompile(`^fuzz: ended (\d+)$`)
)

// read reads the output of targets: a line "fuzz: target PACKAGE NAME kept N" before each, "fuzz: ended STATUS" after it.
func read(r io.Reader) (targets []*target, err error) {
	lines := bufio.NewScanner(r)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		line := lines.Text()
		if m := began.FindStringSubmatch(line); m != nil {
			kept, _ := strconv.Atoi(m[3])
			targets = append(targets, &target{pkg: m[1], name: m[2], kept: kept})
			continue
		}
		if len(targets) == 0 {
			continue
		}
		t := targets[len(targets)-1]
		if m := progress.FindStringSubmatch(line); m != nil {
			t.execs, _ = strconv.Atoi(m[1])
			t.found, _ = strconv.Atoi(m[2])
		}
		if m := ended.FindStringSubmatch(line); m != nil {
			t.ended = m[1]
		}
	}
	return targets, lines.Err()
}

// verdict returns "" for a target that is a test and holds, and otherwise why not.
func (t *target) verdict() string {
	switch {
	case t.ended != "0":
		return "FAILED"
	case t.execs == 0:
		return "RAN NOTHING"
	case t.found+t.kept == 0:
		return "EXPLORED NOTHING"
	}
	return ""
}

// summary prints a line for each target, and returns how many are no test or failed.
func summary(w io.Writer, targets []*target) (bad int) {
	_, _ = fmt.Fprintln(w, "\nfuzz: what was explored (inputs that reached new code, in this run and before)")
	for _, t := range targets {
		line := fmt.Sprintf("  %-28s %-18s %9d runs %5d new %5d before  %s", t.pkg, t.name, t.execs, t.found, t.kept, t.verdict())
		_, _ = fmt.Fprintln(w, strings.TrimRight(line, " "))
		if t.verdict() != "" {
			bad++
		}
	}
	return bad
}
