package main

import (
	"maps"
	"net/http"
	"os"
	"regexp"
	"strings"
	"testing"
)

// storageBlocks returns the blocks of docs/guide/storage.md that are marked by a word.
func storageBlocks(t *testing.T, word string) []string {
	t.Helper()
	return guideBlocks(t, "storage", word)
}

// guideBlocks returns the blocks of a page of the guide that are marked by a word.
func guideBlocks(t *testing.T, name, word string) []string {
	t.Helper()
	page, err := os.ReadFile("../../docs/guide/" + name + ".md")
	if err != nil {
		t.Fatal(err)
	}
	var all []string
	for _, m := range regexp.MustCompile("(?s)<!-- "+word+" -->\n```\\w+\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		all = append(all, m[1])
	}
	if len(all) == 0 {
		t.Fatalf("the page has no block %s", word)
	}
	return all
}

// TestGuideStorage: what docs/guide/storage.md and cluster.md show of fondaco.yaml checks clean, and health is as it shows it.
func TestGuideStorage(t *testing.T) {
	t.Parallel()
	for _, text := range append(storageBlocks(t, "storage"), guideBlocks(t, "cluster", "storage")...) {
		files := maps.Clone(portProject)
		files["fondaco.yaml"] = files["fondaco.yaml"][:strings.Index(files["fondaco.yaml"], "storage:")] + text
		if code, out, problems := command(t, written(t, files), "check", "."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
	_, at := newDues(t)
	p := port(t, at, "redis://127.0.0.1:1")
	if code, body, _ := p.ask(http.MethodGet, p.console+"/readyz", ""); code != 200 || body+"\n" != storageBlocks(t, "readyz")[0] {
		t.Errorf("readyz returns %d\n%s", code, body)
	}
}
