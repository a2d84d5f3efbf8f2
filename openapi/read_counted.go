package openapi

import (
	"fondaco/config"
	"fondaco/schema"
)

// dependent reads which fields are there where another one is: dependentRequired, and what requires alone of dependentSchemas and of
// dependencies (draft 4).
func (t *types) dependent(parts []*config.Node) (all []schema.Presence) {
	for _, part := range parts {
		for _, word := range [...]string{"dependentRequired", "dependentSchemas", "dependencies"} {
			for _, e := range entries(part.Get(word)) {
				names, ok := wanted(e.Value)
				if !ok {
					t.unspoken(e.Value, word, word+" with a schema", "only which fields are there is checked")
					continue
				}
				if len(names) > 0 {
					all = append(all, schema.Presence{Sets: []schema.Together{{Without: []string{e.Key.Value}}, {Fields: names}}})
				}
			}
		}
	}
	return all
}

// wanted returns the names of a list, or those that a schema requires that says nothing else.
func wanted(n *config.Node) (names []string, ok bool) {
	switch {
	case n.Kind == config.NodeList:
		for _, item := range n.Items {
			names = append(names, item.Text.Value)
		}
		return names, true
	case n.Kind == config.NodeMap && len(n.Entries) == 0 || n.Kind == config.NodeBool && n.Text.Value == "true":
		return nil, true
	case n.Kind != config.NodeMap || alone(n, "required") == nil:
		return nil, false
	}
	return requiredNames(n), true
}

// counted reads how many fields of a record are there, where its fields can say it: at least one, at most one. A record that is open
// may have others, which count too and are not seen.
func (t *types) counted(made *schema.Type, parts []*config.Node) (all []schema.Presence) {
	if made.Kind != schema.KindRecord {
		return nil
	}
	sure := 0
	var each []schema.Together
	var names []string
	for _, f := range made.Fields {
		if f.Required {
			sure++
		}
		each, names = append(each, schema.Together{Fields: []string{f.Name}}), append(names, f.Name)
	}
	least, most := t.wholeCount(parts, "minProperties"), t.wholeCount(parts, "maxProperties")
	if least != nil && *least > sure {
		if *least > 1 || made.Open {
			t.unspoken(last(parts, "minProperties"), "minProperties", "minProperties beside properties",
				"only that a closed object has at least one field is")
		} else {
			all = append(all, schema.Presence{Sets: each})
		}
	}
	switch {
	case most == nil || !made.Open && *most >= len(made.Fields):
	case made.Open || *most != 1:
		t.unspoken(last(parts, "maxProperties"), "maxProperties", "maxProperties beside properties",
			"only that a closed object has at most one field is")
	default:
		all = append(all, schema.Presence{One: true, Sets: append(each, schema.Together{Without: names})})
	}
	return all
}
