package schema

import "slices"

// Same reports whether exactly the same values fit both types, laid out alike. Names, documentation and examples do not
// count; marks do.
func Same(a, b *Type) bool { return same(a, b, map[[2]*Type]bool{}) }

func same(a, b *Type, seen map[[2]*Type]bool) bool {
	if a == b {
		return true
	}
	if a == nil || b == nil {
		return false
	}
	if seen[[2]*Type{a, b}] {
		return true
	}
	seen[[2]*Type{a, b}] = true
	if a.Kind != b.Kind || a.Nullable != b.Nullable || a.Personal != b.Personal || a.Secret != b.Secret || a.Open != b.Open ||
		!sameConstraints(a, b) {
		return false
	}
	if !SameConditions(a, b) || !same(a.Elem, b.Elem, seen) {
		return false
	}
	if !slices.EqualFunc(a.Fields, b.Fields, func(x, y Field) bool {
		return x.Name == y.Name && x.Required == y.Required && same(x.Type, y.Type, seen)
	}) {
		return false
	}
	return slices.EqualFunc(a.Variants, b.Variants, func(x, y *Type) bool { return same(x, y, seen) })
}

// sameConstraints reports whether scalars and lists of two types are held to the same constraints.
func sameConstraints(a, b *Type) bool {
	return a.Format == b.Format && a.Claimed == b.Claimed &&
		a.Pattern == b.Pattern && a.Unique == b.Unique && a.ExclMin == b.ExclMin && a.ExclMax == b.ExclMax &&
		sameInt(a.MinLength, b.MinLength) && sameInt(a.MaxLength, b.MaxLength) && sameInt(a.Digits, b.Digits) &&
		sameInt(a.Fraction, b.Fraction) &&
		sameLimit(a.Minimum, b.Minimum) && sameLimit(a.Maximum, b.Maximum) && slices.EqualFunc(a.Enum, b.Enum, Equal)
}

func sameInt(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }

func sameLimit(a, b *Value) bool { return a == b || a != nil && b != nil && Equal(*a, *b) }
