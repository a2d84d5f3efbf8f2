package soap

import (
	"fondaco/schema"
)

// plan says how values of a type stand in XML: what decoders and encoders are made of. It is complete once the
// compiler has finished, and not changed afterwards.
type plan struct {
	t     *schema.Type
	name  name     // of the type in the schema, the zero name if it has none: what xsi:type may say
	text  *lexical // of text content, nil if there are elements instead
	value int      // the field of the text, where attributes stand beside it; -1 if the text is all
	raw   bool     // anything goes: the value is the content as text, with its tags
	attrs []attribute
	kids  []kid // the places of the content model, in the schema's order
	model *particle
	all   bool // the elements may stand in any order, each once

	variants []variant     // of a type that others derive from; everything else is then theirs
	base     int           // the variant that stands without xsi:type, -1 for none
	heirs    map[name]bool // types that may stand here by xsi:type, and of which the base's part is read
	nested   *nested       // a document within the text
	array    *array        // of SOAP encoding; everything else is then its items'
	flow

	again map[string]int // while it is made: how many names with an ending were given out
}

// attribute is an attribute in a plan.
type attribute struct {
	name
	field    int
	text     *lexical
	required bool
	def      string // default or fixed
	hasDef   bool
	fixed    bool
}

// kid is one place where an element may stand.
type kid struct {
	name
	field    int
	list     bool
	nillable bool
	required bool // at least one must be there
	plan     *plan
	def      string // default or fixed, for an element that is empty
	hasDef   bool
	fixed    bool
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
	decl     *decl // of an element or wildcard
	kid      int   // its place
}

type particleKind uint8

const (
	inSequence particleKind = iota
	inChoice
	inAll
	oneElement
)

// flow is the content model as an automaton: which places may come first and which may follow which. XML Schema asks
// that at each step the name tells the place.
type flow struct {
	first  []int
	follow [][]int
	last   []bool
	empty  bool // no element at all is right too
}

// linking makes the automaton of a content model.
type linking struct {
	c      *compiler
	follow [][]int
	once   []int // of each place, how many of the links in follow are known to differ
	marks  []int // of each place, the place before it that was last looked at
}

// flows makes the automaton of a content model with n places.
func (c *compiler) flows(model *particle, n int) flow {
	f := flow{empty: true}
	if model == nil {
		return f
	}
	l := &linking{c: c, follow: make([][]int, n), once: make([]int, n), marks: make([]int, n)}
	f.last = make([]bool, n)
	var last []int
	f.first, last, f.empty = l.add(model)
	for _, k := range last {
		f.last[k] = true
	}
	for k := range l.follow {
		l.distinct(k)
	}
	f.follow = l.follow
	return f
}

// add gives the first and last places of a part, and whether it may be left out, and links what follows within it.
func (f *linking) add(p *particle) (first, last []int, empty bool) {
	switch p.kind {
	case oneElement:
		first, last = []int{p.kid}, []int{p.kid}
	case inChoice:
		for _, part := range p.parts {
			a, b, none := f.add(part)
			first, last, empty = append(first, a...), append(last, b...), empty || none
		}
		empty = empty || len(p.parts) == 0
	default:
		empty = true
		for _, part := range p.parts {
			a, b, none := f.add(part)
			for _, k := range last {
				f.link(k, a)
			}
			if empty {
				first = append(first, a...)
			}
			if none {
				last = append(last, b...)
			} else {
				last, empty = b, false
			}
		}
	}
	if p.max != 1 {
		for _, k := range last {
			f.link(k, first)
		}
	}
	return first, last, empty || p.min == 0
}

// link says that each of the places may follow k.
func (f *linking) link(k int, places []int) {
	if !f.c.link(len(places)) {
		return
	}
	f.follow[k] = append(f.follow[k], places...)
	if len(f.follow[k]) > 2*f.once[k]+16 {
		f.distinct(k)
	}
}

// distinct leaves each place once among those that may follow k.
func (f *linking) distinct(k int) {
	kept := f.follow[k][:0]
	for _, next := range f.follow[k] {
		if f.marks[next] != k+1 {
			f.marks[next] = k + 1
			kept = append(kept, next)
		}
	}
	for _, next := range kept {
		f.marks[next] = 0
	}
	f.follow[k], f.once[k] = kept, len(kept)
}

// next gives the place of an element after the place at (-1 is the beginning), -1 if it may not stand there.
func (p *plan) next(at int, space, local string) int {
	follow := p.first
	if at >= 0 {
		follow = p.follow[at]
	}
	wild := -1
	for _, k := range follow {
		c := &p.kids[k]
		if c.any != nil {
			if wild < 0 && c.any.admits(space) {
				wild = k
			}
		} else if c.local == local && c.space == space {
			return k
		}
	}
	return wild
}

// ends tells whether the content may end after the place at.
func (p *plan) ends(at int) bool {
	if at < 0 {
		return p.empty
	}
	return p.last[at]
}
