package fondaco

import (
	"cmp"
	"flag"
	"fmt"
	"os"
	"slices"
	"strings"
	"testing"
)

var writeLog = flag.Bool("write-log", false, "write docs/reference/logs.md, as make generate does")

const logPage = "docs/reference/logs.md"

// searchedFor are the events that an operator looks for, with the message of their line.
var searchedFor = []struct{ event, message string }{
	{"the process serves", "started"},
	{"it was told to end", "stopping: what is under way ends, and nothing new is begun"},
	{"it has ended", "stopped"},
	{"changed files were taken into service", "reloaded"},
	{"changed files were refused", "reload refused: still serving the previous version"},
	{"a request was answered", "request"},
	{"a breaker opened", "a breaker has opened: calls are withheld"},
	{"a breaker closed", "a breaker has closed: calls are made again"},
	{"kept answers stand in", "kept answers that are too old stand in for a system"},
	{"a consumer has ended", "a consumer has ended: its messages wait"},
	{"a message is tried again", "a message comes again: the handler failed"},
	{"a message died", "a message became a dead letter"},
	{"a message was refused", "a message has failed, and is kept as a letter"},
	{"a letter was replayed", "an operator has a dead letter replayed"},
	{"the replay has ended", "a replay has ended"},
	{"the replay has died again", "a replay has died again"},
	{"letters were discarded", "an operator discarded dead letters"},
	{"data was shown or erased", "an operator acts"},
	{"a request was cancelled", "an accepted request was cancelled"},
	{"a watch cannot look", "what is new in a system cannot be looked for; it is tried again"},
	{"runs of a schedule were missed", "runs of a schedule were missed"},
	{"work was started again", "work waits and nothing of it is done: it is started again"},
	{"a fault of Fondaco itself", "panic"},
}

const logHead = `<!-- Written by "make generate". Change the code, not this page. -->

# Log

The log goes to standard error, a line an event: JSON, or text for people, as ` + "`--log-format`" + ` says, or the environment's
` + "`FONDACO_LOG_FORMAT`" + `, and otherwise as standard error is a terminal or not. ` + "`--log-level`" + `, or ` + "`FONDACO_LOG_LEVEL`" + `, is
the least level that is written: ` + "`debug`, `info` (that of `fondaco run`), `warn` or `error` (that of `fondaco demo`)" + `.

Each line has ` + "`time`, `level` and `msg`" + `, which stays the same for an event, and the fields below: what a line is about is a field of its
own (` + "`route`, `system`, `operation`, `kind`, `message`, `request_id`" + `), never a part of ` + "`msg`" + `. Lines of the work on messages have the
` + "`route`" + ` too. The lines of ` + "`log`" + ` steps have the text of the project. No line has personal data or secrets.

## What operators look for

| event | ` + "`msg`" + ` | level | fields |
| --- | --- | --- | --- |
`

// row writes what is known of a line.
func (l logLine) row() string {
	return fmt.Sprintf("`%s` | %s | %s |\n", l.message, cmp.Or(map[string]string{"level": "info, or warn"}[l.level], l.level),
		strings.Join(fieldsOf(l), ", "))
}

func fieldsOf(l logLine) (all []string) {
	for _, f := range l.fields {
		if f != "" {
			all = append(all, "`"+f+"`")
		}
	}
	return all
}

// TestLogPage: the reference lists each line that the code can write, with its level and fields, and what operators look for is there.
func TestLogPage(t *testing.T) {
	lines := logLines(t)
	if len(lines) < 70 {
		t.Fatalf("%d lines were found: how they are written has changed", len(lines))
	}
	var b strings.Builder
	b.WriteString(logHead)
	for _, s := range searchedFor {
		i := slices.IndexFunc(lines, func(l logLine) bool { return l.message == s.message })
		if i < 0 {
			t.Errorf("%s: no line %q is written", s.event, s.message)
			continue
		}
		b.WriteString("| " + s.event + " | " + lines[i].row())
	}
	b.WriteString("\n## All lines\n\n| `msg` | level | fields |\n| --- | --- | --- |\n")
	last := ""
	for _, l := range lines {
		switch {
		case l.message == "" && l.place == "routes": // the text of a step log
			continue
		case strings.TrimSpace(l.message) == "" || strings.HasPrefix(l.message, ":"):
			t.Errorf("a line of %s with the fields %v has a text that is not known: write it as a constant", l.place, l.fields)
		}
		if row := l.row(); row != last {
			b.WriteString("| " + row)
			last = row
		}
	}
	if *writeLog {
		if err := os.WriteFile(logPage, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	page, err := os.ReadFile(logPage)
	if err != nil {
		t.Fatal(err)
	}
	if string(page) != b.String() {
		t.Errorf("%s is not what the code writes: run make generate", logPage)
	}
}
