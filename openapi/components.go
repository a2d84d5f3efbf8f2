package openapi

import (
	"strconv"
	"strings"
	"unicode"

	"fondaco/schema"
)

// problemName is the component that describes application/problem+json; no type of a project may take it.
const problemName = "Problem"

// components are the schemas of named types, each written once. Types of one name and one content share a component;
// of one name and different content they get numbers: Verbale, Verbale2.
type components struct {
	dialect
	names  map[*schema.Type]string
	taken  map[string]*schema.Type
	plain  map[*schema.Type]*schema.Type // of nullable types: without null
	loops  map[*schema.Type]string       // types without a name that hold themselves, and what their field is called
	walked map[*schema.Type]bool         // types that were looked through for them
	bodies object                        // name and schema, in the order of first use
}

func newComponents(d dialect) *components {
	return &components{dialect: d, names: map[*schema.Type]string{}, taken: map[string]*schema.Type{problemName: nil}}
}

// name gives the component's name of a named type and sees that it is written.
func (c *components) name(t *schema.Type) string {
	if name, known := c.names[t]; known {
		return name
	}
	base := componentName(t.Name)
	if t.Name == "" {
		base = componentName(c.loops[t])
	}
	for n := 1; ; n++ {
		name := base
		if n > 1 {
			name += strconv.Itoa(n)
		}
		other, taken := c.taken[name]
		switch {
		case !taken:
			c.names[t], c.taken[name] = name, t
			at := len(c.bodies)
			c.bodies = append(c.bodies, member{name: name})
			c.bodies[at].value = c.place(t) // may name this very type again
			return name
		case other != nil && alike(t, other, map[[2]*schema.Type]bool{}):
			c.names[t] = name
			return name
		}
	}
}

// isNamed tells whether a type is a component: it has a name, or holds itself and could not be written in place.
func (c *components) isNamed(t *schema.Type) bool {
	if t.Name != "" || t.Elem == nil && t.Fields == nil && t.Variants == nil {
		return t.Name != ""
	}
	if c.loops == nil {
		c.loops, c.walked = map[*schema.Type]string{}, map[*schema.Type]bool{}
	}
	c.walk(t, "", map[*schema.Type]bool{})
	_, loops := c.loops[t]
	return loops
}

// walk finds the types that hold themselves. open are those around t.
func (c *components) walk(t *schema.Type, called string, open map[*schema.Type]bool) {
	switch {
	case t == nil:
		return
	case open[t]:
		if t.Name == "" {
			c.loops[t] = called
		}
		return
	case c.walked[t]:
		return
	}
	c.walked[t], open[t] = true, true
	c.walk(t.Elem, called, open)
	for i := range t.Fields {
		c.walk(t.Fields[i].Type, t.Fields[i].Name, open)
	}
	for _, v := range t.Variants {
		c.walk(v, called, open)
	}
	delete(open, t)
}

// componentName makes a name that every generator accepts: letters and digits, each word with a capital.
func componentName(name string) string {
	var b strings.Builder
	up := true
	for _, r := range name {
		switch {
		case r < 0x80 && (unicode.IsLetter(r) || unicode.IsDigit(r)):
			if up {
				r = unicode.ToUpper(r)
			}
			up = false
			b.WriteRune(r)
		case plainLetter(r) != 0:
			letter := plainLetter(r)
			if up {
				letter = unicode.ToUpper(letter)
			}
			up = false
			b.WriteRune(letter)
		default:
			up = true
		}
	}
	switch s := b.String(); {
	case s == "":
		return "Schema"
	case s[0] >= '0' && s[0] <= '9':
		return "Schema" + s
	default:
		return s
	}
}

// plainLetter gives an accented letter of Italian without its accent, 0 for anything else.
func plainLetter(r rune) rune {
	for _, pair := range [...]string{"àáa", "èée", "ìíi", "òóo", "ùúu", "ÀÁA", "ÈÉE", "ÌÍI", "ÒÓO", "ÙÚU"} {
		letters := []rune(pair)
		if r == letters[0] || r == letters[1] {
			return letters[2]
		}
	}
	return 0
}

// alike tells whether two types are written in the same words. Pairs under comparison count as alike, so that types
// which refer to themselves come to an end.
func alike(a, b *schema.Type, assumed map[[2]*schema.Type]bool) bool {
	if a == b || a == nil || b == nil {
		return a == b
	}
	pair := [2]*schema.Type{a, b}
	if assumed[pair] {
		return true
	}
	assumed[pair] = true
	if a.Kind != b.Kind || a.Name != b.Name || a.Doc != b.Doc || a.Nullable != b.Nullable || a.Personal != b.Personal ||
		a.Format != b.Format || a.Pattern != b.Pattern || a.ExclMin != b.ExclMin || a.ExclMax != b.ExclMax ||
		a.Unique != b.Unique || a.Open != b.Open || a.Tag != b.Tag ||
		!sameInt(a.MinLength, b.MinLength) || !sameInt(a.MaxLength, b.MaxLength) ||
		!sameInt(a.Digits, b.Digits) || !sameInt(a.Fraction, b.Fraction) ||
		!sameLimit(a.Minimum, b.Minimum) || !sameLimit(a.Maximum, b.Maximum) ||
		valueJSON(a.Default) != valueJSON(b.Default) || valueJSON(a.Example) != valueJSON(b.Example) ||
		len(a.Enum) != len(b.Enum) || len(a.Fields) != len(b.Fields) || len(a.Variants) != len(b.Variants) {
		return false
	}
	for i := range a.Enum {
		if valueJSON(a.Enum[i]) != valueJSON(b.Enum[i]) {
			return false
		}
	}
	for i := range a.Fields {
		f, g := &a.Fields[i], &b.Fields[i]
		if f.Name != g.Name || f.Required != g.Required || f.Doc != g.Doc || f.ReadOnly != g.ReadOnly ||
			f.WriteOnly != g.WriteOnly || !alike(f.Type, g.Type, assumed) {
			return false
		}
	}
	for i := range a.Variants {
		if !alike(a.Variants[i], b.Variants[i], assumed) {
			return false
		}
	}
	return alike(a.Elem, b.Elem, assumed)
}

func sameInt(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }

func sameLimit(a, b *schema.Value) bool {
	return a == b || a != nil && b != nil && valueJSON(*a) == valueJSON(*b)
}
