package sqlite

import (
	"context"
	"fmt"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

type idempotency struct{ s *Store }

const reservationColumns = "token, id, body, since, lease, keep, until, status, header, answer, sum, dk, marks"

func (i idempotency) Reserve(ctx context.Context, c store.Claim, now time.Time) (store.Reservation, error) {
	id := hashed(c.Scope, c.Key)
	var got store.Reservation
	err := i.s.write(ctx, len(id), func(x *tx) error {
		var r record.Reservation
		found, err := x.row("select "+reservationColumns+" from idempotency where id = ?", []any{id}, r.Fields()...)
		if err != nil {
			return err
		}
		if found && r.Sum != r.Seal() {
			return refuse(record.Damaged("idempotency", r.Token))
		}
		if found && record.Micro(now) < r.Until {
			got, err = r.Stand(x.open, c, record.Micro(now))
			return lost(err)
		}
		if found { // its time is over
			if _, err := x.exec("delete from idempotency where token = ?", r.Token); err != nil {
				return err
			}
		}
		r = record.NewReservation(id, c, record.Micro(now))
		got = store.Reservation{State: store.Reserved, Since: record.Moment(r.Since)}
		got.Token, err = x.insert("insert into idempotency (id, body, since, lease, keep, until, status, header, answer, sum, marks) values "+
			"(?, ?, ?, ?, ?, ?, 0, x'', x'', ?, ?)",
			r.ID, r.Body, r.Since, r.Lease, r.Keep, r.Until, r.Seal(), string(c.Marks))
		return err
	})
	if err != nil {
		return store.Reservation{}, err
	}
	return got, nil
}

// held reads the reservation of a token that has no answer yet.
func held(x *tx, token int64) (r record.Reservation, err error) {
	found, err := x.row("select "+reservationColumns+" from idempotency where token = ?", []any{token}, r.Fields()...)
	if err != nil {
		return r, err
	}
	if err := r.Held(found, token); err != nil {
		return r, refuse(err)
	}
	return r, nil
}

func (i idempotency) Record(ctx context.Context, token int64, a store.Answer, now time.Time) error {
	if a.Status <= 0 {
		return fmt.Errorf("an answer has a status; this one has %d", a.Status)
	}
	return i.s.write(ctx, len(a.Body)+len(record.Packed(a.Header)), func(x *tx) error {
		r, err := held(x, token)
		if err != nil {
			return err
		}
		k, err := x.key(r.Marks)
		if err != nil {
			return err
		}
		r.Enclose(k, a)
		r.Until = record.Micro(now) + r.Keep
		_, err = x.exec("update idempotency set until = ?, status = ?, header = ?, answer = ?, dk = ?, sum = ? where token = ?",
			r.Until, r.Status, r.Header, r.Answer, r.DK, r.Seal(), token)
		return err
	})
}

func (i idempotency) Release(ctx context.Context, token int64) error {
	return i.s.write(ctx, 0, func(x *tx) error {
		if _, err := held(x, token); err != nil {
			return err
		}
		_, err := x.exec("delete from idempotency where token = ?", token)
		return err
	})
}
