package postgres

import "context"

// Groups are which groups had a place on a topic of the cluster, for all processes.
type Groups struct{ s *Store }

// Groups returns which groups had a place.
func (s *Store) Groups() Groups { return Groups{s} }

// Seen reports whether the group had a place on the topic.
func (g Groups) Seen(ctx context.Context, topic, group string) (seen bool, err error) {
	err = g.s.read(ctx, func(r *reader) error {
		_, err := r.row("select exists (select 1 from seen_group where topic = ? and grp = ?)", []any{topic, group}, &seen)
		return err
	})
	return seen && err == nil, err
}

// See remembers, durably before it returns nil, that the group has a place.
func (g Groups) See(ctx context.Context, topic, group string) error {
	return g.s.write(ctx, len(topic)+len(group), func(x *tx) error {
		_, err := x.exec("insert into seen_group (topic, grp) values (?, ?) on conflict do nothing", topic, group)
		return err
	})
}

// Forget forgets durably that the group had a place.
func (g Groups) Forget(ctx context.Context, topic, group string) error {
	return g.s.write(ctx, 0, func(x *tx) error {
		_, err := x.exec("delete from seen_group where topic = ? and grp = ?", topic, group)
		return err
	})
}

// All returns the topics and groups that had a place, by their names.
func (g Groups) All(ctx context.Context) (list [][2]string, err error) {
	err = g.s.read(ctx, func(r *reader) error {
		list = nil
		return r.rows("select topic, grp from seen_group order by topic, grp", nil, func(row scanner) error {
			var one [2]string
			err := row.Scan(&one[0], &one[1])
			list = append(list, one)
			return err
		})
	})
	return list, err
}
