package kafka

import (
	"container/heap"
	"sync"
	"time"

	"fondaco/messaging"
)

// released is how many messages that waited for a system are read again at a time: they are turned away again if it is not
// well yet, and the others have their turn between them.
const released = 256

// rememberedAside is how many of the messages aside are known beyond the process with their attempts and since when they
// wait; of the others the metadata has no room.
const rememberedAside = 4 * metadataEntries

// park puts aside a head that waits for a system, with what waits behind it.
func (p *partition) park(e *entry, on messaging.Parking, since time.Time) {
	e.due, e.since = time.Time{}, since
	if len(p.progress.deferred) < rememberedAside {
		p.progress.remember(e)
	}
	if p.parked == nil {
		p.parked = map[int64]*entry{}
	}
	p.parked[e.offset] = e
	p.lanes.park(e)
	p.lot.Park(on.On, e.offset, on.Until, on.By)
}

// room is how many more messages may be read again.
func (p *partition) room() int {
	return released - p.lanes.ready.len() - len(p.lanes.wants) - len(p.rereader.asked)
}

// release has those read again that no longer wait for their system, and those behind them whose turn has come.
func (p *partition) release() {
	if p.lot.Len() > 0 && p.room() > 0 {
		for _, offset := range p.lot.Next(time.Now(), p.room()) {
			p.lanes.place(p.parked[offset])
			delete(p.parked, offset)
		}
	}
	if len(p.lanes.wants) > 0 && len(p.rereader.asked) == 0 {
		p.rereader.ask(p, p.lanes.wants)
		p.lanes.wants = nil
	}
}

// nextParked returns how long it takes until release has something to do that no message's end brings about; false if
// there is no such time.
func (p *partition) nextParked() (time.Duration, bool) {
	at, is := p.lot.Wake()
	if !is || p.room() <= 0 {
		return 0, false
	}
	return max(time.Until(at), 0), true
}

// reread takes up what was read again.
func (p *partition) reread(r rereading) {
	if r.err != nil {
		p.s.judge(r.err)
		return
	}
	e := p.rereader.asked[r.offset]
	if e == nil {
		return
	}
	delete(p.rereader.asked, r.offset)
	if r.record == nil { // taken out of the log since: what reads it from the beginning does not find it either
		p.lot.End(e.offset, false)
		p.progress.finish(e)
		p.lanes.finished(e)
		return
	}
	again := p.read(r.record)
	p.lanes.restore(e, again.content, again.size)
}

// answers are the systems that a partition is to learn of that they answer again. Safe for concurrent use.
type answers struct {
	ring chan struct{} // holds one while there are some

	mu    sync.Mutex
	names map[string]time.Time
}

func (a *answers) tell(on string) {
	a.mu.Lock()
	if a.names == nil {
		a.names = map[string]time.Time{}
	}
	a.names[on] = time.Now()
	a.mu.Unlock()
	select {
	case a.ring <- struct{}{}:
	default:
	}
}

func (a *answers) take() map[string]time.Time {
	a.mu.Lock()
	defer a.mu.Unlock()
	names := a.names
	a.names = nil
	return names
}

// answers has what waits by itself for systems that answer again come soon; behind each the later ones of its key wait on.
func (p *partition) answers() {
	sooner := false
	for on, at := range p.standing.answer.take() {
		p.pauses.Wake(on, at, func(e *entry, soon time.Time) {
			sooner = true
			e.due = soon
		})
	}
	if sooner {
		heap.Init(&p.lanes.later)
	}
}

// Answers has what waits for a system by itself come soon. See messaging.Parker.
func (b *Broker) Answers(on string) {
	for _, m := range b.members() {
		m.mu.Lock()
		for _, w := range m.working {
			w.answer.tell(on)
		}
		m.mu.Unlock()
	}
}

func (b *Broker) members() []*subscription {
	b.mu.Lock()
	defer b.mu.Unlock()
	var members []*subscription
	for s := range b.subscribers {
		for m := range s.members {
			members = append(members, m)
		}
	}
	return members
}

// Parked says what is put aside for which system. See messaging.Parker.
func (b *Broker) Parked() []messaging.Parked {
	var all []messaging.Parked
	for _, m := range b.members() {
		m.mu.Lock()
		for _, w := range m.working {
			if list := w.parked.Load(); list != nil {
				for _, p := range *list {
					all = append(all, messaging.Parked{Topic: m.reads, Group: m.reader, On: p.On, Messages: p.Messages})
				}
			}
		}
		m.mu.Unlock()
	}
	return all
}

var _ messaging.Parker = (*Broker)(nil)
