package xsd

import (
	"strconv"
	"strings"

	"fondaco/config/diag"
	"fondaco/schema"
)

// builtin returns how a built-in type of XML Schema is written, nil if there is none of that name.
func builtin(local string) *lexical {
	number := func(f form, least, most string) *lexical {
		t := &schema.Type{Kind: schema.KindInt}
		if f == formBigInt {
			zero := 0
			t = &schema.Type{Kind: schema.KindDecimal, Fraction: &zero}
		}
		limit := func(s string) *schema.Value {
			if s == "" {
				return nil
			}
			v, err := schema.ParseInt(s)
			if err != nil {
				v, _ = schema.ParseDecimal(s)
			}
			return &v
		}
		t.Minimum, t.Maximum = limit(least), limit(most)
		return &lexical{form: f, t: t}
	}
	switch local {
	case "string", "anySimpleType":
		return &lexical{form: formString, t: schema.TypeText}
	case "normalizedString":
		return &lexical{form: formLine, t: schema.TypeText}
	case "token", "language", "Name", "NCName", "NMTOKEN", "ID", "IDREF", "ENTITY", "anyURI", "QName", "NOTATION",
		"gYear", "gYearMonth", "gMonth", "gMonthDay", "gDay":
		return &lexical{form: tokenForm(local), t: schema.TypeText, wire: writtenForms[local]}
	case "NMTOKENS", "IDREFS", "ENTITIES":
		one := map[string]string{"NMTOKENS": "NMTOKEN", "IDREFS": "IDREF", "ENTITIES": "ENTITY"}[local]
		return &lexical{
			form: formList, t: schema.ListOf(schema.TypeText),
			item: &lexical{form: formToken, t: schema.TypeText, wire: writtenForms[one]},
		}
	case "boolean":
		return &lexical{form: formBool, t: schema.TypeBool}
	case "integer":
		return number(formBigInt, "", "")
	case "long":
		return number(formInt, "", "")
	case "int":
		return number(formInt, "-2147483648", "2147483647")
	case "short":
		return number(formInt, "-32768", "32767")
	case "byte":
		return number(formInt, "-128", "127")
	case "nonNegativeInteger":
		return number(formBigInt, "0", "")
	case "positiveInteger":
		return number(formBigInt, "1", "")
	case "nonPositiveInteger":
		return number(formBigInt, "", "0")
	case "negativeInteger":
		return number(formBigInt, "", "-1")
	case "unsignedInt":
		return number(formInt, "0", "4294967295")
	case "unsignedShort":
		return number(formInt, "0", "65535")
	case "unsignedByte":
		return number(formInt, "0", "255")
	case "unsignedLong":
		return number(formBigInt, "0", "18446744073709551615")
	case "decimal":
		return &lexical{form: formDecimal, t: schema.TypeDecimal}
	case "float", "double":
		return &lexical{form: formFloat, t: schema.TypeDecimal}
	case "date":
		return &lexical{form: formDate, t: schema.TypeDate}
	case "time":
		return &lexical{form: formTime, t: schema.ZoneUnsaid.Typed(schema.TypeTime)}
	case "dateTime":
		return &lexical{form: formDateTime, t: schema.ZoneUnsaid.Typed(schema.TypeDateTime)}
	case "duration":
		return &lexical{form: formDuration, t: schema.TypeDuration}
	case "base64Binary", "base64":
		return &lexical{form: formBase64, t: schema.TypeBytes}
	case "hexBinary":
		return &lexical{form: formHex, t: schema.TypeBytes}
	}
	return nil
}

// builtin returns a built-in type, with moments and times as the system writes them. Their offset may be missing (XML Schema Part 2,
// §3.2.7), so that it has to be said what that means.
func (c *Compiler) builtin(local string) *lexical {
	l := builtin(local)
	if l != nil && c.zone != nil {
		l.t = c.zone.Typed(l.t)
	}
	return l
}

