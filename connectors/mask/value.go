package mask

import (
	"bytes"
	"encoding/json"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// JSON returns a value in JSON, indented. What is hidden in it is a text.
func (m *Mask) JSON(v schema.Value, t *schema.Type) []byte {
	plain := codec.AppendJSON(nil, m.shown(v, t, false))
	var b bytes.Buffer
	if json.Indent(&b, plain, "", "  ") != nil {
		return plain
	}
	return b.Bytes()
}

// Shown returns a value, laid out as maps, with what is hidden by its name, or known to be hidden, replaced by a text.
func (m *Mask) Shown(v schema.Value) schema.Value { return m.shown(v, nil, false) }

// shown returns a value with what is hidden replaced by a text, laid out as maps.
func (m *Mask) shown(v schema.Value, t *schema.Type, hidden bool) schema.Value {
	hidden = hidden || t != nil && m.hides(t)
	switch v.Kind() {
	case schema.KindAbsent, schema.KindNull:
		return v
	case schema.KindList:
		items := make([]schema.Value, v.Len())
		for i, x := range v.Items() {
			items[i] = m.shown(x, elem(t), hidden)
		}
		return schema.List(items)
	case schema.KindMap:
		out := &schema.Map{}
		for i, name := range v.Map().Keys {
			out.Keys = append(out.Keys, name)
			out.Values = append(out.Values, m.shown(v.Map().Values[i], elem(t), hidden || m.named(name)))
		}
		return schema.MapOf(out)
	case schema.KindRecord:
		out := &schema.Map{}
		for i := range v.Type().Fields {
			f := &v.Type().Fields[i]
			if v.Field(i).IsAbsent() {
				continue
			}
			out.Keys = append(out.Keys, f.Name)
			out.Values = append(out.Values, m.shown(v.Field(i), fieldType(t, f), hidden || m.named(f.Name) && leaf(f.Type)))
		}
		return schema.MapOf(out)
	}
	if hidden {
		return schema.Text(Hidden)
	}
	if v.Kind() == schema.KindText {
		return schema.Text(m.Text(v.Str()))
	}
	return v
}

// leaf reports whether a type has no fields: a record called like a secret may hold other things.
func leaf(t *schema.Type) bool { return t.Kind != schema.KindRecord }

// scalar returns a value without parts as the text that stands on the wire.
func scalar(v schema.Value) string {
	switch {
	case v.HasText():
		return v.Str()
	case v.Kind().Number():
		return string(schema.AppendNumber(nil, v))
	}
	return ""
}

func xmlEscaped(s string) string { return string(codec.AppendXMLText(nil, s)) }

func jsonEscaped(s string) string {
	quoted := codec.AppendText(nil, s)
	return string(quoted[1 : len(quoted)-1])
}
