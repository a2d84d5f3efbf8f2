package trigger

import (
	"go/ast"
	"go/constant"
	"go/parser"
	"go/token"
	"net/http"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"fondaco/schema"
)

// TestItalianIsWhole holds that no built-in text that may reach a caller is missing from the table: titles of statuses, and
// every text that the sources of the server, the door and the routes give to a problem.
func TestItalianIsWhole(t *testing.T) {
	for _, status := range statuses() {
		if text := http.StatusText(status); !translated(text) {
			t.Errorf("the title %q is not translated", text)
		}
	}
	found := 0
	for _, folder := range []string{
		".", "..", "../letters", "../callback", "../../server", "../../server/auth", "../../server/door",
		"../../transform/codec", "../../transform/parts",
	} {
		for _, text := range textsOf(t, folder) {
			found++
			filled := strings.ReplaceAll(text.said, "{}", "X7")
			if translated(text.said) || translated(filled) {
				continue
			}
			t.Errorf("%s: %q is not translated", text.at, text.said)
		}
	}
	if found < 120 {
		t.Errorf("found %d texts: the sources are read in another way than they are written", found)
	}
}

// TestItalianKeepsWhatChanges holds that the translations have the holes of the texts, and lose nothing of what stands in them.
func TestItalianKeepsWhatChanges(t *testing.T) {
	for from, to := range italian.exact {
		if strings.Count(from, "{}") != strings.Count(to, "{}") || to == "" {
			t.Errorf("%q and %q have other holes", from, to)
		}
	}
	for _, pair := range [][2]string{
		{"expected at most 3 characters", "atteso al massimo 3 caratteri"},
		{"expected at least 1 item", "atteso almeno 1 elemento"},
		{"expected more than 0.01", "atteso più di 0.01"},
		{"expected an integer", "atteso numero intero"},
		{`expected "acqua" or "allerte"`, `atteso "acqua" o "allerte"`},
		{`expected "acqua" or "allerte" or "multe" or ..., found text`, `atteso "acqua" o "allerte" o "multe" o ..., trovato testo`},
		{`expected "this or that" or null`, `atteso "this or that" o null`},
		{"expected integer or text", "atteso numero intero o testo"},
		{`expected "a"" or "b`, `atteso "a"" or "b`},
		{"sole or luna", "sole or luna"},
		{"The body must be application/pdf.", "Il contenuto deve essere application/pdf."},
		{
			"What was given does not fit: /a: expected a date.",
			"Un valore non corrisponde a quello atteso: /a: atteso data come 2026-01-31.",
		},
		{"L'orario scelto non è più libero.", "L'orario scelto non è più libero."},
		{"Expected by somebody", "Expected by somebody"},
		{"the query parameter stato is there more than once", "il parametro stato della query è ripetuto"},
		{
			"The token does not say the caller's fiscal_code, which this operation needs.",
			"L'accesso non comunica il codice fiscale, che serve per questa operazione.",
		},
		{
			"The body is not what JSON admits, at byte 7: expected a comma or }.",
			"Il contenuto non è JSON corretto, al byte 7: attesa una virgola o }.",
		},
	} {
		from, to := pair[0], pair[1]
		if got := italian.text(from); got != to {
			t.Errorf("%q\nfound    %q\nexpected %q", from, got, to)
		}
	}
}

