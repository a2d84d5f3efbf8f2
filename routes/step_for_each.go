package routes

import (
	"context"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// forEach runs steps for each item of a list, some at a time, and may collect a value from each.
type forEach struct {
	head        config.Text // v in expression
	steps       block
	concurrency int
	max         int
	collect     transform.Mapping
	as          config.Text

	list   *expr.Expr
	item   *expr.Var
	typed  *transform.Typed // of collect, nil without
	into   *expr.Var
	lo, hi int // the slots that an iteration writes to

	visible []int // the slots that it reads
}

// Spec declares the fields of "- for_each:".
func (f *forEach) Spec(o *spec.Object) {
	f.concurrency, f.max = 1, 1000
	o.Text("for_each", &f.head).Required().Doc("A name for the item, and the list: v in verbali.verbale.").Example("v in verbali.verbale")
	o.Var("steps", &f.steps).Doc("What is done for each item; what it names ends with it.")
	o.Int("concurrency", &f.concurrency).Range(1, 64).Default("1").Doc("How many items are worked on at a time.")
	o.Int("max", &f.max).Range(1, 100_000).Default("1000").Doc("How many items there may be; more of them are a problem.")
	o.Var("collect", &f.collect).Doc("A value from each item; together they are a list in the items' order.")
	o.Text("as", &f.as).Doc("The name of the list that collect makes.")
}

// about returns the item's name and the list.
func (f *forEach) about() string { return f.head.Value }

// Check types the list, the steps over one item, and what is collected.
func (f *forEach) Check(s *Scope) {
	name, list, ok := transform.SplitIn(f.head)
	if !ok {
		s.Report(diag.BadValue, f.head, "found %q, expected a name and a list, as v in verbali.verbale", f.head.Value)
		return
	}
	f.list = expr.Check(list, s.Names, s.check.out)
	elem := schema.TypeUnknown
	switch t := f.list.Type(); {
	case t.Kind == schema.KindUnknown:
	case t.Kind != schema.KindList:
		s.Report(diag.TypeMismatch, list, "the expression is %s, expected a list", t)
	case t.Nullable:
		s.Report(diag.MaybeNil, list, "%s may be nil, and for_each goes over it", list.Value).
			WithHint("give a value for that case: %s ?? []", list.Value)
	default:
		elem = t.Elem
	}
	f.visible = f.visible[:0]
	for _, name := range s.Names.Names() {
		f.visible = append(f.visible, s.Names.Lookup(name).Slot)
	}
	inner := s.child(s.Names.Child())
	f.lo = s.Names.Size()
	inner.node = nil
	f.item = inner.Declare(name, elem)
	f.item.Given = f.list.Given()
	if use := f.list.Items(); use != nil {
		f.item.Use = use
	}
	inner.unending = "for_each"
	inner.block(f.steps, s.node)
	s.follows(inner)
	switch {
	case !f.collect.IsZero():
		f.typed = inner.Map(&f.collect)
		f.hi = s.Names.Size()
		if f.as.Value == "" {
			s.check.out.Report(diag.MissingField, s.node.Pos, "missing field %q: the name of the list that collect makes", "as")
			return
		}
		f.into = s.Declare(f.as, schema.ListOf(f.typed.Type))
		f.into.Given = f.typed.Given()
	case f.as.Value != "":
		s.Report(diag.BadRoute, f.as, "the name %q stands for what collect makes, and there is no collect", f.as.Value)
	}
	f.hi = max(f.hi, s.Names.Size())
}

// Compile makes one loop: in this goroutine when items are worked on one at a time, in some otherwise.
func (f *forEach) Compile(b *Builder) Run {
	inner := f.steps.Compile(b)
	// The items' steps stand directly under for_each in the tree that people see.
	l := &loop{
		path: b.at.path, list: f.list.Compile(), item: f.item.Slot, lo: f.lo, hi: f.hi, max: f.max, visible: slices.Clone(f.visible),
		workers: f.concurrency, run: sequence(inner),
	}
	if f.typed != nil {
		l.collect, l.into = f.typed.Compile(nil), f.into.Slot
	}
	return l.Run
}

// loop is a compiled for_each.
type loop struct {
	path    string // of the step
	list    expr.Eval
	item    int
	lo, hi  int
	visible []int
	max     int
	workers int
	run     Run
	collect expr.Eval // nil if nothing is collected
	into    int
}

// Run works on the items and collects their values.
func (l *loop) Run(ctx context.Context, x *Exchange) error {
	v, err := l.list(&x.Frame)
	if err != nil {
		return err
	}
	items := v.Items()
	if len(items) > l.max {
		return &trigger.Problem{Status: 500, Detail: "There are more items than this operation works on."}
	}
	out := make([]schema.Value, 0)
	if l.collect != nil {
		out = make([]schema.Value, len(items))
	}
	if workers := min(l.workers, len(items)); workers > 1 {
		err = l.beside(ctx, x, items, out, workers)
	} else {
		at := x.inside(l.path, 0)
		for i := range items {
			at.index = i
			if err = l.one(ctx, x, items, out, i); err != nil {
				break
			}
		}
		x.within = at.outer
	}
	if err == nil && l.collect != nil {
		x.Frame.Slots[l.into] = schema.List(out)
	}
	return err
}

// one works on item i. The slots of its names are emptied first: nothing is left of the item before.
func (l *loop) one(ctx context.Context, x *Exchange, items, out []schema.Value, i int) error {
	clear(x.Frame.Slots[l.lo:l.hi])
	x.Frame.Slots[l.item] = items[i]
	began := x.Frame.Spent()
	if err := l.run(ctx, x); err != nil {
		return err
	}
	if l.collect == nil {
		x.Frame.Keep(began, schema.Null)
		return ctx.Err()
	}
	x.Frame.Context = ctx
	v, err := l.collect(&x.Frame)
	x.Frame.Keep(began, v)
	out[i] = v
	return err
}

// beside works on the items with several goroutines, each with slots of its own, and waits for all of them. The first
// error stops the others.
func (l *loop) beside(ctx context.Context, x *Exchange, items, out []schema.Value, workers int) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	var next atomic.Int64
	var failed atomic.Bool
	forks := make([]*Exchange, workers)
	budget := x.Frame.Spent()
	var wait sync.WaitGroup
	for w := range workers {
		f := x.ForkSlots(l.visible)
		forks[w] = f
		at := f.inside(l.path, 0)
		wait.Add(1)
		go func() {
			defer wait.Done()
			defer func() {
				if r := recover(); r != nil {
					failed.Store(true)
					cancel(&PanicError{Value: r, Stack: debug.Stack()})
				}
			}()
			for {
				i := int(next.Add(1)) - 1
				if i >= len(items) || failed.Load() {
					return
				}
				at.index = i
				if err := l.one(ctx, f, items, out, i); err != nil {
					failed.Store(true)
					cancel(err)
					return
				}
			}
		}()
	}
	wait.Wait()
	for _, f := range forks {
		x.Join(f, budget)
	}
	if failed.Load() {
		return context.Cause(ctx)
	}
	return nil
}
