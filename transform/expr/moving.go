package expr

import (
	"slices"

	"fondaco/config/diag"

	"github.com/expr-lang/expr/ast"
)

// Moving lets the expressions that are checked from now on, over s and scopes of its root, read clock() and what came of
// it. It returns what ends that, and reports whether one did.
func (s *Scope) Moving() (end func() (moved bool)) {
	moving, moved := s.root.moving, s.root.moved
	s.root.moving, s.root.moved = true, false
	return func() bool {
		is := s.root.moved
		s.root.moving, s.root.moved = moving, moved || is
		return is
	}
}

// moves reports whether something that is another value at each attempt may be read here; otherwise what says of it what
// it is, and that is a problem.
func (c *checker) moves(n ast.Node, what string) bool {
	c.scope.root.moved = true
	switch {
	case c.scope.root.place == nil:
		c.problem(diag.BadExpression, n, "%s, and there is no exchange here", what).WithHint("write now()")
	case !c.scope.root.moving:
		c.problem(diag.BadExpression, n, "%s: what stands here must be the same at every attempt", what).
			WithHint("write now(), when the exchange began; clock() stands in log, in until and next of repeat, and in when")
	default:
		return true
	}
	return false
}

// still reports whether what is read of a name, by the node that it stands in, may be read here: all of it, or a field of it.
func (c *checker) still(n ast.Node, v *Var, field string) bool {
	if len(v.Moving) == 0 || field != "" && !slices.Contains(v.Moving, field) && !slices.Contains(v.Moving, "") {
		return true
	}
	name := v.Name
	if field != "" {
		name += "." + field
	}
	return c.moves(n, name+" comes of clock()")
}
