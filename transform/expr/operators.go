package expr

import (
	"fondaco/config/diag"
	"fondaco/schema"

	"github.com/expr-lang/expr/ast"
)

func (c *checker) unary(n *ast.UnaryNode) operand {
	o := c.node(n.Node)
	o.use.All()
	if o.t.Kind == schema.KindUnknown {
		return unknown
	}
	of := o.eval
	op, _ := operatorOf(n.Operator, true)
	switch op.does {
	case negates:
		if !c.want(n.Node, o, schema.KindBool, n.Operator) {
			return unknown
		}
		return operand{t: inherit(schema.TypeBool, o.t), build: func() Eval {
			e := of()
			return func(f *Frame) (schema.Value, error) {
				v, err := e(f)
				return schema.Bool(!v.Bool()), err
			}
		}}
	case signs:
		if !c.number(n.Node, o, n.Operator) {
			return unknown
		}
		if n.Operator == "+" {
			return o
		}
		if o.constant != nil {
			if v, err := schema.Neg(*o.constant); err == nil {
				return constant(&schema.Type{Kind: o.t.Kind, Enum: []schema.Value{v}}, v)
			}
		}
		pos, _ := c.place(n.Location())
		return operand{t: bare(o.t), build: func() Eval {
			e := of()
			return located(func(f *Frame) (schema.Value, error) {
				v, err := e(f)
				if err != nil {
					return v, err
				}
				return schema.Neg(v)
			}, pos)
		}}
	}
	c.problem(diag.BadExpression, n, "the operator %s is not part of the language", n.Operator)
	return unknown
}

func (c *checker) binary(n *ast.BinaryNode) operand {
	op, known := operatorOf(n.Operator, false)
	switch {
	case !known:
		return c.noOperator(n)
	case op.does == joinsConditions:
		return c.logic(n)
	case op.does == replacesNil:
		return c.coalesce(n)
	}
	if n.Operator == "-" && c.hyphenated(n) {
		return unknown
	}
	l, r := c.node(n.Left), c.node(n.Right)
	if n.Operator == "/" || n.Operator == "%" {
		c.scope.root.refuses = c.scope.root.refuses || r.given && given(l, r) // by zero
	}
	if n.Operator != "==" && n.Operator != "!=" || r.t.Kind != schema.KindNull && l.t.Kind != schema.KindNull {
		l.use.All()
		r.use.All()
	}
	switch op.does {
	case equates:
		return c.equality(n, l, r)
	case orders:
		return c.order(n, l, r)
	case calculates:
		return c.arithmetic(n, l, r)
	case searches:
		return c.in(n, l, r)
	case searchesText:
		return c.texts(n, l, r)
	case matchesPattern:
		return c.matches(n, l, r)
	case spans:
		return c.span(n, l, r)
	}
	return c.noOperator(n)
}

// noOperator reports an operator that the parser knows and the language has not; its operands are checked all the same.
func (c *checker) noOperator(n *ast.BinaryNode) operand {
	c.node(n.Left).use.All()
	c.node(n.Right).use.All()
	if p := c.problem(diag.BadExpression, n, "the operator %s is not part of the language", n.Operator); instead[n.Operator] != "" {
		p.WithHint("%s", instead[n.Operator])
	}
	return unknown
}

// operate makes an operand of two, computed left to right, with the marks of both. What do returns as an error is one of
// the place; do charges what it goes over.
func (c *checker) operate(n ast.Node, t *schema.Type, l, r operand, do func(f *Frame, a, b schema.Value) (schema.Value, error)) operand {
	pos, _ := c.place(n.Location())
	left, right, sent := l.eval, r.eval, given(l, r)
	return operand{t: inherit(inherit(t, l.t), r.t), given: sent, build: func() Eval {
		a, b := left(), right()
		return func(f *Frame) (schema.Value, error) {
			x, err := a(f)
			if err != nil {
				return x, err
			}
			y, err := b(f)
			if err != nil {
				return y, err
			}
			v, err := do(f, x, y)
			if err != nil {
				err = &Failure{Pos: pos, Err: err, Given: sent}
			}
			return v, err
		}
	}}
}

