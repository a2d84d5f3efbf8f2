package openapi

import (
	"slices"

	"fondaco/schema"
)

// choices writes which fields of a record exclude each other: oneOf over what must be there, allOf of several. Every
// version of JSON Schema has these words.
func choices(o *object, t *schema.Type) {
	var all array
	for i := range t.Choices {
		if one := choice(t, &t.Choices[i]); one != nil {
			all = append(all, object{{"oneOf", one}})
		}
	}
	switch len(all) {
	case 0:
	case 1:
		o.set("oneOf", all[0].(object)[0].value)
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

func names(list []string) array {
	var out array
	for _, n := range list {
		out = append(out, n)
	}
	return out
}
