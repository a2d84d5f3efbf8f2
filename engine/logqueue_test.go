package engine

import (
	"fmt"
	"io"
	"strings"
	"testing"
)

// TestLogQueueNeverBlocks: L05.
func TestLogQueueNeverBlocks(t *testing.T) {
	r, w := io.Pipe()
	q := NewLogQueue(w)
	for i := range 4 * queued { // nobody reads
		fmt.Fprintf(q, "line %d\n", i)
	}
	if q.Dropped() < queued {
		t.Errorf("dropped %d", q.Dropped())
	}
	gone := make(chan struct{})
	close(gone)
	q.Close(gone)
	fmt.Fprint(q, "late\n")
	r.Close() // the writer fails from here on, and the queue ends
	q.Close(nil)
}

func TestLogQueueWritesAll(t *testing.T) {
	var log strings.Builder
	q := NewLogQueue(&log)
	want := &strings.Builder{}
	for i := range 1000 {
		fmt.Fprintf(io.MultiWriter(q, want), "line %d\n", i)
	}
	q.Close(nil)
	if log.String() != want.String() || q.Dropped() != 0 {
		t.Errorf("found %d bytes of %d, dropped %d", len(log.String()), want.Len(), q.Dropped())
	}
}
