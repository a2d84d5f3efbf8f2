package sqlite

import (
	"context"
	"crypto/rand"
	"encoding/hex"
)

// Secret returns the project's random bytes, which stand in the table meta.
func (s *Store) Secret(ctx context.Context) ([]byte, error) {
	fresh := make([]byte, 32)
	_, _ = rand.Read(fresh) // it never fails
	var kept string
	err := s.write(ctx, len(fresh), func(x *tx) error {
		if _, err := x.exec("insert into meta (name, value) values ('secret', ?) on conflict (name) do nothing", hex.EncodeToString(fresh)); err != nil {
			return err
		}
		_, err := x.row("select value from meta where name = 'secret'", nil, &kept)
		return err
	})
	if err != nil {
		return nil, err
	}
	return hex.DecodeString(kept)
}
