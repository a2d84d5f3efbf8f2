package expr

import (
	"fondaco/config/diag"
	"fondaco/schema"

	"github.com/expr-lang/expr/ast"
)

// member types x.name, x?.name and x[index].
func (c *checker) member(n *ast.MemberNode) operand {
	if name, ok := n.Property.(*ast.StringNode); ok {
		if of, ok := n.Node.(*ast.IdentifierNode); ok {
			if c.reads == nil {
				c.reads = map[ast.Node]string{}
			}
			c.reads[of] = name.Value
		}
	}
	base := c.node(n.Node)
	if base.t.Kind == schema.KindUnknown {
		base.use.All()
		return unknown
	}
	if name, ok := n.Property.(*ast.StringNode); ok && base.t.Kind != schema.KindList {
		return c.field(n, base, name.Value)
	}
	return c.index(n, base)
}

// field types the access of a field or entry by its name.
func (c *checker) field(n *ast.MemberNode, base operand, name string) operand {
	if base.t.Kind == schema.KindNull {
		c.problem(diag.MaybeNil, n.Property, "nil has no field %q", name)
		return unknown
	}
	path := ""
	if base.path != "" {
		path = base.path + "." + name
	}
	out := operand{use: base.use.Field(name), path: path, given: base.given}
	from := base.eval
	pos, _ := c.place(start(n.Node).Location())
	switch base.t.Kind {
	case schema.KindRecord:
		i := base.t.Index(name)
		if i < 0 {
			c.noField(n, base, name)
			return unknown
		}
		f := base.t.Fields[i]
		out.t = f.Type
		if !f.Required {
			out.t = f.Type.OrNull()
		}
		if base.constant != nil {
			v := present(base.constant.Field(i))
			out.constant = &v
			break
		}
		out.build = func() Eval {
			if base.slot > 0 {
				return slotField(base.slot-1, base.t, i, name)
			}
			return field(from(), base.t, i, name)
		}
	case schema.KindMap:
		out.t, out.use = base.t.Elem.OrNull(), nil
		base.use.All()
		out.build = func() Eval { return named(from(), name, pos) }
	case schema.KindAny:
		out.t, out.use = schema.TypeAny, nil
		base.use.All()
		out.build = func() Eval { return named(from(), name, pos) }
	case schema.KindUnion:
		var t *schema.Type
		for _, v := range base.t.Variants {
			i := v.Index(name)
			switch {
			case v.Kind != schema.KindRecord || i < 0:
				t = joined(t, schema.TypeNull)
			case v.Fields[i].Required:
				t = joined(t, v.Fields[i].Type)
			default:
				t = joined(t, v.Fields[i].Type.OrNull())
			}
		}
		if t == nil || t.Kind == schema.KindNull {
			c.noField(n, base, name)
			return unknown
		}
		base.use.All()
		out.t, out.use = t, nil
		out.build = func() Eval { return named(from(), name, pos) }
	default:
		sized(c.problem(diag.UnknownMember, n.Property, "%s has no fields, it is %s", c.what(n.Node), show(base.t)), name, c.what(n.Node))
		return unknown
	}
	out.t = inherit(out.t, base.t)
	if base.t.Nullable && base.t.Kind != schema.KindAny {
		if !n.Optional {
			c.maybeNil(n, base, "a field of it is read")
		}
		out.t = out.t.OrNull()
	}
	if out.t.Nullable && c.scope.assumed(path) {
		out.t = out.t.NotNull()
	}
	return out
}

func joined(a, b *schema.Type) *schema.Type {
	if a == nil {
		return b
	}
	return schema.Join(a, b)
}

// inherit marks t with the marks of the value that it is taken from.
func inherit(t, from *schema.Type) *schema.Type {
	if (t.Personal || !from.Personal) && (t.Secret || !from.Secret) {
		return t
	}
	m := *t
	m.Personal, m.Secret = t.Personal || from.Personal, t.Secret || from.Secret
	return &m
}

// ItemOf returns the type of a list's items, with the marks of the list: what is taken out of personal data is personal.
func ItemOf(list *schema.Type) *schema.Type { return inherit(list.Elem, list) }

// what names a node in messages.
func (c *checker) what(n ast.Node) string {
	if p := pathOf(n); p != "" {
		if p == "#" {
			return "the item"
		}
		return p
	}
	switch n.(type) {
	case *ast.MemberNode, *ast.ChainNode, *ast.CallNode, *ast.BuiltinNode, *ast.SliceNode:
		if s := n.String(); len(s) <= longestName {
			return s
		}
	}
	return "the value"
}

// longestName is how long a part of an expression may be for a message to repeat it.
const longestName = 40

func (c *checker) noField(n *ast.MemberNode, base operand, name string) {
	var names []string
	fields := base.t.Fields
	for _, v := range base.t.Variants {
		fields = append(fields, v.Fields...)
	}
	for _, f := range fields {
		names = append(names, f.Name)
	}
	p := c.problem(diag.UnknownMember, n.Property, "%s has no field %q", c.what(n.Node), name).WithNearest(name, names)
	if p.Hint == "" && len(names) > 0 && len(names) <= 12 {
		p.WithHint("it has %s", words(names))
	}
}

func words(names []string) string {
	s := ""
	for i, n := range names {
		switch {
		case i == 0:
		case i == len(names)-1:
			s += " and "
		default:
			s += ", "
		}
		s += n
	}
	return s
}

