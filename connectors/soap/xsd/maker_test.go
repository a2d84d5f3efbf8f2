package xsd

import (
	"math/rand/v2"
	"slices"
	"strings"

	"fondaco/schema"
)

// maker makes values that a plan admits, by its content model.
type maker struct {
	*rand.Rand
	left int // how many more elements it makes beyond what must be there
}

// MakeValue makes a value that a plan admits; false if there is none that it finds.
func MakeValue(p *Plan, seed, turn uint64) (schema.Value, bool) {
	m := &maker{rand.New(rand.NewPCG(seed, turn)), 40}
	return m.value(p, 0)
}

// NotTold reports whether an error says that values do not say which part of a content model they stand for.
func NotTold(err error) bool { return strings.Contains(err.Error(), errPlace.Error()) }

var texts = []string{"", "a", "città è qui", "<b>&\"'", " x  y ", "riga\nriga", "😀", "]]>", "0"}

func (m *maker) text(l *lexical) (schema.Value, bool) {
	t := l.t
	if len(t.Enum) > 0 {
		return t.Enum[m.IntN(len(t.Enum))], true
	}
	pick := func(list ...string) (schema.Value, bool) {
		for range 20 {
			if v, err := l.parse(list[m.IntN(len(list))]); err == nil {
				return v, true
			}
		}
		return schema.Value{}, false
	}
	if l.form == formQName {
		return pick("codice", "{urn:example}codice", "{urn:altro:è}codice")
	}
	if l.wire != nil && t.Kind == schema.KindText {
		return schema.Text(l.wire.example), t.Pattern == ""
	}
	switch l.form {
	case formBool:
		return schema.Bool(m.IntN(2) == 0), true
	case formInt:
		return pick("0", "1", "-1", "127", "-128", "9223372036854775807", "-9223372036854775808", "42")
	case formBigInt:
		return pick("0", "18446744073709551615", "1")
	case formDecimal, formFloat:
		return pick("0", "1.5", "-0.01", "12345678901234567890.123456789012345678901", "100")
	case formDate:
		return pick("2026-01-31", "0001-01-01", "9999-12-31", "2024-02-29")
	case formTime:
		return pick("09:00:00", "23:59:59.999", "00:00:00")
	case formDateTime:
		return pick("2026-01-31T09:00:00+01:00", "2026-01-31T09:00:00Z", "2026-01-31T09:00:00.123")
	case formDuration:
		return pick("P1D", "PT1H30M", "P1Y2M3DT4H5M6S")
	case formBase64, formHex, formReference:
		return schema.Bytes([]byte(texts[m.IntN(len(texts))])), true
	case formList:
		var items []schema.Value
		for range m.IntN(3) {
			v, ok := m.text(l.item)
			if !ok || v.Kind() == schema.KindText && strings.ContainsAny(v.Str(), " \n\t\r") || v.Kind() == schema.KindText && v.Str() == "" {
				continue
			}
			items = append(items, v)
		}
		return schema.List(items), true
	case formString:
		return schema.Text(texts[m.IntN(len(texts))]), true
	}
	v, err := l.parse(texts[m.IntN(len(texts))])
	return v, err == nil
}

// value makes a value of a plan; false if there is none that it finds.
func (m *maker) value(p *Plan, depth int) (schema.Value, bool) {
	switch {
	case depth > 12:
		return schema.Value{}, false
	case p.raw:
		return schema.Text([]string{"", "testo", `<x xmlns="urn:x" a="1">y</x>`}[m.IntN(3)]), true
	case p.nested != nil:
		return m.value(p.nested.plan, depth+1)
	case p.array != nil:
		var items []schema.Value
		for range m.some(0, -1, depth) {
			v, ok := m.value(p.array.item, depth+1)
			if !ok {
				return v, false
			}
			items = append(items, v)
		}
		return schema.List(items), true
	case p.variants != nil:
		i := m.IntN(len(p.variants))
		x := &p.variants[i]
		v, ok := m.value(x.plan, depth+1)
		if !ok {
			return v, false
		}
		slots := schema.Slots(p.t)
		for f := range x.plan.t.Fields {
			slots[p.t.Index(x.names[f])+1] = v.Field(f)
		}
		slots[p.t.Index(typeField)+1] = schema.Text(x.word)
		return schema.Record(p.t, slots), true
	case p.t.Kind != schema.KindRecord:
		return m.text(p.text)
	}
	slots := schema.Slots(p.t)
	for i := range p.attrs {
		a := &p.attrs[i]
		if !a.required && !a.hasDef && m.IntN(2) == 0 {
			continue
		}
		v, ok := m.text(a.text)
		if a.fixed {
			v, _ = a.text.parse(a.def)
			ok = true
		}
		if !ok {
			return v, false
		}
		slots[a.field+1] = v
	}
	if p.mixed {
		slots[p.value+1] = schema.Text([]string{"", "testo", `<x xmlns="urn:x" a="1">y</x>`}[m.IntN(3)])
		return schema.Record(p.t, slots), true
	}
	if p.text != nil {
		v, ok := m.text(p.text)
		slots[p.value+1] = v
		return schema.Record(p.t, slots), ok
	}
	lists := map[int][]schema.Value{}
	if p.model != nil && !m.part(p, p.model, slots, lists, depth) {
		return schema.Value{}, false
	}
	for i := range p.kids {
		if k := &p.kids[i]; k.list {
			slots[k.field+1] = schema.List(lists[k.field])
		}
	}
	return schema.Record(p.t, slots), true
}

// some returns how often a part comes.
func (m *maker) some(least, most, depth int) int {
	n := least
	if (most < 0 || most > least) && m.left > 0 && depth < 6 {
		m.left--
		n += m.IntN(3)
		if most >= 0 {
			n = min(n, most)
		}
	}
	return n
}

func (m *maker) part(p *Plan, x *particle, slots []schema.Value, lists map[int][]schema.Value, depth int) bool {
	for range m.some(x.min, x.max, depth) {
		switch x.kind {
		case oneElement:
			k := &p.kids[x.kid]
			if k.any != nil {
				slots[k.field+1] = schema.Text(slots[k.field+1].Str() + `<q xmlns="` + m.space(k.any) + `">1</q>`)
				continue
			}
			v, ok := m.value(k.plan, depth+1)
			if k.fixed && k.plan.text != nil {
				v, _ = k.plan.text.parse(k.def)
				ok = true
			}
			if !ok {
				return false
			}
			if k.group && !slices.ContainsFunc(v.Fields(), func(x schema.Value) bool {
				return !x.IsAbsent() &&
					!(x.Kind() == schema.KindList && x.Len() == 0)
			}) {
				continue // nothing stands for a record without fields
			}
			if k.hasDef && v.Kind() == schema.KindText && v.Str() == "" {
				v = schema.Text("x")
			}
			if k.nillable && m.IntN(4) == 0 {
				v = schema.Null
			}
			if k.list {
				lists[k.field] = append(lists[k.field], v)
			} else {
				slots[k.field+1] = v
			}
		case inChoice:
			if len(x.parts) > 0 && !m.part(p, x.parts[m.IntN(len(x.parts))], slots, lists, depth) {
				return false
			}
		default:
			for _, part := range x.parts {
				if !m.part(p, part, slots, lists, depth) {
					return false
				}
			}
		}
	}
	return true
}

// space returns a namespace that a wildcard admits.
func (m *maker) space(w *wildcard) string {
	for s := range w.spaces {
		return s
	}
	return "urn:un-altro"
}
