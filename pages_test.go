package fondaco

import (
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var (
	heading = regexp.MustCompile(`(?m)^#{1,6} (.+)$`)
	fenced  = regexp.MustCompile("(?ms)^```.*?^```$")
	anchor  = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// TestPageLinks: each link of a page to another page, or to a heading, leads somewhere.
func TestPageLinks(t *testing.T) {
	pages := []string{"README.md", "CONTRIBUTING.md", "examples/dime/README.md", "torture/README.md"}
	for _, folder := range []string{"docs", "docs/guide", "docs/decisions"} {
		more, err := filepath.Glob(folder + "/*.md")
		if err != nil || len(more) == 0 {
			t.Fatal(folder, len(more), err)
		}
		pages = append(pages, more...)
	}
	links := 0
	for _, page := range pages {
		for _, m := range linked.FindAllStringSubmatch(fenced.ReplaceAllString(read(t, page), ""), -1) {
			if strings.Contains(m[2], ":") {
				continue
			}
			links++
			to := path.Join(path.Dir(page), m[2])
			if m[2] == "" {
				to = page
			}
			if _, err := os.Stat(to); err != nil {
				t.Errorf("%s links to %s, which does not exist", page, m[2])
				continue
			}
			if name := strings.TrimPrefix(m[3], "#"); name != "" && !anchors(read(t, to))[name] {
				t.Errorf("%s links to %s#%s, and %s has no such heading", page, m[2], name, to)
			}
		}
	}
	if links < 100 {
		t.Errorf("found %d links; is their form another?", links)
	}
}

// anchors are the names under which the headings of a page are linked to: small letters, digits, - for spaces.
func anchors(page string) map[string]bool {
	names := map[string]bool{}
	for _, m := range heading.FindAllStringSubmatch(fenced.ReplaceAllString(page, ""), -1) {
		names[strings.ReplaceAll(anchor.ReplaceAllString(strings.ToLower(m[1]), ""), " ", "-")] = true
	}
	return names
}
