package postgres

import (
	"context"
	"crypto/rand"

	"fondaco/store/record"
)

// Secret returns the project's random bytes, which stand in the table meta, encrypted if anything is. Of several processes that
// ask first, one makes them.
func (s *Store) Secret(ctx context.Context) (secret []byte, err error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // it never fails
	err = s.write(ctx, len(fresh), func(x *tx) error {
		var kept string
		if _, err := x.exec("insert into meta (name, value) values ('secret', '') on conflict (name) do nothing"); err != nil {
			return err
		}
		if _, err := x.row("select value from meta where name = 'secret' for no key update", nil, &kept); err != nil {
			return err
		}
		found := kept != ""
		sealed := false
		var err error
		if secret = fresh; found {
			if secret, sealed, err = record.ReadSecret(x.open, kept); err != nil {
				return lost(err)
			}
		}
		if found && (sealed || !s.vault.On()) {
			return nil
		}
		k, err := x.s.vault.Same(x.ctx, ofSecret)
		if err == nil {
			_, err = x.exec("insert into meta (name, value) values ('secret', ?) on conflict (name) do update set value = excluded.value",
				record.SecretText(k, secret))
		}
		return err
	})
	return secret, err
}
