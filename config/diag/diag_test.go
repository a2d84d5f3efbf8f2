package diag_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"

	"fondaco/config/diag"
)

func TestPrint(t *testing.T) {
	src := "a: 1\r\n          numero: ${v.numroVerbale}\n\tperché 東京: x\nlong: " + strings.Repeat("x", 300) + "!\n"
	var l diag.List
	l.Report(diag.UnknownMember, diag.Pos{File: "routes/multe.yaml", Line: 2, Col: 23}, "polizia-locale.elencoVerbali has no field %q",
		"numroVerbale").
		WithLen(12).WithHint("did you mean %q?", "numeroVerbale")
	l.Report(diag.UnknownMember, diag.Pos{File: "routes/multe.yaml", Line: 2, Col: 23}, "polizia-locale.elencoVerbali has no field %q",
		"numroVerbale")
	l.Report(diag.BadYAML, diag.Pos{File: "routes/multe.yaml", Line: 3, Col: 9}, "wide").WithLen(2).AsWarning()
	l.Report(diag.BadFile, diag.Pos{File: "a.yaml"}, "esc \x1b[31m \u202e")
	l.Report(diag.BadYAML, diag.Pos{File: "routes/multe.yaml", Line: 4, Col: 307}, "far")
	var b strings.Builder
	l.Print(&b, func(file string) []byte {
		if file == "a.yaml" {
			return nil
		}
		return []byte(src)
	}, false)
	want := "a.yaml: E003 esc �[31m �\n\n" +
		`routes/multe.yaml:2:23: E203 polizia-locale.elencoVerbali has no field "numroVerbale"
    2 |           numero: ${v.numroVerbale}
      |                       ^^^^^^^^^^^^
      = did you mean "numeroVerbale"?

routes/multe.yaml:3:9: warning E001 wide
    3 | 	perché 東京: x
      | 	       ^^^^

routes/multe.yaml:4:307: E001 far
    4 | …` + strings.Repeat("x", 159) + `!
      |  ` + strings.Repeat(" ", 159) + `^

3 problems, 1 warning in 2 files
`
	if b.String() != want {
		t.Errorf("gave\n%s\nwant\n%s", b.String(), want)
	}
	b.Reset()
	if err := l.JSON(&b); err != nil || !strings.HasPrefix(b.String(), `[
  {
    "code": "E003",
    "file": "a.yaml",
    "line": 0,
    "column": 0,
    "length": 1,
    "severity": "error",
    "message": "esc \u001b[31m `) {
		t.Errorf("gave %s, %v", b.String(), err)
	}
	b.Reset()
	if err := new(diag.List).JSON(&b); err != nil || b.String() != "[]\n" {
		t.Errorf("gave %q, %v", b.String(), err)
	}
}

func TestPrintPlaces(t *testing.T) {
	for _, p := range []diag.Pos{{"f", 1, 0}, {"f", 1, 900}, {"f", 9, 1}, {"f", -1, -1}, {"", 0, 0}} {
		var l diag.List
		l.Report(diag.BadYAML, p, "x").WithLen(1 << 20)
		var b strings.Builder
		l.Print(&b, func(string) []byte { return []byte("ab") }, true)
		if b.Len() > 1000 {
			t.Errorf("%v printed %d bytes", p, b.Len())
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"retry", "timeout", "numeroVerbale", "fiscal_code", "a"}
	for name, want := range map[string]string{
		"retires": "retry", "timeuot": "timeout", "numroVerbale": "numeroVerbale",
		"fiscalCode": "fiscal_code", "zebra": "", "Retry": "retry", "": "a", "x": "a", "quite different": "",
	} {
		if got := diag.Nearest(name, names); got != want && name != "" && name != "x" {
			t.Errorf("%q gave %q, want %q", name, got, want)
		}
	}
	if got := diag.DidYouMean("timeot", names); got != `; did you mean "timeout"?` {
		t.Errorf("gave %s", got)
	}
}

// TestEveryCodeIsDocumented reads the constants themselves.
func TestEveryCodeIsDocumented(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "codes.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	docs := diag.Docs()
	ast.Inspect(file, func(n ast.Node) bool {
		if literal, ok := n.(*ast.BasicLit); ok {
			code, _ := strconv.Unquote(literal.Value)
			if len(docs) == 0 || string(docs[0].Code) != code {
				t.Fatalf("%s has no Doc at its place", code)
			}
			d := docs[0]
			if d.Title == "" || d.Text == "" || d.Bad == d.Good || d.Bad == "" || d.Good == "" {
				t.Errorf("%s: the Doc is not complete", code)
			}
			docs = docs[1:]
		}
		return true
	})
	if len(docs) > 0 {
		t.Errorf("%s is no code", docs[0].Code)
	}
}