// anyText stands for a simple type that could not be found out.
var anyText = &lexical{form: formString, t: schema.TypeText}

// simple compiles the simple type of a name.
func (c *Compiler) simple(n Name, at *Element) *lexical {
	if n.Space == Space || isEncoding(n.Space) {
		if l := c.builtin(n.Local); l != nil {
			return l
		}
	}
	if n == (Name{swaSpace, "swaRef"}) {
		return &lexical{form: formReference, t: schema.TypeBytes}
	}
	if l := c.simples[n]; l != nil {
		return l
	}
	g, ok := c.types[n]
	if !ok {
		c.missing("type", n, at, c.types)
		return anyText
	}
	leave, ok := c.enter(g.el)
	defer leave()
	if !ok {
		return anyText
	}
	c.simples[n] = anyText // a type that is made of itself ends here
	var l *lexical
	if g.el.Local == "complexType" {
		p := c.complexType(n, g, at)
		l = anyText
		if p.text != nil {
			l = p.text
		}
	} else {
		l = c.simpleType(g.el, g.doc)
	}
	c.simples[n] = l
	return l
}

// simpleType compiles a simpleType element.
func (c *Compiler) simpleType(el *Element, d *document) *lexical {
	for _, k := range el.Kids {
		if k.Space != Space {
			continue
		}
		switch k.Local {
		case "restriction":
			return c.restrict(c.baseOf(k, d), k)
		case "list":
			item := anyText
			if n := k.QName("itemType"); n.Local != "" {
				item = c.simple(d.name(n), k)
			} else if inner := k.First(Space, "simpleType"); inner != nil {
				item = c.simpleType(inner, d)
			}
			return &lexical{form: formList, t: schema.ListOf(item.t), item: item}
		case "union":
			return c.union(k, d)
		}
	}
	return anyText
}

// baseOf compiles what a restriction restricts: a named type or one written inside.
func (c *Compiler) baseOf(k *Element, d *document) *lexical {
	if n := k.QName("base"); n.Local != "" {
		return c.simple(d.name(n), k)
	}
	if inner := k.First(Space, "simpleType"); inner != nil {
		return c.simpleType(inner, d)
	}
	return anyText
}

// restrict returns a simple type with the facets that stand in a restriction.
func (c *Compiler) restrict(base *lexical, k *Element) *lexical {
	t := *base.t
	l := &lexical{form: base.form, t: &t, item: base.item, re: base.re, wire: base.wire}
	if !c.spend(len(k.Kids)) {
		return base
	}
	var patterns []string
	for _, f := range k.Kids {
		if f.Space != Space {
			continue
		}
		value := f.Attr("value")
		switch f.Local {
		case "pattern":
			raw, _ := f.Find("value")
			patterns = append(patterns, raw)
		case "length":
			t.MinLength, t.MaxLength = count(value), count(value)
		case "minLength":
			t.MinLength = count(value)
		case "maxLength":
			t.MaxLength = count(value)
		case "totalDigits":
			if t.Kind == schema.KindDecimal {
				t.Digits = count(value)
			}
		case "fractionDigits":
			if t.Kind == schema.KindDecimal {
				t.Fraction = count(value)
			}
		case "minInclusive", "minExclusive", "maxInclusive", "maxExclusive":
			c.limit(base, &t, f.Local, value)
		case "whiteSpace":
			if t.Kind == schema.KindText && l.form != formQName {
				l.form = map[string]form{"preserve": formString, "replace": formLine, "collapse": formToken}[value]
			}
		}
	}
	if enum := base.enumeration(k); len(enum) > 0 {
		t.Enum = enum
	}
	if len(patterns) > 0 && t.Kind != schema.KindList && !c.pattern(l, patterns, k) {
		return base
	}
	if t.MaxLength != nil && t.MinLength != nil && *t.MinLength > *t.MaxLength {
		t.MinLength, t.MaxLength = nil, nil
	}
	return l.narrow()
}

