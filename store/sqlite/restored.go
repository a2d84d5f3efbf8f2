package sqlite

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"time"

	"fondaco/store"
	"fondaco/store/record"
	"fondaco/store/sqlitefile"
)

// formatDrawn is the format of the first files with sequences.
const formatDrawn = 3

// FileKind returns what the files of states are known by.
func FileKind() sqlitefile.Kind { return kind(migrations) }

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
		found, err := x.row("select value from meta where name = ?", []any{record.RestoredKey}, &text)
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
	return at, err
}

// Restore marks the state in the file at path, which nobody has open, as the restored one that at says, and moves its
// sequences on: numbers may have been drawn since the moment of the backup. It returns those sequences, by name.
func Restore(ctx context.Context, path, project string, at store.Restored) (jumped []record.Jumped, err error) {
	text, err := json.Marshal(at)
	if err != nil {
		return nil, err
	}
	err = FileKind().Change(ctx, path, project, func(tx *sql.Tx, format int) error {
		if _, err := tx.ExecContext(ctx, "insert into meta (name, value) values (?, ?) on conflict (name) do update set value = excluded.value",
			record.RestoredKey, string(text)); err != nil {
			return err
		}
		if format < formatDrawn {
			return nil
		}
		jumped, err = jump(ctx, tx, at)
		return err
	})
	return jumped, err
}

// jump moves all sequences on.
func jump(ctx context.Context, tx *sql.Tx, at store.Restored) (jumped []record.Jumped, err error) {
	rows, err := tx.QueryContext(ctx, `select s.name, s.last, s.sum,
		coalesce((select max(n) from (select count(*) as n from drawn d where d.name = s.name group by d.at / 86400000000)), 0) from sequence s order by s.name`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	for rows.Next() {
		var j record.Jumped
		var kept, busiest int64
		if err := rows.Scan(&j.Name, &j.Last, &kept, &busiest); err != nil {
			return nil, err
		}
		if err := j.Jump(kept, busiest, at); err != nil {
			return nil, err
		}
		jumped = append(jumped, j)
	}
	if err := errors.Join(rows.Err(), rows.Close()); err != nil {
		return nil, err
	}
	for _, j := range jumped {
		if _, err := tx.ExecContext(ctx, "update sequence set last = ?, sum = ? where name = ?", j.Last, record.Sum(j.Name, j.Last),
			j.Name); err != nil {
			return nil, err
		}
	}
	return jumped, nil
}
