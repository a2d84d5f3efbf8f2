package expr

import (
	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/funcs"

	"github.com/expr-lang/expr/ast"
)

// closure is a built-in that looks at the items of a list one by one, as filter(list, .open). In its second argument
// # or a leading point stand for the item.
type closure struct {
	doc      string
	example  string
	result   string
	optional bool        // the second argument may be left out
	body     schema.Kind // what the second argument returns; KindAny for whatever
	gives    passing     // whether items leave with the result
	typ      func(list, elem, body *schema.Type) *schema.Type
	run      func(f *Frame, items []schema.Value, body func(schema.Value) (schema.Value, error)) (schema.Value, error)
}

// passing says which items of its list a closure, or function, hands on.
type passing uint8

const (
	givesOther  passing = iota // none
	givesItems                 // a list of some
	givesItem                  // one
	givesGroups                // within other values
)

// counted records that a list is looked at and none of its items is.
func counted(list operand) {
	if list.t.Kind == schema.KindList && list.t.Elem.Kind == schema.KindRecord {
		list.use.Elem()
		return
	}
	list.use.All()
}

func fixedType(t *schema.Type) func(_, _, _ *schema.Type) *schema.Type {
	return func(_, _, _ *schema.Type) *schema.Type { return t }
}

func sameList(list, _, _ *schema.Type) *schema.Type { return list.NotNull() }

// closures is the table of them.
var closures = map[string]closure{
	"filter": {
		doc: "The items for which the condition holds.", example: `filter([1, 2, 3], # > 1)`, result: `[2,3]`, body: schema.KindBool,
		gives: givesItems, typ: sameList,
		run: func(f *Frame, items []schema.Value, body func(schema.Value) (schema.Value, error)) (schema.Value, error) {
			kept := make([]schema.Value, 0, len(items))
			for _, x := range items {
				v, err := body(x)
				if err != nil {
					return v, err
				}
				if v.Bool() {
					kept = append(kept, x)
				}
			}
			return schema.List(kept), nil
		},
	},
	"map": {
		doc: "What the expression is for each item.", example: `map([1, 2], # * 10)`, result: `[10,20]`, body: schema.KindAny,
		typ: func(_, _, body *schema.Type) *schema.Type { return schema.ListOf(body) },
		run: func(f *Frame, items []schema.Value, body func(schema.Value) (schema.Value, error)) (schema.Value, error) {
			out := make([]schema.Value, len(items))
			for i, x := range items {
				v, err := body(x)
				if err != nil {
					return v, err
				}
				out[i] = present(v)
			}
			return schema.List(out), nil
		},
	},
	"any": {
		doc: "Whether the condition holds for some item.", example: `any([1, 2], # > 1)`, result: `true`, body: schema.KindBool,
		typ: fixedType(schema.TypeBool), run: quantifier(true, true),
	},
	"all": {
		doc: "Whether the condition holds for every item.", example: `all([1, 2], # > 1)`, result: `false`, body: schema.KindBool,
		typ: fixedType(schema.TypeBool), run: quantifier(false, false),
	},
	"none": {
		doc: "Whether the condition holds for no item.", example: `none([1, 2], # > 2)`, result: `true`, body: schema.KindBool,
		typ: fixedType(schema.TypeBool), run: quantifier(true, false),
	},
	"one": {
		doc: "Whether the condition holds for exactly one item.", example: `one([1, 2], # > 1)`, result: `true`, body: schema.KindBool,
		typ: fixedType(schema.TypeBool), run: counter(func(n int) schema.Value { return schema.Bool(n == 1) }),
	},
	"count": {
		doc:     "How many items there are for which the condition holds; without it, how many there are.",
		example: `count([1, 2, 3], # > 1)`, result: `2`, body: schema.KindBool, optional: true, typ: fixedType(schema.TypeInt),
		run: counter(func(n int) schema.Value { return schema.Int(int64(n)) }),
	},
	"find": {
		doc: "The first item for which the condition holds, or nil.", example: `find([1, 2, 3], # > 1)`, result: `2`, body: schema.KindBool,
		gives: givesItem,
		typ:   func(_, elem, _ *schema.Type) *schema.Type { return elem.OrNull() },
		run: func(f *Frame, items []schema.Value, body func(schema.Value) (schema.Value, error)) (schema.Value, error) {
			for _, x := range items {
				if v, err := body(x); err != nil || v.Bool() {
					return x, err
				}
			}
			return schema.Null, nil
		},
	},
	"findLast": {
		doc: "The last item for which the condition holds, or nil.", example: `findLast([1, 2, 3], # > 1)`, result: `3`, body: schema.KindBool,
		gives: givesItem,
		typ:   func(_, elem, _ *schema.Type) *schema.Type { return elem.OrNull() },
		run: func(f *Frame, items []schema.Value, body func(schema.Value) (schema.Value, error)) (schema.Value, error) {
			for i := len(items) - 1; i >= 0; i-- {
				if v, err := body(items[i]); err != nil || v.Bool() {
					return items[i], err
				}
			}
			return schema.Null, nil
		},
	},
	"findIndex": {
		doc: "The place of the first item for which the condition holds, counted from 0, or nil.", example: `findIndex(["a", "b"], # == "b")`,
		result: `1`, body: schema.KindBool,
		typ: fixedType(schema.TypeInt.OrNull()),
		run: func(f *Frame, items []schema.Value, body func(schema.Value) (schema.Value, error)) (schema.Value, error) {
			for i, x := range items {
				if v, err := body(x); err != nil || v.Bool() {
					return schema.Int(int64(i)), err
				}
			}
			return schema.Null, nil
		},
	},
	"sum": {
		doc:     "The exact sum of the numbers, or of what the expression is for each item; nil counts as nothing.",
		example: `sum([{a: 1}, {a: 2.50}], .a)`, result: `3.50`, body: schema.KindDecimal, optional: true,
		typ: func(_, elem, body *schema.Type) *schema.Type {
			if body == nil {
				body = elem
			}
			if body.Kind == schema.KindInt {
				return bare(body)
			}
			return inherit(schema.TypeDecimal, body)
		},
		run: func(f *Frame, items []schema.Value, body func(schema.Value) (schema.Value, error)) (schema.Value, error) {
			total := schema.Int(0)
			for _, x := range items {
				v, err := body(x)
				if err != nil {
					return v, err
				}
				if v.IsNil() {
					continue
				}
				if err := f.Spend(weight(v)); err != nil {
					return v, err
				}
				if total, err = schema.Add(total, v); err != nil {
					return total, err
				}
			}
			return total, nil
		},
	},
	"sortBy": {
		doc:     "The items in the order of what the expression is; nil comes last. sortBy(list, .x, \"desc\") puts the greatest first.",
		example: `sortBy([{n: 2}, {n: 1}], .n)`, result: `[{"n":1},{"n":2}]`, body: schema.KindAny, gives: givesItems, typ: sameList,
	},
	"groupBy": {
		doc:     "The items grouped by what the expression is: a list of {key, items}, in the order in which the keys come.",
		example: `groupBy([{t: "a", n: 1}, {t: "b", n: 2}, {t: "a", n: 3}], .t)`,
		result:  `[{"key":"a","items":[{"t":"a","n":1},{"t":"a","n":3}]},{"key":"b","items":[{"t":"b","n":2}]}]`, body: schema.KindAny,
		gives: givesGroups,
		typ: func(list, _, body *schema.Type) *schema.Type {
			return schema.ListOf(schema.RecordType(schema.Field{Name: "key", Type: body, Required: true},
				schema.Field{Name: "items", Type: list.NotNull(), Required: true}))
		},
	},
}

