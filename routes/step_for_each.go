package routes

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// forEachStep runs steps for every item of a list.
type forEachStep struct {
	text        config.Text
	steps       []stepModel
	concurrency int
	most        int
	collect     transform.Mapping
	as          config.Text
}

// defaultMost is how many items a loop takes unless it says otherwise.
const defaultMost = 1000

func (c *forEachStep) spec(o *fields) {
	c.concurrency, c.most = 1, defaultMost
	o.Text("for_each", &c.text).Required().Doc("A name for the item and the list: v in verbali.verbale.").Example("v in verbali.verbale")
	o.Steps("steps", &c.steps).Doc("What is done for each item.")
	o.Int("concurrency", &c.concurrency).Range(1, 64).Default("1").Doc("How many items are worked on at once.")
	o.Int("max", &c.most).Range(1, 100_000).Default("1000").Doc("How many items there may be; with more the exchange fails.")
	o.Mapping("collect", &c.collect).Doc("What each item gives, for the list that as names.")
	o.Text("as", &c.as).Doc("The name of the list of what collect gave, in the items' order.")
}

// Check types the steps over one item.
func (c *forEachStep) Check(s *Scope) *Step {
	st := s.new("for_each", c.text.Value, c.text.Pos)
	name, over, ok := transform.SplitIn(c.text)
	if !ok {
		c.text.Report(s.out, diag.BadExpression, "for_each: found %q, expected a name and a list, as v in verbali.verbale", c.text.Value)
		s.declare(c.as, schema.TypeUnknown, st)
		return st
	}
	list := expr.CheckList(over, s.names, s.out)
	elem := schema.TypeUnknown
	switch t := list.Type(); {
	case t.Kind == schema.KindUnknown:
	case t.Kind != schema.KindList:
		over.Report(s.out, diag.TypeMismatch, "for_each: expected a list, found %s", t)
	case t.Nullable:
		over.Report(s.out, diag.MaybeNil, "%s may be nil, and for_each goes over it", over.Value).WithHint("give a value for that case: %s ?? []", over.Value)
	default:
		elem = t.Elem
	}
	inner := s.child()
	item := inner.names.Declare(name.Value, elem)
	item.Use = list.Items()
	st.Steps = inner.steps(c.steps)
	var collect *transform.Typed
	if !c.collect.IsZero() {
		collect = c.collect.Check(inner.names, s.out)
	}
	switch {
	case collect != nil && c.as.Value == "":
		s.out.Report(diag.BadRoute, c.collect.Pos(), "collect gives a list that has no name").WithHint("write as: a name")
	case collect == nil && c.as.Value != "":
		c.as.Report(s.out, diag.BadRoute, "as names a list, and nothing is collected").WithHint("write collect: what each item gives")
	}
	result := schema.ListOf(schema.TypeUnknown)
	if collect != nil {
		result = schema.ListOf(collect.Type)
	}
	var out *expr.Var
	if c.as.Value != "" {
		out = s.declare(c.as, result, st)
	}
	st.compile = func(b *builder) Run {
		return c.compile(list.Compile(), b.sequence(st.Steps), collect, item.Slot, out)
	}
	return st
}

var errMany = errors.New("the list has more items than for_each may take")

func (c *forEachStep) compile(list expr.Eval, run Run, collect *transform.Typed, slot int, out *expr.Var) Run {
	var give expr.Eval
	if collect != nil {
		give = collect.Compile(nil)
	}
	one := func(ctx context.Context, x *Exchange, item schema.Value, to *schema.Value) error {
		x.Frame.Slots[slot] = item
		if err := run(ctx, x); err != nil {
			return err
		}
		if give == nil {
			return nil
		}
		v, err := give(&x.Frame)
		*to = v
		return err
	}
	return func(ctx context.Context, x *Exchange) error {
		v, err := list(&x.Frame)
		if err != nil {
			return err
		}
		items := v.Items()
		if len(items) > c.most {
			return fmt.Errorf("%w: %d, at most %d", errMany, len(items), c.most)
		}
		results := make([]schema.Value, len(items))
		if c.concurrency == 1 || len(items) < 2 {
			for i, item := range items {
				if err := ctx.Err(); err != nil {
					return err
				}
				if err := one(ctx, x, item, &results[i]); err != nil {
					return err
				}
			}
		} else if err := c.side(ctx, x, items, results, one); err != nil {
			return err
		}
		if out != nil {
			x.Frame.Slots[out.Slot] = schema.List(results)
		}
		return nil
	}
}

// side works on several items at once. The first failure stops the rest.
func (c *forEachStep) side(ctx context.Context, x *Exchange, items, results []schema.Value, one func(context.Context, *Exchange, schema.Value, *schema.Value) error) error {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	began := x.Frame.Budget
	var next atomic.Int64
	var wg sync.WaitGroup
	forks := make([]*Exchange, min(c.concurrency, len(items)))
	for w := range forks {
		forks[w] = x.ForkSlots()
		wg.Go(func() {
			for {
				i := int(next.Add(1)) - 1
				if i >= len(items) || ctx.Err() != nil {
					return
				}
				err := contained(ctx, func(ctx context.Context, f *Exchange) error { return one(ctx, f, items[i], &results[i]) }, forks[w])
				if err != nil {
					cancel(err)
					return
				}
			}
		})
	}
	wg.Wait()
	for _, f := range forks {
		x.Join(f, began)
	}
	return context.Cause(ctx)
}
