package routes

import (
	"context"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/schema"
	"fondaco/transform/expr"
)

// chooseStep takes the first arm whose condition holds.
type chooseStep struct {
	arms []*arm
}

type arm struct {
	when      config.Text
	steps     []stepModel
	otherwise []stepModel
	last      bool
	pos       diag.Pos
}

func (c *chooseStep) spec(o *fields) {
	o.Var("choose", &arms{o, c})
}

// arms reads the list of arms.
type arms struct {
	f *fields
	c *chooseStep
}

func (a *arms) Decode(n *config.Node, out *diag.List) {
	if n.Kind != config.NodeList {
		n.Report(out, diag.WrongType, "choose: found %s, expected a list of arms", n.Found()).WithHint("- when: a condition, steps: ...; and last - otherwise: steps")
		return
	}
	for i, item := range n.Items {
		one := &arm{pos: item.Pos()}
		spec.Decode(item, out, func(o *spec.Object) {
			inner := *a.f
			inner.Object = o
			o.Text("when", &one.when).Doc("The condition of the arm.")
			inner.Steps("steps", &one.steps).Doc("What is done then.")
			inner.Steps("otherwise", &one.otherwise).Doc("What is done when no condition held; the last arm.")
		})
		one.last = item.Get("otherwise") != nil
		switch {
		case one.last && one.when.Value != "":
			item.Report(out, diag.BadRoute, "an arm has when or otherwise, not both")
		case one.last && i < len(n.Items)-1:
			item.Report(out, diag.BadRoute, "otherwise is the last arm")
		case !one.last && one.when.Value == "" && item.Kind == config.NodeMap:
			item.Report(out, diag.MissingField, "the arm has no condition").WithHint("write when: a condition, or otherwise: steps in the last arm")
		}
		if one.last {
			one.steps = one.otherwise
		}
		a.c.arms = append(a.c.arms, one)
	}
}

func (a *arms) Schema() spec.Schema {
	return spec.Schema{"type": "array", "items": spec.Schema{"type": "object"}, "description": "Arms: the first whose condition holds is taken."}
}

// Check types the arms. A name that every arm makes, and otherwise too, is there afterwards; any other may be nil.
func (c *chooseStep) Check(s *Scope) *Step {
	st := s.new("choose", "", diag.Pos{})
	before := s.names
	var conds []*expr.Expr
	var inners []*Scope
	type made struct {
		types []*schema.Type
		steps int
	}
	names := map[string]*made{}
	var order []string
	complete := false
	for _, a := range c.arms {
		part := &Step{ID: st.ID, Kind: "arm", Title: a.when.Value, Pos: a.pos}
		inner := &Scope{names: before.Child(), route: s.route, out: s.out}
		if a.last {
			part.Kind, complete = "otherwise", true
			conds = append(conds, nil)
		} else {
			cond := (&Scope{names: before, route: s.route, out: s.out}).condition(a.when, "when")
			conds = append(conds, cond)
			inner.names = before.Assume(cond.Facts(true)).Child()
			before = before.Assume(cond.Facts(false))
		}
		part.Steps = inner.steps(a.steps)
		st.Steps = append(st.Steps, part)
		inners = append(inners, inner)
		for _, n := range namesOf(part.Steps) {
			m := names[n.Name]
			if m == nil {
				m = &made{}
				names[n.Name] = m
				order = append(order, n.Name)
			}
			m.types = append(m.types, n.Type)
			m.steps++
		}
	}
	type join struct{ from, to, arm int }
	var joins []join
	for _, name := range order {
		m := names[name]
		t := m.types[0]
		for _, x := range m.types[1:] {
			t = schema.Join(t, x)
		}
		if !complete || m.steps < len(c.arms) {
			t = t.OrNull()
		}
		v := s.names.Declare(name, t)
		st.Names = append(st.Names, Name{name, t})
		for i, inner := range inners {
			if w := inner.names.Lookup(name); w != nil && w.Slot != v.Slot {
				joins = append(joins, join{w.Slot, v.Slot, i})
				v.Use.All() // layouts may differ between arms: they are read whole
				w.Use.All()
			}
		}
	}
	typeOf := map[int]*schema.Type{}
	for _, n := range st.Names {
		typeOf[s.names.Lookup(n.Name).Slot] = n.Type
	}
	st.compile = func(b *builder) Run {
		tests := make([]expr.Eval, len(conds))
		runs := make([]Run, len(conds))
		for i, e := range conds {
			if e != nil {
				tests[i] = e.Compile()
			}
			runs[i] = b.sequence(st.Steps[i].Steps)
		}
		return func(ctx context.Context, x *Exchange) error {
			for i, test := range tests {
				if test != nil {
					v, err := test(&x.Frame)
					if err != nil {
						return err
					}
					if !v.Bool() {
						continue
					}
				}
				if err := runs[i](ctx, x); err != nil {
					return err
				}
				for _, j := range joins {
					if j.arm == i {
						v, err := schema.Convert(x.Frame.Slots[j.from], typeOf[j.to])
						if err != nil {
							return err
						}
						x.Frame.Slots[j.to] = v
					}
				}
				return nil
			}
			return nil
		}
	}
	return st
}

// namesOf lists what a sequence of steps names, each name once with its last type.
func namesOf(steps []*Step) []Name {
	var all []Name
	for _, st := range steps {
		for _, n := range st.Names {
			replaced := false
			for i := range all {
				if all[i].Name == n.Name {
					all[i], replaced = n, true
				}
			}
			if !replaced {
				all = append(all, n)
			}
		}
	}
	return all
}
