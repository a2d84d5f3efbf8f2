package rest

import (
	"errors"
	"net/url"
	"slices"
	"strings"

	"fondaco/schema"
)

var errNotStyle = errors.New("expected a value in the parameter's style")

// pairs are the parts of a query, a form, cookies or a matrix, by their names; the values are as they came.
type pairs struct {
	order  []string // the names, each once
	values map[string][]string
}

func pairsOf(raw, sep string, read func(string) (string, error)) (pairs, error) {
	ps := pairs{values: map[string][]string{}}
	for part := range strings.SplitSeq(raw, sep) {
		name, value, _ := strings.Cut(part, "=")
		if part == "" {
			continue
		}
		name, err := read(name)
		if err != nil {
			return ps, errNotStyle
		}
		if _, known := ps.values[name]; !known {
			ps.order = append(ps.order, name)
		}
		ps.values[name] = append(ps.values[name], value)
	}
	return ps, nil
}

// first returns the first value under a name, and whether there is one.
func (ps pairs) first(name string) (raw string, there bool) {
	values := ps.values[name]
	if len(values) == 0 {
		return "", false
	}
	return values[0], true
}

// fromPairs reads the parameter from where parts have names; absent if it is not there.
func (p *param) fromPairs(ps pairs) (schema.Value, error) {
	raw, there := ps.first(p.name)
	switch {
	case p.json && !there, p.auto && !there:
		return schema.Value{}, nil
	case p.json:
		return p.fromJSON(raw)
	case p.auto && p.t.Kind == schema.KindList && !schema.Single(p.t.Elem):
		return p.fromJSON("[" + strings.Join(ps.values[p.name], ",") + "]") // a comma between texts that are encoded
	case p.auto && !schema.Single(p.t) && p.t.Kind != schema.KindList:
		if p.t.Kind == schema.KindUnion {
			if v, err := p.layout.fromPairs(p.name, p.t, ps, nil); err == nil {
				return v, nil
			}
		}
		return p.fromJSON(raw)
	}
	return p.layout.fromPairs(p.name, p.t, ps, p.taken)
}

func (p *param) fromJSON(raw string) (schema.Value, error) {
	text, err := p.layout.read(raw)
	if err != nil {
		return schema.Value{}, errNotStyle
	}
	return p.decode.Decode([]byte(text))
}

func (l *layout) fromPairs(name string, t *schema.Type, ps pairs, taken []string) (schema.Value, error) {
	raw, there := ps.first(name)
	switch t.Kind {
	case schema.KindUnion:
		return variant(t, func(t *schema.Type) (schema.Value, error) { return l.fromPairs(name, t, ps, taken) })
	case schema.KindList:
		switch {
		case !there:
			return schema.Value{}, nil
		case l.explode:
			return l.items(ps.values[name], t)
		}
		return l.items(l.split(raw), t)
	case schema.KindRecord, schema.KindMap:
		if !l.explode {
			if !there {
				return schema.Value{}, nil
			}
			return l.alternating(l.split(raw), t)
		}
		var parts [][2]string
		for _, key := range ps.order {
			field := key
			if l.deep {
				inner, is := strings.CutPrefix(key, name+"[")
				closed := false
				if field, closed = strings.CutSuffix(inner, "]"); !is || !closed {
					continue
				}
			} else if t.Kind == schema.KindRecord && t.Index(key) < 0 || slices.Contains(taken, key) {
				continue
			}
			values := ps.values[key]
			if at := t.Index(field); !l.lists || at < 0 || t.Fields[at].Type.Kind != schema.KindList {
				values = values[:1]
			}
			for _, value := range values {
				parts = append(parts, [2]string{field, value})
			}
		}
		if len(parts) == 0 {
			return schema.Value{}, nil
		}
		return l.object(parts, t)
	}
	if !there {
		return schema.Value{}, nil
	}
	return l.text(raw, t)
}

// fromText reads a value from where it stands alone: a hole of a path, a header.
func (l *layout) fromText(name, raw string, t *schema.Type) (schema.Value, error) {
	if l.named {
		ps, err := pairsOf(strings.TrimPrefix(raw, l.first), l.sep, l.read)
		if err != nil {
			return schema.Value{}, err
		}
		return l.fromPairs(name, t, ps, nil)
	}
	rest, ok := strings.CutPrefix(raw, l.first)
	if !ok {
		return schema.Value{}, errNotStyle
	}
	return l.unnamed(rest, t)
}

