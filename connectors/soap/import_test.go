package soap

import (
	"errors"
	"io/fs"
	"log/slog"
	"net/http/httptest"
	"os"
	"path"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/scaffold"
	"fondaco/connectors/simulate"
	"fondaco/transform"
)

// importInto returns the folder of the connector that an import makes, nil if the WSDL cannot be read.
func importInto(t *testing.T, fsys fs.FS, file string) (*scaffold.Import, fstest.MapFS) {
	t.Helper()
	var out diag.List
	x := readImport(fsys, file, scaffold.Options{}, &out)
	if x == nil || out.Failed() || len(x.Operations) == 0 {
		return nil, nil
	}
	folder := fstest.MapFS{}
	for name, data := range x.Files("importato") {
		folder["connectors/importato/"+name] = &fstest.MapFile{Data: data}
	}
	for _, s := range x.Sources {
		data, err := fs.ReadFile(fsys, s.From)
		if err != nil {
			t.Fatal(err)
		}
		folder["connectors/importato/"+s.To] = &fstest.MapFile{Data: data}
	}
	return x, folder
}

// loadImported loads the connector, which must be clean, and binds it as a system at an address.
func loadImported(x *scaffold.Import, folder fs.FS, out *diag.List) (*connectors.Connector, *connectors.System) {
	params := ""
	for _, p := range x.Params {
		switch {
		case p.Secret:
			params += "    " + p.Name + ": ${secret.x}\n"
		case p.Name != "endpoint":
			params += "    " + p.Name + ": dime\n"
		}
	}
	n := config.Parse("fondaco.yaml", []byte("x:\n  connector: ./connectors/importato\n  params:\n    endpoint: http://127.0.0.1:1\n"+params),
		out)
	s := connectors.LoadSystem(n.Entries[0], func(dir string, at diag.Pos) *connectors.Connector {
		return connectors.Load(folder, dir, connectors.Registry{Protocol}, transform.Constants{}, out, at)
	}, func(*spec.Object) {}, out)
	return s.Connector, s
}

// TestImportCorpus: of every WSDL at hand that can be read, the connector that is made of it is clean, its samples fit,
// and its simulator answers a call of every operation with them.
func TestImportCorpus(t *testing.T) {
	folders := []string{"../.."}
	if _, err := os.Stat(corpus); err == nil {
		folders = append(folders, corpus)
	}
	files, operations, without, refused := 0, 0, 0, 0
	for _, dir := range folders {
		fsys := os.DirFS(dir)
		err := fs.WalkDir(fsys, ".", func(name string, e fs.DirEntry, err error) error {
			if err != nil || e.IsDir() || path.Ext(name) != ".wsdl" {
				return err
			}
			sub, err := fs.Sub(fsys, path.Dir(name)) // what an import names may lie above: then the whole is needed
			if err != nil {
				return err
			}
			x, folder := importInto(t, sub, path.Base(name))
			if x == nil {
				if x, folder = importInto(t, fsys, name); x == nil {
					return nil
				}
			}
			files++
			var out diag.List
			c, sys := loadImported(x, folder, &out)
			var samples map[string][]*simulate.Case
			if c != nil {
				samples = simulate.LoadSamples(c, &out)
			}
			for i, p := range out.Sorted() {
				if i < 3 && !strings.Contains(p.Message, "no schema defines the header entry") {
					t.Errorf("%s: %s: %s %s", name, p.Pos, p.Code, p.Message)
				}
			}
			if out.Failed() || c == nil {
				return nil
			}
			operations += len(c.Operations)
			if len(c.Operations) != len(x.Operations) {
				t.Errorf("%s: %d operations of %d", name, len(c.Operations), len(x.Operations))
			}
			for _, op := range c.Operations {
				if len(samples[op.Name]) == 0 {
					without++
					t.Logf("%s: %s has no sample", name, op.Name)
				}
			}
			refused += callAll(t, name, c, sys, samples)
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("%d WSDLs, %d operations, %d without a sample, %d without an input", files, operations, without, refused)
	if files < 6 || without > 0 || refused > 0 {
		t.Error("expected a sample and an input of every operation")
	}
}

// callAll calls every operation of a connector's simulator, and returns the number of those whose input could not be made
// up or not be sent.
func callAll(t *testing.T, name string, c *connectors.Connector, sys *connectors.System,
	samples map[string][]*simulate.Case,
) (refused int) {
	t.Helper()
	h, err := played(c, simulate.New(nil, samples))
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return 0
	}
	server := httptest.NewServer(h)
	defer server.Close()
	sys.Override("endpoint", server.URL)
	sys.Override("password", "segreto")
	caller, err := sys.Open(t.Context(), connectors.Deps{Log: slog.New(slog.DiscardHandler), Now: time.Now})
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return 0
	}
	defer caller.Close()
	for _, op := range c.Operations {
		if len(samples[op.Name]) == 0 {
			continue
		}
		in, err := c.Sample(op)
		if err != nil {
			refused++
			continue
		}
		do, err := caller.Call(op, op.Output)
		if err != nil {
			t.Errorf("%s: %s: %v", name, op.Name, err)
			continue
		}
		if _, err := do(t.Context(), in); err != nil {
			f := connectors.AsFault(err)
			var fault *Fault
			_ = errors.As(f.Err, &fault)
			t.Errorf("%s: %s: %v: %+v\n%s", name, op.Name, err, fault, in.Type().Whole())
		}
	}
	return refused
}
