package soap

import (
	"errors"
	"strings"

	"fondaco/connectors"
	"fondaco/schema"
)

// sample makes up an input of an operation that can be sent.
func sample(operation *connectors.Operation) (schema.Value, bool) {
	p, ok := operation.Wire.(*op)
	if !ok || p.in == nil {
		return schema.Value{}, false
	}
	if p.in.none {
		v, err := schema.Sample(p.in.t, nil)
		return v, err == nil
	}
	return sampleOf(p.in, "1.1")
}

// maxTries is how many fields of a sample are taken out again because the encoding wants it so.
const maxTries = 500

// sampleOf makes up an answer that can be written: with as many optional fields as go together, as the branches of a
// choice do not.
func sampleOf(b *body, version string) (schema.Value, bool) {
	m := versions[version].writes(b)
	dropped := map[string]bool{}
	choose := func(path string, f *schema.Field) (bool, schema.Value) {
		if dropped[path] || failing(f.Name) && !f.Required {
			if f.Required && f.Type.Kind == schema.KindList && f.Type.MinLength == nil {
				return true, schema.List(nil)
			}
			return false, schema.Value{}
		}
		return true, b.content(path)
	}
	for range maxTries {
		v, err := schema.Sample(b.t, choose)
		if err != nil {
			break
		}
		var w writing
		if _, err = m.write(&w, nil, v, nil); err == nil {
			return v, true
		}
		var wrong *schema.Violation
		if !errors.As(err, &wrong) || !drop(dropped, wrong.Path) {
			break
		}
	}
	v, err := schema.Sample(b.t, func(path string, f *schema.Field) (bool, schema.Value) {
		if !f.Required {
			return false, schema.Value{}
		}
		return true, b.content(path)
	})
	if err != nil {
		return v, false
	}
	var w writing
	_, err = m.write(&w, nil, v, nil)
	return v, err == nil
}

// anyElement is what samples have where anything may stand.
const anyElement, anySpace = `<esempio xmlns="http://www.example.org/"/>`, "http://www.example.org/"

// content returns the value of a field that holds elements of other schemas, as text with tags: absent for any other field.
func (b *body) content(at string) schema.Value {
	if b.plan == nil || at == "" {
		return schema.Value{}
	}
	p, steps := b.plan, strings.Split(at[1:], "/")
	if b.headField != "" && steps[0] == b.headField {
		if len(steps) < 2 {
			return schema.Value{}
		}
		for i := range b.headers {
			if b.headType.Fields[i].Name == steps[1] {
				p, steps = b.headers[i].plan, steps[2:]
				break
			}
		}
	}
	if b.alone && len(steps) > 0 && steps[0] == "value" {
		steps = steps[1:]
	}
	return p.content(steps, 0)
}

// content follows the steps of a path to a wildcard.
func (p *plan) content(steps []string, depth int) schema.Value {
	if depth > 64 || p.t == nil {
		return schema.Value{}
	}
	if p.raw && len(steps) == 0 {
		return schema.Text(anyElement)
	}
	for i := range p.variants {
		if v := p.variants[i].plan.content(steps, depth+1); !v.IsAbsent() {
			return v
		}
	}
	if len(steps) == 0 {
		return p.text.example()
	}
	for i := range p.attrs {
		if a := &p.attrs[i]; len(steps) == 1 && p.t.Fields[a.field].Name == steps[0] {
			if a.fixed {
				v, _ := a.text.parse(a.def)
				return v
			}
			return a.text.example()
		}
	}
	if p.value >= 0 && len(steps) == 1 && p.t.Fields[p.value].Name == steps[0] {
		return p.text.example()
	}
	if p.array != nil && p.array.item == nil {
		return schema.Value{}
	}
	if p.array != nil {
		return p.array.item.content(steps[1:], depth+1)
	}
	for i := range p.kids {
		k := &p.kids[i]
		if k.field < 0 || k.field >= len(p.t.Fields) || p.t.Fields[k.field].Name != steps[0] {
			continue
		}
		rest := steps[1:]
		switch {
		case k.any != nil && len(rest) == 0:
			text := schema.Text(anyElement)
			if !k.any.admits(anySpace) {
				text = schema.Text("<esempio/>")
			}
			if k.list {
				return schema.List([]schema.Value{text})
			}
			return text
		case k.any != nil || k.plan == nil:
			return schema.Value{}
		case k.list && len(rest) > 0:
			rest = rest[1:]
		case k.held() && len(rest) == 0:
			v, _ := k.plan.text.parse(k.def)
			if k.list {
				v = schema.List([]schema.Value{v})
			}
			return v
		case k.list:
			if k.plan.raw {
				return schema.List([]schema.Value{schema.Text(anyElement)})
			}
			if v := k.plan.text.example(); !v.IsAbsent() && k.plan.value < 0 {
				return schema.List([]schema.Value{v})
			}
			return schema.Value{}
		}
		if v := k.plan.content(rest, depth+1); !v.IsAbsent() {
			return v
		}
	}
	return schema.Value{}
}

// example returns a value that may be written, where a made-up text may not; absent for any other.
func (l *lexical) example() schema.Value {
	switch {
	case l == nil || len(l.t.Enum) > 0 || l.t.Pattern != "":
	case l.wire != nil && l.t.Kind == schema.KindText:
		return schema.Text(l.wire.example)
	case l.form == formList && l.item.wire != nil && len(l.item.t.Enum) == 0:
		return schema.List([]schema.Value{schema.Text(l.item.wire.example)})
	}
	return schema.Value{}
}

// drop notes the field that a path names, or the nearest one around it that is not noted yet.
func drop(dropped map[string]bool, at string) bool {
	for ; at != ""; at = at[:strings.LastIndexByte(at, '/')] {
		if !dropped[at] {
			dropped[at] = true
			return true
		}
	}
	return false
}

// failing reports whether a field, by its name, tells of a failure: a sample is of what goes well.
func failing(field string) bool {
	field = strings.ToLower(field)
	for _, word := range []string{"error", "errore", "fault", "eccezion", "exception"} {
		if strings.Contains(field, word) {
			return true
		}
	}
	return false
}
