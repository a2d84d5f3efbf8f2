package sqlite

import (
	"context"
	"crypto/rand"

	"fondaco/store/sqlitefile"

	"fondaco/store/record"
)

// Secret returns the project's random bytes, which stand in the table meta, encrypted if anything is.
func (s *Store) Secret(ctx context.Context) (secret []byte, err error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // it never fails
	err = s.write(ctx, len(fresh), func(x *tx) error {
		var kept string
		found, err := x.row("select value from meta where name = 'secret'", nil, &kept)
		if err != nil {
			return err
		}
		sealed := false
		if secret = fresh; found {
			if secret, sealed, err = record.ReadSecret(x.open, kept); err != nil {
				return lost(err)
			}
		}
		if found && (sealed || !s.vault.On()) {
			return nil
		}
		k, err := x.s.vault.Same(x.ctx, x.f.conn, sqlitefile.OfSecret)
		if err == nil {
			_, err = x.exec("insert into meta (name, value) values ('secret', ?) on conflict (name) do update set value = excluded.value",
				record.SecretText(k, secret))
		}
		return err
	})
	return secret, err
}
