package sqlite

import (
	"context"
	"slices"
)

// forget lets go the ids that were finished before a time, and returns their number. A run goes as a whole.
func (s *Store) forget(ctx context.Context, before int64) (count int64, err error) {
	k := &s.finished
	k.mu.RLock()
	old := func(r run) bool { return r.newest < before }
	var runs []run
	for _, r := range k.runs {
		if old(r) {
			runs = append(runs, r)
		}
	}
	recent := false
	for _, at := range k.recent {
		recent = recent || at < before
	}
	first, former := k.first, k.former
	k.mu.RUnlock()

	for _, r := range runs {
		if err := s.write(ctx, 0, func(x *tx) error {
			_, err := x.exec("delete from inbox_page where id >= ? and id < ?", r.id<<pageBits, (r.id+1)<<pageBits)
			if err == nil {
				_, err = x.exec("delete from inbox_run where run = ?", r.id)
			}
			return err
		}); err != nil {
			return count, err
		}
		k.mu.Lock()
		k.runs = slices.DeleteFunc(k.runs, func(o run) bool { return o.id == r.id })
		k.mu.Unlock()
		count += r.count
	}
	if recent {
		if err := s.write(ctx, 0, func(x *tx) error { // a row goes when the youngest of its ids is too old
			_, err := x.exec("delete from inbox_log where at < ?", before)
			return err
		}); err != nil {
			return count, err
		}
		k.mu.Lock()
		for m, at := range k.recent {
			if at < before {
				delete(k.recent, m)
				count++
			}
		}
		k.mu.Unlock()
	}
	if former != 0 && former < before {
		if err := s.write(ctx, 0, func(x *tx) error {
			_, err := x.exec("delete from meta where name = 'inbox without topics'")
			return err
		}); err != nil {
			return count, err
		}
		k.mu.Lock()
		k.former = 0
		k.mu.Unlock()
	}
	if !first {
		return count, nil
	}
	if err := s.forgetFirst(ctx, before, &count); err != nil {
		return count, err
	}
	return count, nil
}

// forgetFirst does the same for the ids that format 1 kept.
func (s *Store) forgetFirst(ctx context.Context, before int64, count *int64) error {
	if err := s.repeat(ctx, count, func(x *tx) (int64, error) {
		return x.exec("delete from inbox where (grp, id) in (select grp, id from inbox where at < ? order by at limit ?)", before, chunk)
	}); err != nil {
		return err
	}
	return s.read(ctx, func(r *reader) error {
		var one int
		left, err := r.row("select 1 from inbox limit 1", nil, &one)
		if err == nil && !left {
			s.finished.mu.Lock()
			s.finished.first = false
			s.finished.mu.Unlock()
		}
		return err
	})
}
