package kafka

import (
	"container/heap"
	"sync/atomic"
	"time"

	"fondaco/messaging"
)

// entry is a message read and not finished.
type entry struct {
	offset  int64
	key     string
	due     time.Time
	attempt int
	since   time.Time // when it began to wait for a system that is down; zero if it never did
	size    int       // bytes of memory, about
	aside   bool      // the content is to be read again: it waits for a system that is down, or behind one that does

	before, after *entry // its neighbours among the unfinished, by offset
	behind        *entry // the next of its key that waits behind it

	*content // nil while it is aside
}

// content is what is held of a message that may be given out.
type content struct {
	place    messaging.Place
	headers  []messaging.Attribute
	body     []byte
	flaw     *messaging.Flaw
	open     messaging.OpenSealed // of an encrypted message; nil for one that is as it was published
	arrived  time.Time
	hand     *atomic.Int32       // of the latest delivery to a direct receiver
	envelope *messaging.Envelope // while it stands ready to be given out
}

// What became of a delivery to a direct receiver.
const (
	inHand   = iota
	answered // it has ended it
	away     // it was taken from it
)

func (e *entry) delivery() messaging.Delivery {
	return messaging.Delivery{
		Headers: e.headers, Body: e.body, Attempt: e.attempt, Due: e.due, Since: e.since, Arrived: e.arrived,
		Place: e.place, Flaw: e.flaw, Open: e.open,
	}
}

// dues are entries by their due time.
type dues []*entry

func (d dues) Len() int           { return len(d) }
func (d dues) Less(i, j int) bool { return d[i].due.Before(d[j].due) }
func (d dues) Swap(i, j int)      { d[i], d[j] = d[j], d[i] }
func (d *dues) Push(e any)        { *d = append(*d, e.(*entry)) }
func (d *dues) Pop() any {
	last := len(*d) - 1
	e := (*d)[last]
	(*d)[last] = nil
	*d = (*d)[:last]
	return e
}

func (d *dues) put(e *entry) { heap.Push(d, e) }
func (d *dues) take() *entry { return heap.Pop(d).(*entry) }

// fifo is a queue of entries in the order of their coming.
type fifo struct {
	items []*entry
	first int
}

func (f *fifo) len() int { return len(f.items) - f.first }

func (f *fifo) push(e *entry) {
	if f.first > 64 && f.first > len(f.items)/2 {
		n := copy(f.items, f.items[f.first:])
		clear(f.items[n:])
		f.items, f.first = f.items[:n], 0
	}
	f.items = append(f.items, e)
}

func (f *fifo) pop() *entry {
	e := f.items[f.first]
	f.items[f.first] = nil
	f.first++
	return e
}
