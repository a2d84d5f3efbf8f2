package funcs

import (
	"fmt"
	"slices"
	"unicode/utf8"

	"fondaco/schema"
)

func same(a []*schema.Type) *schema.Type { return a[0].NotNull() }

func elem(a []*schema.Type) *schema.Type {
	if a[0].Elem == nil {
		return schema.TypeAny
	}
	return a[0].Elem.OrNull()
}

var lists = []*Function{
	{
		Name: "len", Group: "lists", Doc: "How many items a list has, entries a map, characters a text.", Example: `len([1, 2])`, Result: `2`,
		Params: []Param{of("x", schema.KindList, schema.KindMap, schema.KindText)}, Gives: schema.TypeInt,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			if a[0].Kind().Textual() {
				return schema.Int(int64(utf8.RuneCountInString(a[0].Str()))), nil
			}
			return schema.Int(int64(a[0].Len())), nil
		},
	},
	{
		Name: "first", Group: "lists", Doc: "The first item, or nil.", Example: `first([1, 2])`, Result: `1`, Params: []Param{list("list")},
		Typed: elem,
		Run:   func(_ World, a []schema.Value) (schema.Value, error) { return itemAt(a[0], 0), nil },
	},
	{
		Name: "last", Group: "lists", Doc: "The last item, or nil.", Example: `last([1, 2])`, Result: `2`, Params: []Param{list("list")},
		Typed: elem,
		Run:   func(_ World, a []schema.Value) (schema.Value, error) { return itemAt(a[0], a[0].Len()-1), nil },
	},
	{
		Name: "take", Group: "lists", Doc: "The first items, as many as said, or fewer if there are fewer.", Example: `take([1, 2, 3], 2)`,
		Result: `[1,2]`, Params: []Param{list("list"), whole("n")}, Typed: same,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			n := min(max(a[1].Int(), 0), int64(a[0].Len()))
			return schema.List(a[0].Items()[:n:n]), nil
		},
	},
	{
		Name: "drop", Group: "lists", Doc: "The items without the first ones.", Example: `drop([1, 2, 3], 2)`, Result: `[3]`,
		Params: []Param{list("list"), whole("n")}, Typed: same,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			n := min(max(a[1].Int(), 0), int64(a[0].Len()))
			return schema.List(a[0].Items()[n:]), nil
		},
	},
	{
		Name: "reverse", Group: "lists", Doc: "The items in the other order.", Example: `reverse([1, 2])`, Result: `[2,1]`,
		Params: []Param{list("list")}, Typed: same,
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			items := slices.Clone(a[0].Items())
			slices.Reverse(items)
			return schema.List(items), nil
		},
	},
	{
		Name: "sort", Group: "lists", Doc: "Numbers, texts or dates in their order.", Example: `sort([3, 1, 2])`, Result: `[1,2,3]`,
		Params: []Param{list("list")}, Typed: same, Admits: itemsOrdered,
		Charges: true,
		Run: func(w World, a []schema.Value) (schema.Value, error) {
			if err := w.Meter.Take(valueSize * a[0].Len()); err != nil {
				return schema.Value{}, err
			}
			items := slices.Clone(a[0].Items())
			err := SortStable(w.Meter, items, (*Order).Compare)
			return schema.List(items), err
		},
	},
	{
		Name: "unique", Group: "lists", Doc: "The items without those that came before.", Example: `unique(["a", "b", "a"])`, Result: `["a","b"]`,
		Params: []Param{list("list")}, Typed: same, Charges: true,
		Run: func(w World, a []schema.Value) (schema.Value, error) {
			var all schema.Distinct
			for _, x := range a[0].Items() {
				look := func() error {
					if err := w.Meter.Spend(2); err != nil {
						return err
					}
					if err := w.Meter.SpendDeep(x); err != nil {
						return err
					}
					return w.Meter.SpendDeep(x) // to hash or to compare costs more than to go over it
				}
				if err := look(); err != nil {
					return schema.Value{}, err
				}
				if _, first, err := all.Add(x, look); err != nil {
					return schema.Value{}, err
				} else if first {
					if err := w.Meter.Take(distinctSize); err != nil {
						return schema.Value{}, err
					}
				}
			}
			return schema.List(all.Values()), nil
		},
	},
	{
		Name: "concat", Group: "lists", Doc: "The items of several lists, one list after the other.", Example: `concat([1], [2, 3])`,
		Result: `[1,2,3]`, Params: []Param{list("list"), {Name: "more", Of: []schema.Kind{schema.KindList}, Optional: true, Many: true}},
		Typed: func(a []*schema.Type) *schema.Type {
			t := a[0]
			for _, x := range a[1:] {
				t = schema.Join(t, x)
			}
			return t
		},
		Cost: func(a []schema.Value) (n int) {
			for _, l := range a {
				n += stepsPerItem * l.Len()
			}
			return n
		},
		Charges: true,
		Run: func(w World, a []schema.Value) (schema.Value, error) {
			n := 0
			for _, l := range a {
				n += l.Len()
			}
			if err := w.Meter.Take(valueSize * n); err != nil {
				return schema.Value{}, err
			}
			out := make([]schema.Value, 0, n)
			for _, l := range a {
				out = append(out, l.Items()...)
			}
			return schema.List(out), nil
		},
	},
	{
		Name: "flatten", Group: "lists", Doc: "The items of the lists in a list.", Example: `flatten([[1], [2, 3]])`, Result: `[1,2,3]`,
		Params: []Param{list("list")},
		Typed: func(a []*schema.Type) *schema.Type {
			if e := a[0].Elem; e.Kind == schema.KindList {
				return withMarks(e.NotNull(), a[0])
			}
			return a[0].NotNull()
		},
		Admits: func(a []*schema.Type, _ []*schema.Value) error {
			if e := a[0].Elem; e.Kind != schema.KindList && e.Kind != schema.KindNever && e.Kind != schema.KindAny {
				return fmt.Errorf("expected lists in a list, found %s", a[0])
			}
			return nil
		},
		Cost: func(a []schema.Value) (n int) {
			for _, x := range a[0].Items() {
				n += stepsPerItem * len(x.Items())
			}
			return n
		},
		Charges: true,
		Run: func(w World, a []schema.Value) (schema.Value, error) {
			n := 0
			for _, x := range a[0].Items() {
				n += max(1, len(x.Items()))
			}
			if err := w.Meter.Take(valueSize * n); err != nil {
				return schema.Value{}, err
			}
			out := make([]schema.Value, 0, n)
			for _, x := range a[0].Items() {
				switch {
				case x.Kind() == schema.KindList:
					out = append(out, x.Items()...)
				case !x.IsNil():
					out = append(out, x)
				}
			}
			return schema.List(out), nil
		},
	},
	{
		Name: "compact", Group: "lists", Doc: "The items that are not nil.", Example: `compact([1, nil, 2])`, Result: `[1,2]`,
		Params: []Param{list("list")},
		Typed:  func(a []*schema.Type) *schema.Type { return withMarks(schema.ListOf(a[0].Elem.NotNull()), a[0]) },
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			var out []schema.Value
			for _, x := range a[0].Items() {
				if !x.IsNil() {
					out = append(out, x)
				}
			}
			return schema.List(out), nil
		},
	},
	{
		Name: "keys", Group: "lists", Doc: "The names of a map's entries.", Example: `len(keys({a: 1}))`, Result: `1`,
		Params: []Param{of("map", schema.KindMap, schema.KindRecord, schema.KindAny)}, Gives: schema.ListOf(schema.TypeText),
		Run: func(_ World, a []schema.Value) (schema.Value, error) {
			var out []schema.Value
			if m := a[0].Map(); m != nil {
				for _, k := range m.Keys {
					out = append(out, schema.Text(k))
				}
			} else if t := a[0].Type(); t != nil {
				for i, f := range t.Fields {
					if !a[0].Field(i).IsAbsent() {
						out = append(out, schema.Text(f.Name))
					}
				}
			}
			return schema.List(out), nil
		},
	},
}

