package postgres

import (
	"context"
	"net"
	"strconv"
)

// Unreplicated reports whether the address names several hosts, between which a failover is to be expected, and commits do not wait for a
// replica: what was told to be kept in the last moments before a failover is then lost.
func (s *Store) Unreplicated(ctx context.Context) (bool, error) {
	if len(s.at.hosts()) < 2 {
		return false, nil
	}
	var waits bool
	err := s.read(ctx, func(r *reader) error {
		_, err := r.row("select current_setting('synchronous_standby_names') <> '' and current_setting('synchronous_commit') not in "+
			"('off', 'local')", nil, &waits)
		return err
	})
	return err == nil && !waits, err
}

// hosts are those that the address names, each with its port, once.
func (a address) hosts() map[string]bool {
	c := a.pool.ConnConfig
	all := map[string]bool{net.JoinHostPort(c.Host, strconv.Itoa(int(c.Port))): true}
	for _, f := range c.Fallbacks {
		all[net.JoinHostPort(f.Host, strconv.Itoa(int(f.Port)))] = true
	}
	return all
}
