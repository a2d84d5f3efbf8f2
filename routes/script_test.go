package routes_test

import (
	"bytes"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/routes"
)

// TestScripts runs testdata: the language by example. A script holds a project, over the one of base.txtar, and either
// pairs of "request" and "answer", with "explain ROUTE" for what the route shows of itself, and files tests/*.yaml; or, in a
// script whose name
// begins with bad_, lines that end in "# ERROR: CODE message = hint", which is all that is wrong with it; "..." in one stands for
// any text.
func TestScripts(t *testing.T) {
	base := ParseArchive(read(t, "testdata/base.txtar"))
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) < 20 {
		t.Fatal(len(files), err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".txtar")
		if name == "base" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			script(t, strings.HasPrefix(name, "bad_"), base, ParseArchive(read(t, file)))
		})
	}
}

func read(t *testing.T, file string) string {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

func script(t *testing.T, bad bool, base, a Archive) {
	fsys := a.FS(base)
	if bad {
		var out diag.List
		routes.Check(routes.Load(config.Source{FS: fsys}, all.Protocols, &out), &out)
		compareProblems(t, expected(a), &out)
		return
	}
	city, out, err := Open(t.Context(), Options{
		FS: fsys, Registry: all.Protocols,
		Env: func(name string) (string, bool) { return name, name != "NON_C_E" },
	})
	if err != nil {
		t.Fatal(err)
	}
	if city == nil {
		var text bytes.Buffer
		out.Print(&text, func(file string) []byte { b, _ := fsys.ReadFile(file); return b }, false)
		t.Fatalf("the project has problems:\n%s", &text)
	}
	defer city.Close()
	steps := projectTests(t, base, a)
	var request Request
	var what string
	for _, f := range a.Files {
		kind, rest, _ := strings.Cut(f.Name, " ")
		switch strings.TrimSuffix(kind, ":") {
		case "request":
			what, request = fmt.Sprintf("line %d %s", f.Line, rest), parseRequest(t, f.Text)
		case "answer":
			steps++
			got := city.Do(t.Context(), request)
			for _, d := range Differences(parseAnswer(t, f.Text), got) {
				t.Errorf("%s: %s", what, d)
			}
		case "explain":
			steps++
			i := slices.IndexFunc(city.Program.Typed().Routes, func(r *routes.TypedRoute) bool { return r.Model.ID.Value == rest })
			if i < 0 {
				t.Fatalf("line %d: no route %q", f.Line, rest)
			}
			if text := explain(city.Program.Typed().Routes[i]); text != f.Text {
				t.Errorf("line %d: found\n%s\nexpected\n%s", f.Line, text, f.Text)
			}
		}
	}
	if steps == 0 {
		t.Error("the script tries nothing")
	}
}

// problem is one line of a script that says what is wrong with it.
type problem struct {
	file string
	line int
	text string
}

func expected(a Archive) []problem {
	var list []problem
	for _, f := range a.Files {
		for i, line := range strings.Split(f.Text, "\n") {
			for _, text := range strings.Split(line, "# ERROR: ")[1:] {
				list = append(list, problem{f.Name, i + 1, strings.TrimSpace(text)})
			}
		}
	}
	return list
}

func compareProblems(t *testing.T, wrong []problem, out *diag.List) {
	var found []problem
	for _, p := range out.Sorted() {
		text := string(p.Code) + " " + p.Message
		if p.Hint != "" {
			text += " = " + p.Hint
		}
		found = append(found, problem{p.Pos.File, p.Pos.Line, text})
	}
	for _, p := range found {
		if !slices.ContainsFunc(wrong, func(w problem) bool { return w.fits(p) }) {
			t.Errorf("unexpected %s:%d: %s", p.file, p.line, p.text)
		}
	}
	for _, p := range wrong {
		if !slices.ContainsFunc(found, p.fits) {
			t.Errorf("missing    %s:%d: %s", p.file, p.line, p.text)
		}
	}
}

// fits reports whether a problem that was found is the expected one.
func (p problem) fits(found problem) bool {
	begin, end, open := strings.Cut(p.text, "...")
	if !open {
		return p == found
	}
	return p.file == found.file && p.line == found.line && len(found.text) >= len(begin)+len(end) &&
		strings.HasPrefix(found.text, begin) && strings.HasSuffix(found.text, end)
}

// head splits a message into its first line, headers and body.
func head(t *testing.T, text string) (first string, header http.Header, body string) {
	t.Helper()
	top, body, _ := strings.Cut(text, "\n\n")
	lines := strings.Split(strings.TrimRight(top, "\n"), "\n")
	header = http.Header{}
	for _, line := range lines[1:] {
		name, value, ok := strings.Cut(line, ": ")
		if !ok {
			t.Fatalf("%q is not a header", line)
		}
		header.Add(name, value)
	}
	return lines[0], header, strings.TrimSuffix(body, "\n")
}

func parseRequest(t *testing.T, text string) Request {
	first, header, body := head(t, text)
	method, path, _ := strings.Cut(first, " ")
	r := Request{Method: method, Path: path, Header: header, Body: body}
	if user := header.Get("User"); user != "" {
		header.Del("User")
		r.User = parseUser(t, user)
	}
	return r
}

func parseUser(t *testing.T, text string) *User {
	var out diag.List
	n := config.Parse("user", []byte(text), &out)
	if n == nil || out.Failed() {
		t.Fatal("user: ", out.Sorted())
	}
	u := MadeUp()
	for _, e := range n.Entries {
		switch e.Key.Value {
		case "fiscal_code":
			u.FiscalCode = nil
			if e.Value.Kind == config.NodeText {
				u.FiscalCode = &e.Value.Text.Value
			}
		case "level":
			level, _ := e.Value.Int()
			u.Level = int(level)
		case "channel":
			if u.Channel = ""; e.Value.Kind == config.NodeText {
				u.Channel = e.Value.Text.Value
			}
		case "roles":
			if u.Roles = nil; e.Value.Kind == config.NodeList {
				u.Roles = []string{}
			}
			for _, r := range e.Value.Items {
				u.Roles = append(u.Roles, r.Text.Value)
			}
		default:
			t.Fatalf("user has no %q", e.Key.Value)
		}
	}
	return u
}

func parseAnswer(t *testing.T, text string) Answer {
	first, header, body := head(t, text)
	status, err := strconv.Atoi(first)
	if err != nil {
		t.Fatalf("%q is no status", first)
	}
	return Answer{Status: status, Header: header, Body: body}
}

// TestDocumentedProblems proves the example of every code: the bad one has the problem, the good one has none.
func TestDocumentedProblems(t *testing.T) {
	for _, d := range diag.Docs() {
		t.Run(string(d.Code), func(t *testing.T) {
			t.Parallel()
			var out diag.List
			check(d.Project(d.Bad), &out)
			if !slices.ContainsFunc(out.Sorted(), func(p diag.Problem) bool { return p.Code == d.Code && p.Pos.File == d.File }) {
				t.Errorf("the bad example has no %s: %v", d.Code, out.Sorted())
			}
			var none diag.List
			check(d.Project(d.Good), &none)
			if none.Failed() {
				t.Errorf("the good example has problems: %v", none.Sorted())
			}
		})
	}
}

func check(files map[string]string, out *diag.List) {
	routes.Check(routes.Load(config.Source{FS: Files(files)}, all.Protocols, out), out)
}

// FuzzLoad looks for a project that makes the load panic.
func FuzzLoad(f *testing.F) {
	files, _ := filepath.Glob("testdata/*.txtar")
	for _, file := range files {
		b, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, one := range ParseArchive(string(b)).Files {
			if strings.HasPrefix(one.Name, "routes/") {
				f.Add(one.Text, "")
			}
			if one.Name == "fondaco.yaml" {
				f.Add("", one.Text)
			}
		}
	}
	b, err := os.ReadFile("testdata/base.txtar")
	if err != nil {
		f.Fatal(err)
	}
	base := ParseArchive(string(b))
	f.Fuzz(func(t *testing.T, text, project string) {
		script := Archive{Files: []File{{Name: "routes/a.yaml", Text: text}}}
		if project != "" {
			script.Files = append(script.Files, File{Name: "fondaco.yaml", Text: project})
		}
		began := time.Now()
		defer func() {
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("the load took %s", took)
			}
		}()
		var out diag.List
		typed := routes.Check(routes.Load(config.Source{FS: script.FS(base)}, all.Protocols, &out), &out)
		if !out.Failed() {
			routes.Compile(typed)
			typed.Operations()
		}
		out.Print(&bytes.Buffer{}, nil, false)
	})
}
