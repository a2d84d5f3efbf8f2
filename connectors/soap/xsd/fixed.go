package xsd

import "fondaco/schema"

// fixes reports whether a value is the one that a schema fixes, written as def; what def is that is no value of the type fixes
// nothing.
func (l *lexical) fixes(def string, v schema.Value) error {
	want, err := l.parse(def)
	if err != nil || v.IsNil() || schema.Equal(v, want) {
		return nil
	}
	if word, err := l.parse(v.Str()); v.Kind() == schema.KindText && err == nil && schema.Equal(word, want) {
		return nil
	}
	return Violation("fixed", "the value that the schema fixes: "+shortened(def), "")
}

// longestFixed is how much of a fixed value an error shows.
const longestFixed = 60

func shortened(s string) string {
	if len(s) > longestFixed {
		s = s[:longestFixed] + "…"
	}
	return `"` + s + `"`
}

// falls takes the default or fixed value of a place from its declaration, which is nil for an element of nested groups.
func (k *kid) falls(declared *Element) {
	if declared != nil {
		k.def, k.hasDef, k.fixed = fallback(declared, k.plan.text)
	}
}

// held reports whether the values of a place are fixed, and can be: it holds text alone.
func (k *kid) held() bool { return k.fixed && k.plan.text != nil && k.plan.value < 0 && !k.plan.mixed }

// filled returns the fixed value of a place that must be there and that nobody has given; absent if there is none.
func (k *kid) filled() schema.Value {
	if !k.required || k.list || !k.held() {
		return schema.Value{}
	}
	v, err := k.plan.text.parse(k.def)
	if err != nil {
		return schema.Value{}
	}
	return v
}
