package expr

import (
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/funcs"
)

// stepsPerItem is what one round of a loop costs, in steps, besides what its expressions cost.
const stepsPerItem = 4

// stepsBetweenLooks is how many steps are taken before the context is looked at again: well under a millisecond's work.
const stepsBetweenLooks = 4096

// Spend takes n steps from the budget. It returns ErrBudget when it is used up, and the context's error once that is
// done; the context is looked at every few thousand steps.
func (f *Frame) Spend(n int) error {
	f.Budget -= int64(n)
	if f.unseen += int64(n); f.unseen >= stepsBetweenLooks || f.Budget < 0 {
		return f.pause()
	}
	return nil
}

// pause is Spend where the budget is used up or the context is to be looked at.
func (f *Frame) pause() error {
	if f.Budget < 0 {
		return ErrBudget
	}
	f.unseen = 0
	if f.Context != nil {
		return f.Context.Err()
	}
	return nil
}

// SpendItems takes from the budget what going over n items costs, but for the step that SpendItem takes for each.
func (f *Frame) SpendItems(n int) error { return f.Spend(1 + (stepsPerItem-1)*n) }

// SpendItem takes the step of one more item: the context is looked at while items are gone over, whatever is done with
// them.
func (f *Frame) SpendItem() error { return f.Spend(1) }

// valueSize is the room that one value takes in a list or record, in bytes.
const valueSize = 24

// roomPerLimit says how much room the values of an exchange may take, as a multiple of what may be written at a time:
// values are larger in memory than on the wire.
const roomPerLimit = 2

// Most returns how many bytes may be written at a time: an answer, or the body of a call.
func (f *Frame) Most() int {
	if f.Limit > 0 {
		return f.Limit
	}
	return codec.DefaultLimit
}

// Fits reports whether n bytes may be written without a question to MayWrite.
func (f *Frame) Fits(n int) bool { return n <= f.wrote }

// MayWrite reports whether n bytes may be written: a *codec.LimitError says that there are more than the limit, another
// error that the process has no room for them.
func (f *Frame) MayWrite(n int) error {
	most := f.Most()
	if n > most {
		return &codec.LimitError{Limit: most}
	}
	next := min(max(n, f.wrote)+holding, most)
	if f.Account != nil && n > holding {
		if err := f.Account.Hold(int64(next - f.wrote)); err != nil {
			return err
		}
	}
	f.wrote = next
	return nil
}

// Take books n bytes of values that are about to be made, and returns ErrRoom when they are more than may be.
func (f *Frame) Take(n int) error {
	if f.built += int64(n); f.built > roomPerLimit*int64(f.Most()) {
		return ErrRoom
	}
	if f.built-f.booked > holding && f.Account != nil {
		n := f.built - f.booked
		f.booked = f.built
		return f.Account.Hold(n)
	}
	return nil
}

// TakeValues books the room of n values in a list or record.
func (f *Frame) TakeValues(n int) error { return f.Take(valueSize * n) }

// Keep gives back the room of what was made since, but for what v holds of it: for rounds of a loop whose values are
// dropped at its end.
func (f *Frame) Keep(since Spent, v schema.Value) {
	made := f.built - since.built
	f.built = since.built + made - max(0, left(v, made))
}

// left returns what remains of n bytes without those that a value holds, down to its leaves; it stops at nothing.
func left(v schema.Value, n int64) int64 {
	if n -= int64(room(v)); n <= 0 {
		return 0
	}
	for _, x := range inside(v) {
		if n = left(x, n-valueSize); n <= 0 {
			return 0
		}
	}
	return n
}

// room returns the bytes that a value takes itself, without what is inside.
func room(v schema.Value) int {
	if k := v.Kind(); k.Textual() || k == schema.KindBytes {
		return v.Len()
	}
	return 0
}

// inside returns the values directly inside of another one.
func inside(v schema.Value) []schema.Value {
	switch v.Kind() {
	case schema.KindList:
		return v.Items()
	case schema.KindRecord:
		return v.Fields()
	case schema.KindMap:
		return v.Map().Values
	}
	return nil
}

// leastText is the room that a text takes beside its characters, in bytes.
const leastText = 16

// made returns the bytes that a function's result takes: its own, not those of what it refers to.
func made(v schema.Value) int {
	switch n := room(v); {
	case v.Kind() == schema.KindList:
		return valueSize * v.Len()
	case n > 0:
		return leastText + n
	}
	return 0
}

// weight is what a value costs to look at once, in steps of the budget.
func weight(v schema.Value) int { return funcs.Weight(v) }

// SpendDeep takes from the budget what going over a value costs, down to its leaves: what is referred to twice counts
// twice.
func (f *Frame) SpendDeep(v schema.Value) error {
	if err := f.Spend(weight(v)); err != nil {
		return err
	}
	for _, x := range inside(v) {
		if err := f.SpendDeep(x); err != nil {
			return err
		}
	}
	return nil
}

// equal reports whether two values are the same, as same does, and spends what it goes over as it goes.
func (f *Frame) equal(a, b schema.Value) (bool, error) {
	if err := f.Spend(funcs.Comparison(a, b)); err != nil {
		return false, err
	}
	var x, y []schema.Value
	switch {
	case a.Kind() == schema.KindList && b.Kind() == schema.KindList:
		x, y = a.Items(), b.Items()
	case a.Type() != nil && a.Type() == b.Type():
		x, y = a.Fields(), b.Fields()
	case len(inside(a)) > 0 && len(inside(b)) > 0:
		if err := f.SpendDeep(a); err != nil {
			return false, err
		}
		return schema.Equal(a, b), f.SpendDeep(b)
	default:
		return schema.Equal(a, b), nil
	}
	if len(x) != len(y) {
		return false, nil
	}
	for i := range x {
		if err := f.Spend(1); err != nil {
			return false, err
		}
		if ok, err := f.equal(x[i], y[i]); !ok || err != nil {
			return false, err
		}
	}
	return true, nil
}

// same reports whether two values are equal to an expression, to which what is absent and what is null are both nil.
func (f *Frame) same(a, b schema.Value) (bool, error) {
	if a.IsNil() || b.IsNil() {
		return a.IsNil() && b.IsNil(), nil
	}
	return f.equal(a, b)
}

// spendHash takes what it costs to hash a value, or to compare it with one of the same hash.
func (f *Frame) spendHash(v schema.Value) error {
	if err := f.Spend(2); err != nil {
		return err
	}
	if err := f.SpendDeep(v); err != nil {
		return err
	}
	return f.SpendDeep(v)
}

// heavy reports whether values of a type may be so large that looking at them costs.
func heavy(t *schema.Type) bool {
	switch t.Kind {
	case schema.KindText:
		return len(t.Enum) == 0
	case schema.KindBytes, schema.KindList, schema.KindRecord, schema.KindMap, schema.KindAny, schema.KindUnion:
		return true
	}
	return false
}
