package sqlite

import (
	"context"
	"errors"

	"fondaco/store"
	"fondaco/store/crypt"
	"fondaco/store/record"
	"fondaco/store/sqlitefile"
)

func (x *tx) open(dk int64, at crypt.Place, sealed []byte) ([]byte, error) {
	return opened(x.ctx, x.s.vault, x.f.conn, dk, at, sealed)
}

func (r *reader) open(dk int64, at crypt.Place, sealed []byte) ([]byte, error) {
	return opened(r.ctx, r.vault, r.f.read, dk, at, sealed)
}

func opened(ctx context.Context, v *sqlitefile.Vault, q sqlitefile.Querier, dk int64, at crypt.Place, sealed []byte) ([]byte, error) {
	value, err := v.Open(ctx, q, dk, at, sealed)
	if sqlitefile.IsLost(err) {
		return nil, record.Lost(at, err)
	}
	return value, err
}

// key returns the data key for a record that bears marks, nil if nothing is encrypted.
func (x *tx) key(marks string) (*crypt.DataKey, error) { return x.s.vault.For(x.ctx, x.f.conn, marks) }

// blind returns what an encrypted text is looked for by, empty if nothing is encrypted.
func (x *tx) blind(parts ...string) ([]byte, error) {
	k, err := x.s.vault.Same(x.ctx, x.f.conn, sqlitefile.OfIndex)
	return record.Blob(k.Blind(parts...)), err
}

// stored is a text for a column: what is encrypted is no text.
func stored(dk int64, text record.Sealed) any {
	if dk == 0 {
		return string(text)
	}
	return []byte(text)
}

// lost refuses a record that is damaged: the database is well.
func lost(err error) error {
	if errors.Is(err, store.ErrDamaged) {
		return refuse(err)
	}
	return err
}

// CheckKeys reports that the state in the file at path, which must exist and which a process may have open, cannot be read with
// keys: sqlitefile.ErrMissingKey. It changes nothing.
func CheckKeys(ctx context.Context, path string, keys crypt.Keys) error {
	return sqlitefile.NewVault(keys, record.Tables...).CheckKeysAt(ctx, path)
}
