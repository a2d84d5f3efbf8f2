package postgres

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

type inbox struct{ s *Store }

// mark is what is kept of an id, its topic and its group: half of a SHA-256.
type mark [16]byte

func markOf(parts ...string) (m mark) {
	copy(m[:], hashed(parts...))
	return m
}

// hashed is an id as it is kept: of one length, whatever came from outside, and readable to nobody.
func hashed(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		_, _ = h.Write(binary.LittleEndian.AppendUint64(nil, uint64(len(p))))
		_, _ = h.Write([]byte(p))
	}
	return h.Sum(nil)
}

// there is for a row of which nothing but that it is there is asked.
func there(scanner) error { return nil }

const oneID = "select 1 from inbox where id = ?"

func (b inbox) Seen(ctx context.Context, topic, group, id string) (found bool, err error) {
	m := markOf(topic, group, id)
	err = b.s.read(ctx, func(r *reader) error {
		found, err = r.together(ctx, oneID, []any{m[:]}, there)
		return err
	})
	return found && err == nil, err
}

func (b inbox) Unhandled(ctx context.Context, topic, group string, now time.Time, id string, end store.End) error {
	m := markOf(topic, group, id)
	return b.s.write(ctx, len(m), func(x *tx) error {
		n, err := x.exec("insert into inbox (id, at) values (?, ?) on conflict do nothing", m[:], record.Micro(now))
		if err != nil || n == 0 {
			return err
		}
		return count(x, topic, group, string(end))
	})
}

func (b inbox) Done(ctx context.Context, topic, of string, now time.Time, ids ...string) error {
	marks := make([]mark, len(ids))
	for i, id := range ids {
		marks[i] = markOf(topic, of, id)
	}
	return b.s.join(ctx, &work{bytes: len(mark{}) * len(ids), apply: func(g *group) error {
		g.finish(record.Micro(now), marks...)
		return nil
	}})
}

// isFinished reports whether an id is finished.
func (x *tx) isFinished(m mark) (bool, error) {
	var one int
	return x.row(oneID, []any{m[:]}, &one)
}

// finish takes an id up into the inbox.
func (x *tx) finish(at int64, marks ...mark) error {
	ids, times := make([][]byte, len(marks)), make([]int64, len(marks))
	for i := range marks {
		ids[i], times[i] = marks[i][:], at
	}
	_, err := x.exec(insertIDs, ids, times)
	return err
}
