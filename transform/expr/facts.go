package expr

import (
	"strings"

	"github.com/expr-lang/expr/ast"
)

// everything stands for all paths that there are, among those that are known not to be nil.
const everything = "*"

// anything is what a condition that has a problem finds out: nothing may be reported for what it does not.
var anything = [2][]string{{everything}, {everything}}

// Assume returns a scope in which some paths are known not to be nil: what a condition has found out (Expr.Facts).
func (s *Scope) Assume(paths []string) *Scope {
	if len(paths) == 0 {
		return s
	}
	c := s.Child()
	c.known = map[string]bool{}
	for _, p := range paths {
		c.known[p] = true
	}
	return c
}

// assumed reports whether a path is known not to be nil here. What was known of a name ends where the name is declared
// again.
func (s *Scope) assumed(path string) bool {
	if path == "" {
		return false
	}
	name, _, _ := strings.Cut(path, ".")
	for ; s != nil; s = s.parent {
		if s.known[path] || s.known[everything] {
			return true
		}
		if s.vars[name] != nil {
			return false
		}
	}
	return false
}

// guesses reports whether what is not nil here is not known, since a condition before has a problem: neither is reported then
// what may be nil nor what never is.
func (s *Scope) guesses() bool {
	for ; s != nil; s = s.parent {
		if s.known[everything] {
			return true
		}
	}
	return false
}

// facts lists the paths that are not nil when n has given truth.
func (c *checker) facts(n ast.Node, truth bool) []string {
	switch n := n.(type) {
	case *ast.UnaryNode:
		if n.Operator == "not" || n.Operator == "!" {
			return c.facts(n.Node, !truth)
		}
	case *ast.BinaryNode:
		switch n.Operator {
		case "&&", "and":
			if truth {
				return append(c.facts(n.Left, true), c.facts(n.Right, true)...)
			}
			return both(c.facts(n.Left, false), c.facts(n.Right, false))
		case "||", "or":
			if !truth {
				return append(c.facts(n.Left, false), c.facts(n.Right, false)...)
			}
			return both(c.facts(n.Left, true), c.facts(n.Right, true))
		case "==", "!=":
			same := (n.Operator == "==") == truth
			for _, side := range [][2]ast.Node{{n.Left, n.Right}, {n.Right, n.Left}} {
				_, isNil := side[1].(*ast.NilNode)
				if isNil != same && (isNil || fixed(side[1])) {
					return prefixes(pathOf(side[0]))
				}
			}
		case "in":
			if truth && !c.loose[n] {
				return prefixes(pathOf(n.Left))
			}
		case "matches", "contains", "startsWith", "endsWith", "<", "<=", ">", ">=":
			if truth {
				return prefixes(pathOf(n.Left))
			}
		}
	case *ast.IdentifierNode, *ast.MemberNode, *ast.ChainNode:
		if truth {
			return prefixes(pathOf(n))
		}
	}
	return nil
}

// fixed reports whether a node is a value that is never nil.
func fixed(n ast.Node) bool {
	switch n.(type) {
	case *ast.StringNode, *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode:
		return true
	}
	return false
}

// both returns what stands in either list.
func both(a, b []string) (out []string) {
	for _, x := range a {
		for _, y := range b {
			if x == y {
				out = append(out, x)
				break
			}
		}
	}
	return out
}

// pathOf returns names and fields joined by points, "" for anything else.
func pathOf(n ast.Node) string {
	switch n := n.(type) {
	case *ast.IdentifierNode:
		return n.Value
	case *ast.PointerNode:
		return "#"
	case *ast.ChainNode:
		return pathOf(n.Node)
	case *ast.MemberNode:
		if p, ok := n.Property.(*ast.StringNode); ok {
			if base := pathOf(n.Node); base != "" {
				return base + "." + p.Value
			}
		}
	}
	return ""
}

// prefixes returns the path and all that it leads through: where a.b is there, a is.
func prefixes(path string) (out []string) {
	if path == "" {
		return nil
	}
	for i := range path {
		if path[i] == '.' {
			out = append(out, path[:i])
		}
	}
	return append(out, path)
}
