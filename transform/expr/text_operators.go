package expr

import (
	"strings"

	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/funcs"

	"github.com/expr-lang/expr/ast"
)

func (c *checker) in(n *ast.BinaryNode, l, r operand) operand {
	switch r.t.Kind {
	case schema.KindUnknown:
		return unknown
	case schema.KindList:
		if r.t.Nullable {
			c.problem(diag.MaybeNil, n.Right, "%s may be nil, and is searched with in", c.what(n.Right)).
				WithHint("give a value for that case: (%s ?? [])", c.what(n.Right))
			return unknown
		}
		if l.t.Kind != schema.KindUnknown && r.t.Elem.Kind != schema.KindNever && !c.comparable(n, l, operand{t: r.t.Elem}) {
			return unknown
		}
		if r.t.Elem.Nullable {
			if c.loose == nil {
				c.loose = map[*ast.BinaryNode]bool{}
			}
			c.loose[n] = true
		}
		return c.operate(n, schema.TypeBool, l, r, func(f *Frame, x, list schema.Value) (schema.Value, error) {
			for _, y := range list.Items() {
				if err := f.SpendItem(); err != nil {
					return list, err
				}
				if equal, err := f.same(x, y); equal || err != nil {
					return schema.Bool(equal), err
				}
			}
			return schema.Bool(false), nil
		})
	case schema.KindMap, schema.KindRecord, schema.KindAny:
		if !c.want(n.Left, l, schema.KindText, "in") {
			return unknown
		}
		return c.combine(n, schema.TypeBool, l, r, func(a, b schema.Value) (schema.Value, error) {
			for _, x := range b.Items() { // combine has charged all of b
				if schema.Equal(a, x) {
					return schema.Bool(true), nil
				}
			}
			return schema.Bool(!b.Get(a.Str()).IsAbsent()), nil
		})
	}
	p := c.problem(diag.TypeMismatch, n.Right, "expected a list after in, found %s", show(r.t))
	if r.t.Kind.Textual() {
		p.WithHint("for a text within a text write %s contains %s", c.what(n.Right), c.what(n.Left))
	}
	return unknown
}

func (c *checker) texts(n *ast.BinaryNode, l, r operand) operand {
	ok := c.wantText(n.Left, l, n.Operator)
	if !c.wantText(n.Right, r, n.Operator) || !ok {
		return unknown
	}
	do := map[string]func(s, part string) bool{
		"contains": strings.Contains, "startsWith": strings.HasPrefix,
		"endsWith": strings.HasSuffix,
	}[n.Operator]
	return c.combine(n, schema.TypeBool, l, r, func(a, b schema.Value) (schema.Value, error) { return schema.Bool(do(a.Str(), b.Str())), nil })
}

func (c *checker) wantText(n ast.Node, o operand, role string) bool {
	if o.t.Kind.Textual() && !o.t.Nullable {
		o.use.All()
		return true
	}
	return c.want(n, o, schema.KindText, role)
}

func (c *checker) matches(n *ast.BinaryNode, l, r operand) operand {
	ok := c.wantText(n.Left, l, "matches")
	if r.constant == nil {
		if r.t.Kind != schema.KindUnknown {
			c.problem(diag.TypeMismatch, n.Right, "expected a pattern in quotes after matches").
				WithHint("patterns are compiled when the project is loaded")
		}
		return unknown
	}
	pattern, err := funcs.NewPattern(r.constant.Str())
	if err != nil {
		c.problem(diag.BadExpression, n.Right, "%s", err).WithHint("patterns are RE2: https://github.com/google/re2/wiki/Syntax")
		return unknown
	}
	if !ok {
		return unknown
	}
	of := l.eval
	pos, _ := c.place(n.Location())
	return operand{t: inherit(inherit(schema.TypeBool, l.t), r.t), build: func() Eval {
		e := of()
		return func(f *Frame) (schema.Value, error) {
			v, err := e(f)
			if err != nil {
				return v, err
			}
			found, err := pattern.Match(f, v.Str())
			if err != nil {
				return v, &Failure{Pos: pos, Err: err}
			}
			return schema.Bool(found), nil
		}
	}}
}

// maxSpan is how many numbers a..b returns at most.
const maxSpan = 100_000

func (c *checker) span(n *ast.BinaryNode, l, r operand) operand {
	ok := c.want(n.Left, l, schema.KindInt, "..")
	if !c.want(n.Right, r, schema.KindInt, "..") || !ok {
		return unknown
	}
	return c.operate(start(n), schema.ListOf(schema.TypeInt), l, r, func(f *Frame, a, b schema.Value) (schema.Value, error) {
		if b.Int() < a.Int() {
			return schema.List(nil), nil
		}
		many := uint64(b.Int()) - uint64(a.Int()) + 1 // never negative, whatever the two are
		if many-1 >= maxSpan {
			return a, ErrBudget
		}
		if err := f.Spend(int(many)); err != nil {
			return a, err
		}
		if err := f.TakeValues(int(many)); err != nil {
			return a, err
		}
		items := make([]schema.Value, many)
		for i := range items {
			items[i] = schema.Int(a.Int() + int64(i))
		}
		return schema.List(items), nil
	})
}
