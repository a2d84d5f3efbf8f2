package trigger

import "fondaco/schema"

// WithDefaults gives the type that values of t have once Fill has given their absent fields the defaults that t says:
// those fields are then always there. It is t itself if it says none.
func WithDefaults(t *schema.Type) *schema.Type { return withDefaults(t, map[*schema.Type]bool{}) }

func withDefaults(t *schema.Type, within map[*schema.Type]bool) *schema.Type {
	if t == nil || within[t] {
		return t
	}
	within[t] = true
	defer delete(within, t)
	switch t.Kind {
	case schema.KindList, schema.KindMap:
		if elem := withDefaults(t.Elem, within); elem != t.Elem {
			c := *t
			c.Elem = elem
			return &c
		}
	case schema.KindRecord:
		var fields []schema.Field
		for i, f := range t.Fields {
			kept := withDefaults(f.Type, within)
			if kept == f.Type && (f.Required || f.Type.Default.IsAbsent()) {
				continue
			}
			if fields == nil {
				fields = append(fields, t.Fields...)
			}
			fields[i].Type = kept
			fields[i].Required = f.Required || !f.Type.Default.IsAbsent()
		}
		if fields != nil {
			c := *t
			c.Fields = fields
			return c.Seal()
		}
	}
	return t
}

// Fill gives the absent fields of v, a value of t that was decoded a moment ago and that nobody else has, their
// defaults.
func Fill(v schema.Value, t *schema.Type) {
	switch v.Kind() {
	case schema.KindList:
		for _, item := range v.Items() {
			Fill(item, t.Elem)
		}
	case schema.KindMap:
		for _, item := range v.Map().Values {
			Fill(item, t.Elem)
		}
	case schema.KindRecord:
		fields := v.Fields()
		for i := range fields {
			if i >= len(t.Fields) {
				return
			}
			if fields[i].IsAbsent() {
				fields[i] = t.Fields[i].Type.Default
			} else {
				Fill(fields[i], t.Fields[i].Type)
			}
		}
	}
}
