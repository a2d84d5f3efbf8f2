package routes_test

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// patterns are the 65 of Enterprise Integration Patterns (Hohpe and Woolf, 2003), by the book's chapters and in its order.
var patterns = []struct {
	chapter string
	names   []string
}{
	{"Integration styles", []string{
		"File Transfer", "Shared Database", "Remote Procedure Invocation", "Messaging",
	}},
	{"Messaging systems", []string{
		"Message Channel", "Message", "Pipes and Filters", "Message Router", "Message Translator", "Message Endpoint",
	}},
	{"Messaging channels", []string{
		"Point-to-Point Channel", "Publish-Subscribe Channel", "Datatype Channel", "Invalid Message Channel", "Dead Letter Channel",
		"Guaranteed Delivery", "Channel Adapter", "Messaging Bridge", "Message Bus",
	}},
	{"Message construction", []string{
		"Command Message", "Document Message", "Event Message", "Request-Reply", "Return Address", "Correlation Identifier",
		"Message Sequence", "Message Expiration", "Format Indicator",
	}},
	{"Message routing", []string{
		"Content-Based Router", "Message Filter", "Dynamic Router", "Recipient List", "Splitter", "Aggregator", "Resequencer",
		"Composed Message Processor", "Scatter-Gather", "Routing Slip", "Process Manager", "Message Broker",
	}},
	{"Message transformation", []string{
		"Envelope Wrapper", "Content Enricher", "Content Filter", "Claim Check", "Normalizer", "Canonical Data Model",
	}},
	{"Messaging endpoints", []string{
		"Messaging Gateway", "Messaging Mapper", "Transactional Client", "Polling Consumer", "Event-Driven Consumer",
		"Competing Consumers", "Message Dispatcher", "Selective Consumer", "Durable Subscriber", "Idempotent Receiver",
		"Service Activator",
	}},
	{"System management", []string{
		"Control Bus", "Detour", "Wire Tap", "Message History", "Message Store", "Smart Proxy", "Test Message", "Channel Purger",
	}},
}

var (
	patternRow  = regexp.MustCompile(`^\| (.+?) \| (.+) \| (.+) \|$`)
	exampleLink = regexp.MustCompile(`^\[([a-z-]+)\]\(\.\./\.\./routes/(testdata/patterns/[a-z-]+\.txtar)\)$`)
	testLink    = regexp.MustCompile("\\[`(Test\\w+)`\\]\\(\\.\\./\\.\\./([a-z/_]+_test\\.go)\\)")
)

// TestPatterns: docs/guide/patterns.md has a row for every pattern of the book, each with examples that TestPatternExamples runs, a test
// that there is, or a reason why not; and no example is without a row.
func TestPatterns(t *testing.T) {
	page := read(t, "../docs/guide/patterns.md")
	total, shown := 0, map[string]bool{}
	for _, c := range patterns {
		_, section, found := strings.Cut(page, "\n## "+c.chapter+"\n")
		if !found {
			t.Errorf("the page has no chapter %q", c.chapter)
			continue
		}
		section, _, _ = strings.Cut(section, "\n## ")
		var rows [][]string
		for line := range strings.Lines(section) {
			if row := patternRow.FindStringSubmatch(strings.TrimSpace(line)); row != nil && row[1] != "pattern" && row[1] != "---" {
				rows = append(rows, row[1:])
			}
		}
		if len(rows) != len(c.names) {
			t.Errorf("%s: found %d rows, expected %d", c.chapter, len(rows), len(c.names))
		}
		for i, row := range rows {
			if total++; i < len(c.names) && row[0] != c.names[i] {
				t.Errorf("%s: found a row for %q, expected one for %q", c.chapter, row[0], c.names[i])
			}
			for _, name := range exemplified(t, row) {
				shown[name] = true
			}
		}
	}
	if total != 65 {
		t.Errorf("found %d patterns, expected 65", total)
	}
	files, err := filepath.Glob("testdata/patterns/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, file := range files {
		if !shown[path.Base(file)] {
			t.Errorf("no pattern has the example %s", file)
		}
	}
}

// exemplified returns the examples of a row, and reports one that has none, or that are not there.
func exemplified(t *testing.T, row []string) (names []string) {
	for _, m := range testLink.FindAllStringSubmatch(row[1]+row[2], -1) {
		if src, err := os.ReadFile("../" + m[2]); err != nil || !strings.Contains(string(src), "\nfunc "+m[1]+"(t *testing.T)") {
			t.Errorf("%s: there is no test %s in %s", row[0], m[1], m[2])
		}
	}
	if reason, no := strings.CutPrefix(row[2], "no, because "); no {
		if len(strings.Fields(reason)) < 8 {
			t.Errorf("%s: %q is no reason", row[0], reason)
		}
		return nil
	}
	if m := testLink.FindString(row[2]); m == row[2] {
		return nil
	}
	for link := range strings.SplitSeq(row[2], ", ") {
		m := exampleLink.FindStringSubmatch(link)
		if m == nil || m[1]+".txtar" != path.Base(m[2]) {
			t.Errorf("%s: found %q, expected a link to an example of routes/testdata/patterns, to a test, or \"no, because …\"", row[0], link)
			continue
		}
		if _, err := os.Stat(m[2]); err != nil {
			t.Errorf("%s: %v", row[0], err)
		}
		names = append(names, path.Base(m[2]))
	}
	return names
}

// TestPatternExamples runs testdata/patterns: each is a project with requests and messages, and what comes of them.
func TestPatternExamples(t *testing.T) {
	base := ParseArchive(read(t, "testdata/base.txtar"))
	files, err := filepath.Glob("testdata/patterns/*.txtar")
	if err != nil || len(files) < 40 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive := ParseArchive(read(t, file))
			if !slices.ContainsFunc(archive.Files, func(f File) bool { return f.Name == "tests/t.yaml" }) {
				t.Error("it has no tests")
			}
			script(t, false, base, archive)
		})
	}
}
