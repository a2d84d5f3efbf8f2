package trigger

import "fondaco/schema"

// Fill returns the absent fields of v, a value of t that was decoded a moment ago and that nobody else has, their
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
