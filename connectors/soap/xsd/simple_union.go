package xsd

import (
	"errors"

	"fondaco/schema"
)

// union compiles a union: the members' common way of writing if they have one, else text; texts are held to the members.
func (c *Compiler) union(k *Element, d *document) *lexical {
	var members []*lexical
	for _, n := range k.named("memberTypes") {
		members = append(members, c.simple(d.name(n), k))
	}
	for _, inner := range k.Kids {
		if inner.Space == Space && inner.Local == "simpleType" {
			members = append(members, c.simpleType(inner, d))
		}
	}
	if len(members) == 0 {
		return anyText
	}
	return heldTo(c.joined(members), members)
}

// joined returns the common way of writing of a union's members if they have one, else text.
func (c *Compiler) joined(members []*lexical) *lexical {
	t, f := members[0].t, members[0].form
	for _, m := range members[1:] {
		if m.form != f || f == formList {
			return anyText
		}
		if !c.spend(len(t.Enum) + len(m.t.Enum)) {
			return anyText
		}
		t = schema.Join(t, m.t)
	}
	if t.Kind == schema.KindUnion {
		return anyText
	}
	return &lexical{form: f, t: t}
}

var errMembers = errors.New("a value of one of the types of a union")

// heldTo returns a union's texts held to its members, going out and coming in (XML Schema Part 2, §4.1.4): a text must be a value of one.
// They are as they were where its own constraints say as much, where a member is any text, or where no example of a member is found.
func heldTo(l *lexical, members []*lexical) *lexical {
	if l.t.Kind != schema.KindText || len(l.t.Enum) > 0 || l.form == formQName {
		return l
	}
	checks := make([]*schema.Checker, len(members))
	for i, m := range members {
		if m.form == formReference || m.free() {
			return l
		}
		checks[i] = schema.NewChecker(m.t)
	}
	among := func(s string, out bool) bool {
		for i, m := range members {
			if v, err := m.parse(s); err == nil && checks[i].Check(v) == nil && (!out || m.fitting(s) == nil) {
				return true
			}
		}
		return false
	}
	fits := func(s string) bool { return among(s, true) }
	for _, m := range members {
		v := m.example()
		if v.IsAbsent() {
			var err error
			if v, err = schema.Sample(m.t, nil); err != nil {
				continue
			}
		}
		if b, err := m.append(nil, v, false); err == nil && len(b) > 0 && fits(string(b)) {
			held := *l
			held.wire = &written{fits: fits, expected: errMembers, example: string(b), read: func(s string) bool { return among(s, false) }}
			return &held
		}
	}
	return l
}

// foreign reports whether a text that comes in is of none of a union's members.
func (l *lexical) foreign(s string) bool {
	return l.wire != nil && l.wire.read != nil && !l.wire.read(Collapse(s))
}

// free reports whether any text may be a value.
func (l *lexical) free() bool {
	t := l.t
	return t.Kind == schema.KindText && l.wire == nil && len(t.Enum) == 0 && t.Pattern == "" && t.MinLength == nil && t.MaxLength == nil
}
