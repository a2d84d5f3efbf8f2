package schema

import (
	"strings"
)

// String returns the type in a few words for messages: "text", "integer or null", "list of {numero: text}".
func (t *Type) String() string {
	var b strings.Builder
	t.describe(&b, 0, describeDepth, 6)
	return b.String()
}

// Whole returns the type with all its fields, however many, down to eight levels: for people who want to see it.
func (t *Type) Whole() string {
	var b strings.Builder
	t.describe(&b, 0, 8, 1000)
	return b.String()
}

// describeDepth is how deep String looks into a type.
const describeDepth = 2

func (t *Type) describe(b *strings.Builder, depth, deepest, most int) {
	switch {
	case t == nil:
		b.WriteString("nothing")
		return
	case t.Kind == KindText && len(t.Enum) > 0:
		t.describeEnum(b)
	case t.Kind == KindList && depth <= deepest && t.Elem != nil:
		b.WriteString("list of ")
		t.Elem.describe(b, depth+1, deepest, most)
	case t.Kind == KindMap && depth <= deepest && t.Elem != nil:
		b.WriteString("map to ")
		t.Elem.describe(b, depth+1, deepest, most)
	case t.Kind == KindRecord && t.Name != "" && depth > 0 && (deepest == describeDepth || depth >= deepest):
		b.WriteString(t.Name)
	case t.Kind == KindRecord && depth < deepest:
		t.describeFields(b, depth, deepest, most)
	case t.Kind == KindUnion && depth < deepest:
		for i, v := range t.Variants {
			if i > 0 {
				b.WriteString(" or ")
			}
			v.describe(b, depth+1, deepest, most)
		}
	default:
		b.WriteString(t.Kind.String())
	}
	if t.Nullable && t.Kind != KindNull && t.Kind != KindAny && t.Kind != KindUnknown {
		b.WriteString(" or null")
	}
}

// describeEnum writes the first of the values of an enumeration.
func (t *Type) describeEnum(b *strings.Builder) {
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
}

// describeFields writes the fields of a record, most of them at most.
func (t *Type) describeFields(b *strings.Builder, depth, deepest, most int) {
	b.WriteByte('{')
	for i, f := range t.Fields {
		if i > 0 {
			b.WriteString(", ")
		}
		if i == most {
			b.WriteString("...")
			break
		}
		b.WriteString(f.Name)
		if !f.Required {
			b.WriteByte('?')
		}
		b.WriteString(": ")
		f.Type.describe(b, depth+1, deepest, most)
	}
	for i := range t.Choices {
		b.WriteString("; " + t.Choices[i].String())
	}
	for i := range t.Present {
		b.WriteString("; " + t.Present[i].String())
	}
	b.WriteByte('}')
}
