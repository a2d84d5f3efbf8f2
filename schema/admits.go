package schema

// admitsKind reports whether values of kind k may stand where t is: whole numbers for decimals, dates and times for text,
// records for maps.
func (t *Type) admitsKind(k Kind) bool {
	return k == t.Kind || k == KindInt && t.Kind == KindDecimal || k.Textual() && t.Kind == KindText || k == KindRecord && t.Kind == KindMap ||
		t.Kind == KindUnion || t.Kind == KindAny || t.Kind == KindUnknown
}

// Admits reports at a glance whether v may be a value of t: by its kind, and a record by the names of its fields and the
// constants among them. What it refuses does not fit; what it admits is still to be checked.
func (t *Type) Admits(v Value) bool {
	if v.kind == KindNull {
		return t.Nullable
	}
	if !t.admitsKind(v.kind) {
		return false
	}
	if v.kind != KindRecord || t.Kind != KindRecord || v.Type() == t {
		return true
	}
	for _, f := range t.Fields {
		x := v.Get(f.Name)
		if f.Required && x.IsAbsent() || !x.IsNil() && len(f.Type.Enum) > 0 && !in(x, f.Type.Enum) {
			return false
		}
	}
	if !t.Open {
		for i, f := range v.Type().Fields {
			if !v.Field(i).IsAbsent() && t.Index(f.Name) < 0 {
				return false
			}
		}
	}
	return true
}
