package record

import (
	"bytes"
	"encoding/hex"
	"fmt"

	"fondaco/store"
	"fondaco/store/crypt"
)

// Reservation is a row of idempotency.
type Reservation struct {
	Token                     int64
	ID                        []byte // of scope and key
	Body                      []byte
	Since, Lease, Keep, Until int64 // lease and until are times, keep is a duration; microseconds
	Status                    int64 // 0 while there is no answer
	Header, Answer            []byte
	Sum                       int64
	DK                        int64 // see Tables
	Marks                     string
}

// NewReservation returns the row of a claim that is made now.
func NewReservation(id []byte, c store.Claim, now int64) Reservation {
	r := Reservation{
		ID: id, Body: c.Body[:], Since: now, Lease: now + c.Lease.Microseconds(),
		Keep: max(c.Keep, c.Lease).Microseconds(), Header: []byte{}, Answer: []byte{}, Marks: string(c.Marks),
	}
	r.Until = r.Since + r.Keep
	return r
}

// Fields are token, id, body, since, lease, keep, until, status, header, answer, sum, dk, marks.
func (r *Reservation) Fields() []any {
	return []any{&r.Token, &r.ID, &r.Body, &r.Since, &r.Lease, &r.Keep, &r.Until, &r.Status, &r.Header, &r.Answer, &r.Sum, &r.DK, &r.Marks}
}

// Seal is the row's sum.
func (r *Reservation) Seal() int64 {
	return Sum(withKey(r.DK, r.ID, r.Body, r.Since, r.Lease, r.Keep, r.Until, r.Status, r.Header, r.Answer)...)
}

func (r *Reservation) in(column string) crypt.Place {
	return crypt.Place{Table: "idempotency", Column: column, Row: hex.EncodeToString(r.ID)}
}

// Enclose takes up an answer, as a data key encrypts it.
func (r *Reservation) Enclose(k *crypt.DataKey, a store.Answer) {
	r.DK, r.Status = k.ID(), int64(a.Status)
	r.Header, r.Answer = k.Seal(r.in("header"), Packed(a.Header)), k.Seal(r.in("answer"), Blob(a.Body))
}

// Told is the answer for the world.
func (r *Reservation) Told(open Opener) (a store.Answer, err error) {
	a.Status = int(r.Status)
	header, err := open(r.DK, r.in("header"), r.Header)
	if err == nil {
		a.Header, err = Unpacked(header)
	}
	if err == nil {
		a.Body, err = open(r.DK, r.in("answer"), r.Answer)
	}
	return a, err
}

// Stand returns how the key stands for a later claim.
func (r *Reservation) Stand(open Opener, c store.Claim, now int64) (got store.Reservation, err error) {
	got.Since = Moment(r.Since)
	switch {
	case !bytes.Equal(r.Body, c.Body[:]):
		got.State = store.Mismatch
	case r.Status != 0:
		got.State = store.Answered
		got.Answer, err = r.Told(open)
	case now < r.Lease:
		got.State, got.Token = store.Running, r.Token
	default:
		got.State, got.Token = store.Unknown, r.Token
	}
	return got, err
}

// Held returns why the reservation, if it was found, is not one that waits for its answer: store.ErrFenced or store.ErrDamaged.
func (r *Reservation) Held(found bool, token int64) error {
	switch {
	case !found:
		return fmt.Errorf("%w: the reservation is gone", store.ErrFenced)
	case r.Sum != r.Seal():
		return Damaged("idempotency", token)
	case r.Status != 0:
		return fmt.Errorf("%w: the answer is recorded already", store.ErrFenced)
	}
	return nil
}
