package postgres

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

type idempotency struct{ s *Store }

const reservationColumns = "token, id, body, since, lease, keep, until, status, header, answer, sum, coalesce(dk, 0), marks"

func (i idempotency) Reserve(ctx context.Context, c store.Claim, now time.Time) (store.Reservation, error) {
	id := hashed(c.Scope, c.Key)
	var r record.Reservation
	var found bool
	var got store.Reservation
	err := i.s.join(ctx, &work{row: "key " + string(id), bytes: len(id), ask: func(g *group) {
		r = record.Reservation{}
		g.read(&found, "select "+reservationColumns+" from idempotency where id = ? for update", []any{id}, r.Fields()...)
	}, apply: func(g *group) error {
		at := g.now(now)
		if found && r.Sum != r.Seal() {
			return refuse(record.Damaged("idempotency", r.Token))
		}
		if found && at < r.Until {
			var err error
			got, err = r.Stand(i.s.open(ctx), c, at)
			return lost(err)
		}
		if found { // its time is over
			g.write(nil, "delete from idempotency where token = ?", r.Token)
		}
		r = record.NewReservation(id, c, at)
		got = store.Reservation{State: store.Reserved, Since: record.Moment(r.Since)}
		g.insert(func(token int64) error {
			if got.Token = token; token == 0 { // another process took it since it was read
				return errAgain
			}
			return nil
		}, "insert into idempotency (id, body, since, lease, keep, until, status, header, answer, sum, marks) values (?, ?, ?, ?, ?, ?, 0, "+
			"'', '', ?, ?) on conflict (id) do nothing returning token",
			r.ID, r.Body, r.Since, r.Lease, r.Keep, r.Until, r.Seal(), string(c.Marks))
		return nil
	}})
	if err != nil {
		return store.Reservation{}, err
	}
	return got, nil
}

// now returns the database's time.
func (g *group) now(told time.Time) int64 {
	if g.s.faults.time != nil {
		return g.s.faults.time(told)
	}
	return g.clock
}

// held has the reservation of a token read, and applied on if it has no answer yet.
func (i idempotency) held(ctx context.Context, token int64, bytes int, apply func(*group, *record.Reservation) error) error {
	var r record.Reservation
	var found bool
	return i.s.join(ctx, &work{row: "token " + strconv.FormatInt(token, 10), bytes: bytes, ask: func(g *group) {
		r = record.Reservation{}
		g.read(&found, "select "+reservationColumns+" from idempotency where token = ? for update", []any{token}, r.Fields()...)
	}, apply: func(g *group) error {
		if err := r.Held(found, token); err != nil {
			return refuse(err)
		}
		return apply(g, &r)
	}})
}

func (i idempotency) Record(ctx context.Context, token int64, a store.Answer, now time.Time) error {
	if a.Status <= 0 {
		return fmt.Errorf("an answer has a status; this one has %d", a.Status)
	}
	return i.held(ctx, token, len(a.Body)+len(record.Packed(a.Header)), func(g *group, r *record.Reservation) error {
		k, err := i.s.vault.For(ctx, r.Marks)
		if err != nil {
			return err
		}
		r.Enclose(k, a)
		r.Until = g.now(now) + r.Keep
		g.write(still, "update idempotency set until = ?, status = ?, header = ?, answer = ?, dk = ?, sum = ? where token = ?",
			r.Until, r.Status, r.Header, r.Answer, dkOf(r.DK), r.Seal(), token)
		return nil
	})
}

func (i idempotency) Release(ctx context.Context, token int64) error {
	return i.held(ctx, token, 0, func(g *group, r *record.Reservation) error {
		g.write(still, "delete from idempotency where token = ?", r.Token)
		return nil
	})
}

// still refuses a reservation that has gone since it was read: its time was over, and another took the key.
func still(n int64) error {
	if n == 0 {
		return fmt.Errorf("%w: the reservation is gone", store.ErrFenced)
	}
	return nil
}
