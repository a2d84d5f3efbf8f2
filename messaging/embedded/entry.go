package embedded

import (
	"time"

	"fondaco/messaging"
)

// entry is a message in one group's hands.
type entry struct {
	seq     int64
	key     string
	due     time.Time // not before; zero for at once. With a monotonic reading while the process lives: clocks jump
	attempt int
	since   time.Time // when it began to wait for a system that is down; zero if it never did
	stored  bool      // the table again has a row of it
	parked  string    // what it waited for when the row was written; "" for nothing
	by      time.Time // when it comes in any case then

	refused messaging.Parking // of a message that ended without what it waited for having been tried

	loaded  bool // what follows is there; it is let go while the entry waits long
	headers []byte
	body    []byte
	at      int64
	corrupt bool
	dk      int64 // of the row, until it is opened: see sealed.go
	size    int
}

// entryOf makes a group's first sight of a record that was just written.
func entryOf(r *record) *entry {
	e := &entry{seq: r.seq, key: r.key, attempt: 1, loaded: true, headers: r.headers, body: r.body, at: r.at, size: r.size()}
	if r.due != 0 {
		e.due = time.Unix(0, r.due)
	}
	return e
}

// drop lets the content go, to be read again when its time comes.
func (e *entry) drop() { e.loaded, e.headers, e.body = false, nil, nil }

// delivery returns what is handed to the group. A damaged entry carries a flaw, and is never a wrong message.
func (e *entry) delivery() messaging.Delivery {
	hs, err := attributes(e.headers)
	d := messaging.Delivery{
		Headers: hs, Body: e.body, Attempt: e.attempt, Due: e.due, Since: e.since, Arrived: time.Unix(0, e.at),
		Place: messaging.Place{Offset: e.seq},
	}
	if e.corrupt || err != nil {
		d.Flaw = &messaging.Flaw{Reason: messaging.Corrupt, Detail: "what is stored differs from what was written: its check sum is wrong"}
	}
	return d
}

// row scans one row of scan or fetch.
func row(scan func(...any) error) (*entry, error) {
	var r record
	var sum, again, since, by int64
	e := &entry{loaded: true}
	if err := scan(&r.seq, &r.key, &r.due, &r.at, &r.headers, &r.body, &sum, &e.attempt, &again, &since, &e.parked, &by, &e.stored,
		&r.dk); err != nil {
		return nil, err
	}
	e.seq, e.key, e.headers, e.body, e.at, e.size, e.dk = r.seq, r.key, r.headers, r.body, r.at, r.size(), r.dk
	e.corrupt = r.seal(r.summed()) != uint32(sum)
	if due := max(r.due, again); due != 0 {
		e.due = time.Unix(0, due)
	}
	if since != 0 {
		e.since = time.Unix(0, since)
	}
	if by != 0 {
		e.by = time.Unix(0, by)
	}
	return e, nil
}