// combine is operate for what does not know the frame: both operands are charged for it, down to their leaves.
func (c *checker) combine(n ast.Node, t *schema.Type, l, r operand, do func(a, b schema.Value) (schema.Value, error)) operand {
	costs, numbers := heavy(l.t) || heavy(r.t), l.t.Kind.Number() && r.t.Kind.Number()
	return c.operate(n, t, l, r, func(f *Frame, x, y schema.Value) (schema.Value, error) {
		if costs {
			if err := f.SpendDeep(x); err != nil {
				return x, err
			}
			if err := f.SpendDeep(y); err != nil {
				return x, err
			}
		}
		if numbers && (x.Kind() == schema.KindDecimal || y.Kind() == schema.KindDecimal) {
			if err := f.Spend(weight(x) + weight(y)); err != nil {
				return x, err
			}
		}
		return do(x, y)
	})
}

func (c *checker) logic(n *ast.BinaryNode) operand {
	and := n.Operator == "&&" || n.Operator == "and"
	problems := c.out.Len()
	l := c.node(n.Left)
	before := c.scope
	facts := c.facts(n.Left, and)
	if c.out.Len() > problems { // what the left one was meant to find out is not known
		facts = anything[0]
	}
	c.scope = before.Assume(facts)
	r := c.node(n.Right)
	c.scope = before
	// Where the left value is no condition the right one is not asked to be one: a or b was meant to choose a value.
	if !and && l.t.Nullable && l.t.Kind != schema.KindBool && l.t.Kind != schema.KindUnknown {
		c.problem(diag.TypeMismatch, n.Left, "expected a boolean for %s, found %s", n.Operator, show(l.t)).
			WithHint("for another value where it is nil write %s ?? …", c.what(n.Left))
		return unknown
	}
	if l.t.Kind == schema.KindText && !and {
		c.problem(diag.TypeMismatch, n.Left, "expected a boolean for %s, found %s", n.Operator, show(l.t)).
			WithHint("texts are joined by a + b, or as ${a}${b}")
		return unknown
	}
	if !c.want(n.Left, l, schema.KindBool, n.Operator) {
		return unknown
	}
	if !c.want(n.Right, r, schema.KindBool, n.Operator) {
		return unknown
	}
	left, right := l.eval, r.eval
	return operand{t: inherit(inherit(schema.TypeBool, l.t), r.t), build: func() Eval {
		a, b := left(), right()
		return func(f *Frame) (schema.Value, error) {
			v, err := a(f)
			if err != nil || v.Bool() != and {
				return schema.Bool(v.Bool()), err
			}
			return b(f)
		}
	}}
}

func (c *checker) coalesce(n *ast.BinaryNode) operand {
	l := c.node(n.Left)
	r := c.node(n.Right)
	l.use.All()
	r.use.All()
	if l.t.Kind == schema.KindUnknown || r.t.Kind == schema.KindUnknown {
		return unknown
	}
	if !l.t.Nullable && !c.scope.guesses() {
		c.problem(diag.TypeMismatch, n.Left, "%s is never nil", c.what(n.Left)).WithHint("leave out ?? and what follows").AsWarning()
		return l
	}
	t := r.t
	if l.t.Kind != schema.KindNull {
		t = schema.Join(unnull(l.t), r.t)
	}
	return operand{t: inherit(t, l.t), given: given(l, r), build: func() Eval {
		a, b := laid(l, t), laid(r, t)
		return func(f *Frame) (schema.Value, error) {
			v, err := a(f)
			if err != nil || !v.IsNil() {
				return v, err
			}
			return b(f)
		}
	}}
}

func unnull(t *schema.Type) *schema.Type {
	if t.Kind == schema.KindAny {
		return t
	}
	return t.NotNull()
}
