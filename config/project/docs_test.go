package project_test

import (
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/config/project"
)

// TestDocs proves the examples of files and fields; the others are proved where their problems are found.
func TestDocs(t *testing.T) {
	check := func(d *diag.Doc, content string) []diag.Problem {
		files := fstest.MapFS{}
		for name, text := range d.Project(content) {
			files[name] = &fstest.MapFile{Data: []byte(text)}
		}
		var out diag.List
		project.Read(files, &out)
		return out.Sorted()
	}
	for _, d := range diag.Docs() {
		if d.Code == diag.LiteralSecret || d.Code[1] > '1' {
			continue
		}
		if found := check(&d, d.Bad); len(found) != 1 || found[0].Code != d.Code {
			t.Errorf("%s: the bad example has %v", d.Code, found)
		}
		if found := check(&d, d.Good); len(found) != 0 {
			t.Errorf("%s: the good example has %v", d.Code, found)
		}
	}
}
