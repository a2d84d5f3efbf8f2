package sqlite

import (
	"bytes"
	"slices"
)

// finish takes ids up into the transaction.
func (x *tx) finish(at int64, marks ...mark) {
	x.newest = max(x.newest, at)
	for _, m := range marks {
		x.fresh = append(x.fresh, entered{m, at})
	}
}

// entered is an id that a transaction takes up.
type entered struct {
	mark mark
	at   int64
}

// enter writes what the transaction has finished: a row of the log, or a run once the log is long enough.
func (x *tx) enter() error {
	if len(x.fresh) == 0 {
		return nil
	}
	k := &x.s.finished
	if len(k.recent)+len(x.fresh) < runSize { // the writer alone changes it
		ids := make([]byte, 0, len(x.fresh)*len(mark{}))
		for _, e := range x.fresh {
			ids = append(ids, e.mark[:]...)
		}
		_, err := x.exec("insert into inbox_log (at, ids) values (?, ?)", x.newest, ids)
		return err
	}
	return x.enterRun(k.recent)
}

// enterRun makes a run of the log and what the transaction has finished.
func (x *tx) enterRun(recent map[mark]int64) error {
	r := run{newest: x.newest, filter: make([]byte, filterBytes)}
	marks := make([]mark, 0, len(recent)+len(x.fresh))
	for m, at := range recent {
		marks = append(marks, m)
		r.newest = max(r.newest, at)
	}
	for _, e := range x.fresh {
		marks = append(marks, e.mark)
	}
	slices.SortFunc(marks, func(a, b mark) int { return bytes.Compare(a[:], b[:]) })
	marks = slices.Compact(marks)
	r.count = int64(len(marks))
	for _, m := range marks {
		m.each(func(at int, bit byte) bool {
			r.filter[at] |= bit
			return true
		})
	}
	var err error
	if r.id, err = x.insert("insert into inbox_run (newest, count, filter) values (?, ?, ?)", r.newest, r.count, r.filter); err != nil {
		return err
	}
	for len(marks) > 0 {
		page, ids := r.page(marks[0]), []byte{}
		for len(marks) > 0 && r.page(marks[0]) == page {
			ids = append(ids, marks[0][:]...)
			marks = marks[1:]
		}
		if _, err := x.exec("insert into inbox_page (id, ids) values (?, ?)", page, ids); err != nil {
			return err
		}
	}
	_, err = x.exec("delete from inbox_log")
	x.run = &r
	return err
}

// entered takes up what a transaction has finished, now that it is durable.
func (k *finished) entered(x *tx) {
	if len(x.fresh) == 0 {
		return
	}
	k.mu.Lock()
	defer k.mu.Unlock()
	if x.run != nil {
		k.runs = append(k.runs, *x.run)
		k.recent = map[mark]int64{}
		return
	}
	for _, e := range x.fresh {
		k.recent[e.mark] = max(k.recent[e.mark], e.at)
	}
}
