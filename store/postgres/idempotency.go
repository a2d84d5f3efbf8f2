package postgres

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"strconv"
	"time"

	"fondaco/store"
	"fondaco/store/crypt"
)

type idempotency struct{ s *Store }

// reservation is a row of idempotency.
type reservation struct {
	token                     int64
	id                        []byte // of scope and key
	body                      []byte
	since, lease, keep, until int64 // lease and until are times, keep is a duration; microseconds
	status                    int64 // 0 while there is no answer
	header, answer            []byte
	sum                       int64
	dk                        int64 // see sealed.go
	marks                     string
}

const reservationColumns = "token, id, body, since, lease, keep, until, status, header, answer, sum, coalesce(dk, 0), marks"

func (r *reservation) fields() []any {
	return []any{&r.token, &r.id, &r.body, &r.since, &r.lease, &r.keep, &r.until, &r.status, &r.header, &r.answer, &r.sum, &r.dk, &r.marks}
}

func (r *reservation) seal() int64 {
	return sum(withKey(r.dk, r.id, r.body, r.since, r.lease, r.keep, r.until, r.status, r.header, r.answer)...)
}

func (r *reservation) at(column string) crypt.Place {
	return crypt.Place{Table: "idempotency", Column: column, Row: hex.EncodeToString(r.id)}
}

// enclose takes up an answer, as a data key encrypts it.
func (r *reservation) enclose(k *crypt.DataKey, a store.Answer) {
	r.dk, r.status = k.ID(), int64(a.Status)
	r.header, r.answer = k.Seal(r.at("header"), packed(a.Header)), k.Seal(r.at("answer"), blob(a.Body))
}

// told is the answer for the world.
func (r *reservation) told(open opener) (a store.Answer, err error) {
	a.Status = int(r.status)
	header, err := open(r.dk, r.at("header"), r.header)
	if err == nil {
		a.Header, err = unpacked(header)
	}
	if err == nil {
		a.Body, err = open(r.dk, r.at("answer"), r.answer)
	}
	return a, err
}

func (i idempotency) Reserve(ctx context.Context, c store.Claim, now time.Time) (store.Reservation, error) {
	id := hashed(c.Scope, c.Key)
	var r reservation
	var found bool
	var got store.Reservation
	err := i.s.join(ctx, &work{row: "key " + string(id), bytes: len(id), ask: func(g *group) {
		r = reservation{}
		g.read(&found, "select "+reservationColumns+" from idempotency where id = ? for update", []any{id}, r.fields()...)
	}, apply: func(g *group) error {
		at := g.now(now)
		if found && r.sum != r.seal() {
			return refuse(damaged("idempotency", r.token))
		}
		if found && at < r.until {
			var err error
			got, err = r.stand(i.s.open(ctx), c, at)
			return err
		}
		if found { // its time is over
			g.write(nil, "delete from idempotency where token = ?", r.token)
		}
		r = reservation{
			id: id, body: c.Body[:], since: at, lease: at + c.Lease.Microseconds(),
			keep: max(c.Keep, c.Lease).Microseconds(), header: []byte{}, answer: []byte{},
		}
		r.until = r.since + r.keep
		got = store.Reservation{State: store.Reserved, Since: moment(r.since)}
		g.insert(func(token int64) error {
			if got.Token = token; token == 0 { // another process took it since it was read
				return errAgain
			}
			return nil
		}, "insert into idempotency (id, body, since, lease, keep, until, status, header, answer, sum, marks) values (?, ?, ?, ?, ?, ?, 0, '', '', ?, ?) on conflict (id) do nothing returning token",
			r.id, r.body, r.since, r.lease, r.keep, r.until, r.seal(), string(c.Marks))
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

// stand tells how the key stands for a later claim.
func (r *reservation) stand(open opener, c store.Claim, now int64) (got store.Reservation, err error) {
	got.Since = moment(r.since)
	switch {
	case !bytes.Equal(r.body, c.Body[:]):
		got.State = store.Mismatch
	case r.status != 0:
		got.State = store.Answered
		if got.Answer, err = r.told(open); err != nil {
			return got, lost(err)
		}
	case now < r.lease:
		got.State, got.Token = store.Running, r.token
	default:
		got.State, got.Token = store.Unknown, r.token
	}
	return got, nil
}

// held has the reservation of a token read, and applied on if it has no answer yet.
func (i idempotency) held(ctx context.Context, token int64, bytes int, apply func(*group, *reservation) error) error {
	var r reservation
	var found bool
	return i.s.join(ctx, &work{row: "token " + strconv.FormatInt(token, 10), bytes: bytes, ask: func(g *group) {
		r = reservation{}
		g.read(&found, "select "+reservationColumns+" from idempotency where token = ? for update", []any{token}, r.fields()...)
	}, apply: func(g *group) error {
		switch {
		case !found:
			return refuse(fmt.Errorf("%w: the reservation is gone", store.ErrFenced))
		case r.sum != r.seal():
			return refuse(damaged("idempotency", token))
		case r.status != 0:
			return refuse(fmt.Errorf("%w: the answer is recorded already", store.ErrFenced))
		}
		return apply(g, &r)
	}})
}

func (i idempotency) Record(ctx context.Context, token int64, a store.Answer, now time.Time) error {
	if a.Status <= 0 {
		return fmt.Errorf("an answer has a status; this one has %d", a.Status)
	}
	return i.held(ctx, token, len(a.Body)+len(packed(a.Header)), func(g *group, r *reservation) error {
		k, err := i.s.vault.For(ctx, r.marks)
		if err != nil {
			return err
		}
		r.enclose(k, a)
		r.until = g.now(now) + r.keep
		g.write(still, "update idempotency set until = ?, status = ?, header = ?, answer = ?, dk = ?, sum = ? where token = ?",
			r.until, r.status, r.header, r.answer, dkOf(r.dk), r.seal(), token)
		return nil
	})
}

func (i idempotency) Release(ctx context.Context, token int64) error {
	return i.held(ctx, token, 0, func(g *group, r *reservation) error {
		g.write(still, "delete from idempotency where token = ?", r.token)
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
