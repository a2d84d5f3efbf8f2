package embedded

import (
	"container/heap"
	"hash/maphash"
	"time"

	"fondaco/messaging"
	"fondaco/messaging/parking"
)

var seed = maphash.MakeSeed()

// hashed stands for a key: eight bytes for each key that waits, whatever its length. Keys of the same hash wait for each
// other as if they were one.
func hashed(key string) uint64 { return maphash.String(seed, key) }

// lane returns the line that e stands in, nil if it is without a key or its key has none.
func (q *queue) lane(e *entry) *lane {
	if e.key == "" {
		return nil
	}
	return q.lanes[hashed(e.key)]
}

// aside takes a message that was given out and waits for a system that is down: its number alone is kept in memory.
func (q *queue) aside(e *entry, on messaging.Parking) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.held -= e.size
	q.lot.Park(on.On, e.seq, on.Until, on.By)
	q.park(e)
	q.release()
	q.arm()
	q.load()
	q.wakeUp()
}

// released is how many messages that waited for a system are read at a time: they are turned away again if it is not well
// yet, and the others have their turn between them.
const released = 2 * fetchRows

// release has those read that no longer wait for their system. The lock is held.
func (q *queue) release() {
	if q.lot.Len() == 0 {
		return
	}
	if !q.full() {
		q.wanting = append(q.wanting, q.lot.Next(time.Now(), released-q.ready.len()-len(q.wanting))...)
	}
}

// full reports whether what waits for a system has to wait for room as well. The lock is held.
func (q *queue) full() bool { return q.ready.len()+len(q.wanting) >= released }

// crowded is how long it does so at least.
const crowded = 50 * time.Millisecond

// lotLate reports whether a message waits on though its system may be tried. The lock is held.
func (q *queue) lotLate() bool {
	at, is := q.lot.Wake()
	return q.lot.Open() || is && time.Since(at) > overdue+farthestLook
}

// farthestLook is how long after its time a message may come that has waited for too long: they are looked for together.
const farthestLook = 2 * time.Second

// Answers has what waits for a system by itself come soon. See messaging.Parker.
func (b *Broker) Answers(on string) {
	for q := range b.fed() {
		q.answers(on)
	}
}

// answers has what waits for a system by itself come soon; behind each the later ones of its key wait on.
func (q *queue) answers(on string) {
	q.mu.Lock()
	defer q.mu.Unlock()
	sooner := false
	q.pauses.Wake(on, time.Now(), func(e *entry, soon time.Time) {
		sooner = true
		e.due = soon
	})
	if sooner {
		heap.Init(&q.later.entries)
		q.arm()
	}
}

// fed returns the queues that somebody has subscribed to.
func (b *Broker) fed() map[*queue]bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	seen := map[*queue]bool{}
	for s := range b.subscribers {
		for q := range s.queues {
			seen[q] = true
		}
	}
	return seen
}

// Parked says what is put aside for which system. See messaging.Parker.
func (b *Broker) Parked() []messaging.Parked {
	var all []messaging.Parked
	for q := range b.fed() {
		for _, p := range q.parkedNow() {
			all = append(all, messaging.Parked{Topic: q.topic.name, Group: q.group, On: p.On, Messages: p.Messages})
		}
	}
	return all
}

func (q *queue) parkedNow() []parking.Parked {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.lot.Parked()
}

var _ messaging.Parker = (*Broker)(nil)
