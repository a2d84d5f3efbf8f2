package fondaco

import (
	"io/fs"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode/utf8"
)

// widest is how many characters a line of Go (lll) and of YAML may have.
const widest = 140

var (
	yamlFile  = regexp.MustCompile(`\.ya?ml$`)
	yamlFence = regexp.MustCompile("^\\s*```(\\w*)")
	section   = regexp.MustCompile(`^-- (.*) --\r?$`)
	// expectation stands behind the very line that a script of mistakes expects the problem at, and is compared with the whole
	// message: it cannot go to another line.
	expectation = regexp.MustCompile(`\s*# ERROR: .*`)
)

// TestYAMLWidth: lines of YAML have at most 140 characters, in files, in the scripts below testdata, and in the pages.
func TestYAMLWidth(t *testing.T) {
	seen := map[string]int{}
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		file = filepath.ToSlash(file)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (strings.HasPrefix(d.Name(), ".") && file != "." && file != ".ci" || file == "bin" || file == "data"):
			return fs.SkipDir // tools, what schema --write makes, and what a run leaves
		case d.IsDir():
			return nil
		}
		in := yamlIn(file)
		if in == nil {
			return nil
		}
		for i, line := range strings.Split(read(t, file), "\n") {
			if !in(line) {
				continue
			}
			seen[filepath.Ext(file)]++
			line = expectation.ReplaceAllString(strings.TrimSuffix(line, "\r"), "")
			if n := utf8.RuneCountInString(line); n > widest {
				t.Errorf("%s:%d:%d: found a line of %d characters, expected at most %d: write the object or list in several lines, "+
					"and a long text behind >-", file, i+1, widest+1, n, widest)
			}
		}
		return nil
	})
	for kind, least := range map[string]int{".yaml": 8_000, ".yml": 100, ".txtar": 5_000, ".txt": 30, ".md": 1_000} {
		if seen[kind] < least {
			t.Errorf("read %d lines of YAML in files of %s, expected at least %d: is their form another?", seen[kind], kind, least)
		}
	}
	if err != nil {
		t.Error(err)
	}
}

// yamlIn returns what reports, of the lines of a file in their order, whether each is YAML; nil if the file has none.
func yamlIn(file string) func(line string) bool {
	inside := false
	switch ext := filepath.Ext(file); {
	case yamlFile.MatchString(file):
		return func(string) bool { return true }
	case ext == ".txtar", ext == ".txt" && strings.Contains(file, "testdata/"):
		return func(line string) bool {
			if m := section.FindStringSubmatch(line); m != nil {
				inside = yamlFile.MatchString(m[1])
				return false
			}
			return inside
		}
	case ext == ".md":
		return func(line string) bool {
			if m := yamlFence.FindStringSubmatch(line); m != nil {
				inside = m[1] == "yaml" || m[1] == "yml"
				return false
			}
			return inside
		}
	}
	return nil
}
