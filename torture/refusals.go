package main

import (
	"hash/fnv"
	"net/http"
	"strings"
	"sync"
)

// refusals are the notes that the city's system does not take: the engine keeps each as a letter. Safe for concurrent use.
type refusals struct {
	mu     sync.Mutex
	mended map[string]bool // by order: what was wrong with it was put right
	all    bool            // everything was
	ticks  map[string]int  // by run: how often the schedule's work was asked for
	dues   map[string]int  // by due time, likewise
}

// poison is the status with which the system answers an order's note until somebody has repaired it: it refuses some, and
// fails at others; 0 for none. The engine gives up on the first at once, and on the others when their attempts are used up.
func poison(order string) int {
	switch lot(order) % 20 {
	case 4, 14:
		return http.StatusUnprocessableEntity
	case 7:
		return http.StatusInternalServerError
	}
	return 0
}

// unwanted reports whether the operator throws the letter of an order's note away.
func unwanted(order string) bool { return poison(order) != 0 && lot(order) >= 20 }

// lot is a number below 40 made of an order's id. It scatters the poison: the keys go side by side, and by the numbers of their orders
// all of them would be poison at once, which is an outage of the operation and not poison.
func lot(order string) uint32 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(order))
	return h.Sum32() / 64 % 40
}

// refuses returns the status with which an effect is refused, 0 if it is not.
func (f *refusals) refuses(leg, id string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	if leg != "note" || f.all || f.mended[id] {
		return 0
	}
	return poison(id)
}

func (f *refusals) mend(ids ...string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.mended == nil {
		f.mended = map[string]bool{}
	}
	for _, id := range ids {
		f.mended[id] = true
	}
}

func (f *refusals) mendAll() {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.all = true
}

func (f *refusals) tick(run, due string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.ticks == nil {
		f.ticks, f.dues = map[string]int{}, map[string]int{}
	}
	f.ticks[run]++
	f.dues[due]++
}

// ticked returns how often a run asked for the schedule's work.
func (f *refusals) ticked(run string) int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.ticks[run]
}

// dueTimes returns of how many due times the schedule's work was asked for.
func (f *refusals) dueTimes() int {
	f.mu.Lock()
	defer f.mu.Unlock()
	return len(f.dues)
}

// again returns how often what a due time says was asked for when it had been before.
func (f *refusals) again() (n int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, times := range f.dues {
		n += times - 1
	}
	return n
}

// orderOf returns the order of a note's message, whose name is its source and its id.
func orderOf(message string) (id string, found bool) {
	_, id, found = strings.Cut(message, " note/")
	return id, found
}
