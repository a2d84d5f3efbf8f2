package expr

import "fondaco/schema"

// Scope holds the names that an expression may use, their types, and the slot of a Frame where each value will be.
// A child sees its parent's names; slots are counted in the root, so that one Frame serves the whole route.
type Scope struct {
	parent *Scope
	root   *Scope
	vars   map[string]*Var
	order  []string
	known  map[string]bool // paths that are not nil here
	size   int
	parsed *Parsed           // of the root; nil to parse each expression anew
	why    map[string]string // of the root: what to do about names that are not in scope

	refuses bool // of the root: see Refuses

	draws   *Drawing // what collects the numbers of sequences, in this scope and below; nil if it is the parent's
	repeats bool     // what stands here is evaluated several times over one drawing

	constants map[string]constantValue // of the root: see Constant

	moving bool // of the root: see Moving
	moved  bool // of the root: something that moves was read since Moving

	place   *Place  // of the root: see Enter
	schemas Schemas // of the root: see Schemas; nil where texts are not read
	loop    *Rounds // of what stands in a loop within an expression or mapping; nil elsewhere
}

// Var is a name in scope.
type Var struct {
	Name string
	Type *schema.Type
	Slot int         // the index in Frame.Slots
	Use  *schema.Use // which parts of it are read; nil if nobody asks

	Named bool // some expression names it, be it only to see whether it is nil
	Given bool // it is what a caller sent: where nothing else is computed with, a failure is the caller's
	Fixed bool // it is the same in every exchange

	// Moving lists the fields whose values come of clock(), "" for all of it: they may be read only where clock() may be.
	Moving []string
}

// NewScope returns an empty scope.
func NewScope() *Scope {
	s := &Scope{vars: map[string]*Var{}}
	s.root = s
	return s
}

// Child returns a scope whose names hide those of s and end with it.
func (s *Scope) Child() *Scope {
	return &Scope{parent: s, root: s.root, vars: map[string]*Var{}}
}

// Declare adds a name, in the next slot. A name declared twice in one scope is replaced.
func (s *Scope) Declare(name string, t *schema.Type) *Var {
	v := &Var{Name: name, Type: t, Slot: s.root.size, Use: &schema.Use{}}
	s.root.size++
	if _, again := s.vars[name]; !again {
		s.order = append(s.order, name)
	}
	s.vars[name] = v
	return v
}

// Refuses reports whether an expression over the names, here or in a child, fails on some values that a caller may send.
func (s *Scope) Refuses() bool { return s.root.refuses }

// Refuse has Refuses report true: what an expression gives to others fails there on some values that a caller may send.
func (s *Scope) Refuse() { s.root.refuses = true }

// Explain has the problem of a name that is not in scope, here or in a child, say what to do about it.
func (s *Scope) Explain(name, hint string) {
	if s.root.why == nil {
		s.root.why = map[string]string{}
	}
	s.root.why[name] = hint
}

// reserve takes the next slot for a value without a name.
func (s *Scope) reserve() int {
	s.root.size++
	return s.root.size - 1
}

// Lookup finds a name, nil if it is not in scope.
func (s *Scope) Lookup(name string) *Var {
	for ; s != nil; s = s.parent {
		if v := s.vars[name]; v != nil {
			return v
		}
	}
	return nil
}

// Names lists all names in scope, innermost first; those of constants are not among them.
func (s *Scope) Names() []string {
	var names []string
	for ; s != nil; s = s.parent {
		names = append(names, s.order...)
	}
	return names
}

// Size returns the number of slots that a Frame needs, of this scope and all of its root.
func (s *Scope) Size() int { return s.root.size }

// Alias makes a name stand for the value of v, in the same slot, under another type: that of a name made where it may
// not come to be.
func (s *Scope) Alias(name string, v *Var, t *schema.Type) *Var {
	a := &Var{Name: name, Type: t, Slot: v.Slot, Use: v.Use, Given: v.Given, Fixed: v.Fixed, Moving: v.Moving}
	if _, again := s.vars[name]; !again {
		s.order = append(s.order, name)
	}
	s.vars[name] = a
	return a
}

// Root returns a scope that sees no names and counts its slots with s: what runs inside a route under names of its own.
func (s *Scope) Root() *Scope { return &Scope{root: s.root, vars: map[string]*Var{}} }