func (l *layout) unnamed(raw string, t *schema.Type) (schema.Value, error) {
	parts := l.split(raw)
	if l.explode {
		parts = strings.Split(raw, l.sep)
	}
	switch t.Kind {
	case schema.KindUnion:
		return variant(t, func(t *schema.Type) (schema.Value, error) { return l.unnamed(raw, t) })
	case schema.KindList:
		return l.items(parts, t)
	case schema.KindRecord, schema.KindMap:
		if !l.explode {
			return l.alternating(parts, t)
		}
		var fields [][2]string
		for _, part := range parts {
			key, value, _ := strings.Cut(part, "=")
			fields = append(fields, [2]string{key, value})
		}
		return l.object(fields, t)
	}
	return l.text(raw, t)
}

// split returns the values of one part. Who writes them may encode what separates them otherwise than we do.
func (l *layout) split(raw string) []string {
	switch l.delim {
	case "%20":
		raw = strings.ReplaceAll(raw, "+", "%20")
	case "%7C":
		raw = strings.NewReplacer("|", "%7C", "%7c", "%7C").Replace(raw)
	}
	return strings.Split(raw, l.delim)
}

func (l *layout) items(raws []string, t *schema.Type) (schema.Value, error) {
	items := make([]schema.Value, len(raws))
	for i, raw := range raws {
		var err error
		if items[i], err = l.text(raw, t.Elem); err != nil {
			return schema.Value{}, err
		}
	}
	v := schema.List(items)
	if wrong := schema.Check(v, t); wrong != nil {
		return v, wrong
	}
	return v, nil
}

func (l *layout) alternating(raws []string, t *schema.Type) (schema.Value, error) {
	if len(raws)%2 != 0 {
		return schema.Value{}, errNotStyle
	}
	var parts [][2]string
	for i := 0; i < len(raws); i += 2 {
		key, err := l.read(raws[i])
		if err != nil {
			return schema.Value{}, errNotStyle
		}
		parts = append(parts, [2]string{key, raws[i+1]})
	}
	return l.object(parts, t)
}

// object makes a record or a map of names and raw values.
func (l *layout) object(parts [][2]string, t *schema.Type) (schema.Value, error) {
	if t.Kind == schema.KindMap {
		m := &schema.Map{}
		for _, part := range parts {
			v, err := l.text(part[1], t.Elem)
			if err != nil {
				lost, may := l.lenient.entry(t.Elem, err)
				if !may {
					return v, schema.Under(err, part[0])
				}
				if v = lost; v.IsAbsent() {
					continue
				}
			}
			m.Keys, m.Values = append(m.Keys, part[0]), append(m.Values, v)
		}
		return schema.MapOf(m), nil
	}
	slots := schema.Slots(t)
	lists := map[int][]string{}
	for _, part := range parts {
		at := t.Index(part[0])
		if at < 0 {
			continue
		}
		if t.Fields[at].Type.Kind == schema.KindList {
			lists[at] = append(lists[at], part[1])
			continue
		}
		v, err := l.text(part[1], t.Fields[at].Type)
		if err != nil {
			lost, may := l.lenient.field(&t.Fields[at], err)
			if !may {
				return v, schema.Under(err, part[0])
			}
			v = lost
		}
		slots[at+1] = v
	}
	for at, raws := range lists {
		v, err := l.items(raws, t.Fields[at].Type)
		if err != nil {
			return v, schema.Under(err, t.Fields[at].Name)
		}
		slots[at+1] = v
	}
	for i, f := range t.Fields {
		if f.Required && slots[i+1].IsAbsent() {
			return schema.Value{}, missing(f.Name)
		}
	}
	return schema.Complete(t, slots)
}

func (l *layout) text(raw string, t *schema.Type) (schema.Value, error) {
	s, err := l.read(raw)
	if err != nil {
		return schema.Value{}, errNotStyle
	}
	return l.lenient.value(s, t, schema.ReadText)
}

// variant returns what the first variant of a union that fits makes of a text.
func variant(t *schema.Type, read func(*schema.Type) (schema.Value, error)) (schema.Value, error) {
	var first error
	for _, t := range t.Variants {
		v, err := read(t)
		if err == nil {
			return v, nil
		}
		if first == nil {
			first = err
		}
	}
	return schema.Value{}, first
}

// missing reports a field that must be there.
func missing(name string) error {
	return schema.Violations{{Path: "/" + name, Code: "required", Expected: "a value", Found: "nothing"}}
}

// asItIs reads a text of a place where nothing is encoded.
func asItIs(s string) (string, error) { return strings.TrimSpace(s), nil }

// readingOf returns how texts of a place are read.
func readingOf(in string) func(string) (string, error) {
	switch in {
	case "header":
		return asItIs
	case "query", "form":
		return url.QueryUnescape
	}
	return url.PathUnescape
}
