package simulate

import "fondaco/schema"

// withLists returns a sample with the lists that it leaves out: a list that must be there and may be empty is empty. In
// XML such a list is written by writing nothing, and samples are written likewise.
func withLists(v schema.Value, t *schema.Type) schema.Value {
	switch {
	case t == nil:
	case v.Kind() == schema.KindList && t.Kind == schema.KindList:
		items := make([]schema.Value, v.Len())
		for i, x := range v.Items() {
			items[i] = withLists(x, t.Elem)
		}
		return schema.List(items)
	case v.Kind() == schema.KindMap && t.Kind == schema.KindRecord:
		m := &schema.Map{}
		for i, k := range v.Map().Keys {
			x := v.Map().Values[i]
			if j := t.Index(k); j >= 0 {
				x = withLists(x, t.Fields[j].Type)
			}
			m.Keys, m.Values = append(m.Keys, k), append(m.Values, x)
		}
		for _, f := range t.Fields {
			if f.Required && f.Type.Kind == schema.KindList && f.Type.MinLength == nil && v.Get(f.Name).IsAbsent() {
				m.Keys, m.Values = append(m.Keys, f.Name), append(m.Values, schema.List(nil))
			}
		}
		return schema.MapOf(m)
	}
	return v
}
