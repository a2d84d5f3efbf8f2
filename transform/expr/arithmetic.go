package expr

import (
	"fondaco/config/diag"
	"fondaco/schema"

	"github.com/expr-lang/expr/ast"
)

// bare returns the kind of t and its marks, without constraints.
func bare(t *schema.Type) *schema.Type {
	return inherit(&schema.Type{Kind: t.Kind}, t)
}

func (c *checker) number(n ast.Node, o operand, role string) bool {
	if o.t.Kind == schema.KindUnknown {
		return false
	}
	if !o.t.Kind.Number() {
		p := c.problem(diag.TypeMismatch, n, "expected a number for %s, found %s", role, show(o.t))
		if o.t.Kind == schema.KindText {
			p.WithHint("number(%s) reads a number from text", c.what(n))
		}
		return false
	}
	if o.t.Nullable {
		c.problem(diag.MaybeNil, n, "%s may be nil, and is needed for %s", c.what(n), role).
			WithHint("give a value for that case: %s ?? …", c.what(n))
		return false
	}
	return true
}

// divisionDigits is how many digits after the point a quotient has at most.
const divisionDigits = 16

func (c *checker) arithmetic(n *ast.BinaryNode, l, r operand) operand {
	if l.t.Kind == schema.KindUnknown || r.t.Kind == schema.KindUnknown {
		return unknown
	}
	if n.Operator == "+" && (l.t.Kind.Textual() || r.t.Kind.Textual()) {
		return c.concatenate(n, l, r)
	}
	if n.Operator == "+" && l.t.Kind == schema.KindList && r.t.Kind == schema.KindList {
		c.problem(diag.TypeMismatch, n, "lists are not added with +").WithHint("write concat(%s, %s)", c.what(n.Left), c.what(n.Right))
		return unknown
	}
	ok := c.number(n.Left, l, n.Operator)
	if !c.number(n.Right, r, n.Operator) || !ok {
		return unknown
	}
	t := schema.TypeDecimal
	whole := l.t.Kind == schema.KindInt && r.t.Kind == schema.KindInt
	if whole {
		t = schema.TypeInt
	}
	switch n.Operator {
	case "+":
		return c.combine(n, t, l, r, schema.Add)
	case "-":
		return c.combine(n, t, l, r, schema.Sub)
	case "*":
		return c.combine(n, t, l, r, schema.Mul)
	case "/":
		return c.combine(n, schema.TypeDecimal, l, r, func(a, b schema.Value) (schema.Value, error) { return schema.Div(a, b, divisionDigits) })
	}
	if !whole {
		c.problem(diag.TypeMismatch, n, "%% is for whole numbers, found %s and %s", show(l.t), show(r.t))
		return unknown
	}
	return c.combine(n, t, l, r, func(a, b schema.Value) (schema.Value, error) {
		if b.Int() == 0 {
			return schema.Value{}, schema.ErrDivision
		}
		if b.Int() == -1 {
			return schema.Int(0), nil
		}
		return schema.Int(a.Int() % b.Int()), nil
	})
}

// concatenate types + of texts.
func (c *checker) concatenate(n *ast.BinaryNode, l, r operand) operand {
	for _, side := range []struct {
		o operand
		n ast.Node
	}{{l, n.Left}, {r, n.Right}} {
		if !side.o.t.Kind.Textual() {
			c.problem(diag.TypeMismatch, side.n, "expected text for +, found %s", show(side.o.t)).
				WithHint("write text(%s), or a text with holes", c.what(side.n))
			return unknown
		}
		if side.o.t.Nullable {
			c.problem(diag.MaybeNil, side.n, "%s may be nil, and is needed for +", c.what(side.n)).
				WithHint("give a value for that case: (%s ?? \"\")", c.what(side.n))
			return unknown
		}
	}
	return c.operate(n, schema.TypeText, l, r, func(f *Frame, x, y schema.Value) (schema.Value, error) {
		if err := f.Spend(1 + (x.Len()+y.Len())/16); err != nil {
			return x, err
		}
		if err := f.Take(x.Len() + y.Len()); err != nil {
			return x, err
		}
		return schema.Text(x.Str() + y.Str()), nil
	})
}
