package sqlite

import (
	"context"
	"errors"
	"fmt"

	"fondaco/store"
	"fondaco/store/crypt"
	"fondaco/store/sqlitefile"
)

// sealedTables have encrypted columns, and a column dk with the number of the data key; 0 for a row that is as it was given.
// Sums are over what is stored. Encrypted are: of operations reply_to, header and body; of dead letters key, detail, header and
// body, and of their history detail and why; of answers under a key header and answer; of collections key, and body of their
// messages; and the project's secret.
var sealedTables = []string{"operation", "letter", "letter_event", "idempotency", "collection", "item"}

// opener opens what a data key encrypted.
type opener func(dk int64, at crypt.Place, sealed []byte) ([]byte, error)

func (x *tx) open(dk int64, at crypt.Place, sealed []byte) ([]byte, error) {
	return opened(x.ctx, x.s.vault, x.f.conn, dk, at, sealed)
}

func (r *reader) open(dk int64, at crypt.Place, sealed []byte) ([]byte, error) {
	return opened(r.ctx, r.vault, r.f.read, dk, at, sealed)
}

func opened(ctx context.Context, v *sqlitefile.Vault, q sqlitefile.Querier, dk int64, at crypt.Place, sealed []byte) ([]byte, error) {
	value, err := v.Open(ctx, q, dk, at, sealed)
	if sqlitefile.IsLost(err) {
		return nil, fmt.Errorf("%w: %s %.100q: %w; the others are good; restore the file from a backup, or remove that row", store.ErrDamaged, at.Table, at.Row, err)
	}
	return value, err
}

// text opens a text.
func (open opener) text(dk int64, at crypt.Place, sealed string) (string, error) {
	value, err := open(dk, at, []byte(sealed))
	return string(value), err
}

// key returns the data key for a record that bears marks, nil if nothing is encrypted.
func (x *tx) key(marks string) (*crypt.DataKey, error) { return x.s.vault.For(x.ctx, x.f.conn, marks) }

// blind returns what an encrypted text is looked for by, empty if nothing is encrypted.
func (x *tx) blind(parts ...string) ([]byte, error) {
	k, err := x.s.vault.Same(x.ctx, x.f.conn, sqlitefile.OfIndex)
	return blob(k.Blind(parts...)), err
}

// stored is a text for a column: what is encrypted is no text.
func stored(dk int64, text string) any {
	if dk == 0 {
		return text
	}
	return []byte(text)
}

// withKey is what a sum is over, with the data key of a row that is encrypted. Rows that are not have the sum they always had.
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

// CheckKeys reports that the state in the file at path, which must exist and which a process may have open, cannot be read with
// keys: sqlitefile.ErrMissingKey. It changes nothing.
func CheckKeys(ctx context.Context, path string, keys crypt.Keys) error {
	return sqlitefile.NewVault(keys, sealedTables...).CheckKeysAt(ctx, path)
}
