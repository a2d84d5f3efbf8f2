package xsd

import (
	"slices"
	"strings"

	"fondaco/schema"
)

// step returns the place of an element, -1 if it may not stand here. seen is for contents in any order.
func (p *Plan) step(at int, seen []bool, space, local string) int {
	if !p.all {
		return p.next(at, space, local)
	}
	for i := range p.kids {
		if k := &p.kids[i]; k.Local == local && k.Space == space && !seen[i] {
			return i
		}
	}
	return -1
}

// loosely returns the place of an element by its local name: where it stands right if it does, else wherever one is left.
// -1 for one that is not known, or that came before.
func (p *Plan) loosely(r *Reading, at int, seen []bool, space, local string) int {
	if right := p.next(at, space, local); right >= 0 && (p.kids[right].list || p.kids[right].any != nil || !seen[right]) {
		return right
	}
	for i := range p.kids {
		if k := &p.kids[i]; k.group && k.plan.knows(local) || k.any == nil && !k.group && k.Local == local && (k.list || !seen[i]) {
			r.Tolerated++
			return i
		}
	}
	return -1
}

// knows reports whether an element of that name stands anywhere in the content, in whatever namespace.
func (p *Plan) knows(local string) bool {
	for i := range p.kids {
		if k := &p.kids[i]; k.group && k.plan.knows(local) || k.any == nil && !k.group && k.Local == local {
			return true
		}
	}
	return false
}

// misplaced reports what is wrong with an element that may not stand where it does.
func (p *Plan) misplaced(at int, seen []bool, space, local string) error {
	field, right := "", ""
	for i := range p.kids {
		k := &p.kids[i]
		if k.group && k.plan.knows(local) {
			return Within(k.plan.misplaced(-1, nil, space, local), p.t.Fields[k.field].Name)
		}
		if k.any == nil && k.Local == local {
			field, right = p.t.Fields[k.field].Name, k.Space
			if k.Space == space {
				switch {
				case i == at && !k.list || seen != nil:
					return Within(Violation("duplicate", "the element once", ""), field)
				default:
					if want := p.wanted(at); want != "" && want != field {
						return Within(Violation("order", "the element elsewhere: here comes "+want, ""), field)
					}
					return Within(Violation("order", "the element elsewhere, or once", ""), field)
				}
			}
		}
	}
	if field == "" {
		return Within(Violation("unknown", "no such element", ""), local)
	}
	if right == "" {
		return Within(Violation("namespace", "the element in no namespace", ""), field)
	}
	return Within(Violation("namespace", "the element in the namespace "+right, ""), field)
}

// wanted returns the field that must come after a place, "" if any of several may.
func (p *Plan) wanted(at int) string {
	for _, i := range slices.Concat(p.after(at)...) {
		if f := p.t.Fields[p.kids[i].field]; p.kids[i].required && i != at {
			return f.Name
		}
	}
	return ""
}

// complete reports what is missing where the content ends.
func (p *Plan) complete(at int, seen []bool) error {
	if seen != nil {
		for i := range p.kids {
			if f := p.t.Fields[p.kids[i].field]; p.kids[i].required && !seen[i] {
				return Within(Violation("required", schema.Article(f.Type), "nothing"), f.Name)
			}
		}
		return nil
	}
	if p.ends(at) {
		return nil
	}
	follow := slices.Concat(p.after(at)...)
	for _, i := range follow {
		if f := p.t.Fields[p.kids[i].field]; p.kids[i].required && i != at || len(follow) == 1 {
			return Within(Violation("required", schema.Article(f.Type), "nothing"), f.Name)
		}
	}
	var choices []string
	for _, i := range follow {
		choices = append(choices, p.t.Fields[p.kids[i].field].Name)
	}
	return Violation("required", "one of "+strings.Join(choices, ", "), "nothing")
}
