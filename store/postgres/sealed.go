package postgres

import (
	"context"
	"errors"

	"fondaco/store"
	"fondaco/store/crypt"
	"fondaco/store/record"
)

func (x *tx) open(dk int64, at crypt.Place, sealed []byte) ([]byte, error) {
	return opened(x.statements, x.s.vault, dk, at, sealed)
}

func (r *reader) open(dk int64, at crypt.Place, sealed []byte) ([]byte, error) {
	return opened(r.statements, r.s.vault, dk, at, sealed)
}

func (s *Store) open(ctx context.Context) record.Opener {
	return (&reader{statements{ctx, s.pool}, s}).open
}

func opened(is statements, v *vault, dk int64, at crypt.Place, sealed []byte) ([]byte, error) {
	value, err := v.Open(is, dk, at, sealed)
	if isLost(err) {
		return nil, record.Lost(at, err)
	}
	return value, err
}

// key returns the data key for a record that bears marks, nil if nothing is encrypted.
func (x *tx) key(marks string) (*crypt.DataKey, error) { return x.s.vault.For(x.ctx, marks) }

// blind returns what a text is looked for by: where it is encrypted a hash under a data key. What is empty is not looked for.
func (x *tx) blind(kind, text string) ([]byte, error) {
	if text == "" && kind == record.LetterKey {
		return nil, nil
	}
	if !x.s.vault.On() {
		return plain(kind, text), nil
	}
	k, err := x.s.vault.Same(x.ctx, ofIndex)
	return k.Blind(kind, text), err
}

// key returns how a record that bears marks is given its data key.
func (s *Store) key(ctx context.Context) func(marks string) (*crypt.DataKey, error) {
	return func(marks string) (*crypt.DataKey, error) { return s.vault.For(ctx, marks) }
}

// plain returns what a text that is not encrypted is looked for by.
func plain(kind, text string) []byte { return hashed(kind, text)[:16] }

// stored is a text for a column that may hold what is encrypted.
func stored(text record.Sealed) []byte { return []byte(text) }

// dkOf is the number of a data key for its column: null for none.
func dkOf(dk int64) *int64 {
	if dk == 0 {
		return nil
	}
	return &dk
}

// lost refuses a record that is damaged: the database is well.
func lost(err error) error {
	if errors.Is(err, store.ErrDamaged) {
		return refuse(err)
	}
	return err
}
