package openapi

import (
	"slices"

	"fondaco/config"
	"fondaco/schema"
)

// presence reads anyOf and oneOf that say only which fields are there together, of all the parts.
func (t *types) presence(made *schema.Type, parts []*config.Node, ruled *nots) {
	for _, part := range parts {
		for _, word := range [...]string{"anyOf", "oneOf"} {
			variants := part.Get(word)
			if variants == nil || len(variants.Items) == 0 || !conditionsAlone(variants) {
				continue
			}
			p, ok := t.presenceOf(variants, word == "oneOf")
			if !ok {
				t.unchecked(made, variants, word+` over "not" of this kind`)
				continue
			}
			if known(made, &p); len(p.Sets) == 0 {
				t.warn(variants, "%s requires only properties that the object does not have, it is not checked", word)
				continue
			}
			if asks(p) {
				made.Present = append(made.Present, p)
			}
		}
	}
	for _, p := range slices.Concat(ruled.fields(), t.dependent(parts), t.counted(made, parts)) {
		if known(made, &p); asks(p) {
			made.Present = append(made.Present, p)
		}
	}
	if made.Kind != schema.KindRecord {
		return
	}
	for i := range made.Present {
		for _, name := range made.Present[i].Names() {
			if made.Index(name) < 0 {
				made.Add(schema.Field{Name: name, Type: schema.TypeAny})
			}
		}
	}
}

// known leaves out of a condition what no field of a closed record may be called, and is thus never there.
func known(made *schema.Type, p *schema.Presence) {
	if made.Kind != schema.KindRecord || made.Open {
		return
	}
	unknown := func(name string) bool { return made.Index(name) < 0 }
	p.Sets = slices.DeleteFunc(p.Sets, func(s schema.Together) bool { return slices.ContainsFunc(s.Fields, unknown) })
	for i := range p.Sets {
		p.Sets[i].Without = slices.DeleteFunc(p.Sets[i].Without, unknown)
	}
}

// asks reports whether a condition rules anything out. One whose members are all empty only documents.
func asks(p schema.Presence) bool {
	empty := func(s schema.Together) bool { return len(s.Fields)+len(s.Without) == 0 }
	if p.One {
		return slices.ContainsFunc(p.Sets, func(s schema.Together) bool { return !empty(s) })
	}
	return !slices.ContainsFunc(p.Sets, empty)
}

// presenceOf reads the members of anyOf or oneOf. It reports false of one that says more than types carry.
func (t *types) presenceOf(variants *config.Node, one bool) (schema.Presence, bool) {
	p := schema.Presence{One: one}
	for _, v := range variants.Items {
		s := schema.Together{Fields: requiredNames(v)}
		if not := v.Get("not"); not != nil {
			without, ok := absentNames(not)
			if !ok {
				return p, false
			}
			s.Without = without
		}
		p.Sets = append(p.Sets, s)
	}
	return p, true
}

func requiredNames(n *config.Node) (names []string) {
	required := n.Get("required")
	if required == nil || required.Kind != config.NodeList {
		return nil
	}
	for _, item := range required.Items {
		if !slices.Contains(names, item.Text.Value) {
			names = append(names, item.Text.Value)
		}
	}
	return names
}

// absentNames returns the fields that a schema under "not" rules out, each alone: {required: [a]}, or anyOf of such.
func absentNames(not *config.Node) (names []string, ok bool) {
	if not.Kind != config.NodeMap || len(not.Entries) != 1 {
		return nil, false
	}
	members := []*config.Node{not}
	if any := not.Get("anyOf"); any != nil {
		members = any.Items
	}
	for _, m := range members {
		list := requiredNames(m)
		if len(list) != 1 || len(m.Entries) != 1 {
			return nil, false
		}
		names = append(names, list[0])
	}
	return names, len(names) > 0
}

// variantsOf returns what the last of the parts says under anyOf or oneOf that are types, not conditions alone.
func variantsOf(parts []*config.Node, word string) *config.Node {
	for i := len(parts) - 1; i >= 0; i-- {
		if n := parts[i].Get(word); n != nil && len(n.Items) > 0 && !conditionsAlone(n) {
			return n
		}
	}
	return nil
}

// saysPresence reports whether one of the parts says which fields are there together.
func saysPresence(parts []*config.Node) bool {
	asks := func(n *config.Node) bool {
		return n != nil && conditionsAlone(n) && slices.ContainsFunc(n.Items, func(v *config.Node) bool {
			return v.Get("required") != nil || v.Get("not") != nil
		})
	}
	return slices.ContainsFunc(parts, func(p *config.Node) bool { return asks(p.Get("anyOf")) || asks(p.Get("oneOf")) })
}
