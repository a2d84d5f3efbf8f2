package kafka

import (
	"context"
	"sync/atomic"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/parking"
	"github.com/IBM/sarama"
)

// partition works on one partition while it is ours. All of it belongs to the goroutine of run.
type partition struct {
	s       *subscription
	session sarama.ConsumerGroupSession
	claim   sarama.ConsumerGroupClaim

	lanes    lanes
	log      string // the topic's id, as text
	progress *progress
	known    []past // what was finished before, by the cluster and by what we know ourselves
	paused   bool   // nothing is fetched, as the window is full

	ctx     context.Context // of the messages: ends when they are no longer ours
	cancel  context.CancelFunc
	inHand  int                 // given out
	hand    map[*entry]struct{} // those, where the receiver is direct
	settled chan outcome        // of those
	slot    bool                // we may give one out

	markedBase int64
	markedMeta string

	standing standing

	lot      parking.Lot            // heads that wait for a system that is down
	pauses   parking.Pauses[*entry] // heads that come sooner when a system answers again
	parked   map[int64]*entry       // those, by offset
	told     int                    // how many of them the standing says
	rereader rereader
}

// outcome is what became of a message that was given out.
type outcome struct {
	e             *entry
	acked, nacked bool
	until         time.Time
	counts        bool
	since         time.Time
	parking       messaging.Parking
	need          messaging.Need
}

// atOnce is how many records are taken up before anything else is looked at.
const atOnce = 64

// run works until the partition is taken away or the subscription ends.
func (p *partition) run() {
	due, mark := time.NewTimer(time.Hour), time.NewTimer(time.Hour)
	defer due.Stop()
	defer mark.Stop()
	marking := false
	defer p.end()
	p.mark()
	for {
		wait, waits := p.lanes.wake()
		p.release()
		if next, is := p.nextParked(); is && (!waits || next < wait) {
			wait, waits = next, true
		}
		if waits {
			due.Reset(min(wait, time.Minute)) // a jump of the clock delays no longer
		}
		p.throttle()
		p.stand()
		in := p.claim.Messages()
		if p.lanes.count >= 2*p.s.o.Window || p.lanes.bytes >= 2*p.s.o.WindowBytes {
			in = nil
		}
		slots, out, head := p.offer()
		select {
		case r, open := <-in:
			if !open {
				p.drain()
				return
			}
			p.take(r)
			for range min(len(in), atOnce) {
				p.take(<-in)
			}
		case slots <- struct{}{}:
			p.slot = true
			continue
		case out <- head:
			p.gave(head)
			continue
		case o := <-p.settled:
			p.settle(o)
			for range len(p.settled) {
				p.settle(<-p.settled)
			}
		case r := <-p.rereader.found:
			p.reread(r)
		case <-p.standing.answer.ring:
			p.answers()
			continue
		case <-due.C:
			continue
		case <-mark.C:
			marking = false
			p.mark()
			continue
		case <-p.s.ctx.Done():
			return
		case <-p.session.Context().Done():
			p.drain()
			return
		}
		if !marking {
			marking = true
			mark.Reset(commit)
		}
	}
}

// offer returns where the head of the lanes goes, if there is one: out, or slots, for one to become free. Both are nil if there is none.
func (p *partition) offer() (slots chan<- struct{}, out chan<- *messaging.Envelope, head *messaging.Envelope) {
	if p.lanes.ready.len() == 0 {
		return nil, nil, nil
	}
	if !p.slot {
		select {
		case p.s.slots <- struct{}{}:
			p.slot = true
		default:
			return p.s.slots, nil, nil
		}
	}
	return nil, p.s.out, p.head()
}

// stand says how the work stands.
func (p *partition) stand() {
	p.standing.next.Store(p.progress.next)
	p.standing.ready.Store(int64(p.lanes.ready.len()))
	if n := p.lot.Len(); n != p.told {
		p.told = n
		list := p.lot.Parked()
		p.standing.parked.Store(&list)
	}
	p.standing.full.Store(p.paused || p.lanes.count >= p.s.o.Window || p.lanes.bytes >= p.s.o.WindowBytes)
}

// take puts a record in line.
func (p *partition) take(r *sarama.ConsumerMessage) {
	var before deferral
	for _, k := range p.known {
		if k.finished(r.Offset) {
			p.progress.pass(r.Offset)
			return
		}
		if d, ok := k.deferred[r.Offset]; ok && d.attempt >= before.attempt {
			before = d
		}
	}
	e := p.read(r)
	p.progress.add(e)
	if before.attempt > 0 {
		e.attempt = before.attempt
		e.due, e.since = before.due, before.since
		p.progress.remember(e)
	}
	p.lanes.add(e)
}

// read takes up a record of the partition.
func (p *partition) read(r *sarama.ConsumerMessage) *entry {
	return p.s.o.read(p.s.reads, r, p.placeOf(r), p.s.b.plainNow(p.s.reads), p.s.b.secretsNow())
}

func (p *partition) placeOf(r *sarama.ConsumerMessage) messaging.Place {
	return messaging.Place{Log: p.log, Partition: r.Partition, Offset: r.Offset}
}

