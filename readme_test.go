package fondaco

import (
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// shown is a route that a page shows: <!-- route: FILE#ID --> and the YAML block after it.
var shown = regexp.MustCompile("(?s)<!-- route: ([^#]+)#([a-z0-9-]+) -->\n```yaml\nroutes:\n(.*?)```")

// TestShownRoutes holds the pages to the example city: a route that is shown stands so in its file, which is checked,
// tested and served.
func TestShownRoutes(t *testing.T) {
	found := 0
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() && file != "." && strings.HasPrefix(d.Name(), ".") {
			return filepath.SkipDir
		}
		if filepath.Ext(file) != ".md" {
			return nil
		}
		page, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, m := range shown.FindAllStringSubmatch(string(page), -1) {
			found++
			source, err := os.ReadFile(m[1])
			if err != nil {
				t.Errorf("%s shows %s: %v", file, m[1], err)
				continue
			}
			if !strings.HasPrefix(m[3], "  "+m[2]+":\n") || !strings.Contains(string(source), m[3]) {
				t.Errorf("%s shows another %s than %s has", file, m[2], m[1])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if found == 0 {
		t.Error("no page shows a route")
	}
}

// part is a piece of a file that a page shows: <!-- from: FILE --> and the block after it.
var part = regexp.MustCompile("(?s)<!-- from: (\\S+) -->\n```[a-z]*\n(.*?)```")

// TestShownParts holds the pieces of files that pages show to those files, which are checked and tested.
func TestShownParts(t *testing.T) {
	err := filepath.WalkDir("docs", func(file string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(file) != ".md" {
			return err
		}
		page, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		for _, m := range part.FindAllStringSubmatch(string(page), -1) {
			source, err := os.ReadFile(m[1])
			if err != nil {
				t.Errorf("%s shows a part of %s: %v", file, m[1], err)
				continue
			}
			if !strings.Contains(string(source), m[2]) {
				t.Errorf("%s shows what %s does not have:\n%s", file, m[1], m[2])
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLinks: what a page names with a path is there.
func TestLinks(t *testing.T) {
	named := regexp.MustCompile("`((?:docs|examples|routes|config|connectors|transform|openapi|server|schema|scripts|\\.ci)/[A-Za-z0-9_./-]+)`")
	for _, page := range []string{"README.md", "CONTRIBUTING.md"} {
		text, err := os.ReadFile(page)
		if err != nil {
			t.Fatal(err)
		}
		for _, m := range named.FindAllStringSubmatch(string(text), -1) {
			if strings.Contains(m[1], "NAME") {
				continue
			}
			if _, err := os.Stat(m[1]); err != nil {
				t.Errorf("%s names %s, which is not there", page, m[1])
			}
		}
	}
}