// quantifier stops at the first item for which the condition is stop, and returns the value of then.
func quantifier(stop, then bool) func(*Frame, []schema.Value, func(schema.Value) (schema.Value, error)) (schema.Value, error) {
	return func(_ *Frame, items []schema.Value, body func(schema.Value) (schema.Value, error)) (schema.Value, error) {
		for _, x := range items {
			v, err := body(x)
			if err != nil {
				return v, err
			}
			if v.Bool() == stop {
				return schema.Bool(then), nil
			}
		}
		return schema.Bool(!then), nil
	}
}

func counter(give func(int) schema.Value) func(*Frame, []schema.Value, func(schema.Value) (schema.Value, error)) (schema.Value, error) {
	return func(_ *Frame, items []schema.Value, body func(schema.Value) (schema.Value, error)) (schema.Value, error) {
		n := 0
		for _, x := range items {
			v, err := body(x)
			if err != nil {
				return v, err
			}
			if v.Kind() != schema.KindBool || v.Bool() {
				n++
			}
		}
		return give(n), nil
	}
}

// closure types a call of one of the closures.
func (c *checker) closure(n ast.Node, name string, args []ast.Node) operand {
	k := closures[name]
	most := 2
	if name == "sortBy" {
		most = 3
	}
	if len(args) > most || len(args) < 1 || len(args) < 2 && !k.optional {
		c.problem(diag.TypeMismatch, n, "%s takes a list and an expression over its items, found %d arguments", name, len(args)).
			WithHint("for example %s", k.example)
		return unknown
	}
	list := c.node(args[0])
	elem, ok := c.listed(args[0], name, list.t)
	before := c.scope
	c.scope = before.Child()
	rounds := &Rounds{}
	c.scope.loop = rounds
	item := c.scope.Declare("#", elem)
	item.Use, item.Given = list.use.Elem(), list.given
	body, bodyType, fits := c.closureBody(name, k, args, list, item, ok)
	ok = ok && fits
	c.scope = before
	use := k.gives.ofItems(list.use)
	down := false
	if len(args) == 3 {
		order := c.node(args[2])
		if order.constant == nil || order.constant.Str() != "desc" && order.constant.Str() != "asc" {
			c.problem(diag.TypeMismatch, args[2], `expected "asc" or "desc"`)
			ok = false
		} else {
			down = order.constant.Str() == "desc"
		}
	}
	if ok && name == "sortBy" && !funcs.Ordered(bodyType) {
		c.problem(diag.TypeMismatch, args[1], "values of type %s have no order", show(bodyType)).WithHint("for example %s", k.example)
		ok = false
	}
	if !ok {
		return unknown
	}
	if bodyType == nil && name != "sum" {
		bodyType = elem
	}
	t := inherit(k.typ(list.t, elem, bodyType), list.t)
	if bodyType != nil && k.gives == givesOther {
		t = inherit(t, bodyType) // what a condition says of personal data is personal too
	}
	run := k.run
	switch name {
	case "groupBy":
		run = grouped(t)
	case "sortBy":
		run = sorted(down)
	}
	pos, _ := c.place(start(n).Location())
	of, each, at := list.eval, body.eval, item.Slot
	lists := t.Kind == schema.KindList // and so takes room
	return operand{t: t, use: use, build: func() Eval {
		list, each := of(), each()
		return overItems(list, each, at, rounds, run, lists, pos)
	}}
}

