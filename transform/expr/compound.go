package expr

import (
	"fondaco/config/diag"
	"fondaco/schema"

	"github.com/expr-lang/expr/ast"
)

// conditional types a ? b : c. In b the condition holds, in c it does not.
func (c *checker) conditional(n *ast.ConditionalNode) operand {
	cond := c.node(n.Cond)
	ok := c.want(n.Cond, cond, schema.KindBool, "the condition of ?")
	before := c.scope
	c.scope = before.Assume(c.facts(n.Cond, true))
	yes := c.node(n.Exp1)
	c.scope = before.Assume(c.facts(n.Cond, false))
	no := c.node(n.Exp2)
	c.scope = before
	yes.use.All()
	no.use.All()
	if !ok || yes.t.Kind == schema.KindUnknown || no.t.Kind == schema.KindUnknown {
		return unknown
	}
	t := schema.Join(yes.t, no.t)
	if cond.t.Personal || cond.t.Secret {
		t = inherit(t, &schema.Type{Secret: cond.t.Secret})
	}
	return operand{t: t, build: func() Eval {
		test, a, b := cond.eval(), laid(yes, t), laid(no, t)
		return func(f *Frame) (schema.Value, error) {
			v, err := test(f)
			if err != nil {
				return v, err
			}
			if v.Bool() {
				return a(f)
			}
			return b(f)
		}
	}}
}

// let types "let x = value; rest".
func (c *checker) let(n *ast.VariableDeclaratorNode) operand {
	value := c.node(n.Value)
	before := c.scope
	c.scope = before.Child()
	v := c.scope.Declare(n.Name, value.t)
	v.Given = value.given
	if value.use != nil {
		v.Use = value.use
	} else {
		v.Use = nil
	}
	rest := c.node(n.Expr)
	c.scope = before
	of, then, slot := value.eval, rest.eval, v.Slot
	rest.build = func() Eval {
		e, rest := of(), then()
		return func(f *Frame) (schema.Value, error) {
			v, err := e(f)
			if err != nil {
				return v, err
			}
			f.Slots[slot] = v
			return rest(f)
		}
	}
	rest.constant, rest.path, rest.slot = nil, "", 0
	return rest
}

func (c *checker) array(n *ast.ArrayNode) operand {
	elem := schema.TypeNever
	var parts []operand
	var values []schema.Value
	for _, item := range n.Nodes {
		o := c.node(item)
		o.use.All()
		elem = schema.Join(elem, o.t)
		parts = append(parts, o)
		if o.constant != nil {
			values = append(values, *o.constant)
		}
	}
	t := schema.ListOf(elem)
	if elem.Personal || elem.Secret {
		t = inherit(t, elem)
	}
	if len(values) == len(n.Nodes) {
		return constant(t, schema.List(values))
	}
	pos, _ := c.place(n.Location())
	return operand{t: t, build: func() Eval {
		evals := make([]Eval, len(parts))
		for i, p := range parts {
			evals[i] = laid(p, elem)
		}
		return func(f *Frame) (schema.Value, error) {
			if err := f.Spend(len(evals)); err != nil {
				return schema.Value{}, &Failure{Pos: pos, Err: err}
			}
			if err := f.TakeValues(len(evals)); err != nil {
				return schema.Value{}, &Failure{Pos: pos, Err: err}
			}
			items := f.Arena.Values(len(evals))
			for i, e := range evals {
				v, err := e(f)
				if err != nil {
					return v, err
				}
				items[i] = present(v)
			}
			return schema.List(items), nil
		}
	}}
}

// record types {a: 1, b: 2}.
func (c *checker) record(n *ast.MapNode) operand {
	t := &schema.Type{Kind: schema.KindRecord}
	var parts []func() Eval
	for _, pair := range n.Pairs {
		pair, ok := pair.(*ast.PairNode)
		if !ok {
			return unknown
		}
		key, ok := pair.Key.(*ast.StringNode)
		if !ok {
			c.problem(diag.BadExpression, pair.Key, "expected a name before the colon")
			return unknown
		}
		if t.Index(key.Value) >= 0 {
			c.problem(diag.BadExpression, key, "the name %q stands twice", key.Value)
			return unknown
		}
		o := c.node(pair.Value)
		o.use.All()
		t.Fields = append(t.Fields, schema.Field{Name: key.Value, Type: o.t, Required: true})
		parts = append(parts, o.eval)
	}
	t.Seal()
	pos, _ := c.place(n.Location())
	return operand{t: t, build: func() Eval {
		evals := make([]Eval, len(parts))
		for i, p := range parts {
			evals[i] = p()
		}
		return func(f *Frame) (schema.Value, error) {
			if err := f.TakeValues(len(evals) + 1); err != nil {
				return schema.Value{}, &Failure{Pos: pos, Err: err}
			}
			slots := f.Arena.Slots(t)
			for i, e := range evals {
				v, err := e(f)
				if err != nil {
					return v, err
				}
				slots[i+1] = present(v)
			}
			return schema.Record(t, slots), nil
		}
	}}
}
