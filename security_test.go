package fondaco

import (
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// TestSecurityNamesTests: each test that docs/security.md names exists in the package before it, each script among those of
// the language, and each row of its tables says how it is tried or that it is not met.
func TestSecurityNamesTests(t *testing.T) {
	page, err := os.ReadFile("docs/security.md")
	if err != nil {
		t.Fatal(err)
	}
	quoted := regexp.MustCompile("`([^`]+)`")
	name := regexp.MustCompile(`^(Test|Fuzz)[A-Z]\w*$`)
	there := map[string]map[string]bool{}
	found := 0
	for i, line := range strings.Split(string(page), "\n") {
		if !strings.HasPrefix(line, "|") {
			continue
		}
		cells := strings.Split(strings.Trim(line, "|"), "|")
		folder, last := "", cells[len(cells)-1]
		if strings.TrimSpace(last) == "" && !strings.Contains(line, "not met") && !strings.Contains(line, "not applicable") {
			t.Errorf("docs/security.md:%d: the row names no test, and does not say that it is not met", i+1)
		}
		for _, m := range quoted.FindAllStringSubmatch(cells[len(cells)-1], -1) {
			word := m[1]
			switch {
			case strings.HasSuffix(word, ".txtar"):
				found++
				if _, err := os.Stat(filepath.Join("routes/testdata", word)); err != nil {
					t.Errorf("docs/security.md:%d: no script %s", i+1, word)
				}
			case name.MatchString(word):
				found++
				if there[folder] == nil {
					there[folder] = testsOf(t, folder)
				}
				if !there[folder][word] {
					t.Errorf("docs/security.md:%d: %s has no test %s", i+1, folder, word)
				}
			default:
				if info, err := os.Stat(word); err == nil && info.IsDir() {
					folder = word
				}
			}
		}
	}
	if found < 80 {
		t.Errorf("found %d tests named; expected more", found)
	}
}

// testsOf lists the tests and fuzz targets of a package.
func testsOf(t *testing.T, folder string) map[string]bool {
	t.Helper()
	names := map[string]bool{}
	files, err := filepath.Glob(filepath.Join(folder, "*_test.go"))
	if err != nil || folder == "" {
		return names
	}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range parsed.Decls {
			if f, ok := d.(*ast.FuncDecl); ok {
				names[f.Name.Name] = true
			}
		}
	}
	return names
}
