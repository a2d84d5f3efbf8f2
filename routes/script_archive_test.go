package routes_test

import (
	"strings"
	"testing/fstest"
)

// File is one file of an archive, with the line on which its text begins.
type File struct {
	Name, Text string
	Line       int
}

// Archive is a text that holds files: a comment, then for each file a line "-- name --" and its text.
type Archive struct {
	Comment string
	Files   []File
}

// ParseArchive reads an archive.
func ParseArchive(text string) Archive {
	var a Archive
	var body strings.Builder
	current, line := -1, 0
	end := func() {
		if current < 0 {
			a.Comment = body.String()
		} else {
			a.Files[current].Text = body.String()
		}
		body.Reset()
	}
	for l := range strings.Lines(text) {
		line++
		if name, ok := marker(l); ok {
			end()
			a.Files = append(a.Files, File{Name: name, Line: line + 1})
			current = len(a.Files) - 1
			continue
		}
		body.WriteString(l)
	}
	end()
	return a
}

func marker(line string) (string, bool) {
	line = strings.TrimRight(line, "\r\n")
	name, ok := strings.CutPrefix(line, "-- ")
	if !ok {
		return "", false
	}
	return strings.CutSuffix(name, " --")
}

// FS returns the files of the project, over those of base; what the script says of requests and answers is not among them.
func (a Archive) FS(base Archive) fstest.MapFS {
	files := fstest.MapFS{}
	for _, list := range [][]File{base.Files, a.Files} {
		for _, f := range list {
			if strings.Contains(f.Name, ".") && !strings.Contains(f.Name, " ") {
				files[f.Name] = &fstest.MapFile{Data: []byte(f.Text), Mode: 0o644}
			}
		}
	}
	return files
}

// Files returns a project of files in memory, by name.
func Files(files map[string]string) fstest.MapFS {
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text), Mode: 0o644}
	}
	return fsys
}