// head returns the envelope of the first message that is ready.
func (p *partition) head() *messaging.Envelope {
	e := p.lanes.ready.items[p.lanes.ready.first]
	if e.envelope == nil {
		d := e.delivery()
		if p.s.direct {
			hand := new(atomic.Int32)
			e.hand = hand
			d.Ended = func(m *messaging.Envelope, acked bool) {
				if hand.CompareAndSwap(inHand, answered) {
					p.answer(e, m, acked)
				}
			}
		}
		e.envelope = messaging.Deliver(p.ctx, d)
	}
	return e.envelope
}

// answer takes what a direct receiver says of a message, on its goroutine. There is room for it: no more are given out.
func (p *partition) answer(e *entry, m *messaging.Envelope, acked bool) {
	o := outcome{e: e, acked: acked, nacked: !acked, parking: messaging.Parks(m)}
	if !acked {
		o.until, o.counts = messaging.Deferral(m)
		o.since, o.need = messaging.Waiting(m), messaging.Awaits(m)
	}
	p.settled <- o
}

// gave waits for what becomes of a message that was given out.
func (p *partition) gave(m *messaging.Envelope) {
	e := p.lanes.ready.pop()
	p.pauses.Leave(e.offset)
	e.envelope = nil
	p.slot = false
	p.inHand++
	if p.s.direct {
		p.hand[e] = struct{}{}
		return
	}
	go func(ctx context.Context, settled chan<- outcome) {
		select {
		case <-m.Acked():
		case <-m.Nacked():
		case <-ctx.Done():
		}
		o := outcome{e: e, parking: messaging.Parks(m)}
		select {
		case <-m.Acked():
			o.acked = true
		default:
			select {
			case <-m.Nacked():
				o.nacked = true
				o.until, o.counts = messaging.Deferral(m)
				o.since, o.need = messaging.Waiting(m), messaging.Awaits(m)
			default: // nobody answered: somebody else is to have it
			}
		}
		settled <- o
	}(p.ctx, p.settled)
}

// settle draws the consequence.
func (p *partition) settle(o outcome) {
	p.inHand--
	delete(p.hand, o.e)
	<-p.s.slots
	switch {
	case o.acked:
		if o.parking.On != "" {
			p.lot.Refuse(o.e.offset, o.parking.Until)
		} else {
			p.lot.End(o.e.offset, true)
		}
		p.pauses.End(o.e.offset)
		p.progress.finish(o.e)
		p.lanes.finished(o.e)
	case o.nacked && o.parking.On != "":
		p.park(o.e, o.parking, o.since)
	case o.nacked:
		p.lot.End(o.e.offset, o.counts)
		o.e.due, o.e.since = p.pauses.Begin(o.e.offset, o.e, o.need, time.Now(), o.until), o.since
		if o.counts {
			o.e.attempt++
		}
		if o.counts || !o.until.IsZero() {
			p.progress.remember(o.e)
		}
		p.lanes.again(o.e)
	default:
		p.lot.End(o.e.offset, false)
	}
}

// throttle stops fetching while the window is full, and begins again when half of it is free.
func (p *partition) throttle() {
	l, o := &p.lanes, p.s.o
	full := l.count >= o.Window || l.bytes >= o.WindowBytes
	free := l.count <= o.Window/2 && l.bytes <= o.WindowBytes/2
	if full == p.paused || p.paused && !free {
		return
	}
	p.paused = full
	which := map[string][]int32{p.claim.Topic(): {p.claim.Partition()}}
	if full {
		p.s.group.Pause(which)
	} else {
		p.s.group.Resume(which)
	}
}

// mark hands over what is to be committed in the background.
func (p *partition) mark() {
	base, meta := p.progress.base(), ""
	if p.s.b.faults.commit {
		base = p.progress.next
	} else if !p.s.bare.Load() {
		meta = p.progress.encode(metadataBytes)
	}
	if base == p.markedBase && meta == p.markedMeta {
		return
	}
	p.markedBase, p.markedMeta = base, meta
	p.session.MarkOffset(p.claim.Topic(), p.claim.Partition(), base, meta)  // moves forward only
	p.session.ResetOffset(p.claim.Topic(), p.claim.Partition(), base, meta) // sets the metadata of the same offset only
}

// drain lets what is in hand finish for a little while; nothing more is given out.
func (p *partition) drain() {
	grace := time.NewTimer(p.s.o.Grace)
	defer grace.Stop()
	for p.inHand > 0 {
		select {
		case o := <-p.settled:
			p.settle(o)
		case <-grace.C:
			return
		case <-p.s.ctx.Done():
			return
		}
	}
}

// end takes what is in hand away and keeps what is finished.
func (p *partition) end() {
	p.cancel()
	p.rereader.stop()
	for e := range p.hand {
		if e.hand.CompareAndSwap(inHand, away) {
			p.settle(outcome{e: e})
		}
	}
	for p.inHand > 0 {
		p.settle(<-p.settled)
	}
	if p.slot {
		<-p.s.slots
	}
	p.mark()
	p.s.keep(p.claim.Partition(), p.progress)
}
