package sqlite

import (
	"bytes"
	"context"
	"database/sql"
	"encoding/binary"
	"slices"
	"sync"
)

// The inbox is written as it grows and read by heart. Ids that are finished together are one row of inbox_log; all that
// the log holds is known in memory. When that is runSize ids, they become a run: ids in order, in pages, with a filter
// that says of most ids that they are not in it (Bloom, 1970), which is held in memory, two bytes for an id. A run is
// never changed, and let go as a whole when its youngest id is too old. So an id costs a few bytes written, and a
// strange one costs no reading.
//
// No sum covers these rows: a bit that turned makes an id unknown, whose message would be handled again.
const (
	runSize      = 1 << 16 // ids
	filterBytes  = runSize * 2
	filterProbes = 6 // 1 strange id of 1,000 is looked for in vain
	pageBits     = 9
	pages        = 1 << pageBits // of a run: some 128 ids, 2 KiB, each
)

// mark is what is kept of an id and its group: half of a SHA-256.
type mark [16]byte

func markOf(parts ...string) mark {
	sum := sumOf(parts)
	return mark(sum[:])
}

// finished knows the inbox. Safe for concurrent use; the writer's goroutine alone changes it.
type finished struct {
	mu     sync.RWMutex
	recent map[mark]int64 // when they were finished, of those in the log
	runs   []run          // in the order of their making
	first  bool           // the table of format 1 still holds ids
	former int64          // when the youngest id was finished that formats before 4 kept, without its topic; 0 if none is left
}

// run is a row of inbox_run.
type run struct {
	id, newest, count int64
	filter            []byte
}

// each calls f with the filter's bits of an id until it returns false.
func (m mark) each(f func(at int, bit byte) bool) bool {
	at, step := binary.LittleEndian.Uint64(m[:]), binary.LittleEndian.Uint64(m[8:])|1
	for range filterProbes {
		n := at % (filterBytes * 8)
		if !f(int(n/8), 1<<(n%8)) {
			return false
		}
		at += step
	}
	return true
}

func (r *run) maybe(m mark) bool {
	return m.each(func(at int, bit byte) bool { return r.filter[at]&bit != 0 })
}

// page is the row of inbox_page where an id of the run stands.
func (r *run) page(m mark) int64 {
	return r.id<<pageBits | int64(binary.BigEndian.Uint16(m[:])>>(16-pageBits))
}

// lookUp reports whether an id is in the log, else which runs may hold it, the youngest first, and whether the table of
// format 1 may.
func (k *finished) lookUp(m mark) (recent bool, runs []run, first bool) {
	k.mu.RLock()
	defer k.mu.RUnlock()
	if _, recent = k.recent[m]; recent {
		return true, nil, false
	}
	for i := len(k.runs) - 1; i >= 0; i-- {
		if k.runs[i].maybe(m) {
			runs = append(runs, k.runs[i])
		}
	}
	return false, runs, k.first
}

// rowReader reads one row: a reader's or a transaction's.
type rowReader func(text string, args []any, to ...any) (bool, error)

// untold reports whether ids are kept without the topics of their messages, as formats before 4 did.
func (k *finished) untold() bool {
	k.mu.RLock()
	defer k.mu.RUnlock()
	return k.former != 0
}

// inRuns looks an id up in the pages of runs.
func inRuns(row rowReader, m mark, runs []run) (bool, error) {
	for i := range runs {
		var ids []byte
		if _, err := row("select ids from inbox_page where id = ?", []any{runs[i].page(m)}, &ids); err != nil {
			return false, err
		}
		for ; len(ids) >= len(m); ids = ids[len(m):] {
			if bytes.Equal(ids[:len(m)], m[:]) {
				return true, nil
			}
		}
	}
	return false, nil
}

// inFirst looks an id up where format 1 kept it.
func inFirst(row rowReader, group string, hashedID []byte) (bool, error) {
	var one int
	return row("select 1 from inbox where grp = ? and id = ?", []any{group, hashedID}, &one)
}

// isFinished reports whether an id is finished, in this transaction or before.
func (x *tx) isFinished(m mark, group string, hashedID []byte) (bool, error) {
	if slices.ContainsFunc(x.fresh, func(e entered) bool { return e.mark == m }) {
		return true, nil
	}
	recent, runs, first := x.s.finished.lookUp(m)
	if recent {
		return true, nil
	}
	found, err := inRuns(x.row, m, runs)
	if err == nil && !found && first {
		found, err = inFirst(x.row, group, hashedID)
	}
	return found, err
}

// load reads what the file knows. Nothing else uses it meanwhile.
func (k *finished) load(ctx context.Context, f *file) error {
	k.recent = map[mark]int64{}
	r := &reader{ctx: ctx, f: f}
	err := r.rows("select run, newest, count, filter from inbox_run order by run", nil, func(rows *sql.Rows) error {
		var one run
		if err := rows.Scan(&one.id, &one.newest, &one.count, &one.filter); err != nil {
			return err
		}
		if len(one.filter) != filterBytes { // a filter that passes all
			one.filter = bytes.Repeat([]byte{0xff}, filterBytes)
		}
		k.runs = append(k.runs, one)
		return nil
	})
	if err == nil {
		err = r.rows("select at, ids from inbox_log", nil, func(rows *sql.Rows) error {
			var at int64
			var ids []byte
			if err := rows.Scan(&at, &ids); err != nil {
				return err
			}
			for ; len(ids) >= len(mark{}); ids = ids[len(mark{}):] {
				m := mark(ids)
				k.recent[m] = max(k.recent[m], at)
			}
			return nil
		})
	}
	if err == nil {
		var one int
		k.first, err = r.row("select 1 from inbox limit 1", nil, &one)
	}
	if err == nil {
		_, err = r.row("select cast(value as integer) from meta where name = 'inbox without topics'", nil, &k.former)
	}
	return err
}
