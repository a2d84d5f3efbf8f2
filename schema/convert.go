package schema

import "fmt"

// Convert lays v out as to, where Fits said that it may stand: fields in the other order, whole numbers as decimals,
// dates as text, records as maps. Null in an optional field that takes none is left out. It returns v itself where
// nothing changes.
func Convert(v Value, to *Type) (Value, error) {
	switch {
	case v.IsNil() || to.Kind == KindAny || to.Kind == KindUnknown:
		return v, nil
	case to.Kind == KindUnion:
		for _, t := range to.Variants {
			if t.Admits(v) && Check(v, t) == nil {
				return Convert(v, t)
			}
		}
		return Value{}, fmt.Errorf("expected %s, found %s", to, v.kind)
	case v.kind == KindInt && to.Kind == KindDecimal:
		return DecimalCoef(v.n, 0), nil
	case v.kind != to.Kind && v.kind.Textual() && to.Kind == KindText:
		v.kind = KindText
		return v, nil
	case v.kind == KindRecord && to.Kind == KindMap:
		return convertToMap(v, to)
	case v.kind != to.Kind:
		return Value{}, fmt.Errorf("expected %s, found %s", to, v.kind)
	case v.kind == KindList:
		items, err := convertAll(v.Items(), to.Elem)
		if err != nil || items == nil {
			return v, err
		}
		return List(items), nil
	case v.kind == KindMap:
		m := v.Map()
		values, err := convertAll(m.Values, to.Elem)
		if err != nil || values == nil {
			return v, err
		}
		return MapOf(&Map{Keys: m.Keys, Values: values}), nil
	case v.kind == KindRecord:
		return convertRecord(v, to)
	}
	return v, nil
}

// convertToMap turns a record into a map: the fields that are there are its entries.
func convertToMap(v Value, to *Type) (Value, error) {
	m := &Map{}
	for i, f := range v.Type().Fields {
		if v.Field(i).IsAbsent() {
			continue
		}
		x, err := Convert(v.Field(i), to.Elem)
		if err != nil {
			return Value{}, err
		}
		m.Keys, m.Values = append(m.Keys, f.Name), append(m.Values, x)
	}
	return MapOf(m), nil
}

// convertAll converts each value; nil if none changes.
func convertAll(values []Value, to *Type) ([]Value, error) {
	var out []Value
	for i, x := range values {
		y, err := Convert(x, to)
		if err != nil {
			return nil, err
		}
		if out == nil && y == x {
			continue
		}
		if out == nil {
			out = append(make([]Value, 0, len(values)), values[:i]...)
		}
		out = append(out, y)
	}
	return out, nil
}

func convertRecord(v Value, to *Type) (Value, error) {
	from := v.Type()
	if from == to {
		return v, nil
	}
	slots := Slots(to)
	for i, f := range to.Fields {
		x := v.Get(f.Name)
		if x.kind == KindNull && !f.Required && !f.Type.Nullable {
			continue
		}
		y, err := Convert(x, f.Type)
		if err != nil {
			return Value{}, fmt.Errorf("%s: %w", f.Name, err)
		}
		slots[i+1] = y
	}
	return Record(to, slots), nil
}
