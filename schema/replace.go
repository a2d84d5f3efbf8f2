package schema

// Replace returns the type with another in the place of one that it is, or that its items are: t itself where it is
// neither. What admits null goes on to.
func (t *Type) Replace(was, by *Type) *Type {
	switch {
	case t == was || t.Kind != KindList && t.Nullable && t.Kind == was.Kind:
		if t.Nullable && !by.Nullable {
			return by.OrNull()
		}
		return by
	case t.Kind == KindList:
		c := *t
		c.Elem = t.Elem.Replace(was, by)
		return &c
	}
	return t
}
