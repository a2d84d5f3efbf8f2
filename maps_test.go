package fondaco

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

const mapPage = "docs/architecture.md"

var (
	linked = regexp.MustCompile(`\[([^\]]+)\]\(([^)#\s]*)(#[^)\s]+)?\)`) // [text](file)
	quoted = regexp.MustCompile("`([a-z]+/[A-Za-z0-9_./-]+)`")           // `folder/file`, which need not be a link
	fence  = regexp.MustCompile("(?s)<!-- (\\w+) -->\n```\n(.*?)```\n")  // a block with a name
	named  = regexp.MustCompile("^`([A-Za-z_]\\w*(?:\\.\\w+){0,2})`$")   // a link's text that is an identifier: Start, Program.Start, routes.Program.Start
	newest = regexp.MustCompile("\\(NAME is `(\\w+)`\\)")                // which part the list that follows is held to
)

// TestMapLinks holds the maps of the code to the code: each file that they link to or name exists, each identifier that is the text of
// a link to a Go file is declared in that file, and one that means two things in two packages says of which it is.
func TestMapLinks(t *testing.T) {
	for page, least := range map[string]int{mapPage: 250, "CONTRIBUTING.md": 20} {
		text := read(t, page)
		files, links := map[string]declared{}, 0
		from := map[string]string{} // of an identifier without its package: the folder of the file that declares it
		for _, m := range linked.FindAllStringSubmatch(text, -1) {
			if strings.Contains(m[2], "://") || m[2] == "" {
				continue
			}
			links++
			file := path.Join(path.Dir(page), m[2])
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s links to %s, which does not exist", page, m[2])
				continue
			}
			id := named.FindStringSubmatch(m[1])
			if id == nil || path.Ext(file) != ".go" {
				continue
			}
			if files[file].names == nil {
				files[file] = declarations(t, file)
			}
			name, qualified := strings.CutPrefix(id[1], files[file].in+".")
			if !files[file].names[name] {
				t.Errorf("%s says that %s declares %s; it does not", page, file, id[1])
			}
			if other := from[name]; !qualified && other != "" && other != path.Dir(file) {
				t.Errorf("%s shows %s of %s and of %s; write the package before it, as %s.%s", page, name, other, path.Dir(file), files[file].in, name)
			}
			if !qualified {
				from[name] = path.Dir(file)
			}
		}
		if links < least {
			t.Errorf("%s has %d links; is its form another?", page, links)
		}
		for _, m := range quoted.FindAllStringSubmatch(text, -1) {
			pattern := strings.NewReplacer("NAME", "*", "KEY", "*").Replace(m[1])
			if found, err := filepath.Glob(pattern); err != nil || len(found) == 0 {
				t.Errorf("%s names `%s`, and nothing is called so", page, m[1])
			}
		}
	}
}

