package main

import (
	"maps"
	"slices"
	"sync"
	"time"
)

// ledger is what clients and the system wrote down, in this process, which nobody kills. Safe for concurrent use.
type ledger struct {
	mu       sync.Mutex
	requests map[string]*request
	effects  []effect
	followed map[string]int // by key: orders whose last leg was seen, for the clients not to run ahead
	answers  map[string]int // what clients heard, by word
	odd      []string       // answers that no client may get
	seen     map[[2]string]bool
	causes   []disturbance
	legs     []leg
}

func newLedger(legs []leg) *ledger {
	return &ledger{legs: legs, requests: map[string]*request{}, followed: map[string]int{}, answers: map[string]int{}, seen: map[[2]string]bool{}}
}

// sent is written before a request leaves.
func (l *ledger) sent(r request) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests[r.ID] = &r
}

func (l *ledger) told(id, location string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests[id].Told, l.requests[id].At, l.requests[id].Location = true, time.Now(), location
}

func (l *ledger) refused(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests[id].Refused = true
}

// doubt is written when somebody who may know says that nobody knows what became of an order.
func (l *ledger) doubt(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.requests[id]; !r.Doubtful {
		r.Doubtful = true
		l.followed[r.Key]++
	}
}

// decided is written when a doubtful order was given back to be done.
func (l *ledger) decided(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests[id].Doubtful, l.requests[id].Back = false, true
}

// has reports whether an order has an effect.
func (l *ledger) has(leg, id string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.seen[[2]string{leg, id}]
}

// heard counts an answer.
func (l *ledger) heard(word string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.answers[word]++
}

func (l *ledger) strange(text string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.odd = append(l.odd, text)
}

// took is written when the system takes an effect.
func (l *ledger) took(e effect) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.At = time.Now()
	l.effects = append(l.effects, e)
	if what := [2]string{e.Leg, e.ID}; !l.seen[what] {
		l.seen[what] = true
		if i := index(l.legs, e.Leg); i >= 0 && (i == len(l.legs)-1 || l.legs[i].alone) && !l.doubtful(e.ID) {
			l.followed[e.Key]++
		}
	}
}

// doubtful reports whether an order is in doubt. The caller holds the lock.
func (l *ledger) doubtful(id string) bool {
	r := l.requests[id]
	return r != nil && r.Doubtful
}

// behind is how many orders of a key, of those up to number, have not had their last effect.
func (l *ledger) behind(key string, number int) int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return number - l.followed[key]
}

// disturb notes what may double effects; end is called when it is over, and may be left out for a kill.
func (l *ledger) disturb(d disturbance) (end func()) {
	l.mu.Lock()
	defer l.mu.Unlock()
	i := len(l.causes)
	d.From = time.Now()
	if d.Run == "" {
		d.To = d.From.Add(time.Hour)
	}
	l.causes = append(l.causes, d)
	return func() {
		l.mu.Lock()
		defer l.mu.Unlock()
		l.causes[i].To = time.Now()
	}
}

// missing counts effects that told requests lack.
func (l *ledger) missing() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	n := 0
	for id, r := range l.requests {
		for _, leg := range l.legs {
			if r.Told && !r.Doubtful && leg.expects(r) && !l.seen[[2]string{leg.name, id}] {
				n++
			}
		}
	}
	return n
}

// size tells how many effects there are.
func (l *ledger) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.effects)
}

// judge is the oracle's word on what is written so far.
func (l *ledger) judge() *verdict {
	l.mu.Lock()
	defer l.mu.Unlock()
	v := judge(l.legs, l.requests, l.effects, l.causes)
	v.Notes = append(v.Notes, l.odd[:min(10, len(l.odd))]...)
	return v
}

// places gives where the operations of all told requests are.
func (l *ledger) places() map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string]string{}
	for id, r := range l.requests {
		if r.Told && !r.Direct {
			out[id] = r.Location
		}
	}
	return out
}

// words gives what clients heard, in order.
func (l *ledger) words() (list []string, count map[string]int) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Sorted(maps.Keys(l.answers)), maps.Clone(l.answers)
}

// ends is the state that an accepted order's operation must have in the end.
func (l *ledger) ends(id string) string {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.doubtful(id) {
		return "failed"
	}
	return "done"
}
