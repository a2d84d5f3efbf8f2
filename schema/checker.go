package schema

import (
	"fmt"
	"regexp"
	"unicode/utf8"
)

// Checker holds a type's constraints ready: patterns compiled, formats found. It is safe for concurrent use.
type Checker struct {
	t        *Type
	pattern  *regexp.Regexp
	format   func(string) bool
	enum     enumSet
	elem     *Checker
	fields   []*Checker
	variants []*Checker
}

// NewChecker prepares the check of values against t. A pattern that does not compile is passed over: whoever reads
// schemas reports it (CompilePattern).
func NewChecker(t *Type) *Checker { return newChecker(t, map[*Type]*Checker{}) }

func newChecker(t *Type, known map[*Type]*Checker) *Checker {
	if c := known[t]; c != nil || t == nil {
		return c
	}
	c := &Checker{t: t, enum: newEnumSet(t.Enum)}
	known[t] = c
	if !t.Claimed {
		c.format = formats[t.Format]
	}
	if t.Pattern != "" {
		c.pattern, _ = CompilePattern(t.Pattern)
	}
	c.elem = newChecker(t.Elem, known)
	for _, f := range t.Fields {
		c.fields = append(c.fields, newChecker(f.Type, known))
	}
	for _, v := range t.Variants {
		c.variants = append(c.variants, newChecker(v, known))
	}
	return c
}

// maxViolations is how many violations of one value are told.
const maxViolations = 20

// Check returns what is wrong with v, nil if it fits: at most 20 violations, none of which holds a value.
func (c *Checker) Check(v Value) Violations {
	var out Violations
	c.check(v, "", &out)
	return out
}

// Check returns what is wrong with v against t, as a Checker does; it prepares one each time.
func Check(v Value, t *Type) Violations { return NewChecker(t).Check(v) }

func (c *Checker) check(v Value, path string, out *Violations) {
	if len(*out) >= maxViolations || c == nil {
		return
	}
	t := c.t
	wrong := func(code, expected, found string) {
		*out = append(*out, &Violation{Path: path, Code: code, Expected: expected, Found: found})
	}
	switch {
	case t.Kind == KindAny || t.Kind == KindUnknown:
		return
	case v.kind == KindNull:
		if !t.Nullable {
			wrong("null", Article(t), "null")
		}
		return
	case v.kind == KindAbsent:
		wrong("required", Article(t), "nothing")
		return
	case t.Kind == KindUnion:
		if !c.oneOf(v) {
			wrong("type", Article(t), v.kind.String())
		}
		return
	case !t.admitsKind(v.kind):
		wrong("type", Article(t), v.kind.String())
		return
	}
	if code, expected := c.Constraint(v); code != "" {
		wrong(code, expected, "")
		return
	}
	switch v.kind {
	case KindList:
		for i, x := range v.Items() {
			c.elem.check(x, item(path, i), out)
		}
	case KindMap:
		m := v.Map()
		for i, x := range m.Values {
			c.elem.check(x, path+"/"+pointer(m.Keys[i]), out)
		}
	case KindRecord:
		c.checkRecord(v, path, out)
	}
}

// oneOf reports whether v fits a variant of the union. Variants that its kind or its fields rule out are not looked into:
// unions within unions would otherwise be looked through again and again.
func (c *Checker) oneOf(v Value) bool {
	for _, variant := range c.variants {
		if variant.t.Admits(v) && variant.Check(v) == nil {
			return true
		}
	}
	return false
}

func (c *Checker) checkRecord(v Value, path string, out *Violations) {
	from := v.Type()
	for i := range from.Fields {
		name := from.Fields[i].Name
		x := v.Field(i)
		if c.t.Kind == KindMap {
			if !x.IsAbsent() {
				c.elem.check(x, path+"/"+pointer(name), out)
			}
			continue
		}
		j := c.t.Index(name)
		switch {
		case j < 0 && !c.t.Open && !x.IsAbsent():
			*out = append(*out, &Violation{Path: path + "/" + pointer(name), Code: "unknown", Expected: "no such field"})
		case j >= 0 && !x.IsAbsent():
			c.fields[j].check(x, path+"/"+pointer(name), out)
		}
	}
	for i := range c.t.Present {
		c.t.Present[i].check(v, path, out)
	}
	if c.t.Kind == KindMap {
		return
	}
	for _, f := range c.t.Fields {
		if f.Required && v.Get(f.Name).IsAbsent() {
			*out = append(*out, &Violation{Path: path + "/" + pointer(f.Name), Code: "required", Expected: Article(f.Type), Found: "nothing"})
		}
	}
	for i := range c.t.Choices {
		c.t.Choices[i].check(v, path, out)
	}
}

