package expr

import (
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"testing"

	tree "github.com/expr-lang/expr/ast"
	language "github.com/expr-lang/expr/parser"
)

// kinds collects the kinds of the nodes that a visitor meets.
type kinds map[string]bool

func (k kinds) Visit(n *tree.Node) { k[reflect.TypeOf(*n).Elem().Name()] = true }

// TestForms: each form that the checker tells apart is in an example of the reference page, and so is each operator.
func TestForms(t *testing.T) {
	seen := kinds{}
	for _, f := range Forms() {
		for _, e := range f.Shown {
			if parsed, err := language.Parse(e.Text); err == nil {
				tree.Walk(&parsed.Node, seen)
			}
		}
	}
	for _, o := range Operators() {
		right, wrong := 0, 0
		for _, e := range o.Shown {
			if e.Problem == "" {
				right++
			} else {
				wrong++
			}
			if parsed, err := language.Parse(e.Text); err == nil {
				tree.Walk(&parsed.Node, seen)
			}
		}
		if right == 0 || wrong == 0 {
			t.Errorf("the operator %s has %d examples and %d misuses", o.Name, right, wrong)
		}
	}
	file, err := parser.ParseFile(token.NewFileSet(), "check.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	cases := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if f, is := n.(*ast.FuncDecl); is && f.Name.Name != "node" {
			return false
		}
		clause, is := n.(*ast.CaseClause)
		if !is {
			return true
		}
		for _, c := range clause.List {
			star, is := c.(*ast.StarExpr)
			if !is {
				continue
			}
			cases++
			if name := star.X.(*ast.SelectorExpr).Sel.Name; !seen[name] {
				t.Errorf("no example has a %s", name)
			}
		}
		return true
	})
	if cases < 15 {
		t.Errorf("found %d cases in the checker", cases)
	}
}
