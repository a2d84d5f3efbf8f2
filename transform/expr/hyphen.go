package expr

import (
	"slices"

	"fondaco/config/diag"
	"fondaco/schema"

	"github.com/expr-lang/expr/ast"
)

// hyphenated reports a difference that was meant to be the name of a field with hyphens, as ${p.aperta-il}, and whether it is one:
// the value
// has a field of that name, and none of the name before the hyphen.
func (c *checker) hyphenated(n *ast.BinaryNode) bool {
	right, name := ast.Node(n), ""
	for {
		b, ok := right.(*ast.BinaryNode)
		if !ok || b.Operator != "-" {
			break
		}
		id, ok := b.Right.(*ast.IdentifierNode)
		if !ok {
			return false
		}
		name, right = "-"+id.Value+name, b.Left
	}
	m, ok := right.(*ast.MemberNode)
	if !ok {
		return false
	}
	key, ok := m.Property.(*ast.StringNode)
	if !ok {
		return false
	}
	t := c.quietly(m.Node)
	if last, _ := n.Right.(*ast.IdentifierNode); t == nil && last != nil && c.scope.Lookup(last.Value) == nil {
		c.node(m.Node).use.All() // which is told: what stands behind the hyphen was no name of its own
		return true
	}
	name = key.Value + name
	has := func(name string) bool {
		return t != nil && slices.ContainsFunc(t.Fields, func(f schema.Field) bool { return f.Name == name })
	}
	if has(key.Value) || !has(name) {
		return false
	}
	what := c.what(m.Node)
	c.problem(diag.UnknownMember, m.Property, "%s has no field %q", what, key.Value).WithHint("write %s[%q]: - subtracts", what, name)
	return true
}

// quietly returns the type of a node, nil where it has none, and reports nothing: it is looked at again.
func (c *checker) quietly(n ast.Node) *schema.Type {
	quiet := *c
	quiet.out = &diag.List{}
	if t := quiet.node(n).t; !quiet.out.Failed() {
		return t
	}
	return nil
}
