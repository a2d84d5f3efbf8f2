package trigger

import "strings"

// Clashes returns for each pattern the index of the first one before it that some request would fit as well, with
// nothing to choose by; -1 if there is none. A fixed segment goes before a hole, so that /a/{x} and /a/b live together;
// /a/{x} and /a/{y}, or /a/{x}/c and /a/b/{y}, do not. Patterns without a method clash with none. The cost is linear in
// patterns for each shape of paths that they have.
func Clashes(patterns []Pattern) []int {
	first := make([]int, len(patterns))
	groups := map[string]*shapes{}
	for i := range patterns {
		p := &patterns[i]
		first[i] = -1
		if p.Method == "" {
			continue
		}
		key := p.Method + strings.Repeat("/", len(p.Segments))
		if groups[key] == nil {
			groups[key] = &shapes{byMask: map[mask]*shape{}}
		}
		first[i] = groups[key].add(p, i)
	}
	return first
}

// mask says which segments of a path are holes. A path has at most maxSegments.
type mask [2]uint64

func maskOf(p *Pattern) (m mask) {
	for i, s := range p.Segments {
		if s.Hole {
			m[i/64] |= 1 << (i % 64)
		}
	}
	return m
}

func (m mask) or(o mask) mask        { return mask{m[0] | o[0], m[1] | o[1]} }
func (m mask) within(o mask) bool    { return m.or(o) == o }
func (m mask) hole(segment int) bool { return m[segment/64]>>(segment%64)&1 != 0 }

// shapes are the patterns of one method and one number of segments, by where their holes are.
type shapes struct {
	list   []*shape
	byMask map[mask]*shape
}

// shape are the patterns whose holes are in the same places.
type shape struct {
	mask mask
	all  []member
	// by finds the first pattern by its fixed segments outside of a mask, for each mask that was asked for.
	by map[mask]map[string]int
}

type member struct {
	pattern *Pattern
	index   int
}

// add takes in a pattern, and returns the first one before it with which it clashes, or -1: one of the same shape, or of
// a shape that has a hole where this has none and none where this has one, with the same text wherever both are fixed.
func (s *shapes) add(p *Pattern, index int) int {
	own, first := maskOf(p), -1
	for _, x := range s.list {
		if x.mask != own && (x.mask.within(own) || own.within(x.mask)) {
			continue // one of them is the more exact everywhere
		}
		either := own.or(x.mask)
		if found, ok := x.index(either)[fixed(p, either)]; ok && (first < 0 || found < first) {
			first = found
		}
	}
	x := s.byMask[own]
	if x == nil {
		x = &shape{mask: own, by: map[mask]map[string]int{}}
		s.byMask[own] = x
		s.list = append(s.list, x)
	}
	x.all = append(x.all, member{p, index})
	for except, by := range x.by {
		remember(by, fixed(p, except), index)
	}
	return first
}

// index returns the patterns of the shape by their segments outside of a mask.
func (x *shape) index(except mask) map[string]int {
	by := x.by[except]
	if by == nil {
		by = map[string]int{}
		for _, m := range x.all {
			remember(by, fixed(m.pattern, except), m.index)
		}
		x.by[except] = by
	}
	return by
}

func remember(by map[string]int, key string, index int) {
	if _, known := by[key]; !known {
		by[key] = index
	}
}

// fixed returns the segments of a path outside of a mask. No segment has a slash.
func fixed(p *Pattern, except mask) string {
	var b strings.Builder
	for i, s := range p.Segments {
		if !except.hole(i) {
			b.WriteString(s.Text)
		}
		b.WriteByte('/')
	}
	return b.String()
}
