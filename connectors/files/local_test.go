package files

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// operations are a connector with an operation of each kind.
const operations = `connector: scambio
version: 1.0.0
params: { endpoint: { type: string } }
files:
  address: "${param.endpoint}"
operations:
  elenco: { list: "out/*.txt", max_files: 3 }
  leggi: { read: "out/{nome}", content: text, max_size: 1KiB }
  bolletta: { read: "out/{nome}", content: bytes, media_type: application/pdf }
  scrivi: { write: "in/{nome}", content: text }
  riscrivi: { write: "in/{nome}", content: text, effect: idempotent }
  annota: { append: "registro/{anno}.log", parameters: { anno: { type: integer } }, content: text }
  sposta: { move: "out/{nome}", to: "fatti/{nome}" }
  togli: { delete: "out/{nome}", effect: idempotent }
  presente: { exists: "out/{nome}" }
`

// loaded reads a connector that has no problems.
func loaded(t *testing.T, text string) *connectors.Connector {
	t.Helper()
	var out diag.List
	c := connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}}, "c", connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
	for _, p := range out.Sorted() {
		t.Fatalf("%s: %s (%s)", p.Pos, p.Message, p.Hint)
	}
	return c
}

func (f *folder) put(name, text string) {
	f.t.Helper()
	at := filepath.Join(f.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(at), 0o755); err != nil {
		f.t.Fatal(err)
	}
	if err := os.WriteFile(at, []byte(text), 0o644); err != nil {
		f.t.Fatal(err)
	}
}

// all lists the folder's files with what they hold.
func (f *folder) all() string {
	f.t.Helper()
	var found []string
	err := filepath.WalkDir(f.dir, func(at string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		b, err := os.ReadFile(at)
		name, _ := filepath.Rel(f.dir, at)
		found = append(found, filepath.ToSlash(name)+"="+string(b))
		return err
	})
	if err != nil {
		f.t.Fatal(err)
	}
	return strings.Join(found, " ")
}

// call calls an operation with an input in JSON, and returns the answer in JSON, or the fault.
func (f *folder) call(ctx context.Context, operation, input string) (string, *connectors.Fault) {
	f.t.Helper()
	op := f.system.Connector.Operation(operation)
	do, err := f.caller.Call(op, op.Output)
	if err != nil {
		f.t.Fatal(err)
	}
	in, err := codec.CompileJSON(op.Input, codec.JSONOptions{}).Decode([]byte(input))
	if err != nil {
		f.t.Fatal(err)
	}
	v, err := do(ctx, in)
	if err != nil {
		fault := connectors.AsFault(err)
		if fault == nil || fault.System != "scambio" || fault.Operation != operation {
			f.t.Fatalf("%s: %v", operation, err)
		}
		return "fault " + fault.Kind.String(), fault
	}
	return string(codec.AppendJSON(nil, v)), nil
}

// TestOperations: each kind of operation does in a folder what its description says.
func TestOperations(t *testing.T) { everywhere(t, testOperations) }

