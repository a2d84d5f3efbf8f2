package postgres

import (
	"context"
	"encoding/json"
	"fmt"
	"math"
	"time"

	"fondaco/store"
)

// Restores returns whether the state was restored from a backup.
func (s *Store) Restores() store.Restores { return restores{s} }

type restores struct{ s *Store }

// restoredKey is the name in the table meta of what is kept of the latest restore.
const restoredKey = "restored"

func (r restores) Latest(ctx context.Context) (at store.Restored, err error) {
	var text string
	err = r.s.read(ctx, func(x *reader) error {
		found, err := x.row("select value from meta where name = ?", []any{restoredKey}, &text)
		if err == nil && !found {
			return refuse(store.ErrAbsent)
		}
		return err
	})
	if err != nil {
		return at, err
	}
	return readRestored(text)
}

func (r restores) Release(ctx context.Context, by, why string, notDone bool, now time.Time) (at store.Restored, err error) {
	err = r.s.write(ctx, len(by)+len(why)+4096, func(x *tx) error {
		var text string
		found, err := x.row("select value from meta where name = ? for no key update", []any{restoredKey}, &text)
		if err != nil {
			return err
		}
		if !found {
			return refuse(store.ErrAbsent)
		}
		if at, err = readRestored(text); err != nil {
			return refuse(err)
		}
		at.Held, at.By, at.Why, at.Released = false, by, why, now
		at.Doubtful = at.Doubtful && !notDone
		out, err := json.Marshal(at)
		if err != nil {
			return refuse(err)
		}
		_, err = x.exec("update meta set value = ? where name = ?", string(out), restoredKey)
		return err
	})
	return at, err
}

func readRestored(text string) (at store.Restored, err error) {
	if err := json.Unmarshal([]byte(text), &at); err != nil || at.ID == "" {
		return at, fmt.Errorf("%w: what is kept of its restore; restore the database again", store.ErrDamaged)
	}
	return at, nil
}

// Jumped is a sequence that a restore moved on.
type Jumped struct {
	Name string
	Last int64 // every number up to this one may have been drawn
}

// The gap that a restore leaves in a sequence.
const (
	leastGap  = 10_000 // numbers
	gapFactor = 10     // times what was drawn on the busiest day, for each day since the backup
)

// Restored marks the state, whose database was restored, as the restored one that at says, and moves its sequences on: numbers may
// have been drawn since the moment of the backup. It returns those sequences, by name. No other process has the state open.
func (s *Store) Restored(ctx context.Context, at store.Restored) (jumped []Jumped, err error) {
	text, err := json.Marshal(at)
	if err != nil {
		return nil, err
	}
	err = s.write(ctx, len(text), func(x *tx) error {
		if _, err := x.exec("insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value", restoredKey, string(text)); err != nil {
			return err
		}
		jumped, err = jump(x, at)
		return err
	})
	return jumped, err
}

// jump moves all sequences on.
func jump(x *tx, at store.Restored) (jumped []Jumped, err error) {
	days := 1 + int64(max(at.At.Sub(at.Moment), 0)/(24*time.Hour))
	if err := x.rows(`select s.name, s.last, s.sum,
		coalesce((select max(n) from (select count(*) as n from drawn d where d.name = s.name group by d.at / 86400000000) as day), 0) from sequence s order by s.name for update of s`, nil,
		func(r scanner) error {
			var j Jumped
			var kept, busiest int64
			if err := r.Scan(&j.Name, &j.Last, &kept, &busiest); err != nil {
				return err
			}
			if kept != sum(j.Name, j.Last) {
				return refuse(fmt.Errorf("%w: the sequence %q; take another backup", store.ErrDamaged, j.Name))
			}
			gap := max(leastGap, gapFactor*busiest*days)
			j.Last = min(j.Last, math.MaxInt64-gap) + gap
			jumped = append(jumped, j)
			return nil
		}); err != nil {
		return nil, err
	}
	for _, j := range jumped {
		if _, err := x.exec("update sequence set last = ?, sum = ? where name = ?", j.Last, sum(j.Name, j.Last), j.Name); err != nil {
			return nil, err
		}
	}
	return jumped, nil
}
