package records

import (
	"strings"

	"fondaco/schema"
)

// level is the kinds of records that stand at one depth: those of a file, or those that follow each record of a kind.
type level struct {
	kinds   []*kind
	depth   int
	figures []*figure // those that trailers of this level state
}

// stand is where a file is within a level.
type stand struct {
	level *level
	at    int // the place of the last kind among those of the level
	seen  bool
}

// restore restores the stands and figures of a position.
func (r *Reader) restore() {
	l := r.f.root
	for i := 0; l != nil; i++ {
		s := stand{level: l}
		if i < len(r.at.Place) && r.at.Place[i]/2 < len(l.kinds) && r.at.Place[i] >= 0 {
			s.at, s.seen = r.at.Place[i]/2, r.at.Place[i]%2 == 1
		} else if i > 0 {
			break
		}
		r.stands = append(r.stands, s)
		if l = l.kinds[s.at].below; !s.seen {
			break
		}
	}
	r.sums = make([]sum, len(r.f.figures))
	for i := range r.sums {
		r.sums[i].total = schema.Int(0)
		if i < len(r.at.Sums) {
			r.sums[i].parse(r.at.Sums[i])
		}
	}
	r.at.Place, r.at.Sums = nil, nil
}

// place writes the stands and figures into a position.
func (r *Reader) place(p *Position) {
	p.Place, p.Sums = nil, nil
	if len(r.f.kinds) < 2 {
		return
	}
	for _, s := range r.stands {
		n := 2 * s.at
		if s.seen {
			n++
		}
		p.Place = append(p.Place, n)
	}
	for i := range r.sums {
		p.Sums = append(p.Sums, r.sums[i].String())
	}
}

// enter counts a record in the order and the figures of the file, also a bad one. It has the line and number
// after those of the position.
func (r *Reader) enter(k *kind, raw []byte, slots []schema.Value, reason string) error {
	if len(r.f.kinds) == 1 {
		return nil
	}
	if err := r.take(k, raw, slots); err != nil {
		return err
	}
	return r.agree(k, slots, reason)
}

// take does what enter does, without comparing figures.
func (r *Reader) take(k *kind, raw []byte, slots []schema.Value) error {
	if err := r.follow(k); err != nil {
		return err
	}
	if k.below != nil {
		r.stands = append(r.stands, stand{level: k.below})
		for _, f := range k.below.figures {
			r.sums[f.at] = sum{total: schema.Int(0)}
		}
	}
	for _, feed := range k.feeds {
		r.feed(feed, k, raw, slots)
	}
	return nil
}

// follow moves to the kind of the next record, and returns what is wrong with its place.
func (r *Reader) follow(k *kind) error {
	depth := k.level.depth
	if depth >= len(r.stands) || r.stands[depth].level != k.level {
		return r.unordered(k)
	}
	for i := len(r.stands) - 1; i > depth; i-- {
		if missing := r.stands[i].missing(len(r.stands[i].level.kinds)); missing != nil {
			return r.disagreeAt("found a record of the kind %s, expected one of the kind %s", k.name, missing.name)
		}
	}
	r.stands = r.stands[:depth+1]
	s := &r.stands[depth]
	j := k.at
	switch missing := s.missing(j); {
	case j < s.at, j == s.at && s.seen && !k.many:
		return r.unordered(k)
	case j > s.at && missing != nil:
		return r.disagreeAt("found a record of the kind %s, expected one of the kind %s", k.name, missing.name)
	}
	s.at, s.seen = j, true
	return nil
}

// missing returns the first kind before place end that has to be there and is not.
func (s *stand) missing(end int) *kind {
	for i := s.at; i < end; i++ {
		if k := s.level.kinds[i]; !(i == s.at && s.seen) && !k.optional && !k.many {
			return k
		}
	}
	return nil
}

func (r *Reader) unordered(k *kind) error {
	return r.disagreeAt("found a record of the kind %s, where none may stand", k.name)
}

func (r *Reader) disagreeAt(format string, args ...any) error {
	d := r.disagree(format, args...)
	d.Record = r.at.Number + 1
	if !r.f.Separate() {
		d.Line = 0
	}
	return d
}

// complete returns what a file lacks at its end.
func (r *Reader) complete() error {
	if k := r.lacks(); k != nil {
		return r.disagreeAt("the file ends, expected a record of the kind %s", k.name)
	}
	return nil
}

func (f *Format) kindNames() string {
	var names []string
	for _, k := range f.kinds {
		names = append(names, k.name)
	}
	return strings.Join(names, ", ")
}
