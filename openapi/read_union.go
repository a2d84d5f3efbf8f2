package openapi

import (
	"slices"

	"fondaco/config"
	"fondaco/schema"
)

// union reads oneOf and anyOf. What stands beside them holds for each variant.
func (t *types) union(made *schema.Type, parts []*config.Node, word string, variants *config.Node, kinds []string) *schema.Type {
	beside := saysPresence(parts) || slices.ContainsFunc(parts, func(p *config.Node) bool {
		return p.Get("properties") != nil || p.Get("required") != nil || p.Get("items") != nil || p.Get("not") != nil
	})
	if !beside && len(kinds) == 1 && kinds[0] != "object" {
		beside = true // the type stands beside, the variants only constrain it
	}
	if beside {
		t.within[variants] = true
		defer delete(t.within, variants)
	}
	for _, item := range variants.Items {
		var v *schema.Type
		if t.count > maxCombined {
			return schema.TypeUnknown
		}
		if beside {
			v = t.combine(t.flatten(item, nil, without(parts, word)))
			v.Seal()
		} else {
			v = t.read(item)
		}
		switch v.Kind {
		case schema.KindNull:
			made.Nullable = true
		case schema.KindNever:
		default:
			made.Variants = append(made.Variants, v)
		}
	}
	if len(made.Variants) == 0 {
		return schema.TypeNull
	}
	if len(made.Variants) == 1 && !t.open[made.Variants[0]] {
		one := *made.Variants[0]
		one.Nullable = one.Nullable || made.Nullable
		if made.Doc != "" {
			one.Doc = made.Doc
		}
		return &one
	}
	made.Kind, made.Format = schema.KindUnion, ""
	if d := last(parts, "discriminator"); d != nil {
		if made.Tag = said(d, "propertyName"); made.Tag != "" {
			t.unions = append(t.unions, made)
		}
	}
	return made
}

// without returns the parts with copies of those that have the word, lest it be read again.
func without(parts []*config.Node, word string) []*config.Node {
	var list []*config.Node
	for _, p := range parts {
		if n := p.Get(word); n != nil && !conditionsAlone(n) {
			c := *p
			c.Entries = slices.DeleteFunc(slices.Clone(p.Entries), func(e config.Entry) bool {
				return e.Key.Value == word || e.Key.Value == "allOf"
			})
			p = &c
		}
		list = append(list, p)
	}
	return list
}

// conditionsAlone reports whether variants say only what must be there together: a condition of the type beside them.
func conditionsAlone(variants *config.Node) bool {
	for _, v := range variants.Items {
		for _, e := range v.Entries {
			switch e.Key.Value {
			case "required", "not", "title", "description":
			default:
				return false
			}
		}
	}
	return true
}
