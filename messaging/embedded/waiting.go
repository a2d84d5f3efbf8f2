package embedded

import (
	"container/heap"
	"slices"
)

// fifo is a line of entries.
type fifo struct {
	entries []*entry
	head    int
}

func (f *fifo) len() int { return len(f.entries) - f.head }

func (f *fifo) push(e *entry) {
	if f.head > 1024 && f.head > len(f.entries)/2 {
		f.entries = append(f.entries[:0], f.entries[f.head:]...)
		f.head = 0
	}
	f.entries = append(f.entries, e)
}

func (f *fifo) pop() *entry {
	if f.len() == 0 {
		return nil
	}
	e := f.entries[f.head]
	f.entries[f.head] = nil
	if f.head++; f.head == len(f.entries) {
		f.entries, f.head = f.entries[:0], 0
	}
	return e
}

// without removes the entries that drop reports true of.
func (f *fifo) without(drop func(*entry) bool) {
	var left []*entry
	for _, e := range f.entries[f.head:] {
		if !drop(e) {
			left = append(left, e)
		}
	}
	f.entries, f.head = left, 0
}

// dues is a heap of entries, the earliest due first, among equals the oldest.
type dues struct{ entries dueHeap }

func (d *dues) len() int      { return len(d.entries) }
func (d *dues) first() *entry { return d.entries[0] }
func (d *dues) push(e *entry) { heap.Push(&d.entries, e) }
func (d *dues) pop() *entry   { return heap.Pop(&d.entries).(*entry) }

// without removes the entries that drop reports true of.
func (d *dues) without(drop func(*entry) bool) {
	d.entries = slices.DeleteFunc(d.entries, drop)
	heap.Init(&d.entries)
}

type dueHeap []*entry

func (h dueHeap) Len() int { return len(h) }

func (h dueHeap) Swap(i, j int) { h[i], h[j] = h[j], h[i] }

func (h *dueHeap) Push(x any) { *h = append(*h, x.(*entry)) }

func (h *dueHeap) Pop() any {
	last := len(*h) - 1
	e := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	return e
}

// Less orders by due time.
func (h dueHeap) Less(i, j int) bool {
	if h[i].due.Equal(h[j].due) {
		return h[i].seq < h[j].seq
	}
	return h[i].due.Before(h[j].due)
}
