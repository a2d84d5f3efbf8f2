package schema

// HasClaims reports whether a part of a type has a format that its values only claim.
func HasClaims(t *Type) bool { return hasClaims(t, map[*Type]bool{}) }

func hasClaims(t *Type, seen map[*Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	if seen[t] = true; t.Claimed || hasClaims(t.Elem, seen) {
		return true
	}
	for i := range t.Fields {
		if hasClaims(t.Fields[i].Type, seen) {
			return true
		}
	}
	for _, v := range t.Variants {
		if hasClaims(v, seen) {
			return true
		}
	}
	return false
}

// ClaimsBroken returns how many texts in v, a value of t, are not of the format that their types claim.
func ClaimsBroken(v Value, t *Type) int {
	switch v.Kind() {
	case KindText:
		return brokenText(v, t)
	case KindList, KindMap:
		if t.Kind == KindUnion {
			t = variantWith(v, t)
		}
		if t.Elem == nil {
			return 0
		}
		n, items := 0, v.Items()
		if m := v.Map(); m != nil {
			items = m.Values
		}
		for _, item := range items {
			n += ClaimsBroken(item, t.Elem)
		}
		return n
	case KindRecord:
		n := 0
		for i, f := range v.Type().Fields {
			n += ClaimsBroken(v.Field(i), f.Type)
		}
		return n
	}
	return 0
}

// brokenText returns 1 if a text is not of the format that its type claims; of a union, if it is of no variant's.
func brokenText(v Value, t *Type) int {
	if t.Kind != KindUnion {
		if ClaimBroken(v.Str(), t) {
			return 1
		}
		return 0
	}
	broken := 0
	for _, one := range t.Variants {
		if Check(v, one) != nil {
			continue
		}
		if brokenText(v, one) == 0 {
			return 0
		}
		broken = 1
	}
	return broken
}

// variantWith returns the variant of a union that a value fits, the union itself if it is none.
func variantWith(v Value, t *Type) *Type {
	for _, one := range t.Variants {
		if Check(v, one) == nil {
			return one
		}
	}
	return t
}
