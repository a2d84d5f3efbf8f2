package records

import (
	"encoding/json"
	"errors"
	"io"
	"strings"
	"testing"
	"testing/iotest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/transform/codec"
	"fondaco/transform/typing"
)

// load compiles a format in YAML, and returns the problems, one a line.
func load(src string) (*Format, string) {
	var out diag.List
	n := config.Parse("x.yaml", []byte(src), &out)
	types := typing.NewReader(func(string, diag.Pos) *config.Node { return nil }, &out)
	f := decoded(config.Text{Value: "prova", Pos: diag.Pos{File: "x.yaml", Line: 1, Col: 1}}, n, types, &out)
	var lines []string
	for _, p := range out.Sorted() {
		line := p.Pos.String() + ": " + string(p.Code) + " " + p.Message
		if p.Hint != "" {
			line += "; " + p.Hint
		}
		lines = append(lines, line)
	}
	return f, strings.Join(lines, "\n")
}

func must(t testing.TB, src string) *Format {
	t.Helper()
	f, problems := load(src)
	if problems != "" {
		t.Fatal(problems)
	}
	return f
}

// read returns what a file holds, a line for each record and each error.
func read(f *Format, r io.Reader, from Position) string {
	var b strings.Builder
	for in := f.Read(r, from); ; {
		record, err := in.Next()
		var bad *Bad
		switch {
		case err == io.EOF:
			return b.String()
		case errors.As(err, &bad):
			b.WriteString("bad " + bad.Error() + "\n")
			continue
		case err != nil:
			b.WriteString("refused " + err.Error() + "\n")
			return b.String()
		}
		b.WriteString(line(record))
	}
}

// line returns a record as a line of its kind and its value.
func line(r Record) string {
	return strings.TrimPrefix(r.Kind+" ", " ") + string(codec.AppendJSON(nil, r.Value)) + "\n"
}

// same fails the test where a file is not read as expected, at once and in pieces of one octet.
func same(t *testing.T, f *Format, file, want string) {
	t.Helper()
	want = strings.TrimLeft(want, "\n")
	if got := read(f, strings.NewReader(file), Position{}); got != want {
		t.Errorf("%q\nfound\n%s\nexpected\n%s", file, got, want)
	}
	if got := read(f, iotest.OneByteReader(strings.NewReader(file)), Position{}); got != want {
		t.Errorf("%q octet by octet\nfound\n%s\nexpected\n%s", file, got, want)
	}
}

// keep writes a position as JSON and reads it again.
func keep(t *testing.T, p Position) (out Position) {
	t.Helper()
	b, err := json.Marshal(p)
	if err == nil {
		err = json.Unmarshal(b, &out)
	}
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// decoded reads and compiles the format called name in one step. Nil if there are problems, which are in out.
func decoded(name config.Text, n *config.Node, types *typing.Reader, out *diag.List) *Format {
	d, own := NewDeclaration(name), &diag.List{}
	spec.Decode(n, own, d.Spec)
	failed := own.Failed()
	out.Join(own)
	if failed {
		return nil
	}
	return d.Compile(types, out)
}