// enumeration returns the values that a restriction lists, nil if it lists none, or a qualified name whose namespace is not known.
func (l *lexical) enumeration(k *Element) (enum []schema.Value) {
	if l.t.Kind == schema.KindList {
		return nil
	}
	for _, f := range k.Kids {
		if f.Space != Space || f.Local != "enumeration" {
			continue
		}
		value := f.Attr("value")
		if l.form == formQName {
			if value = f.expandedIn("value"); value == "" {
				return nil
			}
		}
		if v, err := l.parse(value); err == nil {
			enum = append(enum, v)
		}
	}
	return enum
}

// limit sets a limit of a number or a date, as a facet has it.
func (c *Compiler) limit(base *lexical, t *schema.Type, facet, value string) {
	v := c.bound(base, value)
	switch {
	case v == nil:
	case strings.HasPrefix(facet, "min"):
		t.Minimum, t.ExclMin = v, facet == "minExclusive"
	default:
		t.Maximum, t.ExclMax = v, facet == "maxExclusive"
	}
}

// pattern holds a simple type to one of several patterns; false if there is no budget for them.
func (c *Compiler) pattern(l *lexical, patterns []string, k *Element) bool {
	if l.form == formQName {
		return true // what they say of prefixes says nothing
	}
	p := "^(?:" + strings.Join(patterns, "|") + ")$"
	if !c.link(schema.PatternStates(p)) {
		return false
	}
	switch re, err := schema.CompilePattern(p); {
	case err != nil:
		c.out.Report(diag.BadSchema, k.Pos, "%v: it is not checked", err).AsWarning()
	case l.t.Kind == schema.KindText:
		l.t.Pattern = p
	default:
		l.re = re
	}
	return true
}

// intDigits is how many digits every whole number of 64 bits may have.
const intDigits = 18

// narrow makes of a whole number of any size, once its facets bound it to 64 bits, one of 64 bits.
func (l *lexical) narrow() *lexical {
	t := l.t
	if l.form != formBigInt {
		return l
	}
	least, most := whole(t.Minimum), whole(t.Maximum)
	if t.Digits != nil && *t.Digits <= intDigits {
		bound := int64(1)
		for range *t.Digits {
			bound *= 10
		}
		if least == nil || *least <= -bound {
			t.ExclMin = false
			least = pointer(1 - bound)
		}
		if most == nil || *most >= bound {
			t.ExclMax = false
			most = pointer(bound - 1)
		}
	}
	if least == nil || most == nil {
		return l
	}
	l.form, t.Kind, t.Digits, t.Fraction = formInt, schema.KindInt, nil, nil
	low, high := schema.Int(*least), schema.Int(*most)
	t.Minimum, t.Maximum = &low, &high
	enum := t.Enum
	t.Enum = nil
	for i := range enum {
		if n := whole(&enum[i]); n != nil {
			t.Enum = append(t.Enum, schema.Int(*n))
		}
	}
	return l
}

// whole returns a number as one of 64 bits, nil if it is none.
func whole(v *schema.Value) *int64 {
	if v == nil {
		return nil
	}
	n, err := strconv.ParseInt(string(schema.AppendNumber(nil, *v)), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

func pointer(n int64) *int64 { return &n }

// bound reads a limit of a number or a date.
func (c *Compiler) bound(base *lexical, value string) *schema.Value {
	switch base.t.Kind {
	case schema.KindInt, schema.KindDecimal, schema.KindDate, schema.KindTime, schema.KindDateTime, schema.KindTimeLocal,
		schema.KindDateTimeLocal:
		if v, err := base.parse(value); err == nil {
			return &v
		}
	}
	return nil
}

// count reads a number of characters or digits; nil if it is none, or more than anybody counts.
func count(s string) *int {
	n, err := strconv.Atoi(s)
	if err != nil || n < 0 || n > 1<<40 {
		return nil
	}
	return &n
}
