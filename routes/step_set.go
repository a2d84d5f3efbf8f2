package routes

import (
	"context"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// set names values. Each may use those before it.
type set struct {
	values []*setting
	draws  *expr.Drawing
}

type setting struct {
	name    config.Text
	mapping transform.Mapping

	typed *transform.Typed
	v     *expr.Var
}

// Spec declares the fields of "- set:".
func (c *set) Spec(o *spec.Object) {
	o.Entries("set", (&transform.Mapping{}).Schema(), func(key config.Text, value *config.Node, out *diag.List) {
		v := &setting{name: key}
		v.mapping.Decode(value, out)
		c.values = append(c.values, v)
	}).Required().Doc("Names, each with the mapping of its value; a name may use those before it.")
}

// about returns the names.
func (c *set) about() string {
	var names []string
	for _, v := range c.values {
		names = append(names, v.name.Value)
	}
	return strings.Join(names, " ")
}

// Check types the values and names them.
func (c *set) Check(s *Scope) {
	mapped, draws := s.drawing()
	c.draws = draws
	for _, v := range c.values {
		v.typed = mapped.Map(&v.mapping)
		v.v = s.Declare(v.name, v.typed.Type)
		v.v.Given, v.v.Fixed = v.typed.Given(), v.typed.Constant()
	}
	s.drawn(draws, false)
}

// Compile computes the values in order.
func (c *set) Compile(b *Builder) Run {
	type assign struct {
		slot int
		eval expr.Eval
	}
	list := make([]assign, len(c.values))
	for i, v := range c.values {
		list[i] = assign{v.v.Slot, v.typed.Compile(nil)}
	}
	return b.numbered(c.draws, func(_ context.Context, x *Exchange) error {
		for _, a := range list {
			v, err := a.eval(&x.Frame)
			if err != nil {
				return err
			}
			x.Frame.Slots[a.slot] = v
		}
		return nil
	})
}
