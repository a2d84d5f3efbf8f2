package expr

import (
	"maps"
	"slices"

	"fondaco/config/diag"
	"fondaco/schema"

	"github.com/expr-lang/expr/ast"
)

// constantValue is what a name stands for in every exchange.
type constantValue struct {
	t    *schema.Type
	v    schema.Value
	read func() *schema.Use // called whenever an expression reads it; nil for nobody
}

// Constant has a name stand for a value that is always the same, in s and in all scopes of its root, wherever nothing else
// has the name. read is called when an expression is checked that reads it, and returns where it is noted which parts of
// it are read, nil for nowhere; it may be nil.
func (s *Scope) Constant(name string, t *schema.Type, v schema.Value, read func() *schema.Use) {
	if s.root.constants == nil {
		s.root.constants = map[string]constantValue{}
	}
	s.root.constants[name] = constantValue{t, v, read}
}

// readable lists all names that an expression over s may use, innermost first.
func (s *Scope) readable() []string {
	return append(s.Names(), slices.Sorted(maps.Keys(s.root.constants))...)
}

// Reads reports whether an expression over s may use a name.
func (s *Scope) Reads(name string) bool {
	_, constant := s.root.constants[name]
	return constant || s.Lookup(name) != nil
}

// entry types the look-up of a computed name in a constant record, as project.offices[path.id]: nil where it has no such
// field, which a name among words that are all fields never is.
func (c *checker) entry(n *ast.MemberNode, base, at operand) operand {
	if !c.want(n.Property, at, schema.KindText, "a name") {
		return unknown
	}
	base.use.All()
	t, fields := schema.TypeNever, map[string]schema.Value{}
	for i, f := range base.t.Fields {
		t, fields[f.Name] = schema.Join(t, f.Type), base.constant.Field(i)
	}
	if len(fields) == 0 {
		c.problem(diag.UnknownMember, n.Property, "%s has no fields", c.what(n.Node))
		return unknown
	}
	all := len(at.t.Enum) > 0
	for _, word := range at.t.Enum {
		_, there := fields[word.Str()]
		all = all && there
	}
	if !all {
		t = t.OrNull()
	}
	for name, v := range fields {
		if laid, err := schema.Convert(v, t); err == nil {
			fields[name] = laid
		}
	}
	which := at.eval
	return operand{t: inherit(t, at.t), build: func() Eval {
		name := which()
		return func(f *Frame) (schema.Value, error) {
			k, err := name(f)
			if err != nil {
				return schema.Value{}, err
			}
			if v, there := fields[k.Str()]; there {
				return v, nil
			}
			return schema.Null, nil
		}
	}}
}

// item returns item i of a constant list, counted from its end below zero; nil where it has none.
func item(list operand, i int64) operand {
	list.use.All()
	items := list.constant.Items()
	if i < 0 {
		i += int64(len(items))
	}
	if i < 0 || i >= int64(len(items)) {
		return constant(schema.TypeNull, schema.Null)
	}
	return constant(list.t.Elem, items[i])
}
