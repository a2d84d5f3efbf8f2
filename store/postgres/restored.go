package postgres

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

// Restores returns whether the state was restored from a backup.
func (s *Store) Restores() store.Restores { return restores{s} }

type restores struct{ s *Store }

func (r restores) Latest(ctx context.Context) (at store.Restored, err error) {
	var text string
	err = r.s.read(ctx, func(x *reader) error {
		found, err := x.row("select value from meta where name = ?", []any{record.RestoredKey}, &text)
		if err == nil && !found {
			return refuse(store.ErrAbsent)
		}
		return err
	})
	if err != nil {
		return at, err
	}
	return record.ReadRestored(text)
}

func (r restores) Release(ctx context.Context, by, why string, notDone bool, now time.Time) (at store.Restored, err error) {
	err = r.s.write(ctx, len(by)+len(why)+4096, func(x *tx) error {
		var text string
		found, err := x.row("select value from meta where name = ? for no key update", []any{record.RestoredKey}, &text)
		if err != nil {
			return err
		}
		if !found {
			return refuse(store.ErrAbsent)
		}
		var out string
		if at, out, err = record.Released(text, by, why, notDone, now); err != nil {
			return refuse(err)
		}
		_, err = x.exec("update meta set value = ? where name = ?", out, record.RestoredKey)
		return err
	})
	if err == nil {
		r.s.news.tell(store.RestoreReleased)
	}
	return at, err
}

// Restored marks the state, whose database was restored, as the restored one that at says, and moves its sequences on: numbers may
// have been drawn since the moment of the backup. It returns those sequences, by name. No other process may have the state open.
func (s *Store) Restored(ctx context.Context, at store.Restored) (jumped []record.Jumped, err error) {
	text, err := json.Marshal(at)
	if err != nil {
		return nil, err
	}
	err = s.write(ctx, len(text), func(x *tx) error {
		if _, err := x.exec("insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
			record.RestoredKey, string(text)); err != nil {
			return err
		}
		jumped, err = jump(x, at)
		return err
	})
	return jumped, err
}

// jump moves all sequences on.
func jump(x *tx, at store.Restored) (jumped []record.Jumped, err error) {
	if err := x.rows(`select s.name, s.last, s.sum,
		coalesce((select max(n) from (select count(*) as n from drawn d where d.name = s.name group by d.at / 86400000000) as day), 0) from sequence s order by s.name for update of s`, nil,
		func(r scanner) error {
			var j record.Jumped
			var kept, busiest int64
			if err := r.Scan(&j.Name, &j.Last, &kept, &busiest); err != nil {
				return err
			}
			if err := j.Jump(kept, busiest, at); err != nil {
				return refuse(err)
			}
			jumped = append(jumped, j)
			return nil
		}); err != nil {
		return nil, err
	}
	for _, j := range jumped {
		if _, err := x.exec("update sequence set last = ?, sum = ? where name = ?", j.Last, record.Sum(j.Name, j.Last), j.Name); err != nil {
			return nil, err
		}
	}
	return jumped, nil
}

// marking is the name of the connection with which a state is marked as restored, so that those of processes can be told from it.
const marking = "fondaco restored"

// MarkRestored marks the state at an address, as Open has it, as one whose database was brought back to an earlier moment, which
// at says, and
// moves its sequences on. It returns those, by name. It refuses, and writes nothing, while a process of the project has the state open.
func MarkRestored(ctx context.Context, address string, o Options, at store.Restored) (jumped []record.Jumped, err error) {
	a, err := parse(address, o.Project)
	if err != nil {
		return nil, err
	}
	address, err = with(address, map[string]string{"application_name": marking, "schema": a.schema})
	if err != nil {
		return nil, err
	}
	s, err := Open(ctx, address, o)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, s.Close()) }()
	if err := s.unopened(ctx, a.pool.ConnConfig.RuntimeParams["application_name"]); err != nil {
		return nil, fmt.Errorf("%w; nothing was changed", err)
	}
	return s.Restored(ctx, at)
}
