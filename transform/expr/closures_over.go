package expr

import (
	"fondaco/config/diag"
	"fondaco/schema"
)

// ofItems returns what is used of a result, where it is of the items of a list; nil where it is not.
func (p passing) ofItems(list *schema.Use) *schema.Use {
	switch p {
	case givesItems:
		return list
	case givesItem:
		return list.Elem()
	case givesGroups:
		list.All()
	default:
		list.Elem()
	}
	return nil
}

// overItems evaluates a list and runs a closure over its items, each of which stands in the slot at while its body is evaluated.
func overItems(list, each Eval, at int, rounds *Rounds, run runItems, lists bool, pos diag.Pos) Eval {
	return func(f *Frame) (schema.Value, error) {
		l, err := list(f)
		if err != nil {
			return l, err
		}
		items := l.Items()
		if err = f.SpendItems(len(items)); err == nil && lists {
			err = f.TakeValues(len(items))
		}
		if err != nil {
			return l, &Failure{Pos: pos, Err: err}
		}
		round := 0
		v, err := run(f, items, func(x schema.Value) (schema.Value, error) {
			if err := f.SpendItem(); err != nil {
				return x, &Failure{Pos: pos, Err: err}
			}
			f.Slots[at] = x
			rounds.Set(f, round)
			round++
			return each(f)
		})
		if err != nil {
			return v, locate(err, pos)
		}
		return v, nil
	}
}

// runItems is what a closure does with the items of a list; body evaluates its second argument for one.
type runItems = func(f *Frame, items []schema.Value, body func(schema.Value) (schema.Value, error)) (schema.Value, error)

func locate(err error, pos diag.Pos) error {
	if _, known := err.(*Failure); known { //nolint:errorlint // only the very error: a wrapped one has another place
		return err
	}
	return &Failure{Pos: pos, Err: err}
}
