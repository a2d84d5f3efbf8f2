package schema

import "slices"

// maxSampleSets is how many ways to hold the conditions of one record are tried.
const maxSampleSets = 256

// present changes the slots of a record that is made up so that what has to be there together is: fields that may be left
// out are added or left out. It reports whether it could.
func (m *sampling) present(t *Type, slots []Value, path string) bool {
	p := presenting{m: m, t: t, path: path, left: maxSampleSets}
	return p.hold(slots, 0)
}

type presenting struct {
	m    *sampling
	t    *Type
	path string
	left int
}

// hold makes the conditions from the nth on hold, and looks at all of them in the end.
func (p *presenting) hold(slots []Value, n int) bool {
	if p.left--; p.left < 0 {
		return false
	}
	if n == len(p.t.Present) {
		v := Record(p.t, slots)
		return !slices.ContainsFunc(p.t.Present, func(c Presence) bool { _, how := c.Broken(v); return how != "" })
	}
	c := &p.t.Present[n]
	was := slices.Clone(slots)
	if _, how := c.Broken(Record(p.t, was)); how == "" && p.hold(slots, n+1) {
		return true
	}
	for i := range c.Sets {
		copy(slots, was)
		if p.choose(slots, c, i) && p.hold(slots, n+1) {
			return true
		}
	}
	copy(slots, was)
	return false
}

// choose makes one set hold and, where it has to be the only one, the others not.
func (p *presenting) choose(slots []Value, c *Presence, chosen int) bool {
	s := &c.Sets[chosen]
	for _, name := range s.Fields {
		if !p.add(slots, name) {
			return false
		}
	}
	for _, name := range s.Without {
		if !p.drop(slots, name) {
			return false
		}
	}
	for i := range c.Sets {
		other := &c.Sets[i]
		if i == chosen || !c.One || !other.holds(Record(p.t, slots)) {
			continue
		}
		if !slices.ContainsFunc(other.Fields, func(name string) bool { return !slices.Contains(s.Fields, name) && p.drop(slots, name) }) &&
			!slices.ContainsFunc(other.Without, func(name string) bool { return !slices.Contains(s.Without, name) && p.add(slots, name) }) {
			return false
		}
	}
	return true
}

// add makes a field up that is not there yet.
func (p *presenting) add(slots []Value, name string) bool {
	i := p.t.Index(name)
	if i < 0 {
		return false
	}
	if !slots[i+1].IsAbsent() {
		return true
	}
	v, err := p.m.value(p.t.Fields[i].Type, p.path+"/"+pointer(name), name)
	if err != nil {
		return false
	}
	slots[i+1] = v
	return true
}

// drop leaves a field out that may be.
func (p *presenting) drop(slots []Value, name string) bool {
	i := p.t.Index(name)
	switch {
	case i < 0 || slots[i+1].IsAbsent():
		return true
	case p.t.Fields[i].Required:
		return false
	}
	slots[i+1] = Value{}
	return true
}

// entries makes up a map that has to have some entries: those that its conditions name are the fields of a record for as long.
func (m *sampling) entries(t *Type, path string) (Value, error) {
	r := &Type{Kind: KindRecord, Present: t.Present}
	for i := range t.Present {
		for _, name := range t.Present[i].Names() {
			if r.Index(name) < 0 {
				r.Add(Field{Name: name, Type: t.Elem})
			}
		}
	}
	slots := Slots(r)
	if !m.present(r, slots, path) {
		return Value{}, &SampleError{path, "nothing holds " + t.Present[0].String()}
	}
	made := &Map{}
	for i := range r.Fields {
		if !slots[i+1].IsAbsent() {
			made.Keys, made.Values = append(made.Keys, r.Fields[i].Name), append(made.Values, slots[i+1])
		}
	}
	return MapOf(made), nil
}
