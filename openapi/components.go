package openapi

import (
	"cmp"
	"fmt"
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
	sharing
	names  map[*schema.Type]string
	taken  map[string]*schema.Type
	alike  map[string][]*schema.Type     // the types that have a component, by what is seen of them at once
	next   map[string]int                // by a base of names, the number to try
	plain  map[*schema.Type]*schema.Type // of nullable types: without null
	bodies object                        // name and schema, in the order of first use
}

func newComponents(d dialect) *components {
	return &components{
		dialect: d, sharing: newSharing(), names: map[*schema.Type]string{}, taken: map[string]*schema.Type{problemName: nil},
		alike: map[string][]*schema.Type{}, next: map[string]int{},
	}
}

// name returns the component's name of a named type and sees that it is written.
func (c *components) name(t *schema.Type) string {
	if name, known := c.names[t]; known {
		return name
	}
	base := componentName(cmp.Or(t.Name, t.Hint, c.called[t]))
	look := glance(base, t)
	for _, other := range c.alike[look] {
		if alike(t, other, map[[2]*schema.Type]bool{}) {
			c.names[t] = c.names[other]
			return c.names[t]
		}
	}
	name := base
	for n := max(c.next[base], 1); ; n++ {
		if n > 1 {
			name = base + strconv.Itoa(n)
		}
		if _, taken := c.taken[name]; !taken {
			c.next[base] = n + 1
			break
		}
	}
	c.names[t], c.taken[name] = name, t
	c.alike[look] = append(c.alike[look], t)
	at := len(c.bodies)
	c.bodies = append(c.bodies, member{name: name})
	body := c.place(t) // may name this very type again
	c.bodies[at].value = body
	return name
}

// glance returns what of a type is seen at once: two types with other glances are not alike.
func glance(base string, t *schema.Type) string {
	var b strings.Builder
	b.WriteString(base)
	fmt.Fprintf(&b, " %d %d %d %d", t.Kind, len(t.Fields), len(t.Variants), len(t.Enum))
	for i := range t.Fields[:min(len(t.Fields), 8)] {
		b.WriteByte(' ')
		b.WriteString(t.Fields[i].Name)
	}
	return b.String()
}

// isNamed reports whether a type is a component: it has a name, holds itself, or is shared and large.
func (c *components) isNamed(t *schema.Type) bool {
	if t.Name != "" || !compound(t) {
		return t.Name != ""
	}
	if !c.met(t) {
		c.survey(t)
	}
	_, lifted := c.called[t]
	return lifted
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

// plainLetter returns an accented letter of Italian without its accent, 0 for anything else.
func plainLetter(r rune) rune {
	for _, pair := range [...]string{"àáa", "èée", "ìíi", "òóo", "ùúu", "ÀÁA", "ÈÉE", "ÌÍI", "ÒÓO", "ÙÚU"} {
		letters := []rune(pair)
		if r == letters[0] || r == letters[1] {
			return letters[2]
		}
	}
	return 0
}

// alike reports whether two types are written in the same words. Pairs under comparison count as alike, so that types
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
		a.Open != b.Open || a.Tag != b.Tag || !sameConstraints(a, b) || !schema.SameConditions(a, b) ||
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
		if !alikeFields(&a.Fields[i], &b.Fields[i], assumed) {
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

func alikeFields(f, g *schema.Field, assumed map[[2]*schema.Type]bool) bool {
	return f.Name == g.Name && f.Required == g.Required && f.Doc == g.Doc && f.ReadOnly == g.ReadOnly &&
		f.WriteOnly == g.WriteOnly && alike(f.Type, g.Type, assumed)
}

// sameConstraints reports whether scalars of two types of one kind are held to the same constraints.
func sameConstraints(a, b *schema.Type) bool {
	return a.Format == b.Format && a.Pattern == b.Pattern && a.ExclMin == b.ExclMin && a.ExclMax == b.ExclMax && a.Unique == b.Unique &&
		sameInt(a.MinLength, b.MinLength) && sameInt(a.MaxLength, b.MaxLength) &&
		sameInt(a.Digits, b.Digits) && sameInt(a.Fraction, b.Fraction) &&
		sameLimit(a.Minimum, b.Minimum) && sameLimit(a.Maximum, b.Maximum)
}

func sameInt(a, b *int) bool { return a == b || a != nil && b != nil && *a == *b }

func sameLimit(a, b *schema.Value) bool {
	return a == b || a != nil && b != nil && valueJSON(*a) == valueJSON(*b)
}