// listed returns the type of the items that a closure goes over; ok is false, and reported, if there are none.
func (c *checker) listed(n ast.Node, name string, t *schema.Type) (elem *schema.Type, ok bool) {
	switch {
	case t.Kind == schema.KindUnknown:
		return schema.TypeUnknown, false
	case t.Kind != schema.KindList:
		c.problem(diag.TypeMismatch, n, "expected a list for %s, found %s", name, show(t))
		return schema.TypeUnknown, false
	case t.Nullable:
		c.problem(diag.MaybeNil, n, "%s may be nil, and %s goes over it", c.what(n), name).
			WithHint("give a value for that case: %s ?? []", c.what(n))
		return ItemOf(t), false
	}
	return ItemOf(t), true
}

// closureBody types the second argument of a closure, or what stands for it: the item itself. t is nil where it is left out; fits is false,
// and reported, if the closure takes no values of its type. ok is false if something was reported of the list.
func (c *checker) closureBody(name string, k closure, args []ast.Node, list operand, item *Var, ok bool) (body operand, t *schema.Type,
	fits bool,
) {
	if len(args) > 1 {
		c.items = append(c.items, item)
		node := args[1]
		if p, isPredicate := node.(*ast.PredicateNode); isPredicate {
			node = p.Node
		}
		body = c.node(node)
		body.use.All()
		c.items = c.items[:len(c.items)-1]
		return body, body.t, c.bodyFits(node, name, k, body.t)
	}
	if k.body != schema.KindDecimal {
		counted(list)
		return operand{t: item.Type, build: slot(item.Slot)}, nil, true
	}
	list.use.All()
	return operand{t: item.Type, build: slot(item.Slot)}, nil, !ok || c.bodyFits(args[0], name, k, item.Type)
}

func (c *checker) bodyFits(n ast.Node, name string, k closure, t *schema.Type) bool {
	switch {
	case t.Kind == schema.KindUnknown:
		return false
	case k.body == schema.KindAny:
		return true
	case k.body == schema.KindDecimal:
		if t.Kind.Number() || t.Kind == schema.KindNever {
			return true
		}
		c.problem(diag.TypeMismatch, n, "expected numbers for %s, found %s", name, show(t))
		return false
	case t.Kind != schema.KindBool:
		c.problem(diag.TypeMismatch, n, "expected a condition for %s, found %s", name, show(t)).WithHint("for example %s", k.example)
		return false
	case t.Nullable:
		c.problem(diag.MaybeNil, n, "the condition of %s may be nil", name).WithHint("give a value for that case: (… ?? false)")
		return false
	}
	return true
}
