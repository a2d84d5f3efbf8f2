package codec

import (
	"slices"

	"fondaco/schema"
)

// starts says with what a type's values begin in JSON.
type starts uint8

const (
	startRecord starts = 1 << iota
	startList
	startText
	startNumber
	startBool
	startAny = startRecord | startList | startText | startNumber | startBool
)

func startsOf(t *schema.Type, within map[*schema.Type]bool) (out starts) {
	switch k := t.Kind; {
	case k == schema.KindRecord || k == schema.KindMap:
		return startRecord
	case k == schema.KindList:
		return startList
	case k.Textual() || k == schema.KindBytes:
		return startText
	case k.Number():
		return startNumber
	case k == schema.KindBool:
		return startBool
	case k == schema.KindAny || k == schema.KindUnknown:
		return startAny
	case k == schema.KindUnion && !within[t]:
		within[t] = true
		for _, v := range t.Variants {
			out |= startsOf(v, within)
		}
	}
	return out
}

func startOf(c byte) starts {
	switch c {
	case '{':
		return startRecord
	case '[':
		return startList
	case '"':
		return startText
	case 't', 'f':
		return startBool
	}
	return startNumber
}

// tagsOf returns the variant of each constant that the union's tag may have, nil if it has no tag.
func tagsOf(n *node) map[string]*node {
	if n.t.Tag == "" {
		return nil
	}
	tags := map[string]*node{}
	for i, v := range n.t.Variants {
		at := v.Index(n.t.Tag)
		if at < 0 {
			return nil
		}
		constants := v.Fields[at].Type.Enum
		if len(constants) == 0 {
			return nil
		}
		for _, c := range constants {
			tags[c.Str()] = n.variants[i]
		}
	}
	return tags
}

// union reads a value of one of several types: the one that its tag names; otherwise, of those that its first character
// and its fields' names admit, the first that takes it, those with the most fields present first.
func (r *reader) union(n *node) schema.Value {
	start := startOf(r.peek())
	var few [8]*node
	candidates := few[:0]
	for _, v := range n.variants {
		if v.starts&start != 0 {
			candidates = append(candidates, v)
		}
	}
	if start == startRecord && len(candidates) > 1 {
		if n.tags != nil {
			return r.tagged(n)
		}
		candidates = r.byNames(candidates)
	}
	if r.err != nil {
		return schema.Null
	}
	if len(candidates) == 1 {
		return r.value(candidates[0])
	}
	return r.try(n, candidates)
}

// tagged reads the record whose tag is found by looking ahead.
func (r *reader) tagged(n *node) schema.Value {
	begin := r.scanner
	var variant *node
	found := false
	r.names(func(name []byte) {
		if string(name) == n.t.Tag && r.peek() == '"' {
			found = true
			tag, _ := r.text()
			variant = n.tags[string(tag)]
			return
		}
		r.skip()
	})
	if r.err != nil {
		return schema.Null
	}
	if variant == nil {
		if found {
			r.violateAt(n.t.Tag, "enum", "one of the names that it may have", "")
		} else {
			r.violateAt(n.t.Tag, "required", "text", "nothing")
		}
		return schema.Null
	}
	r.look(begin)
	return r.value(variant)
}

// look goes back to where a look ahead began, and counts what it read.
func (r *reader) look(begin scanner) {
	r.tried += r.pos - begin.pos
	r.scanner = begin
}

// names steps over a record; each is called after a name's colon and steps over the value.
func (r *reader) names(each func(name []byte)) {
	if !r.enter() {
		return
	}
	if r.peek() == '}' {
		r.leave()
		return
	}
	for more := true; more && r.err == nil; more = r.next('}') {
		name := r.name()
		if r.err != nil {
			return
		}
		each(name)
	}
}

// chance is what looking ahead found out about a variant.
type chance struct {
	variant *node
	known   int // how many of the names that are there it knows
	missing int // how many of its required fields have not been met
	out     bool
}

// byNames keeps the candidates whose required fields are all there, and that know all the names there are; those that
// know most of them first. If none is left all are kept.
func (r *reader) byNames(candidates []*node) []*node {
	begin := r.scanner
	chances := make([]chance, len(candidates))
	for i, c := range candidates {
		chances[i].variant = c
		for _, f := range c.t.Fields {
			if f.Required {
				chances[i].missing++
			}
		}
	}
	r.names(func(name []byte) {
		for i := range chances {
			c := &chances[i]
			t := c.variant.t
			at := t.Index(borrow(name))
			if at < 0 {
				c.out = c.out || t.Kind == schema.KindRecord && !t.Open && r.Unknown == Refuse
				continue
			}
			c.known++
			if t.Fields[at].Required {
				c.missing--
			}
			if enum := t.Fields[at].Type.Enum; len(enum) > 0 && r.peek() == '"' {
				c.out = c.out || !r.among(enum)
			}
		}
		r.skip()
	})
	if r.err != nil {
		return nil
	}
	r.look(begin)
	chances = slices.DeleteFunc(chances, func(c chance) bool { return c.out || c.missing > 0 })
	if len(chances) == 0 {
		return candidates
	}
	slices.SortStableFunc(chances, func(a, b chance) int { return b.known - a.known })
	out := make([]*node, len(chances))
	for i, c := range chances {
		out[i] = c.variant
	}
	return out
}

// among reports whether the text that is next is one of the constants; it does not step over it.
func (r *reader) among(constants []schema.Value) bool {
	begin := r.scanner
	b, _ := r.text()
	failed := r.err != nil
	r.scanner = begin
	return failed || slices.ContainsFunc(constants, func(v schema.Value) bool { return v.Str() == string(b) })
}

// try reads the value as each candidate until one takes it without a violation, rather one whose claimed formats it has. What
// is only tolerated is tried when none has taken the value as it should be.
func (r *reader) try(n *node, candidates []*node) schema.Value {
	if !r.lenient {
		return r.tryEach(n, candidates)
	}
	begin, before := r.scanner, len(r.violations)
	r.lenient = false
	v := r.tryEach(n, candidates)
	r.lenient = true
	if r.err != nil || len(r.violations) == before {
		return v
	}
	r.violations = r.violations[:before]
	r.look(begin)
	return r.tryEach(n, candidates)
}

func (r *reader) tryEach(n *node, candidates []*node) schema.Value {
	begin := r.scanner
	stack, path, before, claimed, tolerated := len(r.stack), len(r.path), len(r.violations), r.claimed, r.tolerated
	var second *node
	if before < maxViolations { // a document that is refused anyway is only looked through
		for _, variant := range candidates {
			v := r.value(variant)
			if fits := r.err == nil && len(r.violations) == before; fits && r.claimed == claimed {
				return v
			} else if fits && second == nil {
				second = variant
			}
			r.stack, r.path, r.violations, r.claimed = r.stack[:stack], r.path[:path], r.violations[:before], claimed
			r.tolerated = tolerated
			r.look(begin)
			if r.tried > maxTried+8*len(r.data) {
				r.fail("too many records that could be of several types")
				return schema.Null
			}
		}
	}
	if second != nil {
		return r.value(second)
	}
	r.skip()
	if r.err == nil {
		r.violate("type", "one of several types", "none of them")
	}
	return schema.Null
}

// maxTried bounds, with the size of the document, what is read more than once: unions within unions multiply.
const maxTried = 1 << 16
