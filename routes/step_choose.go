package routes

import (
	"context"
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/transform/expr"
)

// choose runs the first arm whose condition holds; none, if there is no otherwise.
type choose struct {
	arms []*chooseArm
}

// chooseArm is one item of choose: a condition and steps, or otherwise and steps.
type chooseArm struct {
	when      config.Text
	steps     block
	otherwise block
	pos       diag.Pos
	broken    bool // it could not be read whole

	cond *expr.Expr // nil for otherwise
	arm  *arm
}

// Spec declares the fields of "- choose:".
func (c *choose) Spec(o *spec.Object) {
	o.Var("choose", c).Required().Doc("The arms, tried in order; the first whose condition holds is run.")
}

// Decode reads the arms.
func (c *choose) Decode(n *config.Node, out *diag.List) {
	if !n.Is(config.NodeList) || len(n.Items) == 0 {
		n.Report(out, diag.WrongType, "choose: found %s, expected a list of arms, as \"- when: condition\"", n.Found())
		return
	}
	for _, item := range n.Items {
		a := &chooseArm{pos: item.Pos()}
		own := &diag.List{}
		spec.Decode(item, own, a.Spec)
		a.broken = own.Failed()
		out.Join(own)
		c.arms = append(c.arms, a)
	}
}

// Schema describes the arms to editors.
func (c *choose) Schema() spec.Schema {
	return spec.Schema{"type": "array", "items": spec.ObjectSchema((&chooseArm{}).Spec)}
}

// Spec declares the fields of an arm.
func (a *chooseArm) Spec(o *spec.Object) {
	o.Text("when", &a.when).Doc("The arm is taken if this holds.")
	o.Var("steps", &a.steps).Doc("What the arm does.")
	o.Var("otherwise", &a.otherwise).Doc("What is done if no condition holds; the last arm.")
}

// about returns the first condition.
func (c *choose) about() string {
	if len(c.arms) == 0 {
		return ""
	}
	return c.arms[0].when.Value
}

// Check types the arms. Each knows that the conditions before its own did not hold.
func (c *choose) Check(s *Scope) {
	names, always := s.Names, false
	var arms []*arm
	for i, a := range c.arms {
		node := &Step{Kind: "arm", Title: a.when.Value, Pos: a.pos}
		switch {
		case a.when.Value != "" && a.otherwise == nil:
			inner := s.child(names)
			a.cond = inner.Moving(func() *expr.Expr { return inner.Condition(a.when, "when") })
			a.arm = s.arm(a.steps, node, assume(a.cond, true, names))
			names = assume(a.cond, false, names)
		case a.when.Value == "" && a.otherwise != nil && a.steps == nil && i == len(c.arms)-1:
			node.Kind, always = "otherwise", true
			a.arm = s.arm(a.otherwise, node, names.Child())
		default:
			if !a.broken {
				s.check.out.Report(diag.BadRoute, a.pos, "an arm has when and steps; only the last may have otherwise instead")
			}
			continue
		}
		arms = append(arms, a.arm)
	}
	if slices.ContainsFunc(c.arms, func(a *chooseArm) bool { return a.broken }) {
		s.joinUnknown(arms)
		return
	}
	s.join(arms, always)
	if !always && !s.ends {
		for _, a := range arms {
			if !a.scope.ends {
				return
			}
		}
		s.Names = names // every arm ends the exchange: none was taken
	}
}

// Compile tries the conditions in order.
func (c *choose) Compile(b *Builder) Run {
	type way struct {
		when expr.Eval
		run  Run
	}
	ways := make([]way, len(c.arms))
	for i, a := range c.arms {
		if a.cond == nil {
			ways[i].run = a.arm.compile(a.otherwise, b)
			continue
		}
		ways[i] = way{a.cond.Compile(), a.arm.compile(a.steps, b)}
	}
	return func(ctx context.Context, x *Exchange) error {
		for _, w := range ways {
			if w.when != nil {
				if holds, err := w.when(&x.Frame); err != nil {
					return err
				} else if !holds.Bool() {
					continue
				}
			}
			return w.run(ctx, x)
		}
		return nil
	}
}
