package xsd

import (
	"strings"

	"fondaco/schema"
)

// value reads a text. Where that is tolerated, it also reads what servers really write, and counts it: nothing in the place of
// a date, a number or a boolean, which is then absent; True; an offset without its colon.
func (r *Reading) value(l *lexical, text string) (schema.Value, error) {
	var err error
	if l.names() {
		if text, err = l.expanded(text, r.Scanner.Lookup); err != nil {
			return schema.Value{}, err
		}
	}
	v, err := l.value(text)
	if err == nil || !r.Tolerant {
		return v, err
	}
	s := Collapse(text)
	if s == "" {
		r.Tolerated++
		return schema.Value{}, nil
	}
	if meant := l.form.meant(s); meant != s {
		if v, err := l.value(meant); err == nil {
			r.Tolerated++
			return v, nil
		}
	}
	return v, err
}

// meant returns what a text stands for that is not as XML Schema has it; the text itself if that is not known.
func (f form) meant(s string) string {
	n := len(s)
	switch f {
	case formBool:
		return strings.ToLower(s)
	case formDate, formTime, formDateTime:
		least := map[form]int{formDate: len("2006-01-02"), formTime: len("15:04:05"), formDateTime: len("2006-01-02T15:04:05")}[f]
		switch {
		case n >= least+5 && (s[n-5] == '+' || s[n-5] == '-'):
			return s[:n-2] + ":" + s[n-2:]
		case n >= least+3 && (s[n-3] == '+' || s[n-3] == '-'):
			return s + ":00"
		}
	}
	return s
}

// held returns the violation of a value that the constraints of its type do not admit, where one such field is to be lost and
// not the answer.
func (r *Reading) held(c *schema.Checker, v schema.Value) error {
	if !r.Tolerant || c == nil || v.IsNil() {
		return nil
	}
	if wrong := c.Check(v); wrong != nil {
		return wrong[0]
	}
	return nil
}
