package expr

import (
	"fondaco/config/diag"
	"fondaco/schema"

	"github.com/expr-lang/expr/ast"
)

// equality types == and !=. Anything may be compared with nil.
func (c *checker) equality(n *ast.BinaryNode, l, r operand) operand {
	if l.t.Kind == schema.KindUnknown || r.t.Kind == schema.KindUnknown {
		return unknown
	}
	want := n.Operator == "=="
	for _, side := range []struct {
		nil, other operand
		node       ast.Node
	}{{r, l, n.Left}, {l, r, n.Right}} {
		if side.nil.t.Kind != schema.KindNull {
			continue
		}
		if !side.other.t.Nullable && side.other.t.Kind != schema.KindAny && !c.scope.guesses() {
			c.problem(diag.TypeMismatch, side.node, "%s is never nil", c.what(side.node)).AsWarning()
		}
		of := side.other.eval
		return operand{t: inherit(schema.TypeBool, &schema.Type{Secret: side.other.t.Secret}), build: func() Eval {
			e := of()
			return func(f *Frame) (schema.Value, error) {
				v, err := e(f)
				return schema.Bool(v.IsNil() == want), err
			}
		}}
	}
	if !c.comparable(n, l, r) {
		return unknown
	}
	if r.constant != nil && r.constant.Kind() == schema.KindText && l.t.Kind == schema.KindText {
		word, of := r.constant.Str(), l.eval
		return operand{t: inherit(schema.TypeBool, l.t), build: func() Eval {
			e := of()
			return func(f *Frame) (schema.Value, error) {
				v, err := e(f)
				return schema.Bool((v.Str() == word && !v.IsNil()) == want), err
			}
		}}
	}
	dated(&l, &r)
	return c.operate(n, schema.TypeBool, l, r, func(f *Frame, x, y schema.Value) (schema.Value, error) {
		equal, err := f.same(x, y)
		return schema.Bool(equal == want), err
	})
}

// dated makes a date of a constant text that stands beside one, so that moments are compared and not their spelling.
func dated(l, r *operand) {
	for _, side := range [][2]*operand{{l, r}, {r, l}} {
		text, date := side[0], side[1]
		if text.constant == nil || text.t.Kind != schema.KindText || !date.t.Kind.Textual() || date.t.Kind == schema.KindText {
			continue
		}
		if v, err := parseTextual(date.t.Kind, text.constant.Str()); err == nil {
			text.constant = &v
		}
	}
}

// comparable reports two values that are never equal because of their types.
func (c *checker) comparable(n *ast.BinaryNode, l, r operand) bool {
	a, b := l.t, r.t
	switch {
	case a.Kind == schema.KindAny || b.Kind == schema.KindAny || a.Kind == schema.KindUnion || b.Kind == schema.KindUnion:
		return true
	case a.Kind.Number() && b.Kind.Number():
		return true
	case a.Kind.Textual() && b.Kind.Textual():
		return c.possibleWord(n.Right, r, a) && c.possibleWord(n.Left, l, b) && c.possibleDate(n.Right, r, a) && c.possibleDate(n.Left, l, b)
	case a.Kind == b.Kind || a.Kind == schema.KindRecord && b.Kind == schema.KindMap || a.Kind == schema.KindMap &&
		b.Kind == schema.KindRecord:
		return true
	}
	p := c.problem(diag.TypeMismatch, n, "%s is %s and %s is %s: they are never equal", c.what(n.Left), show(a), c.what(n.Right), show(b))
	if a.Kind == schema.KindText && b.Kind.Number() {
		p.WithHint("compare with text, or write number(%s)", c.what(n.Left))
	}
	return false
}

// possibleWord reports a constant that is none of the words that the other side may be.
func (c *checker) possibleWord(n ast.Node, o operand, t *schema.Type) bool {
	if o.constant == nil || len(t.Enum) == 0 || o.constant.Kind() != schema.KindText {
		return true
	}
	var among []string
	for _, v := range t.Enum {
		if v.Str() == o.constant.Str() {
			return true
		}
		among = append(among, v.Str())
	}
	if len(among) == 1 {
		return true // another constant: the comparison is always false, and harmless
	}
	p := c.problem(diag.TypeMismatch, n, "it is never %q, only %s", o.constant.Str(), show(t.NotNull())).WithNearest(o.constant.Str(), among)
	_ = p
	return false
}

// possibleDate reports a constant text that is not a date where one is compared with a date.
func (c *checker) possibleDate(n ast.Node, o operand, t *schema.Type) bool {
	if o.constant == nil || o.constant.Kind() != schema.KindText || t.Kind == schema.KindText {
		return true
	}
	if _, err := parseTextual(t.Kind, o.constant.Str()); err != nil {
		c.problem(diag.TypeMismatch, n, "%s, found %q", err, o.constant.Str())
		return false
	}
	return true
}

func parseTextual(k schema.Kind, s string) (schema.Value, error) {
	switch k {
	case schema.KindDate:
		return schema.ParseDate(s)
	case schema.KindTime:
		return schema.ParseTime(s)
	case schema.KindDateTime:
		return schema.ParseDateTime(s)
	case schema.KindDuration:
		return schema.ParseDuration(s)
	case schema.KindDateTimeLocal:
		return schema.ParseDateTimeLocal(s)
	case schema.KindTimeLocal:
		return schema.ParseTimeLocal(s)
	}
	return schema.Text(s), nil
}

func (c *checker) order(n *ast.BinaryNode, l, r operand) operand {
	if l.t.Kind == schema.KindUnknown || r.t.Kind == schema.KindUnknown {
		return unknown
	}
	a, b := l.t, r.t
	if !(a.Kind.Number() && b.Kind.Number() || a.Kind.Textual() && b.Kind.Textual() &&
		(a.Kind == b.Kind || l.constant != nil || r.constant != nil)) {
		p := c.problem(diag.TypeMismatch, n, "%s cannot be ordered: %s is %s, %s is %s", n.Operator, c.what(n.Left), show(a), c.what(n.Right),
			show(b))
		if a.Kind == schema.KindText && b.Kind.Number() {
			p.WithHint("number(%s) reads a number from text", c.what(n.Left))
		}
		return unknown
	}
	if !c.possibleDate(n.Right, r, a) || !c.possibleDate(n.Left, l, b) {
		return unknown
	}
	for _, side := range []struct {
		o operand
		n ast.Node
	}{{l, n.Left}, {r, n.Right}} {
		if side.o.t.Nullable {
			c.problem(diag.MaybeNil, side.n, "%s may be nil, and is compared with %s", c.what(side.n), n.Operator).
				WithHint("give a value for that case: (%s ?? …), or ask first: %s != nil && …", c.what(side.n), c.what(side.n))
			return unknown
		}
	}
	dated(&l, &r)
	less, equal := n.Operator[0] == '<', len(n.Operator) == 2
	return c.combine(n, schema.TypeBool, l, r, func(a, b schema.Value) (schema.Value, error) {
		o, err := schema.Compare(a, b)
		return schema.Bool(o == 0 && equal || o < 0 && less || o > 0 && !less), err
	})
}
