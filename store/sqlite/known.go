package sqlite

import (
	"context"
	"database/sql"
	"encoding/binary"
	"hash/maphash"
	"sync/atomic"
)

// known tells of most ids that they are not in the inbox, without asking the file: a Bloom filter over its rows (Bloom,
// 1970), of a fixed size. Of what is there it never says so wrongly, for one process alone has the file open; what goes
// from the file stays in the filter until the next start, and is asked for in vain. Safe for concurrent use.
type known struct {
	seed   maphash.Seed
	bits   []atomic.Uint64
	loaded atomic.Bool // all rows of the file are in it
}

const (
	knownBytes  = 1 << 20 // 1 % of 800,000 strange ids are asked for in vain, a third of 4,000,000
	knownProbes = 6
	knownChunk  = 5_000 // rows that are read at a time: a longer look would hold up the log's checkpoint
)

func newKnown() *known {
	return &known{seed: maphash.MakeSeed(), bits: make([]atomic.Uint64, knownBytes/8)}
}

// each calls f with the bits of an id until it gives false.
func (k *known) each(group string, id []byte, f func(word, bit uint64) bool) bool {
	at := maphash.String(k.seed, group) ^ binary.LittleEndian.Uint64(id)
	step := binary.LittleEndian.Uint64(id[8:]) | 1
	for range knownProbes {
		n := at % (knownBytes * 8)
		if !f(n/64, 1<<(n%64)) {
			return false
		}
		at += step
	}
	return true
}

// add takes up an id, before its row can be seen.
func (k *known) add(group string, id []byte) {
	k.each(group, id, func(word, bit uint64) bool {
		k.bits[word].Or(bit)
		return true
	})
}

// maybe tells whether the file is to be asked.
func (k *known) maybe(group string, id []byte) bool {
	return !k.loaded.Load() || k.each(group, id, func(word, bit uint64) bool { return k.bits[word].Load()&bit != 0 })
}

// know takes up the rows of the file, in the background: until all are known each id is asked for. An error leaves it at
// that.
func (s *Store) know(ctx context.Context) {
	group, id := "", []byte{}
	for {
		n := 0
		err := s.read(ctx, func(r *reader) error {
			n = 0
			return r.rows("select grp, id from inbox where (grp, id) > (?, ?) order by grp, id limit ?", []any{group, id, knownChunk}, func(rows *sql.Rows) error {
				if err := rows.Scan(&group, &id); err != nil {
					return err
				}
				if n++; len(id) >= 16 {
					s.known.add(group, id)
				}
				return nil
			})
		})
		if err != nil {
			return
		}
		if n < knownChunk {
			s.known.loaded.Store(true)
			return
		}
	}
}
