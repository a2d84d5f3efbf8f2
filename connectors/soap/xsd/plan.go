package xsd

import (
	"fondaco/schema"
)

// Plan says how values of a type stand in XML: what decoders and encoders are made of. It is complete once the
// compiler has finished, and not changed afterwards.
type Plan struct {
	t     *schema.Type
	name  Name     // of the type in the schema, the zero name if it has none: what xsi:type may say
	text  *lexical // of text content, nil if there are elements instead
	value int      // the field of the text, where attributes stand beside it; -1 if the text is all
	mixed bool     // the content is as in raw, in the field value, beside attributes
	raw   bool     // anything goes: the value is the content as text, with its tags
	attrs []attribute
	kids  []kid // the places of the content model, in the schema's order
	model *particle
	all   bool // the elements may stand in any order, each once

	variants []variant     // of a type that others derive from; everything else is then theirs
	base     int           // the variant that stands without xsi:type, -1 for none
	heirs    map[Name]bool // types that may stand here by xsi:type, and of which the base's part is read
	nested   *nested       // a document within the text
	returns  bool          // of an rpc answer in SOAP encoding: its first part may have any name
	array    *array        // of SOAP encoding; everything else is then its items'
	flow

	again map[string]int // while it is made: how many names with an ending were given out
}

// Type returns the type of the values. It is complete once the compiler has finished.
func (p *Plan) Type() *schema.Type { return p.t }

// StartsWith reports whether the first of a sequence's elements has a name.
func (p *Plan) StartsWith(n Name) bool { return len(p.kids) > 0 && p.kids[0].Name == n }

// Structured reports whether the values are records with elements in them.
func (p *Plan) Structured() bool { return p.t.Kind == schema.KindRecord && len(p.kids) > 0 }

// Missing returns the violation of a content without any element, nil if nothing is required.
func (p *Plan) Missing() error { return p.complete(-1, nil) }

// attribute is an attribute in a plan.
type attribute struct {
	Name
	field    int
	text     *lexical
	required bool
	def      string // default or fixed
	hasDef   bool
	fixed    bool
}

// kid is one place where an element may stand.
type kid struct {
	Name
	field    int
	list     bool
	nillable bool
	required bool // at least one must be there
	plan     *Plan
	def      string // default or fixed, for an element that is empty
	hasDef   bool
	fixed    bool
	group    bool      // a group that repeats: plan is that of its records, and name says nothing
	any      *wildcard // not nil: whatever its namespaces admit, and name says nothing
}

// wildcard is an xs:any.
type wildcard struct {
	spaces map[string]bool // admitted; nil for all
	other  string          // ##other: all but this and none
	others bool
}

func (w *wildcard) admits(space string) bool {
	switch {
	case w.others:
		return space != w.other && space != ""
	case w.spaces == nil:
		return true
	}
	return w.spaces[space]
}

// particle is a part of a content model.
type particle struct {
	kind     particleKind
	min, max int // max -1 is without bound
	parts    []*particle
	decl     *decl // of an element or wildcard, until the place is made
	kid      int   // its place
	hollow   bool  // of a group that repeats: nothing of it need be there
}

type particleKind uint8

const (
	inSequence particleKind = iota
	inChoice
	inAll
	oneElement
)

// flow is the content model as an automaton: which places may come first and which may follow which. XML Schema asks
// that at each step the name determines the place.
type flow struct {
	first  [][]int
	follow [][][]int // of each place, in parts: places that the same ones follow share them
	last   []bool
	empty  bool // no element at all is right too
}

// linking makes the automaton of a content model.
type linking struct {
	c      *Compiler
	follow [][][]int
}

// flows makes the automaton of a content model with n places.
func (c *Compiler) flows(model *particle, n int) flow {
	f := flow{empty: true}
	if model == nil {
		return f
	}
	l := &linking{c: c, follow: make([][][]int, n)}
	f.last = make([]bool, n)
	first, last, empty := l.add(model)
	f.first, f.empty = [][]int{first}, empty
	for _, k := range last {
		f.last[k] = true
	}
	f.follow = l.follow
	return f
}

// add returns the first and last places of a part, and whether it may be left out, and links what follows within it.
func (f *linking) add(p *particle) (first, last []int, empty bool) {
	switch p.kind {
	case oneElement:
		one := []int{p.kid}
		first, last, empty = one, one, p.hollow
	case inChoice:
		for _, part := range p.parts {
			a, b, none := f.add(part)
			first, last, empty = append(first, a...), append(last, b...), empty || none
		}
		empty = empty || len(p.parts) == 0
	default:
		first, last, empty = f.sequence(p.parts)
	}
	if p.max != 1 {
		for _, k := range last {
			f.link(k, first)
		}
	}
	return first, last, empty || p.min == 0
}

// sequence is add for parts that stand one after the other. What follows a part are the first places of the next ones, up
// to one that must be there: a piece of one list, so that a sequence costs what it is long.
func (f *linking) sequence(parts []*particle) (first, last []int, empty bool) {
	var all []int // the first places of the parts
	begin := make([]int, len(parts)+1)
	lasts, must := make([][]int, len(parts)), make([]bool, len(parts))
	for i, part := range parts {
		a, b, none := f.add(part)
		all = append(all, a...)
		begin[i+1], lasts[i], must[i] = len(all), b, !none
	}
	end := len(parts) // behind the next part that must be there
	for i := len(parts) - 1; i >= 0; i-- {
		for _, k := range lasts[i] {
			f.link(k, all[begin[i+1]:begin[end]])
		}
		if must[i] {
			end = i + 1
		}
	}
	empty = true
	for i, b := range lasts {
		if must[i] {
			last, empty = nil, false
		}
		last = append(last, b...)
	}
	return all[:begin[end]], last, empty
}

// link says that each of the places may follow k.
func (f *linking) link(k int, places []int) {
	if len(places) == 0 {
		return
	}
	for _, known := range f.follow[k] {
		if len(known) >= len(places) && &known[0] == &places[0] {
			return // repetitions within repetitions say it again
		}
	}
	if f.c.link(1) {
		f.follow[k] = append(f.follow[k], places[:len(places):len(places)])
	}
}

// after returns the places that may come after the place at, in parts; -1 is the beginning.
func (f *flow) after(at int) [][]int {
	if at >= 0 {
		return f.follow[at]
	}
	return f.first
}

// next returns the place of an element after the place at (-1 is the beginning), -1 if it may not stand there.
func (p *Plan) next(at int, space, local string) int {
	wild := -1
	for _, follow := range p.after(at) {
		for _, k := range follow {
			c := &p.kids[k]
			if c.group {
				begins, alike := c.plan.begins(space, local)
				if begins && !alike {
					return k
				}
				if begins && wild < 0 {
					wild = k
				}
			} else if c.any != nil {
				if wild < 0 && c.any.admits(space) {
					wild = k
				}
			} else if c.Local == local && c.Space == space {
				return k
			}
		}
	}
	return wild
}

// ends reports whether the content may end after the place at.
func (p *Plan) ends(at int) bool {
	if at < 0 {
		return p.empty
	}
	return p.last[at]
}
