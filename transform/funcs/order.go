package funcs

import (
	"errors"
	"slices"

	"fondaco/schema"
)

// SortStable sorts items with compare, which is given what charges a comparison, and ends with the meter's error, or that
// of two values that have no order.
func SortStable[T any](m Meter, items []T, compare func(o *Order, a, b T) int) (err error) {
	defer func() {
		if r := recover(); r != nil {
			left, ok := r.(stopped)
			if !ok {
				panic(r)
			}
			err = left.err
		}
	}()
	o := &Order{meter: m}
	slices.SortStableFunc(items, func(a, b T) int { return compare(o, a, b) })
	return nil
}

// stopped is how a sort is left from within a comparison.
type stopped struct{ err error }

// Order compares values for a sort, and charges what that takes.
type Order struct {
	meter Meter
	owed  int // thirds of steps that are not charged yet
}

// owing is up to how many thirds of steps are charged together: a comparison is short.
const owing = 3 * 256

// errOrder says that values of two kinds were to be ordered.
var errOrder = errors.New("the items have no order")

// Compare orders two values as schema.Compare does.
func (o *Order) Compare(a, b schema.Value) int {
	if o.owed += 1 + 3*Comparison(a, b); o.owed >= owing {
		if err := o.meter.Spend(o.owed / 3); err != nil {
			panic(stopped{err})
		}
		o.owed = 0
	}
	n, err := schema.Compare(a, b)
	if err != nil {
		panic(stopped{errOrder})
	}
	return n
}

// Comparison returns the steps of comparing two values that hold no others, one step apart.
func Comparison(a, b schema.Value) int { return min(Weight(a), Weight(b)) + digits(a) + digits(b) }

// digits returns the steps of reading a number's digits.
func digits(v schema.Value) int {
	if v.Kind() != schema.KindDecimal {
		return 0
	}
	if coef, _ := v.Big(); coef != nil {
		return coef.BitLen() / 256
	}
	if !v.HasText() {
		return 0
	}
	s := v.Str()
	for i := max(0, len(s)-longestExponent); i < len(s); i++ {
		if s[i]|0x20 == 'e' {
			return exponentSteps
		}
	}
	return len(s) / 6
}

// longestExponent is how many characters of a number its exponent may take, and exponentSteps what reading one costs: it
// may stand for a thousand digits.
const (
	longestExponent = 6
	exponentSteps   = 50
)

// Weight returns what a value costs to look at once, in steps: next to nothing for what is small whatever its value, more
// for long texts, numbers and lists. Items of lists are not looked into.
func Weight(v schema.Value) int {
	switch k := v.Kind(); {
	case k.Textual() || k == schema.KindBytes:
		return v.Len() / 16
	case k == schema.KindDecimal:
		return digits(v)
	case k == schema.KindList || k == schema.KindMap || k == schema.KindRecord:
		return v.Len()
	}
	return 0
}
