package expr

import "fondaco/schema"

// weight is what a value costs to look at once, in steps of the budget: next to nothing for what is small whatever its
// value, more for long texts and lists. Items of lists are not looked into.
func weight(v schema.Value) int {
	switch k := v.Kind(); {
	case k.Textual() || k == schema.KindBytes:
		return v.Len() / 16
	case k == schema.KindList || k == schema.KindMap || k == schema.KindRecord:
		return v.Len()
	}
	return 0
}

// spendDeep spends what it costs to compare a value with another one, down to its leaves.
func (f *Frame) spendDeep(v schema.Value) error {
	if err := f.Spend(weight(v)); err != nil {
		return err
	}
	var inside []schema.Value
	switch v.Kind() {
	case schema.KindList:
		inside = v.Items()
	case schema.KindRecord:
		inside = v.Fields()
	case schema.KindMap:
		inside = v.Map().Values
	}
	for _, x := range inside {
		if err := f.spendDeep(x); err != nil {
			return err
		}
	}
	return nil
}

// heavy tells whether values of a type may be so large that looking at them costs.
func heavy(t *schema.Type) bool {
	switch t.Kind {
	case schema.KindText:
		return len(t.Enum) == 0
	case schema.KindBytes, schema.KindList, schema.KindRecord, schema.KindMap, schema.KindAny, schema.KindUnion:
		return true
	}
	return false
}

// stepsPerItem is what one round of a loop costs, in steps, besides what its expressions cost.
const stepsPerItem = 4

// SpendItems takes from the budget what going over n items costs.
func (f *Frame) SpendItems(n int) error { return f.Spend(1 + stepsPerItem*n) }