// maybeNil reports the use of a value that may be nil as if it were there.
func (c *checker) maybeNil(n *ast.MemberNode, base operand, use string) {
	p := c.problem(diag.MaybeNil, start(n.Node), "%s may be nil, and %s", c.what(n.Node), use)
	if base.path != "" && base.path[0] != '#' {
		p.WithHint("write %s?.…, or make sure before: %s != nil", base.path, base.path)
		return
	}
	p.WithHint("write ?. instead of .")
}

// field returns field i of a record of type t, nil of nil.
func field(from Eval, t *schema.Type, i int, name string) Eval {
	return func(f *Frame) (schema.Value, error) {
		v, err := from(f)
		if err != nil {
			return schema.Value{}, err
		}
		if v.Type() == t {
			return v.Field(i), nil
		}
		return fieldOf(v, i, name), nil
	}
}

// slotField is field of what stands in a slot: most fields that mappings read are an item's.
func slotField(slot int, t *schema.Type, i int, name string) Eval {
	return func(f *Frame) (schema.Value, error) {
		v := f.Slots[slot]
		if v.Type() == t {
			return v.Field(i), nil
		}
		return fieldOf(v, i, name), nil
	}
}

// named returns a field or entry by its name, for values whose layout is not known at load.
func named(from Eval, name string, pos diag.Pos) Eval {
	return func(f *Frame) (schema.Value, error) {
		v, err := from(f)
		if err != nil {
			return schema.Value{}, err
		}
		if err := f.spendLookup(v); err != nil {
			return v, &Failure{Pos: pos, Err: err}
		}
		return v.Get(name), nil
	}
}

// spendLookup takes what it costs to look a name up in a map, whose entries are gone over.
func (f *Frame) spendLookup(v schema.Value) error {
	if v.Kind() != schema.KindMap {
		return nil
	}
	return f.Spend(1 + v.Len()/16)
}

// index types list[2] and map["name"].
func (c *checker) index(n *ast.MemberNode, base operand) operand {
	if name, ok := n.Property.(*ast.StringNode); ok {
		p := c.problem(diag.UnknownMember, n.Property, "%s is a list and has no field %q", c.what(n.Node), name.Value)
		if base.t.Elem != nil && base.t.Elem.Index(name.Value) >= 0 {
			p.WithHint("for that field of every item write map(%s, .%s)", c.what(n.Node), name.Value)
		} else {
			sized(p, name.Value, c.what(n.Node))
		}
		return unknown
	}
	at := c.node(n.Property)
	at.use.All()
	from, which := base.eval, at.eval
	switch base.t.Kind {
	case schema.KindRecord:
		if base.constant != nil {
			return c.entry(n, base, at)
		}
	case schema.KindList:
		if !c.want(n.Property, at, schema.KindInt, "an index") {
			return unknown
		}
		if base.t.Nullable && !n.Optional {
			c.maybeNil(n, base, "an item of it is read")
		}
		if base.constant != nil && at.constant != nil {
			return item(base, at.constant.Int())
		}
		return operand{t: ItemOf(base.t).OrNull(), use: base.use.Elem(), given: base.given, build: func() Eval {
			list, index := from(), which()
			return func(f *Frame) (schema.Value, error) {
				l, err := list(f)
				if err != nil {
					return schema.Value{}, err
				}
				i, err := index(f)
				if err != nil {
					return schema.Value{}, err
				}
				items, at := l.Items(), i.Int()
				if at < 0 {
					at += int64(len(items))
				}
				if at < 0 || at >= int64(len(items)) {
					return schema.Null, nil
				}
				return items[at], nil
			}
		}}
	case schema.KindMap, schema.KindAny:
		if !c.want(n.Property, at, schema.KindText, "a name") {
			return unknown
		}
		base.use.All()
		t := schema.TypeAny
		if base.t.Kind == schema.KindMap {
			t = base.t.Elem.OrNull()
		}
		pos, _ := c.place(start(n.Node).Location())
		return operand{t: inherit(t, base.t), build: func() Eval {
			of, name := from(), which()
			return func(f *Frame) (schema.Value, error) {
				v, err := of(f)
				if err != nil {
					return schema.Value{}, err
				}
				k, err := name(f)
				if err != nil {
					return schema.Value{}, err
				}
				if err := f.spendLookup(v); err != nil {
					return v, &Failure{Pos: pos, Err: err}
				}
				return v.Get(k.Str()), nil
			}
		}}
	}
	c.problem(diag.TypeMismatch, n.Property, "%s has no items, it is %s", c.what(n.Node), show(base.t))
	return unknown
}

// want reports an operand that is not of a kind, or may be nil. It reports whether the operand will do.
func (c *checker) want(n ast.Node, o operand, k schema.Kind, role string) bool {
	o.use.All()
	if o.t.Kind == schema.KindUnknown {
		return false
	}
	if o.t.Kind != k {
		c.problem(diag.TypeMismatch, n, "expected %s for %s, found %s", schema.Article(&schema.Type{Kind: k}), role, show(o.t))
		return false
	}
	if o.t.Nullable {
		c.problem(diag.MaybeNil, n, "%s may be nil, and is needed for %s", c.what(n), role).
			WithHint("give a value for that case: %s ?? …", c.what(n))
		return false
	}
	return true
}
