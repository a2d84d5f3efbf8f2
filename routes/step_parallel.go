package routes

import (
	"context"
	"fmt"
	"sync"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
)

// parallelStep runs branches side by side. All are required, unless one says that it is optional.
type parallelStep struct {
	branches []*branch
}

type branch struct {
	name     config.Text
	optional bool
	timeout  time.Duration
	steps    []stepModel
}

func (c *parallelStep) spec(o *fields) {
	o.Entries("parallel", spec.Schema{"anyOf": []any{spec.Schema{"type": "array", "items": spec.Ref("step")}, spec.Schema{"type": "object"}}}, func(key config.Text, n *config.Node, out *diag.List) {
		b := &branch{name: key}
		config.CheckName(key, out)
		c.branches = append(c.branches, b)
		if n.Kind == config.NodeList {
			(&stepList{o, &b.steps}).Decode(n, out)
			return
		}
		spec.Decode(n, out, func(inner *spec.Object) {
			f := *o
			f.Object = inner
			inner.Bool("optional", &b.optional).Doc("The route goes on without this branch: what it names may be nil, and the answer names the branch in missing.")
			inner.Duration("timeout", &b.timeout).Doc("How long the branch may take.")
			f.Steps("steps", &b.steps).Required().Doc("What the branch does.")
		})
	}).Required().Doc("Branches by name, each a list of steps, or { optional: true, steps: [...] }.")
}

// Check types the branches, each over the names from before.
func (c *parallelStep) Check(s *Scope) *Step {
	st := s.new("parallel", "", diag.Pos{})
	seen := map[string]string{}
	var slots [][]int // of the names of each branch
	for i, b := range c.branches {
		part := &Step{ID: st.ID + "." + b.name.Value, Kind: "branch", Title: b.name.Value, Pos: b.name.Pos}
		if b.optional {
			part.Title += " (optional)"
		}
		inner := s.child()
		if b.optional {
			faults := s.route.faults
			s.route.faults = map[connectors.FaultKind]bool{}
			part.Steps = inner.steps(b.steps)
			s.route.faults = faults
		} else {
			part.Steps = inner.steps(b.steps)
		}
		part.Names = namesOf(part.Steps)
		for _, n := range part.Names {
			if other, twice := seen[n.Name]; twice {
				b.name.Report(s.out, diag.BadRoute, "the branches %s and %s both name %q", other, b.name.Value, n.Name)
			}
			seen[n.Name] = b.name.Value
		}
		var mine []int
		for _, n := range part.Names {
			if v := inner.names.Lookup(n.Name); v != nil {
				mine = append(mine, v.Slot)
			}
		}
		slots = append(slots, mine)
		s.adopt(inner, part, func(t *schema.Type) *schema.Type {
			if b.optional {
				return t.OrNull()
			}
			return t
		})
		st.Names = append(st.Names, part.Names...)
		st.Steps = append(st.Steps, part)
		if i > 0 {
			st.Title += ", "
		}
		st.Title += b.name.Value
	}
	st.compile = func(b *builder) Run { return c.compile(b, st, slots) }
	return st
}

// compile runs the last required branch in the caller's goroutine and the others beside it. Branches write to slots of
// their own in one frame.
func (c *parallelStep) compile(b *builder, st *Step, slots [][]int) Run {
	runs := make([]Run, len(c.branches))
	own := -1
	for i, br := range c.branches {
		runs[i] = b.sequence(st.Steps[i].Steps)
		if !br.optional && br.timeout == 0 {
			own = i
		}
	}
	if len(runs) == 0 {
		return func(context.Context, *Exchange) error { return nil }
	}
	return func(ctx context.Context, x *Exchange) error {
		ctx, cancel := context.WithCancelCause(ctx)
		defer cancel(nil)
		errs := make([]error, len(runs))
		began := x.Frame.Budget
		forks := make([]*Exchange, len(runs))
		var wg sync.WaitGroup
		one := func(i int) {
			run := runs[i]
			inner := ctx
			if t := c.branches[i].timeout; t > 0 {
				var end context.CancelFunc
				inner, end = context.WithTimeout(ctx, t)
				defer end()
			}
			errs[i] = contained(inner, run, forks[i])
			if errs[i] != nil && !c.branches[i].optional {
				cancel(errs[i])
			}
		}
		for i := range runs {
			forks[i] = x.Fork()
			if i != own {
				wg.Go(func() { one(i) })
			}
		}
		if own >= 0 {
			one(own)
		}
		wg.Wait()
		for _, f := range forks {
			x.Join(f, began)
		}
		if err := context.Cause(ctx); err != nil {
			return err
		}
		for i, err := range errs {
			if err == nil {
				continue
			}
			if connectors.AsFault(err) == nil && ctx.Err() == nil && !deadline(err) {
				return err // a mistake of the route itself, not of a system
			}
			x.miss(c.branches[i].name.Value)
			for _, slot := range slots[i] {
				x.Frame.Slots[slot] = schema.Null
			}
		}
		return nil
	}
}

// contained runs a branch; a panic in it is an error of this exchange alone.
func contained(ctx context.Context, run Run, x *Exchange) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("panic: %v", p)
		}
	}()
	return run(ctx, x)
}
