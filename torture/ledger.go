package main

import (
	"errors"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// ledger is what clients and the system wrote down of a round. It is on disk, in the hands of processes of its own, and the
// oracle goes by the files alone; what is in memory tells clients and scenarios when to go on. Safe for concurrent use.
type ledger struct {
	mu       sync.Mutex
	books                   // what was written so far
	followed map[string]int // by key: orders whose last leg was seen, for the clients not to run ahead
	answers  map[string]int // what clients heard, by word
	seen     map[[2]string]bool
	legs     []leg

	dir                    string
	clients, system, deeds *pen
}

// newLedger begins the files of a round in a folder that is not there yet. The caller closes it.
func newLedger(dir, scenario, storage string, legs []leg) (l *ledger, err error) {
	l = &ledger{books: newBooks(), legs: legs, dir: dir, followed: map[string]int{}, answers: map[string]int{}, seen: map[[2]string]bool{}}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return nil, err
	}
	for _, x := range []struct {
		name string
		pen  **pen
	}{{deedsFile, &l.deeds}, {clientsFile, &l.clients}, {systemFile, &l.system}} {
		if *x.pen, err = newPen(filepath.Join(dir, x.name)); err != nil {
			l.close()
			return nil, err
		}
	}
	l.put(l.deeds, entry{What: roundBegan, Scenario: scenario, Storage: storage})
	return l, nil
}

func (l *ledger) close() {
	for _, p := range []*pen{l.deeds, l.clients, l.system} {
		if p != nil {
			p.close()
		}
	}
}

// put writes an entry down, and adds it up.
func (l *ledger) put(to *pen, e entry) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.enter(to, e)
}

// enter is put. The caller holds the lock, so that the file has the order in which things were seen.
func (l *ledger) enter(to *pen, e entry) {
	if e.At.IsZero() {
		e.At = time.Now()
	}
	to.write(e)
	if err := l.books.enter(e); err != nil {
		panic(err) // it is this program's mistake
	}
}

// sent is written before a request leaves.
func (l *ledger) sent(r request) { l.put(l.clients, entry{What: wasSent, Request: &r}) }

func (l *ledger) told(id, location string) {
	l.put(l.clients, entry{What: wasTold, ID: id, Place: location})
}

func (l *ledger) refused(id string) { l.put(l.clients, entry{What: wasRefused, ID: id}) }

// doubt is written when somebody who may know says that nobody knows what became of an order.
func (l *ledger) doubt(id string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if r := l.requests[id]; !r.Doubtful {
		l.enter(l.clients, entry{What: wasDoubted, ID: id})
		l.followed[r.Key]++
	}
}

// decided is written when a doubtful order was given back to be done.
func (l *ledger) decided(id string) { l.put(l.clients, entry{What: wasDecided, ID: id}) }

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

func (l *ledger) strange(text string) { l.put(l.clients, entry{What: wasOdd, Text: text}) }

// took is written when the system takes an effect.
func (l *ledger) took(e effect) {
	l.mu.Lock()
	defer l.mu.Unlock()
	e.At = time.Now()
	l.enter(l.system, entry{What: wasTaken, At: e.At, Effect: &e})
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
	l.enter(l.deeds, entry{What: disturbed, At: d.From, Cause: &d})
	return func() { l.put(l.deeds, entry{What: disturbOver, Number: i}) }
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

// size reports how many effects there are.
func (l *ledger) size() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return len(l.effects)
}

// judge is the oracle's word on what the files say, after the time that what was accepted had to be done.
func (l *ledger) judge() (*verdict, error) {
	l.put(l.deeds, entry{What: wasSettled})
	if err := errors.Join(l.deeds.flush(), l.clients.flush(), l.system.flush()); err != nil {
		return nil, err
	}
	b, err := readBooks(l.dir)
	if err != nil {
		return nil, err
	}
	return b.judge(l.legs), nil
}

// places returns where the operations of all told requests are.
func (l *ledger) places() map[string]string {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := map[string]string{}
	for id, r := range l.requests {
		if r.Told && !r.Direct && !r.Foreign {
			out[id] = r.Location
		}
	}
	return out
}

// words returns what clients heard, in order.
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
