package record

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"time"
)

// Copyable is a state whose rows can be read and written as they are, whichever database keeps them. Nobody else uses it meanwhile.
type Copyable interface {
	// Rows calls each for rows of a kind that come after a key, from the first for none, in the order of their keys, until each
	// returns ErrEnough or there are no more. It need not call it for all: it has found the last when it calls it for none.
	Rows(ctx context.Context, k *Kind, after []any, each func(Row) error) error
	// Last returns the key after which the rows of a kind go on that a copy which was cut short has not written; nil for the first.
	Last(ctx context.Context, k *Kind) ([]any, error)
	// Put adds rows of a kind: all of them, durably, or none.
	Put(ctx context.Context, k *Kind, rows []Row) error
	// Clear removes all rows of a kind.
	Clear(ctx context.Context, k *Kind) error
	// Copied returns what the place says of a copy into it.
	Copied(ctx context.Context) (Copied, error)
	// SetCopied has the place say so. While Ended is zero nothing but a copy opens the state.
	SetCopied(ctx context.Context, c Copied) error
	// Alone reports who else has the state open: an error says what to do.
	Alone(ctx context.Context) error
}

// CopiedKey is the name in the table meta of what says of a state that it is the copy of another.
const CopiedKey = "copied"

// Copied is what a place says of a copy into it; Began is zero where there was none.
type Copied struct {
	From         string // without a password
	Began, Ended time.Time
}

// Unfinished returns why a state cannot be used into which another is being copied, and nil for any other.
func (c Copied) Unfinished() error {
	if c.Began.IsZero() || !c.Ended.IsZero() {
		return nil
	}
	return fmt.Errorf("a copy of the state %s into it was cut short: say fondaco state copy again, which goes on where it was", c.From)
}

// ErrEnough has Rows end without an error.
var ErrEnough = errors.New("enough rows")

// How much is written at a time, about.
const (
	putBytes = 4 << 20
	putRows  = 10_000
)

// KindSum is how many rows of a kind there are, and a sum over all of them, whatever their order.
type KindSum struct {
	Rows int64
	sum  [4]uint64
}

// Hash returns the sum in hexadecimal digits: the sum of the SHA-256 of all rows, its four words each modulo 2^64.
func (t KindSum) Hash() string {
	var b []byte
	for _, w := range t.sum {
		b = binary.BigEndian.AppendUint64(b, w)
	}
	return hex.EncodeToString(b)
}

// take counts a row.
func (t *KindSum) take(k *Kind, r Row) {
	if k.Name == InboxKind {
		r = r[1:] // until when an id is known may become later, as a file lets go of many together
	}
	h := sha256.New()
	for _, v := range r {
		switch v := v.(type) {
		case int64:
			_, _ = h.Write(binary.BigEndian.AppendUint64(nil, uint64(v)))
		case string:
			part(h.Write, []byte(v))
		case []byte:
			part(h.Write, v)
		case Sealed:
			part(h.Write, []byte(v))
		}
	}
	sum := h.Sum(nil)
	for i := range t.sum {
		t.sum[i] += binary.BigEndian.Uint64(sum[8*i:])
	}
	t.Rows++
}

func part(write func([]byte) (int, error), b []byte) {
	_, _ = write(binary.BigEndian.AppendUint64(nil, uint64(len(b))))
	_, _ = write(b)
}

// SumOf counts and sums up the rows of a kind.
func SumOf(ctx context.Context, s Copyable, k *Kind) (t KindSum, err error) {
	err = every(ctx, s, k, nil, func(r Row) error {
		t.take(k, r)
		return nil
	})
	return t, err
}

// every calls each for all rows of a kind after a key.
func every(ctx context.Context, s Copyable, k *Kind, after []any, each func(Row) error) error {
	for {
		n := 0
		if err := s.Rows(ctx, k, after, func(r Row) error {
			n++
			after = k.Key(r)
			return each(r)
		}); err != nil {
			return fmt.Errorf("%s: %w", k.Name, err)
		}
		if n == 0 {
			return nil
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
}

// Holds returns how many rows a state holds, by what they are; nil for one that holds nothing.
func Holds(ctx context.Context, s Copyable) (held []string, err error) {
	for _, k := range Kinds {
		if k.Name == NumbersKind {
			continue // they may have been given, and what had them is gone
		}
		n := 0
		if err := s.Rows(ctx, k, nil, func(Row) error {
			n++
			return ErrEnough
		}); err != nil {
			return nil, fmt.Errorf("%s: %w", k.Name, err)
		}
		if n > 0 {
			held = append(held, k.Name)
		}
	}
	return held, nil
}

// Copy copies the rows of all kinds from one state into another, and reports each kind when both hold the same, with how many of its rows
// were written now. One that was cut short goes on where it was. A kind that is not the same afterwards, as after the first state was
// used in between, is copied anew.
func Copy(ctx context.Context, from, to Copyable, tell func(k *Kind, sum KindSum, wrote int64)) error {
	for i := 0; i < len(Kinds); i++ {
		k := Kinds[i]
		want, err := SumOf(ctx, from, k)
		if err != nil {
			return err
		}
		wrote, same, err := copyKind(ctx, from, to, k, want)
		if err == nil && !same {
			// What refers to a row goes before it.
			for n := len(Kinds) - 1; n >= i && err == nil; n-- {
				err = to.Clear(ctx, Kinds[n])
			}
			if err == nil {
				wrote, same, err = copyKind(ctx, from, to, k, want)
			}
		}
		switch {
		case err != nil:
			return err
		case !same:
			return fmt.Errorf("%s: what was written is not what was read: somebody else uses one of the states", k.Name)
		}
		tell(k, want, wrote)
	}
	return nil
}

// copyKind writes the rows of a kind that are not there yet, and reports whether all are the same then.
func copyKind(ctx context.Context, from, to Copyable, k *Kind, want KindSum) (wrote int64, same bool, err error) {
	after, err := to.Last(ctx, k)
	if err != nil {
		return 0, false, err
	}
	if after == nil {
		if there, err := SumOf(ctx, to, k); err != nil || there.Rows > 0 {
			return 0, there == want, err
		}
	}
	var rows []Row
	size := 0
	put := func() error {
		if len(rows) == 0 {
			return nil
		}
		if err := to.Put(ctx, k, rows); err != nil {
			return fmt.Errorf("%s: %w", k.Name, err)
		}
		wrote += int64(len(rows))
		rows, size = nil, 0
		return nil
	}
	if err := every(ctx, from, k, after, func(r Row) error {
		rows, size = append(rows, r), size+r.Size()
		if size < putBytes && len(rows) < putRows {
			return nil
		}
		return put()
	}); err != nil {
		return wrote, false, err
	}
	if err := put(); err != nil {
		return wrote, false, err
	}
	got, err := SumOf(ctx, to, k)
	return wrote, got == want, err
}