// TestMapArrows holds the arrows of the map to those that TestArchitecture enforces, and its rooms to the folders.
func TestMapArrows(t *testing.T) {
	text := read(t, mapPage)
	var drawn string
	for _, m := range fence.FindAllStringSubmatch(text, -1) {
		if m[1] == "arrows" {
			drawn = m[2]
		}
	}
	if want, got := spaced(layers), spaced(drawn); got != want {
		t.Errorf("the arrows of %s are not those of architecture_test.go; it has\n%s\nand must have\n%s", mapPage, got, want)
	}
	var rooms []string
	err := filepath.WalkDir(".", func(file string, d fs.DirEntry, err error) error {
		if err == nil && d.IsDir() && file != "." && (strings.HasPrefix(d.Name(), ".") || d.Name() == "testdata") {
			return filepath.SkipDir
		}
		if folder := path.Dir(file); err == nil && path.Ext(file) == ".go" && folder != "." && !slices.Contains(rooms, folder) {
			rooms = append(rooms, folder)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	for _, room := range rooms {
		if tools := []string{"bench", "scripts", "torture"}; slices.Contains(tools, top(room)) {
			room = top(room) // their inner folders are their own matter
		}
		if !strings.Contains(text, "](../"+room+")") {
			t.Errorf("%s has no link to the folder %s", mapPage, room)
		}
	}
}

// TestMapOfParts: what is said of adding a part holds of the parts that are there. Each step, trigger and protocol has the files that
// the map says it takes, and the newest part of each kind, which the map names, has all of them.
func TestMapOfParts(t *testing.T) {
	_, lists, found := strings.Cut(read(t, mapPage), "\n## Adding a part\n")
	lists, _, ends := strings.Cut(lists, "\n## ")
	kinds := newest.FindAllStringSubmatchIndex(lists, -1)
	if !found || !ends || len(kinds) < 6 {
		t.Fatalf("%s has the lists of %d kinds of parts; is its form another?", mapPage, len(kinds))
	}
	for i, k := range kinds {
		list, name := lists[k[1]:], lists[k[2]:k[3]]
		if i+1 < len(kinds) {
			list = lists[k[1]:kinds[i+1][0]]
		}
		files := 0
		for _, m := range quoted.FindAllStringSubmatch(list, -1) {
			if !strings.Contains(m[1], "NAME") {
				continue
			}
			files++
			file := strings.ReplaceAll(m[1], "NAME", name)
			if _, err := os.Stat(file); err != nil {
				t.Errorf("%s lists `%s`, and the part %s has no %s", mapPage, m[1], name, file)
			}
		}
		if files == 0 {
			t.Errorf("%s lists no file of the part %s", mapPage, name)
		}
	}
	for _, part := range []struct {
		list  string // the file that lists the parts
		rows  string // how each stands there
		files []string
	}{
		{"routes/steps.go", `(?m)^\t\{"(\w+)", func\(\) kind`, []string{"routes/step_NAME.go"}},
		{"routes/triggers.go", `by(\w+)\{\}`, []string{"routes/trigger_NAME.go"}},
		{"connectors/all/all.go", `(?m)^\t(\w+)\.Protocol,`, []string{
			"connectors/NAME/protocol.go", "connectors/NAME/describe.go", "connectors/NAME/open.go", "connectors/NAME/simulate.go",
			"connectors/NAME/contract_test.go", "connectors/NAME/testdata/contract/connector.yaml",
		}},
	} {
		rows := regexp.MustCompile(part.rows).FindAllStringSubmatch(read(t, part.list), -1)
		if len(rows) < 2 {
			t.Errorf("%s has %d rows; is its form another?", part.list, len(rows))
		}
		for _, row := range rows {
			for _, file := range part.files {
				file = strings.ReplaceAll(file, "NAME", strings.ToLower(row[1]))
				if _, err := os.Stat(file); err != nil {
					t.Errorf("%s lists %s, and there is no %s", part.list, row[1], file)
				}
			}
		}
	}
}

// declared is what a file declares, and its package.
type declared struct {
	in    string
	names map[string]bool
}

// declarations are the names that a file declares at its top level: functions, methods as Type.Method, types, constants
// and variables, and the methods and fields of its types.
func declarations(t *testing.T, file string) declared {
	t.Helper()
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, d := range parsed.Decls {
		switch d := d.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				names[d.Name.Name] = true
				continue
			}
			names[receiver(d.Recv.List[0].Type)+"."+d.Name.Name] = true
		case *ast.GenDecl:
			for _, s := range d.Specs {
				switch s := s.(type) {
				case *ast.ValueSpec:
					for _, n := range s.Names {
						names[n.Name] = true
					}
				case *ast.TypeSpec:
					names[s.Name.Name] = true
					for _, member := range members(s.Type) {
						names[s.Name.Name+"."+member] = true
					}
				}
			}
		}
	}
	return declared{parsed.Name.Name, names}
}

func receiver(x ast.Expr) string {
	switch x := x.(type) {
	case *ast.StarExpr:
		return receiver(x.X)
	case *ast.IndexExpr:
		return receiver(x.X)
	case *ast.Ident:
		return x.Name
	}
	return ""
}

func members(x ast.Expr) (names []string) {
	var fields *ast.FieldList
	switch x := x.(type) {
	case *ast.InterfaceType:
		fields = x.Methods
	case *ast.StructType:
		fields = x.Fields
	default:
		return nil
	}
	for _, f := range fields.List {
		for _, n := range f.Names {
			names = append(names, n.Name)
		}
	}
	return names
}

func read(t *testing.T, file string) string {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

// spaced is a table with one space between words, whatever its columns are.
func spaced(text string) string {
	var lines []string
	for line := range strings.Lines(strings.TrimSpace(text)) {
		lines = append(lines, strings.Join(strings.Fields(line), " "))
	}
	return strings.Join(lines, "\n")
}

// TestFolders: each top-level folder is one of the six that the project asks for, or has its reason in a decision.
func TestFolders(t *testing.T) {
	reasons, ignored := read(t, "docs/decisions/007-folders-beyond-the-six.md"), read(t, ".gitignore")
	entries, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		folder := e.Name()
		if !e.IsDir() || folder == ".git" || strings.Contains(ignored, "/"+folder+"/\n") {
			continue
		}
		asked := slices.Contains([]string{"cmd", "connectors", "routes", "transform", "openapi", "config"}, folder)
		if !asked && !strings.Contains(reasons, "| `"+folder+"` |") {
			t.Errorf("docs/decisions/007-folders-beyond-the-six.md has no reason for %s", folder)
		}
	}
}
