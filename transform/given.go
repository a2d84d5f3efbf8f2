package transform

import "fondaco/transform/expr"

// Given reports whether the mapping's value is made of what a caller sent, and of constants: where an expression over it cannot be
// computed, that is the caller's mistake.
func (t *Typed) Given() bool {
	sent, only := t.source()
	return sent && only
}

// Constant reports whether the mapping's value is the same in every exchange.
func (t *Typed) Constant() bool {
	sent, only := t.source()
	return only && !sent
}

// source reports whether something of the value is what a caller sent, and whether all else is constant.
func (t *Typed) source() (sent, only bool) {
	only = true
	add := func(s, o bool) { sent, only = sent || s, only && o }
	of := func(e *expr.Expr) {
		_, constant := e.Constant()
		add(e.Given(), constant || e.Given())
	}
	if t.expr != nil {
		of(t.expr)
	}
	for _, piece := range t.text {
		if piece.hole != nil {
			of(piece.hole)
		}
	}
	for _, f := range t.fields {
		add(f.value.source())
	}
	for _, item := range t.items {
		add(item.source())
	}
	if t.loop != nil {
		of(t.loop.list)
		add(t.loop.item.source())
	}
	if t.merged != nil {
		for _, p := range t.merged.parts {
			add(p.source())
		}
	}
	return sent, only
}
