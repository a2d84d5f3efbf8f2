package embedded

import (
	"context"
	"encoding/binary"
	"strconv"
	"time"

	"fondaco/store/crypt"
	"fondaco/store/sqlitefile"
)

// Of an encrypted message the headers, with the key before them, and the body are. The sum is over what is stored.

func (r *record) in(column string) crypt.Place {
	return crypt.Place{Table: "message", Column: column, Row: strconv.FormatInt(r.seq, 10)}
}

// sealed returns a record, which has its seq, as it is stored.
func (x *transaction) sealed(r *record) (record, error) {
	k, err := x.b.vault.For(x.ctx, x.f.conn, r.marks)
	if err != nil || k == nil {
		return *r, err
	}
	stored := *r
	headers := append(binary.AppendUvarint(make([]byte, 0, len(r.key)+len(r.headers)+10), uint64(len(r.key))), r.key...)
	stored.dk, stored.key = k.ID(), ""
	stored.headers, stored.body = k.Seal(r.in("headers"), append(headers, r.headers...)), k.Seal(r.in("body"), r.body)
	stored.sum = stored.summed()
	return stored, nil
}

// open opens a message that was read. One that cannot be opened is corrupt.
func (b *Broker) open(ctx context.Context, f *file, e *entry) error {
	if e.dk == 0 || e.corrupt {
		return nil
	}
	r := record{seq: e.seq}
	head, err := b.vault.Open(ctx, f.read, e.dk, r.in("headers"), e.headers)
	if err == nil {
		e.body, err = b.vault.Open(ctx, f.read, e.dk, r.in("body"), e.body)
	}
	if err != nil && !sqlitefile.IsLost(err) {
		return err
	}
	n, w := binary.Uvarint(head)
	if err != nil || w <= 0 || n > uint64(len(head)-w) {
		e.corrupt, e.headers, e.body = true, nil, nil
		return nil
	}
	e.key, e.headers, e.dk = string(head[w:w+int(n)]), head[w+int(n):], 0
	return nil
}

// Bounds of the destruction of data keys of persons who have no message any more.
const (
	keysSweepAtLeast = 10 * time.Second // how often under writes that do not pause
	keysSwept        = 2000             // at a time
)

// sweepKeys destroys such data keys. That the disk fails is for the next write to say.
func (b *Broker) sweepKeys(ctx context.Context) {
	b.keysSwept = time.Now()
	f := b.file.Load()
	if f == nil || !b.vault.On() {
		return
	}
	ids, err := b.vault.Unused(ctx, f.conn, keysSwept)
	if err == nil {
		_, _ = b.vault.Remove(ctx, f.conn, ids)
	}
}

// CheckKeys reports that the topics in the file at path, which must exist and which a broker may have open, cannot be read with
// keys: sqlitefile.ErrMissingKey. It changes nothing.
func CheckKeys(ctx context.Context, path string, keys crypt.Keys) error {
	return sqlitefile.NewVault(keys, "message").CheckKeysAt(ctx, path)
}
