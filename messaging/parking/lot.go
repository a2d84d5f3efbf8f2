// Package parking keeps account of the messages that wait for systems that are down: their numbers, never their content.
package parking

import (
	"cmp"
	"container/heap"
	"slices"
	"time"
)

// Lot is where the messages of one queue or partition wait, each for one system or operation. What waits for one is let
// out again in three steps: when it may be tried, one message goes out as a trial; when a trial ends well the others
// follow in the order of their numbers; and as soon as one of them is turned away the rest stays.
//
// The zero value is ready for use. It is not safe for concurrent use.
type Lot struct {
	places map[string]*place
	out    map[int64]*place // let out, and not yet ended
	count  int
	looked time.Time // when expired messages were last looked for
}

// place holds what waits for one system or operation.
type place struct {
	on      string
	waiting spots
	out     int
	until   time.Time // no trial before it
	open    bool      // a trial went well, and nothing was turned away since
	first   time.Time // no message has to come out by its time before this one; zero if none has
}

// spot is a message that waits: 16 bytes, as there may be hundreds of thousands.
type spot struct{ number, by int64 }

// Parked says how many messages wait for a system or an operation; those that wait behind them are not counted.
type Parked struct {
	On       string
	Messages int
}

// Park takes up a message that was turned away. until is when what it waits for may be tried, the zero time for at once;
// by is when the message is to come out in any case, the zero time for never.
func (l *Lot) Park(on string, number int64, until, by time.Time) {
	p := l.place(on, until)
	switch from := l.leave(number); {
	case from != nil && from != p: // it came as far as this system
		from.open = true
		l.forget(from)
		if until.Before(p.until) || p.open {
			p.open, p.until = false, until
		}
	case from == p || p.open:
		p.open, p.until = false, until
	case until.Before(p.until):
		p.until = until
	}
	l.put(p, number, by)
}

// Restore takes up a message that was parked before this process began: when what it waits for may be tried is not known.
func (l *Lot) Restore(on string, number int64, by time.Time) {
	l.put(l.place(on, time.Time{}), number, by)
}

func (l *Lot) place(on string, until time.Time) *place {
	if l.places == nil {
		l.places = map[string]*place{}
	}
	p := l.places[on]
	if p == nil {
		p = &place{on: on, until: until}
		l.places[on] = p
	}
	return p
}

func (l *Lot) put(p *place, number int64, by time.Time) {
	s := spot{number: number}
	if !by.IsZero() {
		s.by = by.UnixNano()
		if p.first.IsZero() || by.Before(p.first) {
			p.first = by
		}
	}
	heap.Push(&p.waiting, s)
	l.count++
}

// End notes how a message ended that Park did not take up again. well says that it was worked on: what it waited for, if
// it did, answers again.
func (l *Lot) End(number int64, well bool) {
	if p := l.leave(number); p != nil {
		p.open = p.open || well
		l.forget(p)
	}
}

// Refuse notes that a message ended because it waited for too long: what it waited for may be tried at until.
func (l *Lot) Refuse(number int64, until time.Time) {
	if p := l.leave(number); p != nil {
		p.open, p.until = false, until
		l.forget(p)
	}
}

// leave takes a message from those that are out, and returns the place that it came from, nil if it came from none.
func (l *Lot) leave(number int64) *place {
	p := l.out[number]
	if p != nil {
		delete(l.out, number)
		p.out--
	}
	return p
}

func (l *Lot) forget(p *place) {
	if p.out == 0 && len(p.waiting) == 0 {
		delete(l.places, p.on)
	}
}

// Next lets out at most most messages whose time has come, those of a place in the order of their numbers. Each of them
// is ended by Park, End or Refuse.
func (l *Lot) Next(now time.Time, most int) []int64 {
	var numbers []int64
	expire := now.Sub(l.looked) >= expiring
	if expire {
		l.looked = now
	}
	for _, p := range l.places {
		if expire && !p.first.IsZero() && !now.Before(p.first) {
			numbers = append(numbers, l.expired(p, now, most-len(numbers))...)
		}
		for len(numbers) < most && len(p.waiting) > 0 && (p.open || p.out == 0 && !now.Before(p.until)) {
			s := heap.Pop(&p.waiting).(spot)
			l.leaves(p, s.number)
			numbers = append(numbers, s.number)
		}
	}
	return numbers
}

