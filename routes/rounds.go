package routes

import (
	"context"
	"fmt"
	"time"

	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/expr"
)

// rounds is a compiled repeat. What a round does to the outside is known by the round's number, so that the same exchange,
// worked on again, does it once.
type rounds struct {
	path     string // of the step
	name     string // what people know it by
	first    []expr.Eval
	slots    []int // of the names
	vars, hi int   // the slots of what a round names
	run      Run
	next     []nextValue
	until    expr.Eval
	max      int
	pause    spec.Span // zero for none
	into     int       // slot of the record of the last values, -1 for none
	record   *schema.Type
}

type nextValue struct {
	slot int
	eval expr.Eval
}

// Run makes the rounds, and the record of the last values.
func (l *rounds) Run(ctx context.Context, x *Exchange) error {
	values := make([]schema.Value, max(len(l.first), len(l.next)))
	for i, first := range l.first {
		var err error
		if values[i], err = first(&x.Frame); err != nil {
			return err
		}
	}
	for i := range l.first {
		x.Frame.Slots[l.slots[i]] = values[i]
	}
	at := x.inside(l.path, 0)
	err := l.rounds(ctx, x, at, values[:len(l.next)])
	x.within = at.outer
	if err != nil || l.into < 0 {
		return err
	}
	record := schema.Slots(l.record)
	for i, slot := range l.slots {
		record[i+1] = x.Frame.Slots[slot]
	}
	x.Frame.Slots[l.into] = schema.Record(l.record, record)
	return nil
}

// rounds runs the steps until the condition holds. values is room for what next makes.
func (l *rounds) rounds(ctx context.Context, x *Exchange, at *place, values []schema.Value) error {
	began, pause := x.Frame.Spent(), l.pause.From
	for round := 1; ; round++ {
		at.index = round - 1
		clear(x.Frame.Slots[l.vars:l.hi])
		if err := l.run(ctx, x); err != nil {
			return err
		}
		x.Frame.Context = ctx
		for i, n := range l.next {
			var err error
			if values[i], err = n.eval(&x.Frame); err != nil {
				return err
			}
		}
		for i, n := range l.next {
			x.Frame.Slots[n.slot] = values[i]
		}
		done, err := l.until(&x.Frame)
		if err != nil || done.Bool() {
			return err
		}
		if round == l.max {
			return &connectors.Fault{
				System: "repeat", Operation: l.name, Kind: connectors.Timeout, Own: true,
				Err: fmt.Errorf("until does not hold after %d rounds", round),
			}
		}
		// What the rounds have made is dropped, but for the values of the names.
		kept := schema.List(values)
		if err := x.Frame.SpendDeep(kept); err != nil {
			return err
		}
		x.Frame.Keep(began, kept)
		if pause > 0 {
			if err := waited(ctx, pause); err != nil {
				return err
			}
			pause = min(2*pause, l.pause.To)
		}
	}
}

// waited returns after a time, or with the context's error once that is done.
func waited(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
