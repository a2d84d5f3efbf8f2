package routes

import (
	"context"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// set names values. Each may use those before it.
type set struct {
	values []*setting
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
	}).Required().Doc("Names, each with the mapping that gives its value; a name may use those before it.")
}

// Check types the values and names them.
func (c *set) Check(s *Scope) {
	for _, v := range c.values {
		v.typed = s.Map(&v.mapping)
		v.v = s.Declare(v.name, v.typed.Type)
	}
}

// Compile computes the values in order.
func (c *set) Compile(*Builder) Run {
	type assign struct {
		slot int
		eval expr.Eval
	}
	list := make([]assign, len(c.values))
	for i, v := range c.values {
		list[i] = assign{v.v.Slot, v.typed.Compile(nil)}
	}
	return func(_ context.Context, x *Exchange) error {
		for _, a := range list {
			v, err := a.eval(&x.Frame)
			if err != nil {
				return err
			}
			x.Frame.Slots[a.slot] = v
		}
		return nil
	}
}
