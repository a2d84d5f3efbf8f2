package routes

import (
	"context"

	"fondaco/schema"
	"fondaco/transform/expr"
)

// arm is one of several ways that an exchange may take: of choose, or of try and its catches.
type arm struct {
	scope *Scope
	node  *Step
	moves []move // done at the end of the arm
}

// move carries a value from the slot that an arm wrote to the one that the steps after it read.
type move struct {
	from, to int
	as       *schema.Type // laid out anew, if not nil
}

// arm checks the steps of one arm in names of its own.
func (s *Scope) arm(b block, node *Step, names *expr.Scope) *arm {
	c := s.child(names)
	c.block(b, node)
	s.node.Steps = append(s.node.Steps, node)
	return &arm{scope: c, node: node}
}

// join declares what the arms name. A name that some arm does not give is nullable, and so are all if there may be no
// arm at all; arms that always end the exchange do not count.
func (s *Scope) join(arms []*arm, always bool) {
	var going []*arm
	for _, a := range arms {
		s.follows(a.scope)
		if !a.scope.ends {
			going = append(going, a)
		}
	}
	s.ends = always && len(going) == 0
	done := map[string]bool{}
	for _, a := range going {
		for _, n := range a.scope.named {
			if !done[n.name.Value] {
				done[n.name.Value] = true
				s.joinName(n, going, always)
			}
		}
	}
}

// joinUnknown declares what the arms name where one of them could not be read: nobody knows what it names and whether it ends.
func (s *Scope) joinUnknown(arms []*arm) {
	done := map[string]bool{}
	for _, a := range arms {
		s.follows(a.scope)
		for _, n := range a.scope.named {
			if !done[n.name.Value] {
				done[n.name.Value] = true
				s.declareUnknown(n.name)
			}
		}
	}
}

func (s *Scope) joinName(first *named, arms []*arm, always bool) {
	for _, a := range arms {
		always = always && a.scope.find(first.name.Value) != nil
	}
	s.joinAs(first, arms, always)
}

// joinAs declares a name that some of the arms give; unless it is always there its type is nullable.
func (s *Scope) joinAs(first *named, arms []*arm, always bool) *expr.Var {
	var t *schema.Type
	for _, a := range arms {
		if n := a.scope.find(first.name.Value); n == nil {
			continue
		} else if t == nil {
			t = n.v.Type
		} else {
			t = schema.Join(t, n.v.Type)
		}
	}
	if !always {
		t = t.OrNull()
	}
	v := s.Declare(first.name, t)
	sent, only := false, true
	for _, a := range arms {
		if n := a.scope.find(first.name.Value); n != nil {
			sent, only = sent || n.v.Given, only && (n.v.Given || n.v.Fixed)
			a.moves = append(a.moves, n.moved(v))
			v.Moving = append(v.Moving, n.v.Moving...)
		}
	}
	v.Given, v.Fixed = sent && only, only && !sent
	return v
}

// moved returns what carries the value to the variable that the steps after the arm read.
func (n *named) moved(to *expr.Var) move {
	m := move{from: n.v.Slot, to: to.Slot}
	if !schema.Same(n.v.Type.OrNull(), to.Type.OrNull()) {
		m.as = to.Type
	}
	return m
}

// find returns what the block names by name, nil if nothing.
func (s *Scope) find(name string) *named {
	for _, n := range s.named {
		if n.name.Value == name {
			return n
		}
	}
	return nil
}

// compile makes the arm's run: its steps, then its moves.
func (a *arm) compile(b block, builder *Builder) Run {
	leave := builder.enter(a.node.Kind + " " + a.node.Title)
	a.node.Steps = b.Compile(builder)
	leave()
	run := sequence(a.node.Steps)
	if len(a.moves) == 0 {
		return run
	}
	moves := a.moves
	return func(ctx context.Context, x *Exchange) error {
		if err := run(ctx, x); err != nil {
			return err
		}
		return moved(x, moves)
	}
}

// moved carries values to the slots that the steps after an arm read.
func moved(x *Exchange, moves []move) error {
	for _, m := range moves {
		v := x.Frame.Slots[m.from]
		if m.as != nil && !v.IsNil() {
			var err error
			if v, err = schema.Convert(v, m.as); err != nil {
				return err
			}
		}
		x.Frame.Slots[m.to] = v
	}
	return nil
}
