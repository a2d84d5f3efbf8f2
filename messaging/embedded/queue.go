package embedded

import (
	"sync"
	"sync/atomic"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/parking"
)

// Bounds of what a queue holds in memory. Beyond them it knows a waiting message by its number alone, or not at all.
const (
	ahead      = 1024     // messages that could be given out at once
	heldBytes  = 32 << 20 // content of messages
	cached     = 16384    // messages behind others of their key whose content is held
	parkedFrom = time.Second
	farthest   = time.Minute // a timer's longest span, so that a jump of the clock delays no longer
)

// queue is one group's view of one topic. Of each key the oldest unfinished message, the lane's head, is ready, given
// out, or waits for its time; the later ones wait behind it. A message without a key is a lane of its own.
//
// It learns of messages in two ways: handed over by the writer when it has caught up (offer), or read from the file by
// its loader (scan), always in the order of their numbers.
type queue struct {
	b     *Broker
	topic *topic
	id    int64
	group string

	offered atomic.Int64 // messages that a feeder holds out and nobody has taken

	mu      sync.Mutex
	active  bool                   // somebody has subscribed
	cursor  int64                  // all up to here are known
	last    int64                  // all up to here are there
	lanes   map[uint64]*lane       // by the hash of the key; a key without unfinished known messages has none
	ready   fifo                   // heads that may be given out
	wanting []int64                // heads whose content is to be read
	later   dues                   // heads that wait for their time
	cache   map[int64]*entry       // content of messages behind a head
	lot     parking.Lot            // heads that wait for a system that is down
	pauses  parking.Pauses[*entry] // those of later that come sooner when a system answers again
	held    int                    // bytes of content
	idle    int                    // feeders with hands free that found nothing ready
	timer   *time.Timer
	wakes   map[chan struct{}]struct{} // of the feeders
	kick    chan struct{}              // of the loader

	holds   int           // while above 0 nothing is given out or read: see erase.go
	erasing int64         // how often messages were erased or replaced
	recall  chan struct{} // closed: feeders take back what they hold out and nobody has taken
}

// lane is the line of one key's messages behind its head.
type lane struct {
	rest   []int64
	parked bool // the head waits long
}

func newQueue(b *Broker, t *topic, id int64, group string) *queue {
	return &queue{
		b: b, topic: t, id: id, group: group, cursor: t.from(), last: t.from(), lanes: map[uint64]*lane{}, cache: map[int64]*entry{},
		wakes: map[chan struct{}]struct{}{}, kick: make(chan struct{}, 1), recall: make(chan struct{}),
	}
}

// extend notes that messages up to last are there.
func (q *queue) extend(last int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.last = max(q.last, last)
	q.load()
}

// offer hands over what was just committed.
func (q *queue) offer(records []record) {
	if len(records) == 0 {
		return
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	caughtUp := q.active && q.cursor == q.last
	q.last = records[len(records)-1].seq
	for i := range records {
		if !caughtUp || q.laden() && !q.starved() {
			break
		}
		q.add(entryOf(&records[i]))
		q.cursor = records[i].seq
	}
	q.load()
	q.wakeUp()
}

// add takes a message up, the next in order. The lock is held, as in all that follow.
func (q *queue) add(e *entry) {
	if e.key == "" {
		q.place(e)
		return
	}
	l := q.lane(e)
	if l == nil {
		q.lanes[hashed(e.key)] = &lane{}
		q.place(e)
		return
	}
	l.rest = append(l.rest, e.seq)
	if !l.parked && q.held < heldBytes && len(q.cache) < cached {
		q.cache[e.seq] = e
		q.held += e.size
	}
}

// place puts a head, whose content is there and not yet counted, where it belongs.
func (q *queue) place(e *entry) {
	if e.parked != "" { // before this process began
		q.lot.Restore(e.parked, e.seq, e.by)
		q.park(e)
		q.arm()
		return
	}
	wait := time.Until(e.due)
	if e.due.IsZero() || wait <= 0 {
		q.held += e.size
		q.ready.push(e)
		return
	}
	if wait <= parkedFrom {
		q.held += e.size
	} else {
		e.drop()
		q.park(e)
	}
	q.later.push(e)
	q.arm()
}

// park lets go the content of what waits behind a head that waits long.
func (q *queue) park(head *entry) {
	l := q.lane(head)
	if l == nil {
		return
	}
	l.parked = true
	if len(l.rest) <= len(q.cache) {
		for _, seq := range l.rest {
			q.uncache(seq)
		}
		return
	}
	for seq, e := range q.cache {
		if hashed(e.key) == hashed(head.key) {
			q.uncache(seq)
		}
	}
}

func (q *queue) uncache(seq int64) *entry {
	e := q.cache[seq]
	if e != nil {
		delete(q.cache, seq)
		q.held -= e.size
	}
	return e
}

// next returns a message to be handed out, nil if there is none; the feeder that asks is then idle until it is given one,
// and says so by wasIdle. A message that nobody has taken when recall is closed is given back.
func (q *queue) next(wasIdle bool) (e *entry, recall <-chan struct{}) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.holds == 0 {
		e = q.ready.pop()
	}
	if nowIdle := e == nil; nowIdle != wasIdle {
		if nowIdle {
			q.idle++
		} else {
			q.idle--
		}
	}
	if q.ready.len() < ahead/2 {
		q.release()
		q.load()
	}
	return e, q.recall
}