func testOperations(t *testing.T, at site) {
	f := newFolder(t, at, operations, map[string]string{
		"out/a.txt": "\ufeffalfa", "out/b.txt": "beta", "out/.c.txt": "half", "out/d.csv": "x", "out/grande": strings.Repeat("x", 1025), "fatti/b.txt": "old",
		"out/latin.txt": "citt\xe0", "in/x": "old",
	})
	if err := os.Chtimes(filepath.Join(f.dir, "out/a.txt"), time.Time{}, time.Unix(1_790_000_000, 0)); err != nil {
		t.Fatal(err)
	}
	for _, c := range [][3]string{
		{"leggi", `{"nome":"a.txt"}`, `"alfa"`},
		{"leggi", `{"nome":"manca"}`, "fault not-found"},
		{"leggi", `{"nome":"grande"}`, "fault invalid"},
		{"leggi", `{"nome":"latin.txt"}`, "fault invalid"},
		{"bolletta", `{"nome":"d.csv"}`, `"eA=="`},
		{"presente", `{"nome":"a.txt"}`, `{"exists":true}`},
		{"presente", `{"nome":"manca"}`, `{"exists":false}`},
		{"scrivi", `{"nome":"y","body":"nuovo"}`, `{"path":"in/y"}`},
		{"scrivi", `{"nome":"x","body":"nuovo"}`, "fault conflict"},
		{"riscrivi", `{"nome":"x","body":"nuovo"}`, `{"path":"in/x"}`},
		{"annota", `{"anno":2026,"body":"uno\n"}`, `{"path":"registro/2026.log"}`},
		{"annota", `{"anno":2026,"body":"due\n"}`, `{"path":"registro/2026.log"}`},
		{"sposta", `{"nome":"b.txt"}`, "fault conflict"},
		{"sposta", `{"nome":"d.csv"}`, `{"path":"fatti/d.csv"}`},
		{"sposta", `{"nome":"d.csv"}`, "fault not-found"},
		{"togli", `{"nome":"grande"}`, `{"path":"out/grande"}`},
		{"togli", `{"nome":"grande"}`, "fault not-found"},
	} {
		if at.s3 != nil && c[0] == "annota" {
			c[2] = "fault invalid" // S3 does not append
		}
		if got, fault := f.call(t.Context(), c[0], c[1]); got != c[2] {
			t.Errorf("%s %s: found %s %v, expected %s", c[0], c[1], got, fault, c[2])
		}
	}
	got, fault := f.call(t.Context(), "elenco", `{}`)
	if want := at.listed(`[{"name":"a.txt","path":"out/a.txt","size":7,"modified":"2026-09-21T14:13:20Z"},{"name":"b.txt"`); !strings.HasPrefix(got, want) {
		t.Errorf("found %s %v, expected %s", got, fault, want)
	}
	f.put("out/e.txt", "")
	if got, _ := f.call(t.Context(), "elenco", `{}`); got != "fault invalid" {
		t.Errorf("more files than max_files: found %s", got)
	}
	want := "fatti/b.txt=old fatti/d.csv=x in/x=nuovo in/y=nuovo out/.c.txt=half out/a.txt=\ufeffalfa out/b.txt=beta out/e.txt= " +
		"out/latin.txt=citt\xe0"
	if at.s3 == nil {
		want += " registro/2026.log=uno\ndue\n"
	}
	if got := f.all(); got != want {
		t.Errorf("found    %s\nexpected %s", got, want)
	}
}

// TestNothingOutside: no link and no pipe leads out of the folder, or makes a call wait.
func TestNothingOutside(t *testing.T) { everywhere(t, testNothingOutside) }