// TestItalianViolations holds that what a value was expected to be is told in Italian, for every kind of type and limit.
func TestItalianViolations(t *testing.T) {
	two, three, zero := 2, 3, 0
	low, high := schema.Int(10), schema.Int(20)
	types := []*schema.Type{
		{Kind: schema.KindText, MinLength: &three},
		{Kind: schema.KindText, MaxLength: &zero},
		{Kind: schema.KindText, Enum: []schema.Value{schema.Text("acqua"), schema.Text("multe o altro"), schema.Text("x or y")}},
		{Kind: schema.KindText, Nullable: true, Enum: []schema.Value{
			schema.Text("a"), schema.Text("b"), schema.Text("c"), schema.Text("d"),
			schema.Text("e"), schema.Text("f"), schema.Text("g"),
		}},
		{Kind: schema.KindUnion, Variants: []*schema.Type{schema.TypeInt, schema.TypeText}},
		{Kind: schema.KindText, Pattern: "^x$"},
		{Kind: schema.KindText, Format: "uri"},
		{Kind: schema.KindInt, Minimum: &low},
		{Kind: schema.KindInt, Maximum: &zeroValue},
		{Kind: schema.KindInt, Minimum: &low, ExclMin: true},
		{Kind: schema.KindInt, Maximum: &zeroValue, ExclMax: true},
		{Kind: schema.KindDecimal, Fraction: &two},
		{Kind: schema.KindDecimal, Fraction: &zero},
		{Kind: schema.KindDecimal, Minimum: &high},
		{Kind: schema.KindDate},
		{Kind: schema.KindTime},
		{Kind: schema.KindDateTime},
		{Kind: schema.KindDuration},
		{Kind: schema.KindBool},
		{Kind: schema.KindBytes},
		{Kind: schema.KindInt},
		{Kind: schema.KindText},
		{Kind: schema.KindDecimal},
		{Kind: schema.KindNull},
		schema.ListOf(schema.TypeInt), schema.RecordType(),
		{Kind: schema.KindMap, Elem: schema.TypeInt},
	}
	values := []schema.Value{schema.Text("ab"), schema.Int(5), schema.Bool(true), schema.Null}
	if d, err := schema.ParseDecimal("1.234"); err == nil {
		values = append(values, d)
	}
	seen := 0
	for _, typ := range types {
		for _, v := range values {
			for _, w := range schema.Check(v, typ.Seal()) {
				seen++
				if !translated(w.Expected) {
					t.Errorf("%q is not translated", w.Expected)
				}
			}
		}
	}
	if seen < 50 {
		t.Errorf("%d violations", seen)
	}
}

var zeroValue = schema.Int(0)

// TestStoredInItalian holds that a problem that was kept is told in Italian, and other answers as they are.
func TestStoredInItalian(t *testing.T) {
	p := &Problem{
		Status: 422, Title: "Invalid request", Detail: "Some values of the request do not fit.",
		Errors: []Invalid{{Pointer: "#/a", Detail: "is required"}},
	}
	kept := p.AppendJSON(nil)
	const want = `{"type":"about:blank","title":"Richiesta non valida","status":422,"detail":"Alcuni valori della richiesta non sono corretti.","errors":[{"pointer":"#/a","detail":"è obbligatorio"}]}`
	if got := string(Language("it").Stored(kept)); got != want {
		t.Errorf("found    %s\nexpected %s", got, want)
	}
	for _, l := range []Language{"", "en"} {
		if got := string(l.Stored(kept)); got != string(kept) {
			t.Errorf("%q: %s", l, got)
		}
	}
	for _, title := range []string{"Not found here", "Invalid request"} { // words of the table, under a type of the project's own
		named := &Problem{Type: "urn:problema:chiuso", Title: title, Status: 404}
		want := string(named.AppendJSON(nil))
		if got := string(Language("it").Stored([]byte(want))); got != want {
			t.Errorf("found    %s\nexpected %s", got, want)
		}
		if _, got := Language("it").Answer(named); string(got) != want {
			t.Errorf("found    %s\nexpected %s", got, want)
		}
	}
	untitled := (&Problem{Type: "urn:problema:chiuso", Status: 404}).AppendJSON(nil)
	if got := string(Language("it").Stored(untitled)); got != `{"type":"urn:problema:chiuso","title":"Non trovato","status":404}` {
		t.Error(got)
	}
	further := `{"type":"about:blank","title":"Non qui","status":409,"rimasti":1,"altri":[{"a":"\\u00e8"}]}`
	if got := string(Language("it").Stored([]byte(further))); got != further {
		t.Errorf("found %s, expected the further members as they are", got)
	}
	if got := string(Language("it").Stored([]byte(`{"altro":1}`))); got != `{"altro":1}` {
		t.Error(got)
	}
	if p.Title != "Invalid request" {
		t.Error("the problem for the logs was changed")
	}
}

// translated reports whether the table has a text of the program, in which {} stands for what changes.
func translated(text string) bool {
	_, known := italian.find(text, 0)
	return known
}

// statuses are the statuses whose own titles may be shown.
func statuses() (all []int) {
	for status := 400; status < 600; status++ {
		if http.StatusText(status) != "" {
			all = append(all, status)
		}
	}
	return all
}

// said is a text of the sources, with {} where it changes.
type said struct{ at, said string }

// asProblem are the functions that make problems of their last argument, and asField the fields of problems.
var (
	asProblem = map[string]bool{"NewProblem": true, "refuse": true, "refusal": true, "badRequest": true}
	asField   = map[string]bool{"Problem": true, "Invalid": true, "Refusal": true}
	tables    = map[string]bool{"faults": true, "faultProblems": true}
	asDetail  = map[string]bool{"why": true, "refused": true, "Detail": true, "Title": true}
	asReason  = map[string]bool{"fail": true}
)