func (l *Lot) leaves(p *place, number int64) {
	if l.out == nil {
		l.out = map[int64]*place{}
	}
	l.out[number] = p
	p.out++
	l.count--
}

// expiring is how often expired messages are looked for: each time all that waits is looked at.
const expiring = time.Second

// expired lets out what has waited for too long.
func (l *Lot) expired(p *place, now time.Time, most int) (numbers []int64) {
	first := int64(0)
	p.waiting = slices.DeleteFunc(p.waiting, func(s spot) bool {
		if s.by != 0 && s.by <= now.UnixNano() && len(numbers) < most {
			l.leaves(p, s.number)
			numbers = append(numbers, s.number)
			return true
		}
		if s.by != 0 && (first == 0 || s.by < first) {
			first = s.by
		}
		return false
	})
	heap.Init(&p.waiting)
	if len(numbers) == most { // there may be more
		l.looked = time.Time{}
	}
	p.first = time.Time{}
	if first != 0 {
		p.first = time.Unix(0, first)
	}
	slices.Sort(numbers)
	return numbers
}

// Wake returns when Next may have something that it does not have now without a message's end; false if there is no such
// time.
func (l *Lot) Wake() (at time.Time, is bool) {
	for _, p := range l.places {
		if len(p.waiting) == 0 {
			continue
		}
		if p.out == 0 && !p.open && (!is || p.until.Before(at)) {
			at, is = p.until, true
		}
		if first := latest(p.first, l.looked.Add(expiring)); !p.first.IsZero() && (!is || first.Before(at)) {
			at, is = first, true
		}
	}
	return at, is
}

func latest(a, b time.Time) time.Time {
	if a.Before(b) {
		return b
	}
	return a
}

// Open reports whether a message may go out without waiting for a time.
func (l *Lot) Open() bool {
	for _, p := range l.places {
		if p.open && len(p.waiting) > 0 {
			return true
		}
	}
	return false
}

// Out reports whether a message was let out and has not ended.
func (l *Lot) Out(number int64) bool { return l.out[number] != nil }

// Waits reports whether a message waits here. It looks at all that do.
func (l *Lot) Waits(number int64) bool {
	for _, p := range l.places {
		if slices.ContainsFunc(p.waiting, func(s spot) bool { return s.number == number }) {
			return true
		}
	}
	return false
}

// Remove takes out the waiting messages that drop reports true of, which are wanted no more.
func (l *Lot) Remove(drop func(number int64) bool) {
	for _, p := range l.places {
		before := len(p.waiting)
		p.waiting = slices.DeleteFunc(p.waiting, func(s spot) bool { return drop(s.number) })
		if gone := before - len(p.waiting); gone > 0 {
			l.count -= gone
			heap.Init(&p.waiting)
			l.forget(p)
		}
	}
}

// Len returns how many messages wait.
func (l *Lot) Len() int { return l.count }

// Parked says what waits for what, in the order of names.
func (l *Lot) Parked() []Parked {
	var all []Parked
	for _, p := range l.places {
		if len(p.waiting) > 0 {
			all = append(all, Parked{p.on, len(p.waiting)})
		}
	}
	slices.SortFunc(all, func(a, b Parked) int { return cmp.Compare(a.On, b.On) })
	return all
}

// spots are a heap by number.
type spots []spot

func (s spots) Len() int           { return len(s) }
func (s spots) Less(i, j int) bool { return s[i].number < s[j].number }
func (s spots) Swap(i, j int)      { s[i], s[j] = s[j], s[i] }
func (s *spots) Push(x any)        { *s = append(*s, x.(spot)) }
func (s *spots) Pop() any {
	last := len(*s) - 1
	x := (*s)[last]
	*s = (*s)[:last]
	return x
}
