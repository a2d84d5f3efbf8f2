package sqlite

import (
	"cmp"
	"context"
	"database/sql"
	"errors"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

type subjects struct{ s *Store }

// Subjects returns what is kept of persons.
func (s *Store) Subjects() store.Subjects { return subjects{s} }

// bears is the condition of a row with a mark. Marks have one length, so that none is found within two others.
const bears = "marks <> '' and instr(marks, ?) > 0"

// ids lists a column of the rows of a table that bear a mark, above a row, by their order.
func (j subjects) ids(ctx context.Context, table, row, column string, mark store.Marks) (list []string, err error) {
	if mark == "" {
		return nil, errors.New("a mark is wanted")
	}
	err = j.s.read(ctx, func(r *reader) error {
		list = nil
		return r.rows("select "+column+" from "+table+" where "+bears+" order by "+row, []any{string(mark)}, func(rows *sql.Rows) error {
			var id string
			err := rows.Scan(&id)
			list = append(list, id)
			return err
		})
	})
	return list, err
}

func (j subjects) Find(ctx context.Context, mark store.Marks, each func(store.SubjectRecord) error) error {
	var bad error
	met := func(err error, r store.SubjectRecord) error {
		switch {
		case errors.Is(err, store.ErrDamaged):
			bad = err
			return nil
		case errors.Is(err, store.ErrAbsent): // it has gone meanwhile
			return nil
		case err != nil:
			return err
		}
		return each(r)
	}
	list, err := j.ids(ctx, "operation", "seq", "id", mark)
	for _, id := range list {
		o, failed := j.s.Operations().Get(ctx, id)
		if err := met(failed, store.SubjectRecord{Operation: &o}); err != nil {
			return err
		}
	}
	if err != nil {
		return err
	}
	if list, err = j.ids(ctx, "letter", "seq", "id", mark); err != nil {
		return err
	}
	for _, id := range list {
		l, failed := j.s.DeadLetters().Get(ctx, id)
		if err := met(failed, store.SubjectRecord{Letter: &l}); err != nil {
			return err
		}
	}
	if list, err = j.ids(ctx, "idempotency", "token", "token", mark); err != nil {
		return err
	}
	for _, token := range list {
		var a store.Answer
		found, failed := j.answer(ctx, token, &a)
		if failed == nil && !found {
			continue
		}
		if err := met(failed, store.SubjectRecord{Answer: &a}); err != nil {
			return err
		}
	}
	lost, err := j.findCollected(ctx, mark, each)
	if err != nil {
		return err
	}
	return cmp.Or(lost, bad)
}

// answer reads what was answered under a reservation; false if it has no answer.
func (j subjects) answer(ctx context.Context, token string, a *store.Answer) (found bool, err error) {
	err = j.s.read(ctx, func(rd *reader) error {
		var r record.Reservation
		there, err := rd.row("select "+reservationColumns+" from idempotency where token = ?", []any{token}, r.Fields()...)
		if err != nil || !there {
			return err
		}
		if r.Sum != r.Seal() {
			return refuse(record.Damaged("idempotency", r.Token))
		}
		found = r.Status != 0
		*a, err = r.Told(rd.open)
		return lost(err)
	})
	return found, err
}

func (j subjects) Erase(ctx context.Context, mark store.Marks, instead store.Answer, now time.Time) (done store.Erased, err error) {
	if mark == "" {
		return done, errors.New("a mark is wanted")
	}
	if err := j.s.repeat(ctx, &done.Operations, func(x *tx) (int64, error) {
		x.forgetOperations()
		return x.exec("delete from operation where seq in (select seq from operation where "+ended+" and "+bears+" limit ?)", string(mark), chunk)
	}); err != nil {
		return done, err
	}
	if err := j.s.repeat(ctx, &done.Letters, func(x *tx) (n int64, err error) {
		var list [][2]int64
		if err := x.rows("select seq, weight from letter where state <> 'replaying' and "+bears+" limit ?", []any{string(mark), chunk},
			func(rows *sql.Rows) error {
				var l [2]int64
				err := rows.Scan(&l[0], &l[1])
				list = append(list, l)
				return err
			}); err != nil {
			return 0, err
		}
		for _, l := range list {
			if err := j.s.dropLetter(x, l[0], l[1]); err != nil {
				return 0, err
			}
		}
		return int64(len(list)), nil
	}); err != nil {
		return done, err
	}
	if err := j.s.repeat(ctx, &done.Answers, func(x *tx) (int64, error) { return j.forgetAnswers(x, mark, instead) }); err != nil {
		return done, err
	}
	if done.Collected, err = j.eraseCollected(ctx, mark, now); err != nil {
		return done, err
	}
	if err := j.s.write(ctx, 0, func(x *tx) error {
		_, err := j.s.vault.Shred(x.ctx, x.f.conn, string(mark))
		return err
	}); err != nil {
		return done, err
	}
	err = j.s.read(ctx, func(r *reader) error {
		_, err := r.row("select (select count(*) from operation where not "+ended+" and "+bears+") + (select count(*) from letter where "+bears+
			") + (select count(*) from idempotency where "+bears+") + (select count(*) from item where "+bears+")",
			[]any{string(mark), string(mark), string(mark), string(mark)}, &done.InFlight)
		return err
	})
	return done, err
}

// forgetAnswers puts another answer in the place of some of a person's, and takes the mark away.
func (j subjects) forgetAnswers(x *tx, mark store.Marks, instead store.Answer) (int64, error) {
	var list []record.Reservation
	if err := x.rows("select "+reservationColumns+" from idempotency where status > 0 and "+bears+" limit ?", []any{string(mark), chunk},
		func(rows *sql.Rows) error {
			var r record.Reservation
			err := rows.Scan(r.Fields()...)
			list = append(list, r)
			return err
		}); err != nil {
		return 0, err
	}
	for _, r := range list {
		sound := r.Sum == r.Seal()
		k, err := x.key("")
		if err != nil {
			return 0, err
		}
		r.Enclose(k, instead)
		if sound { // one that is damaged stays so, without what it held
			r.Sum = r.Seal()
		}
		if _, err := x.exec("update idempotency set status = ?, header = ?, answer = ?, dk = ?, sum = ?, marks = '' where token = ?", r.Status,
			r.Header, r.Answer, r.DK, r.Sum, r.Token); err != nil {
			return 0, err
		}
	}
	return int64(len(list)), nil
}
