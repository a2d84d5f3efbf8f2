package parking

import "time"

// Pauses knows which of the messages that wait by a pause of their own do so because a system was away: they come sooner
// when that is known to answer again. E is what its user keeps of a message.
//
// The zero value is ready for use. It is not safe for concurrent use.
type Pauses[E any] struct {
	waiting map[string]map[int64]pause[E] // by what they wait for, and number
	on      map[int64]string              // what those wait for
	woken   map[int64]int                 // how often messages that have not ended came sooner
	heard   map[string]time.Time          // when each answered again last
}

type pause[E any] struct {
	e    E
	soon time.Time
}

// Need is what a message waits for by a pause of its own, and how soon it may come at most.
type Need struct {
	On    string        // the system or the operation, as "crm" or "crm.create"
	Tried time.Time     // the call that failed was not made before
	Least time.Duration // how long it waits in any case the first time; each time that it came sooner, and in vain, doubles it
	Most  time.Duration // up to this
}

// Begin takes up a message that is to come at until, and returns when it comes for now: sooner if what it waits for has
// answered since it was tried.
func (p *Pauses[E]) Begin(number int64, e E, n Need, now, until time.Time) time.Time {
	p.Leave(number)
	least := n.Least
	for range p.woken[number] {
		if least *= 2; least >= n.Most {
			least = max(n.Least, n.Most)
			break
		}
	}
	soon := now.Add(least)
	if n.On == "" || !soon.Before(until) {
		return until
	}
	if p.heard[n.On].After(n.Tried) {
		p.wakes(number)
		return soon
	}
	if p.waiting == nil {
		p.waiting, p.on = map[string]map[int64]pause[E]{}, map[int64]string{}
	}
	if p.waiting[n.On] == nil {
		p.waiting[n.On] = map[int64]pause[E]{}
	}
	p.waiting[n.On][number], p.on[number] = pause[E]{e, soon}, n.On
	return until
}

// Wake notes that a system or an operation answered again at that time, and calls come for each message that waits for it
// with the time at which it comes now.
func (p *Pauses[E]) Wake(on string, at time.Time, come func(e E, soon time.Time)) {
	if p.heard == nil {
		p.heard = map[string]time.Time{}
	}
	if at.After(p.heard[on]) {
		p.heard[on] = at
	}
	for number, w := range p.waiting[on] {
		delete(p.on, number)
		p.wakes(number)
		come(w.e, w.soon)
	}
	delete(p.waiting, on)
}

func (p *Pauses[E]) wakes(number int64) {
	if p.woken == nil {
		p.woken = map[int64]int{}
	}
	p.woken[number]++
}

// Woken reports whether a message came sooner since it was there.
func (p *Pauses[E]) Woken(number int64) bool { return p.woken[number] > 0 }

// Leave notes that a message waits no longer.
func (p *Pauses[E]) Leave(number int64) {
	on, waits := p.on[number]
	if !waits {
		return
	}
	delete(p.on, number)
	delete(p.waiting[on], number)
	if len(p.waiting[on]) == 0 {
		delete(p.waiting, on)
	}
}

// End notes that a message has ended.
func (p *Pauses[E]) End(number int64) {
	p.Leave(number)
	delete(p.woken, number)
}
