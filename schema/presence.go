package schema

import (
	"slices"
	"strings"
)

// Presence says of a record or map that fields are there together: one set at least of several, or exactly one. It is
// what anyOf and oneOf over "required" say (JSON Schema). A field that is there and null is there.
type Presence struct {
	Sets []Together
	One  bool // exactly one set holds; otherwise at least one
}

// Together is one set of fields: it holds where all of Fields are there and none of Without.
type Together struct {
	Fields  []string
	Without []string
}

// Names returns the fields that the condition looks at, each once.
func (p *Presence) Names() []string {
	var all []string
	for _, s := range p.Sets {
		for _, name := range slices.Concat(s.Fields, s.Without) {
			if !slices.Contains(all, name) {
				all = append(all, name)
			}
		}
	}
	return all
}

// String returns the condition in words: "at least one of a, b + c", "not all of a, b", "b beside a".
func (p *Presence) String() string {
	if name, others := p.dependent(); name != "" {
		return strings.Join(others, " + ") + " beside " + name
	}
	var sets []string
	for _, s := range p.Sets {
		text := strings.Join(s.Fields, " + ")
		if len(s.Without) > 0 {
			text = strings.TrimSpace(text + " without " + strings.Join(s.Without, " or "))
		}
		if text == "" {
			text = "nothing"
		}
		sets = append(sets, text)
	}
	if len(sets) == 1 {
		return sets[0]
	}
	if p.notAll() {
		return "not all of " + strings.Join(p.Names(), ", ")
	}
	if p.One {
		return "exactly one of " + strings.Join(sets, ", ")
	}
	return "at least one of " + strings.Join(sets, ", ")
}

// dependent returns the field beside which others have to be there, "" if the condition is another.
func (p *Presence) dependent() (name string, others []string) {
	if p.One || len(p.Sets) != 2 {
		return "", nil
	}
	a, b := p.Sets[0], p.Sets[1]
	if len(a.Without) == 0 {
		a, b = b, a
	}
	if len(a.Without) != 1 || len(a.Fields) > 0 || len(b.Fields) == 0 || len(b.Without) > 0 {
		return "", nil
	}
	return a.Without[0], b.Fields
}

// notAll reports whether the condition is that one of some fields is not there.
func (p *Presence) notAll() bool {
	return !p.One && !slices.ContainsFunc(p.Sets, func(s Together) bool { return len(s.Fields) > 0 || len(s.Without) != 1 })
}

// Broken returns how a record or map breaks the condition, as none, more or all of its sets, "" if it does not; and at which field if one
// can be told: one that is too many. It allocates nothing.
func (p *Presence) Broken(v Value) (field, how string) {
	held := 0
	for i := range p.Sets {
		if !p.Sets[i].holds(v) {
			continue
		}
		if held++; !p.One {
			return "", ""
		}
		if held > 1 {
			if len(p.Sets[i].Fields) > 0 {
				field = p.Sets[i].Fields[0]
			}
			return field, "more"
		}
	}
	switch {
	case held > 0:
		return "", ""
	case p.notAll():
		return "", "all"
	}
	return "", "none"
}

func (s *Together) holds(v Value) bool {
	for _, name := range s.Fields {
		if v.Get(name).IsAbsent() {
			return false
		}
	}
	for _, name := range s.Without {
		if !v.Get(name).IsAbsent() {
			return false
		}
	}
	return true
}

// check adds a violation if the condition is broken.
func (p *Presence) check(v Value, path string, out *Violations) {
	field, how := p.Broken(v)
	if how == "" {
		return
	}
	if field != "" {
		path += "/" + pointer(field)
	}
	*out = append(*out, &Violation{Path: path, Code: "presence", Expected: p.String(), Found: how})
}

// surely reports whether the set holds of every record of a type, and whether it holds of some.
func (s *Together) surely(from *Type) (always, maybe bool) {
	if from.Kind != KindRecord {
		return false, true
	}
	always, maybe = true, true
	for _, name := range s.Fields {
		sure, may := sureOf(from, name)
		always, maybe = always && sure, maybe && may
	}
	for _, name := range s.Without {
		i := from.Index(name)
		sure, _ := sureOf(from, name)
		always, maybe = always && i < 0, maybe && !sure
	}
	return always, maybe
}

// held returns how many of the sets hold of every record of a type, and how many of some.
func (p *Presence) held(from *Type) (sure, possible int) {
	for i := range p.Sets {
		always, maybe := p.Sets[i].surely(from)
		if always {
			sure++
		}
		if maybe {
			possible++
		}
	}
	return sure, possible
}

// Misfit reports why records of type from break the condition whatever their values; "" if they need not.
func (p *Presence) Misfit(from *Type) string {
	sure, possible := p.held(from)
	switch {
	case possible == 0:
		return "expected " + p.String() + ", found none"
	case p.One && sure > 1:
		return "expected " + p.String() + ", found more"
	}
	return ""
}

// Proved reports whether no value of type from can break the condition: by its fields, or by a condition of its own.
func (p *Presence) Proved(from *Type) bool {
	if slices.ContainsFunc(from.Present, func(q Presence) bool { return q.implies(p) }) {
		return true
	}
	sure, possible := p.held(from)
	if p.One {
		return sure == 1 && possible == 1
	}
	return sure > 0
}

// implies reports whether what holds p holds q.
func (p *Presence) implies(q *Presence) bool {
	if q.One {
		return samePresence(*p, *q)
	}
	within := func(a, b []string) bool {
		return !slices.ContainsFunc(a, func(name string) bool { return !slices.Contains(b, name) })
	}
	for _, s := range p.Sets {
		if !slices.ContainsFunc(q.Sets, func(x Together) bool { return within(x.Fields, s.Fields) && within(x.Without, s.Without) }) {
			return false
		}
	}
	return true
}

func samePresence(a, b Presence) bool {
	return a.One == b.One && slices.EqualFunc(a.Sets, b.Sets, func(x, y Together) bool {
		return slices.Equal(x.Fields, y.Fields) && slices.Equal(x.Without, y.Without)
	})
}

// SameConditions reports whether two records have the same choices, and the same fields there together.
func SameConditions(a, b *Type) bool {
	return slices.EqualFunc(a.Choices, b.Choices, sameChoice) && slices.EqualFunc(a.Present, b.Present, samePresence)
}

// presentIn returns the conditions all of whose fields a record has; those of a map as they are.
func presentIn(t *Type, all []Presence) []Presence {
	if t.Kind != KindRecord {
		return all
	}
	return slices.DeleteFunc(slices.Clone(all), func(p Presence) bool {
		return slices.ContainsFunc(p.Names(), func(name string) bool { return t.Index(name) < 0 })
	})
}

// Complete returns a record of type t that was laid out elsewhere than by a decoder of JSON. The error is Violations if its
// fields are not there together as t asks.
func Complete(t *Type, slots []Value) (Value, error) {
	v := Record(t, slots)
	var out Violations
	for i := range t.Present {
		t.Present[i].check(v, "", &out)
	}
	if len(out) > 0 {
		return Value{}, out
	}
	return v, nil
}
