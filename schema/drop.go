package schema

import "slices"

// DropFields returns a type without the record fields, at every depth, for which drop returns true: t itself if there are none. A choice
// or condition that a field which falls away takes part in falls away with it, as does the tag of a union.
func DropFields(t *Type, drop func(*Field) bool) *Type {
	d := &dropping{drop: drop, made: map[*Type]*Type{}}
	if t == nil || !d.touches(t, map[*Type]bool{}) {
		return t
	}
	return d.of(t)
}

// dropping is one type on its way to having fewer fields.
type dropping struct {
	drop func(*Field) bool
	made map[*Type]*Type
}

// touches reports whether a field falls away anywhere in t.
func (d *dropping) touches(t *Type, seen map[*Type]bool) bool {
	if t == nil || seen[t] {
		return false
	}
	seen[t] = true
	if d.touches(t.Elem, seen) {
		return true
	}
	for _, v := range t.Variants {
		if d.touches(v, seen) {
			return true
		}
	}
	for i := range t.Fields {
		if d.drop(&t.Fields[i]) || d.touches(t.Fields[i].Type, seen) {
			return true
		}
	}
	return false
}

// of copies a type without the fields that fall away. What is in it is copied with it, once each: it may refer to itself.
func (d *dropping) of(t *Type) *Type {
	if t == nil {
		return nil
	}
	if c := d.made[t]; c != nil {
		return c
	}
	if len(t.Fields) == 0 && t.Elem == nil && len(t.Variants) == 0 {
		return t
	}
	own := *t
	c := &own
	c.index = nil
	d.made[t] = c
	c.Elem = d.of(t.Elem)
	c.Fields, c.Variants = nil, nil
	for _, v := range t.Variants {
		c.Variants = append(c.Variants, d.of(v))
	}
	for i := range t.Fields {
		f := t.Fields[i]
		if d.drop(&f) {
			continue
		}
		f.Type = d.of(f.Type)
		c.Fields = append(c.Fields, f)
	}
	c.Choices = slices.DeleteFunc(slices.Clone(t.Choices), func(x Choice) bool {
		return slices.ContainsFunc(x.Names(), func(name string) bool { return c.Index(name) < 0 })
	})
	c.Present = presentIn(c, t.Present)
	if c.Tag != "" && slices.ContainsFunc(c.Variants, func(v *Type) bool { return v.Index(c.Tag) < 0 }) {
		c.Tag = ""
	}
	return c.Seal()
}
