package openapi

import (
	"fondaco/config"
	"fondaco/schema"
)

// record reads a schema of objects: a record where it names fields, a map otherwise.
func (t *types) record(made *schema.Type, parts []*config.Node) {
	made.Kind, made.Open = schema.KindRecord, true
	fields := t.fields(parts)
	more := last(parts, "additionalProperties")
	if more == nil {
		more = last(parts, "unevaluatedProperties")
	}
	patterns := patternsOf(parts)
	closed := more != nil && more.Kind == config.NodeBool && more.Text.Value == "false"
	if closed && len(patterns) == 0 {
		made.Open = false
	}
	if len(fields) > 0 || !made.Open {
		made.Fields = fields
		if says(more) || len(patterns) > 0 {
			t.further(more, patterns)
		}
		return
	}
	made.Kind, made.Open = schema.KindMap, false
	made.Elem = t.entry(more, patterns, closed)
	made.MinLength, made.MaxLength = t.wholeCount(parts, "minProperties"), t.wholeCount(parts, "maxProperties")
}

// further warns of what is asked of fields that a record does not name.
func (t *types) further(more *config.Node, patterns []config.Entry) {
	at := more
	if !says(more) {
		at = patterns[0].Value
	}
	t.unspoken(at, "further", "what stands beside properties under additionalProperties, unevaluatedProperties or patternProperties",
		"fields that properties does not list are passed over")
}

// fields returns the fields that the parts name.
func (t *types) fields(parts []*config.Node) (fields []schema.Field) {
	at := map[string]int{}
	for _, part := range parts {
		properties := part.Get("properties")
		if properties == nil {
			continue
		}
		for _, e := range properties.Entries {
			f := schema.Field{Name: e.Key.Value, Type: t.read(e.Value)}
			if e.Value != nil && e.Value.Kind == config.NodeMap {
				f.Doc = said(e.Value, "description")
				f.ReadOnly = said(e.Value, "readOnly") == "true"
				f.WriteOnly = said(e.Value, "writeOnly") == "true"
			}
			if i, there := at[f.Name]; there {
				if f.Type.Kind != schema.KindAny || fields[i].Type.Kind == schema.KindAny {
					fields[i] = f
				}
				continue
			}
			at[f.Name] = len(fields)
			fields = append(fields, f)
		}
	}
	for _, part := range parts {
		required := part.Get("required")
		if required == nil || required.Kind != config.NodeList { // Swagger 2 says "required: true" of a parameter
			continue
		}
		for _, item := range required.Items {
			name := item.Text.Value
			i, there := at[name]
			if !there {
				i = len(fields)
				at[name] = i
				fields = append(fields, schema.Field{Name: name, Type: schema.TypeAny})
			}
			fields[i].Required = true
		}
	}
	return fields
}

// patternsOf returns the entries of patternProperties of all parts.
func patternsOf(parts []*config.Node) (all []config.Entry) {
	for _, part := range parts {
		all = append(all, entries(part.Get("patternProperties"))...)
	}
	return all
}

// says reports whether a schema asks anything of values.
func says(n *config.Node) bool { return n != nil && n.Kind == config.NodeMap && len(n.Entries) > 0 }

// entry returns the type of the values of a map: what stands under each of the patterns, and under any other name unless it is closed.
// Names are not told apart by their patterns.
func (t *types) entry(more *config.Node, patterns []config.Entry, closed bool) *schema.Type {
	var all []*config.Node
	for _, e := range patterns {
		if all = append(all, e.Value); everyName(e.Key.Value) && len(patterns) == 1 {
			return t.read(e.Value)
		}
	}
	if len(patterns) > 0 {
		t.unspoken(patterns[0].Value, "patternProperties", "which value stands under which name (patternProperties)",
			"the entries of a map are of one type")
	}
	switch {
	case says(more):
		all = append(all, more)
	case !closed:
		return schema.TypeAny
	}
	return t.either(all)
}

// everyName reports whether a pattern is of every name.
func everyName(pattern string) bool {
	switch pattern {
	case "", ".", ".*", ".+", "^.*$", "^.+$", "^.*", "^", "^.", "^.+", `\S+`, "[^]*":
		return true
	}
	return false
}

// either returns the type of values that fit one of some schemas.
func (t *types) either(all []*config.Node) *schema.Type {
	u := &schema.Type{Kind: schema.KindUnion}
	seen := map[*schema.Type]bool{}
	for _, n := range all {
		v := t.read(n)
		switch {
		case v.Kind == schema.KindAny:
			return v
		case v.Kind == schema.KindNull:
			u.Nullable = true
		case v.Kind == schema.KindNever || seen[v]:
		default:
			u.Nullable = u.Nullable || v.Nullable
			seen[v], u.Variants = true, append(u.Variants, v)
		}
	}
	switch {
	case len(u.Variants) == 0 && u.Nullable:
		return schema.TypeNull
	case len(u.Variants) == 0:
		return schema.TypeNever
	case len(u.Variants) == 1 && u.Nullable == u.Variants[0].Nullable:
		return u.Variants[0]
	}
	return u.Seal()
}
