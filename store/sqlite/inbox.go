package sqlite

import (
	"context"
	"crypto/sha256"
	"time"
)

type inbox struct{ s *Store }

// hashed is an id as it is kept: of one length, whatever came from outside, and readable to nobody.
func hashed(parts ...string) []byte {
	h := sha256.New()
	for _, p := range parts {
		var n [8]byte
		for i, l := 0, len(p); i < 8; i, l = i+1, l>>8 {
			n[i] = byte(l)
		}
		h.Write(n[:])
		h.Write([]byte(p))
	}
	return h.Sum(nil)
}

const (
	seen = "select 1 from inbox where grp = ? and id = ?"
	done = "insert into inbox (grp, id, at) values (?, ?, ?) on conflict do update set at = excluded.at"
)

func (b inbox) Seen(ctx context.Context, group, id string) (found bool, err error) {
	key := hashed(id)
	if !b.s.known.maybe(group, key) {
		return false, b.s.here(ctx)
	}
	err = b.s.read(ctx, func(r *reader) error {
		var one int
		found, err = r.row(seen, []any{group, key}, &one)
		return err
	})
	return found && err == nil, err
}

func (b inbox) Done(ctx context.Context, group, id string, now time.Time) error {
	key := hashed(id)
	b.s.known.add(group, key)
	return b.s.write(ctx, len(group)+len(id), func(x *tx) error {
		_, err := x.exec(done, group, key, micro(now))
		return err
	})
}