// textsOf returns the texts that the sources of a folder give to problems.
func textsOf(t *testing.T, folder string) (all []said) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.go"))
	if err != nil || len(files) == 0 {
		t.Fatal(folder, err)
	}
	set := token.NewFileSet()
	var parsed []*ast.File
	constants := map[string]string{}
	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") || strings.Contains(file, "console") || strings.Contains(file, "xml") {
			continue
		}
		f, err := parser.ParseFile(set, file, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		parsed = append(parsed, f)
		ast.Inspect(f, func(n ast.Node) bool {
			if spec, ok := n.(*ast.ValueSpec); ok && len(spec.Values) == len(spec.Names) {
				for i, name := range spec.Names {
					if lit, ok := spec.Values[i].(*ast.BasicLit); ok && lit.Kind == token.STRING {
						constants[name.Name] = constant.StringVal(constant.MakeFromLiteral(lit.Value, lit.Kind, 0))
					}
				}
			}
			return true
		})
	}
	constants["SendAgain"] = "it is not done. Send it again."
	add := func(e ast.Expr) {
		if text := textOf(e, constants); strings.Trim(text, "{} ") != "" {
			all = append(all, said{set.Position(e.Pos()).String(), text})
		}
	}
	codec := strings.HasSuffix(folder, "codec")
	problems := !codec && !strings.HasSuffix(folder, "letters") && !strings.HasSuffix(folder, "callback") // those two refuse operators
	for _, f := range parsed {
		ast.Inspect(f, func(n ast.Node) bool {
			switch n := n.(type) {
			case *ast.CompositeLit:
				if asField[nameOf(n.Type)] {
					for _, e := range n.Elts {
						if kv, ok := e.(*ast.KeyValueExpr); ok && slices.Contains([]string{"Title", "Detail", "Description"}, nameOf(kv.Key)) {
							add(kv.Value)
						}
					}
				}
			case *ast.CallExpr:
				if name := nameOf(n.Fun); len(n.Args) > 0 && (problems && asProblem[name] || codec && asReason[name]) {
					add(n.Args[len(n.Args)-1])
				}
			case *ast.AssignStmt:
				for i, left := range n.Lhs {
					if problems && asDetail[nameOf(left)] && !step(left) && i < len(n.Rhs) {
						add(n.Rhs[i])
					}
				}
			case *ast.ValueSpec:
				if len(n.Names) == 1 && tables[n.Names[0].Name] && len(n.Values) == 1 {
					ast.Inspect(n.Values[0], func(x ast.Node) bool {
						switch x := x.(type) {
						case *ast.BinaryExpr: // a text over two lines
							add(x)
							return false
						case *ast.BasicLit:
							if x.Kind == token.STRING {
								add(x)
							}
						}
						return true
					})
				}
				for i, name := range n.Names {
					if call, ok := valueAt(n, i).(*ast.CallExpr); ok && strings.HasSuffix(folder, "callback") &&
						slices.Contains([]string{"ErrNoAddress", "ErrNotAllowed"}, name.Name) {
						add(call.Args[0])
					}
				}
			}
			return true
		})
	}
	return all
}

// step reports whether what is assigned to is a field of a step, which has a title of its own.
func step(e ast.Expr) bool {
	s, ok := e.(*ast.SelectorExpr)
	return ok && nameOf(s.X) == "node"
}

func valueAt(n *ast.ValueSpec, i int) ast.Expr {
	if i < len(n.Values) {
		return n.Values[i]
	}
	return nil
}

func nameOf(e ast.Expr) string {
	switch e := e.(type) {
	case *ast.Ident:
		return e.Name
	case *ast.SelectorExpr:
		return e.Sel.Name
	}
	return ""
}

var verbs = regexp.MustCompile(`%[a-z]`)

// textOf returns the text of an expression, with {} for what is not written there.
func textOf(e ast.Expr, constants map[string]string) string {
	switch e := e.(type) {
	case *ast.BasicLit:
		if e.Kind == token.STRING {
			return constant.StringVal(constant.MakeFromLiteral(e.Value, e.Kind, 0))
		}
	case *ast.Ident, *ast.SelectorExpr:
		if text, ok := constants[nameOf(e)]; ok {
			return text
		}
	case *ast.BinaryExpr:
		return textOf(e.X, constants) + textOf(e.Y, constants)
	case *ast.CallExpr:
		if nameOf(e.Fun) == "Sprintf" && len(e.Args) > 0 {
			return verbs.ReplaceAllString(textOf(e.Args[0], constants), "{}")
		}
	}
	return "{}"
}
