package routes

import (
	"context"
	"errors"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
)

// tryStep runs steps and, when they end with a fault of some kind, others.
type tryStep struct {
	steps   []stepModel
	catches []*catchSteps
}

type catchSteps struct {
	key   config.Text
	kind  connectors.FaultKind // 0 for any
	steps []stepModel
}

func (c *tryStep) spec(o *fields) {
	o.Steps("try", &c.steps).Required().Doc("What is tried.")
	o.Entries("catch", spec.Schema{"type": "object"}, func(key config.Text, n *config.Node, out *diag.List) {
		h := &catchSteps{key: key, kind: connectors.FaultKindOf(key.Value)}
		if h.kind == 0 && key.Value != "any" {
			key.Report(out, diag.UnknownField, "%q is no kind of fault", key.Value).WithNearest(key.Value, append(connectors.FaultKinds(), "any"))
			return
		}
		(&stepList{o, &h.steps}).Decode(n, out)
		c.catches = append(c.catches, h)
	}).Required().Doc("What is done when it ends with a fault, by its kind; any stands for the kinds that are not named. fault says which.")
}

// faultType is the type of the name fault.
var faultType = schema.RecordType(
	schema.Field{Name: "kind", Type: faultKindType(), Required: true},
	schema.Field{Name: "system", Type: schema.TypeText, Required: true},
	schema.Field{Name: "operation", Type: schema.TypeText, Required: true},
	schema.Field{Name: "detail", Type: schema.TypeText, Required: true},
)

func faultKindType() *schema.Type {
	t := &schema.Type{Kind: schema.KindText}
	for _, k := range connectors.FaultKinds() {
		t.Enum = append(t.Enum, schema.Text(k))
	}
	return t
}

// Check types what is tried and what is done instead. What the former names may be nil afterwards.
func (c *tryStep) Check(s *Scope) *Step {
	st := s.new("try", "", diag.Pos{})
	part := &Step{ID: st.ID + ".try", Kind: "tried"}
	outer := s.route.faults
	s.route.faults = map[connectors.FaultKind]bool{}
	inner := s.child()
	part.Steps = inner.steps(c.steps)
	left := s.route.faults
	s.route.faults = outer
	part.Names = namesOf(part.Steps)
	s.adopt(inner, part, func(t *schema.Type) *schema.Type { return t.OrNull() })
	st.Names = append(st.Names, part.Names...)
	st.Steps = append(st.Steps, part)
	var slots []int
	for _, h := range c.catches {
		handler := &Step{ID: st.ID + "." + h.key.Value, Kind: "catch", Title: h.key.Value, Pos: h.key.Pos}
		scope := s.child()
		v := scope.names.Declare("fault", faultType)
		handler.Steps = scope.steps(h.steps)
		handler.Names = namesOf(handler.Steps)
		s.adopt(scope, handler, func(t *schema.Type) *schema.Type { return t.OrNull() })
		st.Names = append(st.Names, handler.Names...)
		st.Steps = append(st.Steps, handler)
		slots = append(slots, v.Slot)
		if h.kind == 0 {
			left = nil
		} else {
			delete(left, h.kind)
		}
	}
	for k := range left {
		s.route.faults[k] = true
	}
	st.compile = func(b *builder) Run {
		run := b.sequence(part.Steps)
		handlers := make([]Run, len(c.catches))
		for i := range c.catches {
			handlers[i] = b.sequence(st.Steps[i+1].Steps)
		}
		return func(ctx context.Context, x *Exchange) error {
			err := run(ctx, x)
			f := connectors.AsFault(err)
			if err == nil || f == nil {
				return err
			}
			chosen := -1
			for i, h := range c.catches {
				if h.kind == f.Kind || h.kind == 0 && chosen < 0 {
					chosen = i
				}
			}
			if chosen < 0 {
				return err
			}
			x.Frame.Slots[slots[chosen]] = schema.RecordOf(faultType, schema.Text(f.Kind.String()), schema.Text(f.System), schema.Text(f.Operation), schema.Text(f.Detail))
			return handlers[chosen](ctx, x)
		}
	}
	return st
}

// deadline tells whether an error is a time that ran out.
func deadline(err error) bool { return errors.Is(err, context.DeadlineExceeded) }
