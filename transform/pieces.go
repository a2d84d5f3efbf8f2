package transform

import "fondaco/schema"

// Pieces returns what a text with holes is made of, in order, each with the type of its own values. Of any other mapping
// it is the mapping itself. A text is the pieces' values one after the other, as funcs.Print has them.
func (t *Typed) Pieces() []*Typed {
	if t.text == nil || len(t.conds) > 0 {
		return []*Typed{t}
	}
	all := make([]*Typed, len(t.text))
	for i, p := range t.text {
		if p.hole != nil {
			all[i] = &Typed{part: t.part, expr: p.hole, Type: p.hole.Type()}
			continue
		}
		fixed := schema.Text(p.fixed)
		all[i] = &Typed{part: t.part, Type: schema.TypeText, constant: &fixed}
	}
	return all
}
