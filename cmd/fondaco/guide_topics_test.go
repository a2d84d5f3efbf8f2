package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// guided is a project of what a page of the guide shows, on the archive of TestOperators.
func guided(topics, routes string) map[string]string {
	files := maps.Clone(officeProject)
	whole := files["fondaco.yaml"]
	files["fondaco.yaml"] = whole[:strings.Index(whole, "topics:")] + topics
	files["routes/files.yaml"] = routes
	return files
}

// TestGuideAsync: what docs/guide/async.md shows checks clean.
func TestGuideAsync(t *testing.T) {
	t.Parallel()
	for _, text := range guideBlocks(t, "async", "async") {
		if code, out, problems := command(t, written(t, guided("", text)), "check", "."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
}

// TestGuideTopics: what docs/guide/topics.md shows checks clean and runs, and its account is what fondaco topics prints.
func TestGuideTopics(t *testing.T) {
	t.Parallel()
	topics, routes := guideBlocks(t, "topics", "topics")[0], guideBlocks(t, "topics", "routes")[0]
	for _, more := range append(guideBlocks(t, "topics", "storage"), "") {
		if code, out, problems := command(t, written(t, guided(topics+more, routes)), "check", "."); code != exitOK {
			t.Errorf("%s\n%d %s%s", more, code, out, problems)
		}
	}
	for _, text := range guideBlocks(t, "topics", "others") {
		read := "routes:\n  read:\n    topic: payments\n    steps: [ { call: archive.note, with: { number: 1 } } ]\n"
		if code, out, problems := command(t, written(t, guided(text, read)), "check", "."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(14)
	backend := httptest.NewServer(system)
	defer backend.Close()
	dir := written(t, guided(topics, routes))
	p := startProcess(t, dir, "ARCHIVE="+backend.URL)
	for n := range 25 {
		if code, body, _ := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, n)); code != 204 {
			t.Fatal(code, body)
		}
	}
	words := func(text string) string { return strings.Join(strings.Fields(text), " ") }
	want := words(guideBlocks(t, "topics", "account")[0])
	eventually(t, func() string {
		_, out, problems := command(t, dir, "topics", "--console", p.console)
		if words(out) != want {
			return fmt.Sprintf("found %s%s, the guide shows %s", out, problems, want)
		}
		return ""
	})
}
