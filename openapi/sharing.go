package openapi

import "fondaco/schema"

// What is written in place, of types without a name. Everything else is a component, so that what is written grows as the
// types do: types are graphs, and a type that is used twice by one that is used twice would be written four times.
const (
	smallShared = 24 // fields and parts of a type that is written wherever it is used
	mostNested  = 24 // types within types that are written in each other
)

// sharing finds the types without a name that are components: those that hold themselves, large ones that are used more
// than once, and those that would be nested too deep.
type sharing struct {
	called map[*schema.Type]string // those types, and what the field is called in which they were met
	parts  map[*schema.Type]extent // of each type that was looked at
	uses   map[*schema.Type]int
}

// extent is what writing a type in place takes: nodes, and levels.
type extent struct{ size, depth int }

func newSharing() sharing {
	return sharing{called: map[*schema.Type]string{}, parts: map[*schema.Type]extent{}, uses: map[*schema.Type]int{}}
}

// compound reports whether a type has parts.
func compound(t *schema.Type) bool { return t.Elem != nil || len(t.Fields) > 0 || len(t.Variants) > 0 }

func (s *sharing) met(t *schema.Type) bool {
	_, met := s.parts[t]
	return met
}

// survey looks at types and all that is in them before any of them is written: only what is known by then to be used
// more than once is written once.
func (s *sharing) survey(types ...*schema.Type) {
	for _, t := range types {
		if t != nil {
			s.look(t, "", map[*schema.Type]bool{})
		}
	}
	for _, t := range types {
		if t != nil {
			s.measure(t, "", map[*schema.Type]bool{})
		}
	}
}

// each visits the parts of a type, with what their field is called.
func each(t *schema.Type, called string, visit func(part *schema.Type, called string)) {
	if t.Elem != nil {
		visit(t.Elem, called)
	}
	for i := range t.Fields {
		if t.Fields[i].Type != nil {
			visit(t.Fields[i].Type, t.Fields[i].Name)
		}
	}
	for _, v := range t.Variants {
		visit(v, called)
	}
}

// look counts how often each type is used, and finds those that hold themselves. open are those around t.
func (s *sharing) look(t *schema.Type, called string, open map[*schema.Type]bool) {
	if !compound(t) {
		return
	}
	s.uses[t]++
	if open[t] && t.Name == "" {
		s.called[t] = called
	}
	if s.uses[t] > 1 || s.met(t) {
		return
	}
	open[t] = true
	each(t, called, func(part *schema.Type, called string) { s.look(part, called, open) })
	delete(open, t)
}

// measure finds out what a type takes where it is used, and makes components of the types that take too much.
func (s *sharing) measure(t *schema.Type, called string, open map[*schema.Type]bool) extent {
	if !compound(t) || open[t] {
		return extent{1, 0}
	}
	x, met := s.parts[t]
	if !met {
		open[t] = true
		x.size = 1
		each(t, called, func(part *schema.Type, called string) {
			y := s.measure(part, called, open)
			x.size, x.depth = min(x.size+y.size, 1<<30), max(x.depth, y.depth+1)
		})
		delete(open, t)
		s.parts[t] = x
	}
	if _, lifted := s.called[t]; lifted || t.Name != "" {
		return extent{1, 0}
	}
	if x.depth >= mostNested || x.size > smallShared && s.uses[t] > 1 {
		s.called[t] = called
		return extent{1, 0}
	}
	return x
}
