package routes

import (
	"context"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// setStep names values.
type setStep struct {
	values []namedMapping
}

type namedMapping struct {
	name  config.Text
	value transform.Mapping
}

func (c *setStep) spec(o *fields) {
	o.Entries("set", spec.Schema{}, func(key config.Text, n *config.Node, out *diag.List) {
		v := namedMapping{name: key}
		config.CheckName(key, out)
		(&mapping{o, &v.value}).Decode(n, out)
		c.values = append(c.values, v)
	}).Required().Doc("Names and their values.").Example("{ totale: \"${sum(righe, .importo)}\" }")
}

// Check types the values, each over those before it.
func (c *setStep) Check(s *Scope) *Step {
	st := s.new("set", "", diag.Pos{})
	type one struct {
		value *transform.Typed
		slot  int
	}
	var all []one
	for i := range c.values {
		t := c.values[i].value.Check(s.names, s.out)
		v := s.declare(c.values[i].name, widened(t.Type), st)
		if i > 0 {
			st.Title += ", "
		}
		st.Title += c.values[i].name.Value
		all = append(all, one{t, v.Slot})
	}
	st.compile = func(*builder) Run {
		evals := make([]expr.Eval, len(all))
		for i, a := range all {
			evals[i] = a.value.Compile(nil)
		}
		return func(_ context.Context, x *Exchange) error {
			for i, e := range evals {
				v, err := e(&x.Frame)
				if err != nil {
					return err
				}
				x.Frame.Slots[all[i].slot] = v
			}
			return nil
		}
	}
	return st
}

// widened gives the type of a name that is set to a constant: the constant stays known.
func widened(t *schema.Type) *schema.Type { return t }