// finished lets the next of the key follow.
func (q *queue) finished(e *entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held -= e.size
	if e.refused.On != "" {
		q.lot.Refuse(e.seq, e.refused.Until)
	} else {
		q.lot.End(e.seq, true)
	}
	q.pauses.End(e.seq)
	q.follow(e)
	q.release()
	q.load()
	q.wakeUp()
}

// follow lets the next of a key follow its head, which is gone.
func (q *queue) follow(head *entry) {
	l := q.lane(head)
	if l == nil {
		return
	}
	l.parked = false
	if len(l.rest) == 0 {
		delete(q.lanes, hashed(head.key))
		return
	}
	seq := l.rest[0]
	l.rest = l.rest[1:]
	if next := q.uncache(seq); next != nil {
		q.place(next)
	} else {
		q.wanting = append(q.wanting, seq)
	}
}

// back takes a message that was given out and not finished; it is its lane's head as before. need is what it waits for until
// then.
func (q *queue) back(e *entry, until time.Time, counts bool, need messaging.Need) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held -= e.size
	e.due = q.pauses.Begin(e.seq, e, need, time.Now(), until)
	if counts {
		e.attempt++
	}
	q.lot.End(e.seq, counts)
	q.release()
	q.place(e)
	q.wakeUp()
}

// ring moves what has come due. It is the timer's.
func (q *queue) ring() {
	q.mu.Lock()
	defer q.mu.Unlock()
	for q.later.len() > 0 && time.Until(q.later.first().due) <= 0 {
		e := q.later.pop()
		q.pauses.Leave(e.seq)
		if l := q.lane(e); l != nil {
			l.parked = false
		}
		if e.loaded {
			q.ready.push(e)
		} else {
			q.wanting = append(q.wanting, e.seq)
		}
	}
	q.release()
	q.arm()
	q.load()
	q.wakeUp()
}

// arm sets the timer to the earliest due time.
func (q *queue) arm() {
	next, is := q.lot.Wake()
	if q.later.len() > 0 && (!is || q.later.first().due.Before(next)) {
		next, is = q.later.first().due, true
	}
	if !is || !q.active {
		return
	}
	least := time.Duration(0)
	if q.full() { // what has come due has to wait for room
		least = crowded
	}
	d := min(max(time.Until(next), least), farthest)
	if q.timer == nil {
		q.timer = time.AfterFunc(d, q.ring)
		return
	}
	q.timer.Reset(d)
}

// wakeUp tells the feeders that something may be ready.
func (q *queue) wakeUp() {
	if q.ready.len() == 0 || q.holds > 0 {
		return
	}
	for wake := range q.wakes {
		select {
		case wake <- struct{}{}:
		default:
		}
	}
}

// load tells the loader that it may have something to do.
func (q *queue) load() {
	if !q.active || len(q.wanting) == 0 && (q.cursor == q.last || !q.room()) {
		return
	}
	select {
	case q.kick <- struct{}{}:
	default:
	}
}

// room reports whether messages beyond the cursor are to be read: while they fit; and beyond that while somebody has hands
// free and nothing is ready.
func (q *queue) room() bool { return !q.laden() || q.starved() }

// laden reports whether as much is known as is held in memory.
func (q *queue) laden() bool {
	return q.ready.len()+len(q.wanting) >= ahead || q.held >= heldBytes || len(q.cache) >= cached
}

// starved reports whether somebody has hands free and nothing is ready, as all that is known waits behind slow or parked
// keys. Then messages are taken up beyond what fits: one behind another of its key by its number alone.
func (q *queue) starved() bool { return q.ready.len()+len(q.wanting) == 0 && q.idle > 0 }

// attach begins the feeding of a subscription; its wake rings when something may be ready.
func (q *queue) attach() (wake chan struct{}) {
	wake = make(chan struct{}, 1)
	q.mu.Lock()
	defer q.mu.Unlock()
	q.wakes[wake] = struct{}{}
	if !q.active {
		q.active = true
		q.b.loaders.Go(q.loader)
	}
	q.load()
	wake <- struct{}{}
	return wake
}

// detach removes a feeder; idle says whether it was idle.
func (q *queue) detach(wake chan struct{}, idle bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if idle {
		q.idle--
	}
	delete(q.wakes, wake)
}
