package routes

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"strconv"

	"fondaco/connectors"
)

// The identity of what an exchange makes (an event, a number of a sequence) follows from the exchange, the step and the
// iteration, and never from the content: when the same message is worked on again, after a crash, a reload or with
// another clock, each of its effects has the identity that it had.
//
// The exchange is known by what started it: the operation of an accepted request, the source and id of a message with
// the group that reads it, the due time of a schedule. A step is known by its id, or else by its kind and what it is
// about, counted among its like in its block, below the step that it stands in; so a step that is added, removed or
// moved elsewhere in the route leaves the others as they were. An iteration of for_each is known by its index.

// place is where within an exchange a loop or a sub-route runs.
type place struct {
	outer *place
	step  string // path of the step
	index int    // of the iteration, -1 for a sub-route
}

// path appends where it is, outermost first.
func (p *place) path(to []byte) []byte {
	if p == nil {
		return to
	}
	to = append(append(p.outer.path(to), p.step...), 0)
	return append(strconv.AppendInt(to, int64(p.index), 10), 0)
}

// inside enters iteration 0 of a loop, or a sub-route.
func (x *Exchange) inside(step string, index int) *place {
	x.within = &place{outer: x.within, step: step, index: index}
	return x.within
}

// identity returns the path of a step that the exchange x runs, which names it among all that the exchange does.
func (x *Exchange) identity(step string) string {
	return string(append(x.within.path(nil), step...))
}

// exchangeID returns the id of the exchange. That of one that nothing can start again is made when it is asked for.
func (s *shared) exchangeID(ctx context.Context) string {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.id == "" && s.own == "" {
		s.own = exchangeID(ctx)
	}
	return s.id + s.own
}

// effectID returns the id of what a step does to the outside: the same whenever the same exchange comes to do it again.
func (x *Exchange) effectID(ctx context.Context, step string, what ...string) string {
	text := make([]byte, 0, 256)
	text = append(append(text, x.shared.exchangeID(ctx)...), 0)
	text = append(x.within.path(text), step...)
	for _, w := range what {
		text = append(append(text, 0), w...)
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:16])
}

// RequestID implements expr.Origin.
func (x *Exchange) RequestID(ctx context.Context) string {
	if t := connectors.TraceOf(ctx); t != nil {
		return t.RequestID
	}
	return x.shared.exchangeID(ctx)
}

// UUID implements expr.Origin: version 8 of RFC 9562, whose bits are those of a SHA-256 over what names the place, as in its appendix B.2.
func (x *Exchange) UUID(ctx context.Context, place string) string {
	text := make([]byte, 0, 256)
	text = append(append(text, "fondaco uuid\x00"...), x.shared.exchangeID(ctx)...)
	text = append(x.within.path(append(text, 0)), place...)
	sum := sha256.Sum256(text)
	sum[6], sum[8] = sum[6]&0x0f|0x80, sum[8]&0x3f|0x80
	b := make([]byte, 0, 36)
	for i, end := range []int{4, 6, 8, 10, 16} {
		if i > 0 {
			b = append(b, '-')
		}
		b = hex.AppendEncode(b, sum[[]int{0, 4, 6, 8, 10}[i]:end])
	}
	return string(b)
}

// name returns what a step is known by within its block. A kind that has no title says itself what it is about.
func (st *step) name() string {
	if st.id.Value != "" {
		return "#" + st.id.Value
	}
	if k, ok := st.kind.(interface{ about() string }); ok {
		return st.key + " " + k.about()
	}
	return st.key + " " + st.node.Title
}

// steps are the paths of the steps of a unit, as they are compiled.
type steps struct {
	path string         // of the step, or part of a step, that is being compiled
	seen map[string]int // how often a path was given
}

// enter sets the path of a part of what is being compiled, and returns the function that leaves it. The id of a step names
// it wherever it stands in the route.
func (b *Builder) enter(name string) (leave func()) {
	outer := b.at.path
	path := outer + "/" + name
	if name[0] == '#' {
		path = name
	}
	b.at.seen[path]++
	if n := b.at.seen[path]; n > 1 {
		path += "~" + strconv.Itoa(n)
	}
	b.at.path = path
	return func() { b.at.path = outer }
}
