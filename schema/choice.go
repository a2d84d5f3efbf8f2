package schema

import (
	"fmt"
	"slices"
	"strings"
)

// Choice says of a record that the fields of one of several branches are there and those of the others are not, as
// xs:choice does (XML Schema 1.0, §3.8): a typed union among other fields. Its fields are optional in the record; what
// of them a branch cannot do without is said here.
type Choice struct {
	Branches []Branch
	None     bool // none of the branches need be there
}

// Branch is what a record has if it is this one that was chosen.
type Branch struct {
	Fields   []string // no two branches of a choice share one; none of them admits null
	Required []string // of Fields, those that must be there
}

// Names returns the fields of all branches.
func (c *Choice) Names() []string {
	var all []string
	for _, b := range c.Branches {
		all = append(all, b.Fields...)
	}
	return all
}

// String returns the choice in words: "one of a, b".
func (c *Choice) String() string {
	var heads []string
	for _, b := range c.Branches {
		if len(b.Required) > 0 {
			heads = append(heads, b.Required[0])
		} else {
			heads = append(heads, b.Fields[0])
		}
	}
	if c.None {
		return "at most one of " + strings.Join(heads, ", ")
	}
	return "one of " + strings.Join(heads, ", ")
}

func sameChoice(a, b Choice) bool {
	return a.None == b.None && slices.EqualFunc(a.Branches, b.Branches, func(x, y Branch) bool {
		return slices.Equal(x.Fields, y.Fields) && slices.Equal(x.Required, y.Required)
	})
}

// sureOf reports whether values of the record surely have the field, and may have it.
func sureOf(t *Type, name string) (sure, may bool) {
	i := t.Index(name)
	if i < 0 || t.Fields[i].Type.Kind == KindNull || t.Fields[i].Type.Kind == KindNever {
		return false, false
	}
	f := &t.Fields[i]
	return f.Required && !f.Type.Nullable, true
}

// Misfit reports why records of type from break the choice whatever their values, and at which field; "" if they need not.
func (c *Choice) Misfit(from *Type) (message, field string) {
	chosen, possible := "", false
	for _, b := range c.Branches {
		for _, name := range b.Fields {
			sure, may := sureOf(from, name)
			possible = possible || may
			if !sure {
				continue
			}
			if chosen != "" {
				return fmt.Sprintf("%s and %s are both given, expected %s", chosen, name, c), name
			}
			chosen = name
			break
		}
	}
	if !possible && !c.None {
		return "nothing of a choice is given, expected " + c.String(), ""
	}
	return "", ""
}

// proves reports whether no record of type from can break the choice.
func (c *Choice) proves(from *Type) bool {
	taken, complete := 0, false
	for _, b := range c.Branches {
		if !slices.ContainsFunc(b.Fields, func(name string) bool { _, may := sureOf(from, name); return may }) {
			continue
		}
		taken++
		need := b.Required
		if len(need) == 0 {
			need = b.Fields[:1]
		}
		complete = !slices.ContainsFunc(need, func(name string) bool { sure, _ := sureOf(from, name); return !sure })
	}
	return taken == 1 && complete || taken == 0 && c.None
}

// check reports what of the choice the record breaks: a violation's path and what was expected.
func (c *Choice) check(v Value, path string, out *Violations) {
	chosen := -1
	for i, b := range c.Branches {
		for _, name := range b.Fields {
			if v.Get(name).IsNil() {
				continue
			}
			if chosen >= 0 && chosen != i {
				*out = append(*out, &Violation{Path: path + "/" + pointer(name), Code: "choice", Expected: c.String()})
				return
			}
			chosen = i
		}
	}
	if chosen < 0 {
		if !c.None && !slices.ContainsFunc(c.Branches, func(b Branch) bool { return len(b.Required) == 0 }) {
			*out = append(*out, &Violation{Path: path, Code: "choice", Expected: c.String(), Found: "none"})
		}
		return
	}
	for _, name := range c.Branches[chosen].Required {
		if v.Get(name).IsNil() {
			*out = append(*out, &Violation{
				Path: path + "/" + pointer(name), Code: "required", Expected: "it beside " + c.Branches[chosen].Fields[0],
				Found: "nothing",
			})
		}
	}
}
