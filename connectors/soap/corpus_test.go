package soap

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"slices"
	"strings"
	"testing"

	"fondaco/config/diag"
	"fondaco/connectors/soap/wsdl"
	"fondaco/connectors/soap/xsd"
)

// The public WSDLs that the project has gathered, if they are at hand.
const corpus = "../../../shared/specs"

// TestCorpus reads all WSDLs at hand and compiles every operation of every port: those of the repository, which all load,
// and the gathered ones, if they are here. Of these, exactly those of testdata/wrong.txt do not load, each for the cause
// that stands there: they are not well formed, lack files, or contradict themselves. "make corpus" prints it all.
func TestCorpus(t *testing.T) {
	if list := readAll(t, "../.."); len(list) < 6 || slices.ContainsFunc(list, func(r result) bool { return r.cause != "" }) {
		t.Errorf("of the repository's %d WSDLs some do not load", len(list))
	}
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("the gathered WSDLs are absent: only the repository's were read")
	}
	list := readAll(t, corpus)
	want, err := os.ReadFile("testdata/wrong.txt")
	if err != nil {
		t.Fatal(err)
	}
	wrong := map[string]string{}
	for line := range strings.Lines(string(want)) {
		if file, cause, ok := strings.Cut(strings.TrimSpace(line), " | "); ok {
			wrong[file] = cause
		}
	}
	folders := map[string]*[3]int{}
	var names []string
	loaded, operations := 0, 0
	for _, r := range list {
		parts := strings.Split(r.file, "/")
		folder := strings.Join(parts[:min(2, len(parts)-1)], "/")
		if folders[folder] == nil {
			folders[folder] = &[3]int{}
			names = append(names, folder)
		}
		folders[folder][0]++
		operations += r.operations
		if r.ports == 0 && r.cause == "" {
			folders[folder][2]++
		}
		if r.cause == "" {
			loaded++
			folders[folder][1]++
		}
		if r.cause != wrong[r.file] {
			t.Errorf("%s\n got  %s\n want %s", r.file, r.cause, wrong[r.file])
		}
	}
	for _, r := range list {
		if r.cause != "" {
			t.Logf("wrong %s: %s", r.file, r.cause)
		}
	}
	for _, n := range names {
		f := folders[n]
		t.Logf("%-42s %3d files, %3d loaded, %d of them without a SOAP port, %d wrong", n, f[0], f[1], f[2], f[0]-f[1])
	}
	t.Logf("%d operations", operations)
	t.Log(heldPolicies(t, list, "testdata/policies_corpus.txt"))
	t.Logf("corpus %d loaded %d wrong %d", len(list), loaded, len(list)-loaded)
}

// suites are WSDLs that other implementations of SOAP are tested with, if they are at hand.
const suites = "../../../shared/suites/wsdl"

// TestConformanceSuites reads the WSDLs of the suites of other implementations: exactly those of testdata/suites.txt do not load, each for
// the cause that stands there. "-run TestConformanceSuites -v" prints it all.
func TestConformanceSuites(t *testing.T) {
	if _, err := os.Stat(suites); err != nil {
		t.Skip("the suites of other implementations are absent")
	}
	want, err := os.ReadFile("testdata/suites.txt")
	if err != nil {
		t.Fatal(err)
	}
	refused := map[string]string{}
	for line := range strings.Lines(string(want)) {
		if file, cause, ok := strings.Cut(strings.TrimSpace(line), " | "); ok {
			refused[file] = cause
		}
	}
	list := readAll(t, suites)
	loaded, operations := 0, 0
	for _, r := range list {
		if r.cause != refused[r.file] {
			t.Errorf("%s\n found    %s\n expected %s", r.file, r.cause, refused[r.file])
		}
		if r.cause == "" {
			loaded++
			operations += r.operations
		} else {
			t.Logf("refused %s: %s", r.file, r.cause)
		}
	}
	t.Logf("conformance: wsdl policies %s", heldPolicies(t, list, "testdata/policies_suites.txt"))
	t.Logf("conformance: wsdl files %d loaded %d refused %d operations %d", len(list), loaded, len(list)-loaded, operations)
}

// result is what became of one file.
type result struct {
	file              string
	ports, operations int
	cause             string // "" if it loads
	asks              wsdl.Policies
}

func readAll(t *testing.T, folder string) (list []result) {
	t.Helper()
	fsys := os.DirFS(folder)
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(name) != ".wsdl" {
			return err
		}
		var out diag.List
		r := result{file: name}
		r.ports, r.operations, r.asks = compileAll(fsys, name, &out)
		if out.Failed() {
			for _, p := range out.Sorted() {
				if !p.Warning {
					r.cause = fmt.Sprintf("%s:%d:%d: %s", path.Base(p.Pos.File), p.Pos.Line, p.Pos.Col, p.Message)
					break
				}
			}
		}
		list = append(list, r)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

// compileAll compiles every operation of every port of a WSDL; of one that has none, the messages of its port types.
func compileAll(fsys fs.FS, name string, out *diag.List) (ports, operations int, asks wsdl.Policies) {
	d := wsdl.Read(fsys, name, out, diag.Pos{File: name, Line: 1, Col: 1})
	if d == nil {
		return 0, 0, asks
	}
	requests, answers := xsd.Compilers(d.Schemas, nil)
	list := d.Ports()
	for _, p := range list {
		for _, b := range d.Operations(p) {
			d.Body(requests, b, "input")
			d.Body(answers, b, "output")
			operations++
		}
	}
	if len(list) == 0 {
		d.CompileMessages(answers)
	}
	requests.Finish()
	answers.Finish()
	return len(list), operations, d.Sources().Asks
}
