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

// TestCorpus reads all WSDLs at hand and compiles every operation of every port. What cannot be read must be told, and
// nothing may panic.
func TestCorpus(t *testing.T) {
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("the gathered WSDLs are not here")
	}
	fsys := os.DirFS(corpus)
	files, good, operations := 0, 0, 0
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
	t.Logf("%d of %d WSDLs load, %d operations", good, files, operations)
	for r, n := range reasons {
		t.Logf("%4d %s", n, r)
	}
	if files == 407 && good < 254 {
		t.Errorf("fewer WSDLs load than the 254 that did: the others are SOAP-encoded, have no SOAP port, or lack files")
	}
}

// compileAll compiles every operation of every port of a WSDL, and gives how many there are.
func compileAll(fsys fs.FS, name string, out *diag.List) (operations int) {
	d := readWSDL(fsys, name, out, diag.Pos{File: name, Line: 1, Col: 1})
	if d == nil {
		return 0
	}
	ports := d.ports()
	if len(ports) == 0 {
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
