package kafka

import (
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

// Parked says what is put aside for which system. See messaging.Parker.
func (b *Broker) Parked() []messaging.Parked {
	b.mu.Lock()
	var members []*subscription
	for s := range b.subscribers {
		for m := range s.members {
			members = append(members, m)
		}
	}
	b.mu.Unlock()
	var all []messaging.Parked
	for _, m := range members {
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
