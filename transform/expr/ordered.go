package expr

import (
	"fondaco/schema"
	"fondaco/transform/funcs"
)

// runner computes a closure over the items of a list; body is its second argument.
type runner = func(f *Frame, items []schema.Value, body func(schema.Value) (schema.Value, error)) (schema.Value, error)

// sorted returns the runner of sortBy. Items of equal keys stay in their order, and nil comes last, either way round.
func sorted(down bool) runner {
	return func(f *Frame, items []schema.Value, body func(schema.Value) (schema.Value, error)) (schema.Value, error) {
		type keyed struct{ key, value schema.Value }
		if err := f.TakeValues(3 * len(items)); err != nil {
			return schema.Value{}, err
		}
		list := make([]keyed, len(items))
		for i, x := range items {
			k, err := body(x)
			if err != nil {
				return k, err
			}
			list[i] = keyed{k, x}
		}
		err := funcs.SortStable(f, list, func(order *funcs.Order, a, b keyed) int {
			switch {
			case a.key.IsNil() && b.key.IsNil():
				return 0
			case a.key.IsNil():
				return 1
			case b.key.IsNil():
				return -1
			case down:
				return -order.Compare(a.key, b.key)
			}
			return order.Compare(a.key, b.key)
		})
		out := make([]schema.Value, len(list))
		for i, k := range list {
			out[i] = k.value
		}
		return schema.List(out), err
	}
}

// groupSize is the room of one group beside its items, in values: its record, its key and what finds it again.
const groupSize = 8

// grouped returns the runner of groupBy, which needs the type of a group.
func grouped(t *schema.Type) runner {
	return func(f *Frame, items []schema.Value, body func(schema.Value) (schema.Value, error)) (schema.Value, error) {
		if err := f.TakeValues(len(items)); err != nil { // the groups' lists grow
			return schema.Value{}, err
		}
		var keys schema.Distinct
		var groups [][]schema.Value
		for _, x := range items {
			k, err := body(x)
			if err != nil {
				return k, err
			}
			k = present(k)
			look := func() error { return f.spendHash(k) }
			if err := look(); err != nil {
				return k, err
			}
			i, first, err := keys.Add(k, look)
			if first && err == nil {
				groups = append(groups, nil)
				err = f.TakeValues(groupSize)
			}
			if err != nil {
				return k, err
			}
			groups[i] = append(groups[i], x)
		}
		out := make([]schema.Value, len(groups))
		for i, k := range keys.Values() {
			out[i] = schema.RecordOf(t.Elem, k, schema.List(groups[i]))
		}
		return schema.List(out), nil
	}
}
