package policy

import (
	"sync/atomic"
	"time"

	"fondaco/connectors"
)

// How finely the near past is remembered.
const (
	minuteLong, minutesKept = int64(time.Minute / time.Second), 60
	hourLong, hoursKept     = int64(time.Hour / time.Second), 168
)

// failures is how many outcomes of an attempt are failures: the kinds of faults, and errors that are no fault of a system.
const failures = kinds + 1

// window counts what happened in one minute or hour: 92 bytes.
type window struct {
	number   uint32 // of the window since 1970
	took     [sizes]atomic.Uint32
	failed   [failures]atomic.Uint32 // attempts
	calls    atomic.Uint32           // that ended with a fault
	withheld atomic.Uint32           // of those
}

// failureOf returns the place in failed of an outcome; ok is false for one that is no failure.
func failureOf(o outcome) (place int, ok bool) {
	switch o {
	case attemptOK, attemptCancelled:
		return 0, false
	case attemptFailed:
		return kinds, true
	}
	return o - 1, true
}

// attempt counts one; a failure after it, so that whoever reads failures first never sees more of them than attempts.
func (w *window) attempt(size int, o outcome) {
	w.took[size].Add(1)
	if i, ok := failureOf(o); ok {
		w.failed[i].Add(1)
	}
}

// fault counts a whole call that ended with a fault.
func (w *window) fault(withheld bool) {
	w.calls.Add(1)
	if withheld {
		w.withheld.Add(1)
	}
}

// ring is windows of the same length, each made when something happens in it. Its places are made at once, with the first. Whoever counts
// into a window while it is replaced counts what nobody reads any more.
type ring struct {
	places atomic.Pointer[[]atomic.Pointer[window]]
}

// at returns the window of a moment.
func (r *ring) at(now time.Time, long int64, kept int) *window {
	places := r.places.Load()
	if places == nil {
		made := make([]atomic.Pointer[window], kept)
		r.places.CompareAndSwap(nil, &made)
		places = r.places.Load()
	}
	number := uint32(now.Unix() / long)
	place := &(*places)[int(number)%kept]
	for {
		w := place.Load()
		if w != nil && w.number >= number { // a clock that was set back counts into what is there
			return w
		}
		if next := (&window{number: number}); place.CompareAndSwap(w, next) {
			return next
		}
	}
}

// Span is what happened to an operation in a stretch of time.
type Span struct {
	From        time.Time
	Attempts    int64 // times that the system was asked
	FailedCalls int64 // whole calls that ended with a fault
	Withheld    int64 // those of FailedCalls for which the system was not asked, as a breaker was open or a limit reached
	failed      [failures]int64
	took        [sizes]int64
}

func (s *Span) add(w *window) {
	for i := range w.failed {
		s.failed[i] += int64(w.failed[i].Load())
	}
	s.Withheld += int64(w.withheld.Load())
	s.FailedCalls += int64(w.calls.Load())
	for i := range w.took {
		n := int64(w.took[i].Load())
		s.took[i] += n
		s.Attempts += n
	}
}

// Join adds what happened elsewhere in the same time.
func (s *Span) Join(o *Span) {
	s.From, s.Attempts = o.From, s.Attempts+o.Attempts
	s.FailedCalls, s.Withheld = s.FailedCalls+o.FailedCalls, s.Withheld+o.Withheld
	for i := range o.took {
		s.took[i] += o.took[i]
	}
	for i := range o.failed {
		s.failed[i] += o.failed[i]
	}
}

// Failed is how many of the attempts failed, at most Attempts; those that whoever asked went away from are none of them.
func (s *Span) Failed() (n int64) {
	for _, x := range s.failed {
		n += x
	}
	return n
}

// ByKind returns the attempts that failed by the words of their kinds, failed for errors that are no fault of a system; nil if there were
// none.
func (s *Span) ByKind() map[string]int64 {
	var at map[string]int64
	for i, n := range s.failed {
		if n > 0 {
			if at == nil {
				at = map[string]int64{}
			}
			at[failureWord(i)] = n
		}
	}
	return at
}

// failureWord returns the word of a place in failed.
func failureWord(i int) string {
	if i == kinds {
		return outcomeWord(attemptFailed)
	}
	return outcomeWord(i + 1)
}

// Quantile returns how long the part q of the attempts took at most, 0 if there were none: about as exact as Bounds are near. beyond
// reports that it is more than the last of Bounds, which is returned then.
func (s *Span) Quantile(q float64) (took time.Duration, beyond bool) {
	if s.Attempts == 0 {
		return 0, false
	}
	rank, before, low := q*float64(s.Attempts), 0., 0.
	for i, n := range s.took {
		if i == len(Bounds) {
			return seconds(Bounds[i-1]), true
		}
		if count := float64(n); n > 0 && before+count >= rank {
			return seconds(low + (Bounds[i]-low)*(rank-before)/count), false
		}
		before, low = before+float64(n), Bounds[i]
	}
	return 0, false
}

func seconds(s float64) time.Duration { return time.Duration(s * float64(time.Second)) }

// spans returns the windows until now, the oldest first, and their sum.
func (r *ring) spans(now time.Time, long int64, kept int) (all []Span, sum Span) {
	all = make([]Span, kept)
	last := now.Unix() / long
	places := r.places.Load()
	for i := range all {
		number := last - int64(kept-1-i)
		all[i].From = time.Unix(number*long, 0)
		if places == nil {
			continue
		}
		if w := (*places)[int(uint32(number))%kept].Load(); w != nil && int64(w.number) == number {
			all[i].add(w)
			sum.add(w)
		}
	}
	sum.From = all[0].From
	return all, sum
}

// Reading is what a Meter holds.
type Reading struct {
	System, Operation string
	Attempts          map[string]int64
	Faults            map[string]int64
	Sizes             map[float64]uint64 // how many attempts took no longer than each of Bounds
	Count             uint64             // of all attempts
	Seconds           float64            // that all took together
	Cached            CacheResults
}

// Totals returns what was counted since measuring began. Of each map those that are 0 are left out.
func (m *Meter) Totals() Reading {
	r := Reading{
		System: m.System, Operation: m.Operation, Attempts: map[string]int64{}, Faults: map[string]int64{},
		Sizes: map[float64]uint64{}, Seconds: time.Duration(m.nanos.Load()).Seconds(),
	}
	for o := range m.attempts {
		if n := m.attempts[o].Load(); n > 0 {
			r.Attempts[outcomeWord(o)] = n
		}
	}
	for k := range m.faults {
		if n := m.faults[k].Load(); n > 0 {
			r.Faults[connectors.FaultKind(k).String()] = n
		}
	}
	for i := range m.took {
		if r.Count += uint64(m.took[i].Load()); i < len(Bounds) {
			r.Sizes[Bounds[i]] = r.Count
		}
	}
	for i := range m.cached {
		r.Cached[i] = m.cached[i].Load()
	}
	return r
}

// Hour returns the last 60 minutes, the oldest first, and their sum; the last is the one that has begun.
func (m *Meter) Hour(now time.Time) (minutes []Span, sum Span) {
	return m.minutes.spans(now, minuteLong, minutesKept)
}

// Week returns the last 168 hours, the oldest first, and their sum; the last is the one that has begun.
func (m *Meter) Week(now time.Time) (hours []Span, sum Span) {
	return m.hours.spans(now, hourLong, hoursKept)
}
