package fondaco

import (
	"regexp"
	"slices"
	"strings"
	"testing"
)

const wordsPage = "docs/guide/words.md"

// vocabulary are the words that mean one thing everywhere: in code, YAML, documentation, logs and console.
var vocabulary = []string{
	"project", "protocol", "connector", "interface", "system", "route", "step", "mapping", "exchange", "flow", "topic",
	"dead letter", "fault", "pack",
	"trigger", "policy", "operation", "service", "message", "problem", "sample", "simulator",
}

// TestWords: the page of words has the vocabulary, and each key of the upper levels of the reference, each with what it
// is called elsewhere.
func TestWords(t *testing.T) {
	said := map[string]bool{}
	for line := range strings.Lines(read(t, wordsPage)) {
		if !strings.HasPrefix(line, "| ") || strings.HasPrefix(line, "| ---") || strings.HasPrefix(line, "| word |") {
			continue
		}
		cells := strings.Split(strings.Trim(strings.TrimSpace(line), "|"), " | ")
		if len(cells) != 3 || slices.ContainsFunc(cells, func(c string) bool { return strings.TrimSpace(c) == "" }) {
			t.Errorf("%s: expected a word, what it is, and what it is called elsewhere; found %s", wordsPage, line)
		}
		for word := range strings.SplitSeq(cells[0], ",") {
			said[strings.Trim(word, " `")] = true
		}
	}
	for _, word := range vocabulary {
		if !said[word] {
			t.Errorf("%s has no row for %q", wordsPage, word)
		}
	}
	keys := 0
	for _, page := range []string{"project", "routes", "connector", "interface", "tests"} {
		for _, key := range upperKeys(read(t, "docs/reference/"+page+".md")) {
			if keys++; !said[key] {
				t.Errorf("%s has no row for %q, a key of docs/reference/%s.md", wordsPage, key, page)
			}
		}
	}
	if keys < 100 {
		t.Errorf("the reference has %d keys; is its form another?", keys)
	}
}

var field = regexp.MustCompile("^( *)- `(\\w+)` \\(")

// upperKeys are the keys of the first level of each list of a reference page; and of the second, where the first has one
// key alone, which stands for a file: routes, tests.
func upperKeys(page string) (keys []string) {
	for section := range strings.SplitSeq(page, "\n## ") {
		var first, second []string
		for line := range strings.Lines(section) {
			switch m := field.FindStringSubmatch(line); {
			case m == nil:
			case m[1] == "":
				first = append(first, m[2])
			case m[1] == "  ":
				second = append(second, m[2])
			}
		}
		keys = append(keys, first...)
		if len(first) == 1 {
			keys = append(keys, second...)
		}
	}
	return keys
}