func itemAt(l schema.Value, i int) schema.Value {
	if items := l.Items(); i >= 0 && i < len(items) {
		return items[i]
	}
	return schema.Null
}

// stepsPerItem is what an item of a new list costs, in steps: it takes room.
const stepsPerItem = 4

// valueSize is the room of one item in a list, in bytes.
const valueSize = 24

// distinctSize is the room of one item of a Distinct, in bytes: itself, in a list that grows, and what finds it again.
const distinctSize = 4 * valueSize

// itemsOrdered reports lists whose items have no order.
func itemsOrdered(a []*schema.Type, _ []*schema.Value) error {
	if t := a[0].Elem; t != nil && !Ordered(t) {
		return fmt.Errorf("%s have no order", plural(t))
	}
	return nil
}

// plural names the items of a list in messages.
func plural(t *schema.Type) string {
	switch t.Kind {
	case schema.KindBool:
		return "booleans"
	case schema.KindRecord:
		return "records"
	case schema.KindList:
		return "lists"
	}
	return "items that are " + t.String()
}

// Ordered reports whether values of a type may be put in an order: numbers, texts, dates. What may be anything is tried
// when it comes.
func Ordered(t *schema.Type) bool {
	if t.Kind == schema.KindUnion {
		for _, v := range t.Variants {
			if !Ordered(v) || v.Kind.Number() != t.Variants[0].Kind.Number() {
				return false
			}
		}
		return true
	}
	return t.Kind.Number() || t.Kind.Textual() || t.Kind == schema.KindAny || t.Kind == schema.KindUnknown || t.Kind == schema.KindNever ||
		t.Kind == schema.KindNull
}
