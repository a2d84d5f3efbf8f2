package schema

import (
	"strings"
)

// String gives the type in a few words for messages: "text", "integer or null", "list of {numero: text}".
func (t *Type) String() string {
	var b strings.Builder
	t.describe(&b, 0)
	return b.String()
}

// describeDepth is how deep String looks into a type.
const describeDepth = 2

func (t *Type) describe(b *strings.Builder, depth int) {
	switch {
	case t == nil:
		b.WriteString("nothing")
		return
	case t.Kind == KindText && len(t.Enum) > 0:
		for i, v := range t.Enum {
			if i > 0 {
				b.WriteString(" or ")
			}
			if i == 5 {
				b.WriteString("...")
				break
			}
			b.WriteString(`"` + v.Str() + `"`)
		}
	case t.Kind == KindList && depth <= describeDepth && t.Elem != nil:
		b.WriteString("list of ")
		t.Elem.describe(b, depth+1)
	case t.Kind == KindMap && depth <= describeDepth && t.Elem != nil:
		b.WriteString("map to ")
		t.Elem.describe(b, depth+1)
	case t.Kind == KindRecord && t.Name != "" && depth > 0:
		b.WriteString(t.Name)
	case t.Kind == KindRecord && depth < describeDepth:
		b.WriteByte('{')
		for i, f := range t.Fields {
			if i > 0 {
				b.WriteString(", ")
			}
			if i == 6 {
				b.WriteString("...")
				break
			}
			b.WriteString(f.Name)
			if !f.Required {
				b.WriteByte('?')
			}
			b.WriteString(": ")
			f.Type.describe(b, depth+1)
		}
		b.WriteByte('}')
	case t.Kind == KindUnion && depth < describeDepth:
		for i, v := range t.Variants {
			if i > 0 {
				b.WriteString(" or ")
			}
			v.describe(b, depth+1)
		}
	default:
		b.WriteString(t.Kind.String())
	}
	if t.Nullable && t.Kind != KindNull && t.Kind != KindAny && t.Kind != KindUnknown {
		b.WriteString(" or null")
	}
}
