package schema

// UncheckedIn returns what the source of a type, or of a part of it, asks of values that nothing checks; "" for nothing.
func UncheckedIn(t *Type) string { return uncheckedIn(t, map[*Type]bool{}) }

func uncheckedIn(t *Type, seen map[*Type]bool) string {
	if t == nil || seen[t] {
		return ""
	}
	if seen[t] = true; t.Unchecked != "" {
		return t.Unchecked
	}
	if what := uncheckedIn(t.Elem, seen); what != "" {
		return what
	}
	for i := range t.Fields {
		if what := uncheckedIn(t.Fields[i].Type, seen); what != "" {
			return what
		}
	}
	for _, v := range t.Variants {
		if what := uncheckedIn(v, seen); what != "" {
			return what
		}
	}
	return ""
}
