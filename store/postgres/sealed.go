package postgres

import (
	"context"
	"errors"
	"fmt"

	"fondaco/store"
	"fondaco/store/crypt"
)

// opener opens what a data key encrypted.
type opener func(dk int64, at crypt.Place, sealed []byte) ([]byte, error)

func (x *tx) open(dk int64, at crypt.Place, sealed []byte) ([]byte, error) {
	return opened(x.statements, x.s.vault, dk, at, sealed)
}

func (r *reader) open(dk int64, at crypt.Place, sealed []byte) ([]byte, error) {
	return opened(r.statements, r.s.vault, dk, at, sealed)
}

func (s *Store) open(ctx context.Context) opener {
	return (&reader{statements{ctx, s.pool}, s}).open
}

func opened(is statements, v *vault, dk int64, at crypt.Place, sealed []byte) ([]byte, error) {
	value, err := v.Open(is, dk, at, sealed)
	if isLost(err) {
		return nil, fmt.Errorf("%w: %s %.100q: %w; the others are good; restore the database from a backup, or remove that row", store.ErrDamaged, at.Table, at.Row, err)
	}
	return value, err
}

// text opens a text.
func (open opener) text(dk int64, at crypt.Place, sealed string) (string, error) {
	value, err := open(dk, at, []byte(sealed))
	return string(value), err
}

// key returns the data key for a record that bears marks, nil if nothing is encrypted.
func (x *tx) key(marks string) (*crypt.DataKey, error) { return x.s.vault.For(x.ctx, marks) }

// blind returns what a text is looked for by: where it is encrypted a hash under a data key. What is empty is not looked for.
func (x *tx) blind(kind, text string) ([]byte, error) {
	if text == "" && kind == letterKey {
		return nil, nil
	}
	if !x.s.vault.On() {
		return plain(kind, text), nil
	}
	k, err := x.s.vault.Same(x.ctx, ofIndex)
	return k.Blind(kind, text), err
}

// plain returns what a text that is not encrypted is looked for by.
func plain(kind, text string) []byte { return hashed(kind, text)[:16] }

// stored is a text for a column that may hold what is encrypted.
func stored(text string) []byte { return []byte(text) }

// dkOf is the number of a data key for its column: null for none.
func dkOf(dk int64) *int64 {
	if dk == 0 {
		return nil
	}
	return &dk
}

// withKey is what a sum is over, with the data key of a row that is encrypted.
func withKey(dk int64, parts ...any) []any {
	if dk == 0 {
		return parts
	}
	return append(parts, dk)
}

// lost refuses a record that is damaged: the database is well.
func lost(err error) error {
	if errors.Is(err, store.ErrDamaged) {
		return refuse(err)
	}
	return err
}