// Constraint reports which constraint of the type itself, not of its parts, v breaks: a violation's code and what was
// expected. v is of the type's kind. Both are empty if it breaks none.
func (c *Checker) Constraint(v Value) (code, expected string) {
	t := c.t
	if len(t.Enum) > 0 && !c.enum.has(v, t.Enum) {
		return "enum", Article(t)
	}
	if v.kind.Textual() {
		s := v.Str()
		if t.MinLength != nil || t.MaxLength != nil {
			if code, expected = length(t, utf8.RuneCountInString(s), "character"); code != "" {
				return code, expected
			}
		}
		if c.pattern != nil && !MatchWithin(c.pattern, s) {
			return "pattern", "text of the form " + t.Pattern
		}
		if c.format != nil && !c.format(s) {
			return "format", "text of the format " + t.Format
		}
	}
	switch v.kind {
	case KindBytes:
		if t.MinLength != nil || t.MaxLength != nil {
			return length(t, len(Octets(v)), "byte")
		}
	case KindList:
		if code, expected = length(t, v.Len(), "item"); code != "" {
			return code, expected
		}
		if t.Unique && Repeated(v.Items()) {
			return "duplicate", "items that differ"
		}
	case KindMap:
		if code, expected = length(t, v.Len(), "entry"); code != "" {
			return code, expected
		}
		for i := range t.Present {
			if _, how := t.Present[i].Broken(v); how != "" {
				return "presence", t.Present[i].String()
			}
		}
		return "", ""
	}
	return c.limits(v)
}

func length(t *Type, n int, of string) (code, expected string) {
	plural := func(n int) string {
		switch {
		case n == 1:
			return fmt.Sprintf("%d %s", n, of)
		case of == "entry":
			return fmt.Sprintf("%d entries", n)
		}
		return fmt.Sprintf("%d %ss", n, of)
	}
	if t.MinLength != nil && n < *t.MinLength {
		return "length", "at least " + plural(*t.MinLength)
	}
	if t.MaxLength != nil && n > *t.MaxLength {
		return "length", "at most " + plural(*t.MaxLength)
	}
	return "", ""
}

func (c *Checker) limits(v Value) (code, expected string) {
	t := c.t
	if t.Minimum != nil {
		if o, err := Compare(v, *t.Minimum); err == nil && (o < 0 || o == 0 && t.ExclMin) {
			if t.ExclMin {
				return "range", "more than " + limit(*t.Minimum)
			}
			return "range", "at least " + limit(*t.Minimum)
		}
	}
	if t.Maximum != nil {
		if o, err := Compare(v, *t.Maximum); err == nil && (o > 0 || o == 0 && t.ExclMax) {
			if t.ExclMax {
				return "range", "less than " + limit(*t.Maximum)
			}
			return "range", "at most " + limit(*t.Maximum)
		}
	}
	if v.kind == KindDecimal && (t.Digits != nil || t.Fraction != nil) {
		total, fraction := digits(v)
		if t.Fraction != nil && fraction > *t.Fraction {
			if *t.Fraction == 0 {
				return "range", "a whole number"
			}
			return "range", fmt.Sprintf("at most %d digits after the point", *t.Fraction)
		}
		if t.Digits != nil && total > *t.Digits {
			return "range", fmt.Sprintf("at most %d digits", *t.Digits)
		}
	}
	return "", ""
}

func limit(v Value) string {
	if v.kind.Number() {
		return string(AppendNumber(nil, v))
	}
	return v.Str()
}

// Article returns the type for the words "expected ...": a decimal, an integer, one of "a" or "b".
func Article(t *Type) string {
	switch t.Kind {
	case KindText:
		if len(t.Enum) > 0 {
			bare := *t
			bare.Nullable = false
			return bare.String()
		}
		return "text"
	case KindBytes:
		return "bytes in base64"
	case KindInt:
		return "an integer"
	case KindRecord:
		return "a record"
	case KindUnion:
		return "one of several types"
	case KindNull:
		return "null"
	case KindAny:
		return "any value"
	case KindTime, KindDateTime:
		if t.Zone == nil {
			return "a " + t.Kind.String() + " with its offset"
		}
	case KindTimeLocal:
		return "a time without offset"
	case KindDateTimeLocal:
		return "a datetime without offset"
	}
	return "a " + t.Kind.String()
}
