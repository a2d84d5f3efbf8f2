package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestDocuments holds the documents to the sizes that the works are defined by.
func TestDocuments(t *testing.T) {
	for _, c := range []struct {
		name     string
		body     []byte
		from, to int
	}{{"small", smallDocument(), 1024, 1024}, {"large", largeDocument(), 9800, 10600}} {
		if len(c.body) < c.from || len(c.body) > c.to {
			t.Errorf("%s: %d bytes, expected %d to %d", c.name, len(c.body), c.from, c.to)
		}
		if !json.Valid(c.body) {
			t.Errorf("%s is not JSON", c.name)
		}
	}
}

// TestFines holds the SOAP answer to its size.
func TestFines(t *testing.T) {
	if n := len(finesMessage()); n < 3900 || n > 4300 {
		t.Errorf("%d bytes, expected some 4 KB", n)
	}
}

// TestOfItsOwn: each run of the topics' work has a project of a name that nobody had, so that it reads all records.
func TestOfItsOwn(t *testing.T) {
	t.Chdir("..")
	b := &bench{dir: t.TempDir()}
	names := map[string]bool{}
	for range 3 {
		_, project, err := b.ofItsOwn()
		if err != nil {
			t.Fatal(err)
		}
		text, err := os.ReadFile(filepath.Join(project, "fondaco.yaml"))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			if name, is := strings.CutPrefix(line, "project: "); is {
				names[name] = true
			}
		}
	}
	if len(names) != 3 {
		t.Errorf("three runs have the projects %v", names)
	}
}
