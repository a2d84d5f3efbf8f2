package sqlite

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
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

const reservationColumns = "token, id, body, since, lease, keep, until, status, header, answer, sum, dk, marks"

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
	var got store.Reservation
	err := i.s.write(ctx, len(id), func(x *tx) error {
		var r reservation
		found, err := x.row("select "+reservationColumns+" from idempotency where id = ?", []any{id}, r.fields()...)
		if err != nil {
			return err
		}
		if found && r.sum != r.seal() {
			return refuse(damaged("idempotency", r.token))
		}
		if found && micro(now) < r.until {
			got, err = r.stand(x.open, c, now)
			return err
		}
		if found { // its time is over
			if _, err := x.exec("delete from idempotency where token = ?", r.token); err != nil {
				return err
			}
		}
		r = reservation{
			id: id, body: c.Body[:], since: micro(now), lease: micro(now.Add(c.Lease)),
			keep: max(c.Keep, c.Lease).Microseconds(), header: []byte{}, answer: []byte{},
		}
		r.until = r.since + r.keep
		got = store.Reservation{State: store.Reserved, Since: moment(r.since)}
		got.Token, err = x.insert("insert into idempotency (id, body, since, lease, keep, until, status, header, answer, sum, marks) values (?, ?, ?, ?, ?, ?, 0, x'', x'', ?, ?)",
			r.id, r.body, r.since, r.lease, r.keep, r.until, r.seal(), string(c.Marks))
		return err
	})
	if err != nil {
		return store.Reservation{}, err
	}
	return got, nil
}

// stand tells how the key stands for a later claim.
func (r *reservation) stand(open opener, c store.Claim, now time.Time) (got store.Reservation, err error) {
	got.Since = moment(r.since)
	switch {
	case !bytes.Equal(r.body, c.Body[:]):
		got.State = store.Mismatch
	case r.status != 0:
		got.State = store.Answered
		if got.Answer, err = r.told(open); err != nil {
			return got, lost(err)
		}
	case micro(now) < r.lease:
		got.State, got.Token = store.Running, r.token
	default:
		got.State, got.Token = store.Unknown, r.token
	}
	return got, nil
}

// held reads the reservation of a token that has no answer yet.
func held(x *tx, token int64) (r reservation, err error) {
	found, err := x.row("select "+reservationColumns+" from idempotency where token = ?", []any{token}, r.fields()...)
	switch {
	case err != nil:
		return r, err
	case !found:
		return r, refuse(fmt.Errorf("%w: the reservation is gone", store.ErrFenced))
	case r.sum != r.seal():
		return r, refuse(damaged("idempotency", token))
	case r.status != 0:
		return r, refuse(fmt.Errorf("%w: the answer is recorded already", store.ErrFenced))
	}
	return r, nil
}

func (i idempotency) Record(ctx context.Context, token int64, a store.Answer, now time.Time) error {
	if a.Status <= 0 {
		return fmt.Errorf("an answer has a status; this one has %d", a.Status)
	}
	return i.s.write(ctx, len(a.Body)+len(packed(a.Header)), func(x *tx) error {
		r, err := held(x, token)
		if err != nil {
			return err
		}
		k, err := x.key(r.marks)
		if err != nil {
			return err
		}
		r.enclose(k, a)
		r.until = micro(now) + r.keep
		_, err = x.exec("update idempotency set until = ?, status = ?, header = ?, answer = ?, dk = ?, sum = ? where token = ?",
			r.until, r.status, r.header, r.answer, r.dk, r.seal(), token)
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
