package openapi

import (
	"fondaco/config"
	"fondaco/schema"
)

// array reads a schema of lists. Items that have schemas by their place are of one type here, which admits each of them.
func (t *types) array(made *schema.Type, parts []*config.Node) {
	made.Kind, made.Format = schema.KindList, ""
	rest, places := last(parts, "items"), last(parts, "prefixItems")
	if rest != nil && rest.Kind == config.NodeList && places == nil { // until 2019-09
		rest, places = last(parts, "additionalItems"), rest
	}
	if rest == nil {
		rest = last(parts, "unevaluatedItems")
	}
	made.MinLength, made.MaxLength = t.wholeCount(parts, "minItems"), t.wholeCount(parts, "maxItems")
	if n := last(parts, "uniqueItems"); n != nil {
		made.Unique = n.Text.Value == "true"
	}
	if places == nil || len(places.Items) == 0 {
		if made.Elem = t.read(rest); made.Elem == nil {
			made.Elem = schema.TypeAny
		}
		return
	}
	all := places.Items
	switch most := len(all); {
	case rest != nil && rest.Kind == config.NodeBool && rest.Text.Value == "false":
		if made.MaxLength == nil || *made.MaxLength > most {
			made.MaxLength = &most
		}
	case made.MaxLength != nil && *made.MaxLength <= most:
	case says(rest):
		all = append(all[:most:most], rest)
	default:
		made.Elem = schema.TypeAny
	}
	if made.Elem == nil {
		made.Elem = t.either(all)
	}
	t.unspoken(places, "prefixItems", "which item stands at which place of a list (prefixItems)", "the items of a list are of one type")
}
