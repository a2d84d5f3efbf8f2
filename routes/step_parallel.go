package routes

import (
	"context"
	"errors"
	"fmt"
	"runtime/debug"
	"strings"
	"sync"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
)

// parallel runs branches at the same time and waits for all. A required branch that fails stops the others; an optional
// one that fails leaves its names nil and its own name in missing.
type parallel struct {
	branches []*branch
}

// branch is one entry of parallel: a list of steps, or an object with them.
type branch struct {
	name      config.Text
	optional  bool
	timeout   time.Duration
	timeoutAt diag.Pos
	steps     block

	node   *Step
	lo, hi int // the slots that the branch writes to
}

// Spec declares the fields of "- parallel:".
func (p *parallel) Spec(o *spec.Object) {
	value := spec.Schema{"anyOf": []any{(&block{}).Schema(), spec.ObjectSchema((&branch{}).Spec)}}
	o.Entries("parallel", value, func(key config.Text, value *config.Node, out *diag.List) {
		b := &branch{name: key}
		p.branches = append(p.branches, b)
		if value.Is(config.NodeList) {
			b.steps.Decode(value, out)
			return
		}
		if !value.Is(config.NodeMap) {
			value.Report(out, diag.WrongType, "found %s, expected a list of steps, or an object with optional, timeout and steps", value.Found())
			return
		}
		spec.Decode(value, out, b.Spec)
	}).Required().Doc("The branches by name, each a list of steps, or an object with optional, timeout and steps.")
}

// Spec declares the fields of a branch that is an object.
func (b *branch) Spec(o *spec.Object) {
	o.Bool("optional", &b.optional).Doc("The exchange goes on if the branch fails: what it names is then nil, and missing has its name.")
	o.Duration("timeout", &b.timeout).At(&b.timeoutAt).Doc("How long the branch may take.")
	o.Var("steps", &b.steps).Required().Doc("What the branch does.")
}

// about returns the names of the branches.
func (p *parallel) about() string {
	var names []string
	for _, b := range p.branches {
		names = append(names, b.name.Value)
	}
	return strings.Join(names, " ")
}

// Check types the branches. None sees what another names; after them all of it is seen, and what an optional one names
// may be nil.
func (p *parallel) Check(s *Scope) {
	inner := make([]*Scope, len(p.branches))
	for i, b := range p.branches {
		b.node = &Step{Kind: "branch", Title: b.name.Value, Pos: b.name.Pos}
		c := s.child(s.Names.Child())
		c.unending = "parallel"
		inner[i] = c
		b.lo = s.Names.Size()
		if b.optional {
			s.optional(b.name)
			b.node.Title += " (optional)"
			c.takes = func(connectors.FaultKind) string {
				return fmt.Sprintf("the answer without it; missing names %q", b.name.Value)
			}
		}
		s.within(b.timeout, b.timeoutAt, "the branch")
		c.block(b.steps, b.node)
		b.hi = s.Names.Size()
		s.node.Steps = append(s.node.Steps, b.node)
		s.ends = s.ends || c.ends && !b.optional && !c.stray
		s.follows(c)
	}
	for i, b := range p.branches {
		for _, n := range inner[i].named {
			t := n.v.Type
			if b.optional {
				t = t.OrNull()
			}
			if pos, taken := s.taken(n.name.Value); taken {
				s.Report(diag.BadRoute, n.name, "the name %q is taken at %s", n.name.Value, pos)
				continue
			}
			s.export(n, t)
		}
	}
}

// Compile starts a goroutine for each branch but the last required one, which runs where the exchange is.
func (p *parallel) Compile(b *Builder) Run {
	list := make([]lane, len(p.branches))
	here := -1
	for i, br := range p.branches {
		leave := b.enter("branch " + br.name.Value)
		br.node.Steps = br.steps.Compile(b)
		leave()
		list[i] = lane{name: br.name.Value, optional: br.optional, timeout: br.timeout, lo: br.lo, hi: br.hi, run: sequence(br.node.Steps)}
		if !br.optional || here < 0 && i == len(p.branches)-1 {
			here = i
		}
	}
	return func(ctx context.Context, x *Exchange) error { return race(ctx, x, list, here) }
}

// lane is a compiled branch.
type lane struct {
	name     string
	optional bool
	timeout  time.Duration
	lo, hi   int
	run      Run
}

// race runs all lanes, the one called here in this goroutine, and waits for all of them: what they write is then seen,
// and nothing is left running. The first required lane that fails cancels the others.
func race(ctx context.Context, x *Exchange, lanes []lane, here int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	forks := make([]fork, len(lanes))
	budget := x.Frame.Spent()
	var wait sync.WaitGroup
	for i := range lanes {
		f := &forks[i]
		f.Exchange = x.Fork()
		if i == here {
			continue
		}
		wait.Add(1)
		go func() {
			defer wait.Done()
			f.run(ctx, &lanes[i], cancel)
		}()
	}
	forks[here].run(ctx, &lanes[here], cancel)
	wait.Wait()

	failed := false
	for i := range lanes {
		f, l := &forks[i], &lanes[i]
		x.Join(f.Exchange, budget)
		switch {
		case f.err == nil:
		case l.optional && absorbs(f.err):
			clear(x.Frame.Slots[l.lo:l.hi])
			x.miss(l.name)
		default:
			failed = true
		}
	}
	if failed {
		return context.Cause(ctx) // the first that failed, and not the cancellations that it brought about
	}
	return nil
}

// fork is a lane in flight.
type fork struct {
	*Exchange
	err error
}

// run runs the lane; a panic in it becomes its error.
func (f *fork) run(ctx context.Context, l *lane, cancel context.CancelCauseFunc) {
	defer func() {
		if r := recover(); r != nil {
			f.err = &PanicError{Value: r, Stack: debug.Stack()}
		}
		if f.err != nil && (!l.optional || !absorbs(f.err)) {
			cancel(f.err)
		}
	}()
	if l.timeout > 0 {
		var stop context.CancelFunc
		ctx, stop = context.WithTimeout(ctx, l.timeout)
		defer stop()
	}
	f.err = l.run(ctx, f.Exchange)
}

// absorbs reports whether an optional branch may end so: by a fault of a system or its own time being up. What the route
// itself decided (fail, validate), and what is our own mistake, is not absorbed.
func absorbs(err error) bool {
	return connectors.AsFault(err) != nil || errors.Is(err, context.DeadlineExceeded)
}

// PanicError is a panic that was contained. It is our mistake, and the exchange's end alone.
type PanicError struct {
	Value any
	Stack []byte
}

// Error says that there was a panic and where; the value may hold anything, and is left out.
func (e *PanicError) Error() string {
	stack := string(e.Stack)
	if _, after, ok := strings.Cut(stack, "panic("); ok {
		stack = after
	}
	lines := strings.SplitN(stack, "\n", 5)
	if len(lines) > 3 {
		return "panic at " + strings.TrimSpace(lines[3])
	}
	return "panic"
}
