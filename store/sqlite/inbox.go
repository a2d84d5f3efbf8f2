package sqlite

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

type inbox struct{ s *Store }

// hashed is an id as it is kept: of one length, whatever came from outside, and readable to nobody.
func hashed(parts ...string) []byte {
	sum := sumOf(parts)
	return sum[:]
}

func sumOf(parts []string) [sha256.Size]byte {
	b := make([]byte, 0, 512) // on the stack, unless an id is very long
	for _, p := range parts {
		b = binary.LittleEndian.AppendUint64(b, uint64(len(p)))
		b = append(b, p...)
	}
	return sha256.Sum256(b)
}

func (b inbox) Seen(ctx context.Context, topic, group, id string) (bool, error) {
	found, err := b.seen(ctx, markOf(topic, group, id), nil)
	if found || err != nil || !b.s.finished.untold() {
		return found, err
	}
	return b.seen(ctx, markOf(group, id), func(row rowReader) (bool, error) { return inFirst(row, group, hashed(id)) })
}

// seen looks a mark up; inFirst asks the table of format 1, which knew no topics.
func (b inbox) seen(ctx context.Context, m mark, inFirst func(rowReader) (bool, error)) (found bool, err error) {
	recent, runs, first := b.s.finished.lookUp(m)
	first = first && inFirst != nil
	if recent || len(runs) == 0 && !first {
		return recent, b.s.here(ctx)
	}
	err = b.s.read(ctx, func(r *reader) error {
		found, err = inRuns(r.row, m, runs)
		if err == nil && !found && first {
			found, err = inFirst(r.row)
		}
		return err
	})
	return found && err == nil, err
}

func (b inbox) Unhandled(ctx context.Context, topic, group string, now time.Time, id string, end store.End) error {
	known, err := b.Seen(ctx, topic, group, id)
	if known || err != nil {
		return err
	}
	return b.s.write(ctx, len(mark{}), func(x *tx) error {
		if err := count(x, topic, group, string(end)); err != nil {
			return err
		}
		x.finish(record.Micro(now), markOf(topic, group, id))
		return nil
	})
}

func (b inbox) Done(ctx context.Context, topic, group string, now time.Time, ids ...string) error {
	marks := make([]mark, len(ids))
	for i, id := range ids {
		marks[i] = markOf(topic, group, id)
	}
	return b.s.write(ctx, len(mark{})*len(ids), func(x *tx) error {
		x.finish(record.Micro(now), marks...)
		return nil
	})
}
