package openapi

import (
	"slices"

	"fondaco/schema"
)

// choices writes which fields of a record exclude each other, and which are there together: oneOf or anyOf over what must be
// there, allOf of several. Every version of JSON Schema has these words.
func choices(o *object, t *schema.Type) {
	var all array
	for i := range t.Choices {
		if one := choice(t, &t.Choices[i]); one != nil {
			all = append(all, object{{"oneOf", one}})
		}
	}
	for i := range t.Present {
		if one := presence(t, &t.Present[i]); one != nil {
			all = append(all, one)
		}
	}
	switch len(all) {
	case 0:
	case 1:
		only := all[0].(object)[0]
		o.set(only.name, only.value)
	default:
		o.set("allOf", all)
	}
}

// choice returns what tells the branches apart, nil if the record lacks fields of it.
func choice(t *schema.Type, c *schema.Choice) array {
	var branches, any array
	none := c.None
	for _, b := range c.Branches {
		if slices.ContainsFunc(b.Fields, func(name string) bool { return t.Index(name) < 0 }) {
			return nil
		}
		for _, name := range b.Fields {
			any = append(any, object{{"required", array{name}}})
		}
		if len(b.Required) > 0 {
			branches = append(branches, object{{"required", names(b.Required)}})
			continue
		}
		none = true
		var some array
		for _, name := range b.Fields {
			some = append(some, object{{"required", array{name}}})
		}
		branches = append(branches, object{{"anyOf", some}})
	}
	if none {
		branches = append(branches, object{{"not", object{{"anyOf", any}}}})
	}
	return branches
}

// presence returns anyOf or oneOf over the sets of a condition, nil if the record lacks fields of it.
func presence(t *schema.Type, p *schema.Presence) object {
	if t.Kind == schema.KindRecord && slices.ContainsFunc(p.Names(), func(name string) bool { return t.Index(name) < 0 }) {
		return nil
	}
	var sets array
	for _, s := range p.Sets {
		one := object{}
		if len(s.Fields) > 0 {
			one.set("required", names(s.Fields))
		}
		var not array
		for _, name := range s.Without {
			not = append(not, object{{"required", array{name}}})
		}
		switch len(not) {
		case 0:
		case 1:
			one.set("not", not[0])
		default:
			one.set("not", object{{"anyOf", not}})
		}
		sets = append(sets, one)
	}
	if p.One {
		return object{{"oneOf", sets}}
	}
	return object{{"anyOf", sets}}
}

func names(list []string) array {
	var out array
	for _, n := range list {
		out = append(out, n)
	}
	return out
}
