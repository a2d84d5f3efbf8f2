package soap

import (
	"io/fs"
	"os"
	"path"
	"testing"

	"fondaco/config/diag"
)

// The public WSDLs that the project has gathered, if they are at hand.
const corpus = "../../../shared/specs"

// TestCorpus reads all WSDLs at hand and compiles every operation of every port: those of the repository, which all load,
// and the gathered ones, if they are here. What cannot be read must be told, and nothing may panic.
func TestCorpus(t *testing.T) {
	if files, good := readAll(t, "../.."); files < 6 || good != files {
		t.Errorf("%d of the repository's %d WSDLs load", good, files)
	}
	if _, err := os.Stat(corpus); err != nil {
		t.Log("the gathered WSDLs are not here: only the repository's were read")
		return
	}
	if files, good := readAll(t, corpus); files == 407 && good < 269 {
		t.Errorf("fewer WSDLs load than the 269 that did: the others are SOAP-encoded, have no SOAP port, lack files, or contradict themselves")
	}
}

// readAll reads the WSDLs of a folder, and counts them.
func readAll(t *testing.T, folder string) (files, good int) {
	t.Helper()
	fsys := os.DirFS(folder)
	operations := 0
	reasons := map[string]int{}
	err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
		if err != nil || e.IsDir() || path.Ext(name) != ".wsdl" {
			return err
		}
		files++
		var out diag.List
		operations += compileAll(fsys, name, &out)
		if !out.Failed() {
			good++
			return nil
		}
		for _, p := range out.Sorted() {
			if !p.Warning {
				reasons[p.Message[:min(len(p.Message), 60)]]++
				if testing.Verbose() {
					t.Logf("%s: %s: %s", name, p.Pos, p.Message)
				}
				break
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	t.Logf("%s: %d of %d WSDLs load, %d operations", folder, good, files, operations)
	for r, n := range reasons {
		t.Logf("%4d %s", n, r)
	}
	return files, good
}

// compileAll compiles every operation of every port of a WSDL, and gives how many there are.
func compileAll(fsys fs.FS, name string, out *diag.List) (operations int) {
	d := readWSDL(fsys, name, out, diag.Pos{File: name, Line: 1, Col: 1})
	if d == nil {
		return 0
	}
	ports := d.ports()
	if len(ports) == 0 && !out.Failed() {
		out.Report(diag.BadSchema, diag.Pos{File: name}, "the WSDL has no port that speaks SOAP")
	}
	requests, answers := compilers(d.schemas)
	for _, p := range ports {
		for _, b := range d.operations(p) {
			d.body(requests, b, "input")
			d.body(answers, b, "output")
			operations++
		}
	}
	requests.finish()
	answers.finish()
	return operations
}
