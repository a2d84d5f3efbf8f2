package kafka

import (
	"time"
)

// lanes put a partition's unfinished messages in line: of each key the oldest is ready, given out, or waits for its
// time; the later ones wait behind it. A message without a key is a lane of its own.
type lanes struct {
	last  map[string]*entry // by key: the last in line
	ready fifo              // heads that may be given out
	later dues              // heads that wait for their time
	wants []*entry          // heads whose content is to be read again
	count int
	bytes int

	undated bool // nothing waits for its time
}

// add puts a message, the next in order, at the end of its lane.
func (l *lanes) add(e *entry) {
	l.count++
	l.bytes += e.size
	if last := l.last[e.key]; e.key != "" && last != nil && last.aside {
		l.aside(e)
	}
	if e.key != "" {
		last := l.last[e.key]
		l.last[e.key] = e
		if last != nil {
			last.behind = e
			return
		}
	}
	l.place(e)
}

// place puts a head where it belongs.
func (l *lanes) place(e *entry) {
	if e.aside {
		l.wants = append(l.wants, e)
		return
	}
	if e.due.IsZero() || l.undated || time.Until(e.due) <= 0 {
		l.ready.push(e)
		return
	}
	l.later.put(e)
}

// again puts a head back that was given out and not finished.
func (l *lanes) again(e *entry) {
	l.place(e)
}

// aside lets go the content of a message: it no longer counts in the window.
func (l *lanes) aside(e *entry) {
	if !e.aside {
		e.aside, e.content = true, nil
		l.count--
		l.bytes -= e.size
	}
}

// park lets go the content of a head that waits for a system, and of what waits behind it.
func (l *lanes) park(e *entry) {
	l.aside(e)
	for b := e.behind; b != nil && !b.aside; b = b.behind { // behind one that is aside all are
		l.aside(b)
	}
}

// restore sets a head's content, which was read again, and puts it where it belongs.
func (l *lanes) restore(e *entry, c *content, size int) {
	e.aside, e.content, e.size = false, c, size
	l.count++
	l.bytes += e.size
	l.place(e)
}

// finished takes a head out; the next of its key follows.
func (l *lanes) finished(e *entry) {
	if !e.aside {
		l.count--
		l.bytes -= e.size
	}
	if e.key == "" {
		return
	}
	if e.behind == nil {
		delete(l.last, e.key)
		return
	}
	l.place(e.behind)
	e.behind = nil
}

// wake moves what has come due and reports how long the next has to wait; false if none waits.
func (l *lanes) wake() (time.Duration, bool) {
	for len(l.later) > 0 {
		wait := time.Until(l.later[0].due)
		if wait > 0 {
			return wait, true
		}
		l.ready.push(l.later.take())
	}
	return 0, false
}
