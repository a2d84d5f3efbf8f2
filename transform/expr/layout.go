package expr

import "fondaco/schema"

// laid returns the closure of an operand with its values laid out as t, the type that it was joined into: fields are read
// by their place, so two arms that list them in another order must come out in one.
func laid(o operand, t *schema.Type) Eval {
	e := o.eval()
	if !otherwise(o.t, t, 0) {
		return e
	}
	return func(f *Frame) (schema.Value, error) {
		v, err := e(f)
		if err != nil {
			return v, err
		}
		return Convert(f, v, t)
	}
}

// Convert is schema.Convert, charged to f: a value that is laid out anew is a copy, of what it refers to twice two.
func Convert(f *Frame, v schema.Value, to *schema.Type) (schema.Value, error) {
	if in := inside(v); len(in) > 0 {
		before := f.Budget
		if err := f.SpendDeep(v); err != nil {
			return v, err
		}
		if err := f.TakeValues(int(before - f.Budget)); err != nil {
			return v, err
		}
	}
	return schema.Convert(v, to)
}

// present returns null for what is absent: an item of a list, or a field that an expression has put there, is there.
func present(v schema.Value) schema.Value {
	if v.IsAbsent() {
		return schema.Null
	}
	return v
}

// deepest is how far otherwise looks into types, which may refer to themselves.
const deepest = 12

// otherwise reports whether records in values of one type lie otherwise than the other type says. In a union they may lie
// as they like: fields of its values are read by name.
func otherwise(from, to *schema.Type, depth int) bool {
	switch {
	case from == to || from.Kind != to.Kind:
		return false
	case depth > deepest:
		return true
	case from.Kind == schema.KindList || from.Kind == schema.KindMap:
		return otherwise(from.Elem, to.Elem, depth+1)
	case from.Kind == schema.KindRecord:
		if len(from.Fields) != len(to.Fields) {
			return true
		}
		for i, f := range from.Fields {
			if f.Name != to.Fields[i].Name || otherwise(f.Type, to.Fields[i].Type, depth+1) {
				return true
			}
		}
	}
	return false
}

// fieldOf returns field i, which is called name, of a record whose type is another than was said; nil of nil. It lies alike
// as a rule, the types being copies that differ in their marks. Where it does not the field is looked for: no mistake
// elsewhere may give one field's value for another's.
func fieldOf(v schema.Value, i int, name string) schema.Value {
	if t := v.Type(); t != nil && i < len(t.Fields) && t.Fields[i].Name == name {
		return v.Field(i)
	}
	return v.Get(name)
}