func testNothingOutside(t *testing.T, at site) {
	if at.ftp != nil {
		t.Skip("FTP does not tell of links: where they lead is the server's matter")
	}
	if at.s3 != nil {
		t.Skip("S3 has no links: those of a folder that a gateway shows as a bucket are the gateway's matter")
	}
	f := newFolder(t, at, operations, map[string]string{"out/a.txt": "alfa", "in/x": ""})
	secret := filepath.Join(t.TempDir(), "segreto")
	if err := os.WriteFile(secret, []byte("segreto"), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, to := range map[string]string{"out/link.txt": secret, "out/relativo": "../../" + filepath.Base(filepath.Dir(secret)), "in/cartella": filepath.Dir(secret)} {
		if err := os.Symlink(to, filepath.Join(f.dir, name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink(filepath.Dir(secret), filepath.Join(f.dir, "registro")); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(f.dir, "out/pipe.txt"), 0o644); err != nil {
		t.Skip(err)
	}
	for _, c := range [][3]string{
		{"leggi", `{"nome":"link.txt"}`, "fault invalid"},
		{"leggi", `{"nome":"pipe.txt"}`, "fault invalid"},
		{"sposta", `{"nome":"link.txt"}`, "fault invalid"},
		{"annota", `{"anno":2026,"body":"x"}`, "fault invalid"},
	} {
		if got, fault := f.call(t.Context(), c[0], c[1]); got != c[2] {
			t.Errorf("%s %s: found %s %v, expected %s", c[0], c[1], got, fault, c[2])
		} else if text := fault.Error(); strings.Contains(text, "segreto") || strings.Contains(text, f.dir) {
			t.Errorf("the fault tells a path: %s", text)
		}
	}
	if got, _ := f.call(t.Context(), "elenco", `{}`); strings.Count(got, "name") != 1 {
		t.Errorf("found %s, expected one regular file", got)
	}
	if b, err := os.ReadFile(secret); err != nil || string(b) != "segreto" {
		t.Errorf("%q %v", b, err)
	}
}

// TestHandedOn: a file is handed on as it is read, and one that became shorter is an error.
func TestHandedOn(t *testing.T) { everywhere(t, testHandedOn) }

func testHandedOn(t *testing.T, at site) {
	f := newFolder(t, at, operations, map[string]string{"out/a.pdf": "%PDF-1.7 alfa"})
	op := f.system.Connector.Operation("bolletta")
	do, err := f.caller.Call(op, schema.TypeNull)
	if err != nil {
		t.Fatal(err)
	}
	in := schema.RecordOf(op.Input, schema.Text("a.pdf"))
	ask := func() *connectors.Handover {
		h := &connectors.Handover{Operation: "bolletta"}
		ctx, cancel := context.WithCancel(connectors.WithHandover(t.Context(), h))
		defer cancel() // the call ends before its stream
		if _, err := do(ctx, in); err != nil {
			t.Fatal(err)
		}
		return h
	}
	h := ask()
	defer h.Close()
	b, err := io.ReadAll(h.Body)
	if string(b) != "%PDF-1.7 alfa" || err != nil || h.Length != 13 || h.Type != "application/pdf" || h.Disposition != `inline; filename=a.pdf` {
		t.Errorf("%q %v %d %s %s", b, err, h.Length, h.Type, h.Disposition)
	}
	if at.ftp != nil || at.s3 != nil {
		return // the server has sent a small file before anybody reads it, and an object is never cut
	}
	short := ask()
	defer short.Close()
	f.put("out/a.pdf", "%PDF")
	if b, err := io.ReadAll(short.Body); err != io.ErrUnexpectedEOF {
		t.Errorf("of a file that was cut: %q %v", b, err)
	}
}

// TestWrittenWhole: what does not come whole leaves nothing, neither the file nor a temporary one.
func TestWrittenWhole(t *testing.T) { everywhere(t, testWrittenWhole) }

func testWrittenWhole(t *testing.T, at site) {
	f := newFolder(t, at, strings.Replace(operations, `scrivi: { write: "in/{nome}", content: text`, `scrivi: { write: "in/{nome}", content: bytes`, 1), nil)
	op := f.system.Connector.Operation("scrivi")
	do, err := f.caller.Call(op, op.Output)
	if err != nil {
		t.Fatal(err)
	}
	send := func(from io.Reader) error {
		u := &connectors.Upload{Operation: "scrivi", From: from, Length: -1}
		_, err := do(connectors.WithUpload(t.Context(), u), schema.RecordOf(op.Input, schema.Text("a.pdf"), schema.Value{}))
		return err
	}
	fault := connectors.AsFault(send(io.MultiReader(strings.NewReader("half"), broken{})))
	if fault == nil || fault.Kind != connectors.Refused || f.all() != "" {
		t.Errorf("%v, and there is %q", fault, f.all())
	}
	if err := send(strings.NewReader("whole")); err != nil || f.all() != "in/a.pdf=whole" {
		t.Errorf("%v, and there is %q", err, f.all())
	}
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrClosedPipe }
