package engine

import (
	"io"
	"sync"
	"sync/atomic"
)

// LogQueue stands between the log and where it is written, so that a full disk or a reader that stopped never holds up
// the traffic: lines that find the queue full are dropped and counted. Safe for concurrent use.
type LogQueue struct {
	lines   chan []byte
	dropped atomic.Int64
	mu      sync.RWMutex // held for writing by Close
	closed  bool
	done    chan struct{}
}

// queued is the number of lines that wait at most.
const queued = 8192

// NewLogQueue begins to write lines to w; Close ends it.
func NewLogQueue(w io.Writer) *LogQueue {
	q := &LogQueue{lines: make(chan []byte, queued), done: make(chan struct{})}
	go func() {
		defer close(q.done)
		buf := make([]byte, 0, 64<<10)
		for line := range q.lines {
			buf = append(buf[:0], line...)
			for more := true; more && len(buf) < 32<<10; { // what has gathered is written at once
				select {
				case line, ok := <-q.lines:
					buf, more = append(buf, line...), ok
				default:
					more = false
				}
			}
			if _, err := w.Write(buf); err != nil {
				q.dropped.Add(1)
			}
		}
	}()
	return q
}

// Write takes one line. It never waits and never fails.
func (q *LogQueue) Write(line []byte) (int, error) {
	q.mu.RLock()
	defer q.mu.RUnlock()
	if q.closed {
		q.dropped.Add(1)
		return len(line), nil
	}
	select {
	case q.lines <- append([]byte(nil), line...):
	default:
		q.dropped.Add(1)
	}
	return len(line), nil
}

// Dropped returns the number of lines, or writes of several, that were lost.
func (q *LogQueue) Dropped() int64 { return q.dropped.Load() }

// Close takes no more lines and waits until those that it has are written, or until giveUp is closed: a writer that
// blocks for ever cannot be waited for.
func (q *LogQueue) Close(giveUp <-chan struct{}) {
	q.mu.Lock()
	if !q.closed {
		q.closed = true
		close(q.lines)
	}
	q.mu.Unlock()
	select {
	case <-q.done:
	case <-giveUp:
	}
}
