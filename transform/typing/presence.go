package typing

import (
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
)

// conditionsAlone reports whether the members of anyOf or oneOf say only which fields are there together.
func conditionsAlone(variants *config.Node) bool {
	return variants.Is(config.NodeList) && len(variants.Items) > 0 && !slices.ContainsFunc(variants.Items, func(v *config.Node) bool {
		more := slices.ContainsFunc(v.Entries, func(e config.Entry) bool {
			return !slices.Contains([]string{"required", "not", "title", "description"}, e.Key.Value)
		})
		return more || v.Kind != config.NodeMap || v.Get("required") == nil && v.Get("not") == nil
	})
}

// conditional reports whether a schema says which fields are there together.
func conditional(n *config.Node) bool {
	return n.Get("not") != nil || conditionsAlone(n.Get("anyOf")) || conditionsAlone(n.Get("oneOf"))
}

// presence reads which fields are there together: anyOf and oneOf over required, and not over required (JSON Schema 2020-12 §10.2.1).
func (r *Reader) presence(n *config.Node, t *schema.Type) {
	for _, word := range [...]string{"anyOf", "oneOf"} {
		variants := n.Get(word)
		if !conditionsAlone(variants) {
			continue
		}
		p := schema.Presence{One: word == "oneOf"}
		for _, v := range variants.Items {
			s := schema.Together{Fields: r.listed(v, t)}
			if not := v.Get("not"); not != nil {
				for _, names := range r.absent(not, t) {
					if len(names) > 1 {
						not.Report(r.out, diag.BadSchema, "not rules out several fields together within %s, which is not supported", word).
							WithHint("write { not: { anyOf: [{ required: [a] }, { required: [b] }] } } for neither of them")
						return
					}
					s.Without = append(s.Without, names...)
				}
			}
			p.Sets = append(p.Sets, s)
		}
		t.Present = append(t.Present, p)
	}
	if not := n.Get("not"); not != nil {
		for _, names := range r.absent(not, t) {
			var p schema.Presence
			for _, name := range names {
				p.Sets = append(p.Sets, schema.Together{Without: []string{name}})
			}
			t.Present = append(t.Present, p)
		}
	}
}

// absent reads the sets of fields that a schema under not rules out: {required: [a, b]} is one, anyOf of such is several.
func (r *Reader) absent(not *config.Node, t *schema.Type) (sets [][]string) {
	members := []*config.Node{not}
	if any := not.Get("anyOf"); any.Is(config.NodeList) && len(not.Entries) == 1 {
		members = any.Items
	}
	for _, m := range members {
		if m.Kind != config.NodeMap || len(m.Entries) != 1 || m.Get("required") == nil {
			not.Report(r.out, diag.BadSchema, "not of this kind is not supported; found not, expected { required: [a] }, or { anyOf: "+
				"[{ required: [a] }, { required: [b] }] }")
			return nil
		}
		if names := r.listed(m, t); len(names) > 0 {
			sets = append(sets, names)
		}
	}
	return sets
}

// listed returns the fields under required, each once; those that a record does not have are reported.
func (r *Reader) listed(n *config.Node, t *schema.Type) (names []string) {
	var own []string
	for i := range t.Fields {
		own = append(own, t.Fields[i].Name)
	}
	list := r.required(n)
	if t.Kind == schema.KindRecord {
		r.unlisted(list, own)
	}
	for _, at := range list {
		if !slices.Contains(names, at.Value) && (t.Kind != schema.KindRecord || slices.Contains(own, at.Value)) {
			names = append(names, at.Value)
		}
	}
	return names
}
