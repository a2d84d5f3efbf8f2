package record

import (
	"fmt"
	"strconv"
	"strings"

	"fondaco/store"
	"fondaco/store/crypt"
)

// Operation is a row of that table.
type Operation struct {
	Seq              int64
	ID, Route, Owner string
	State            string
	Created, Updated int64
	Reply            Sealed
	Status           int64
	Header, Body     []byte
	BodySum          int64 // the sum of header and body, so that a list need not read them
	End              int64
	Sum              int64
	DK               int64 // see Tables
	Marks            string
}

// NewOperation returns the row of an operation, which Enclose completes.
func NewOperation(o store.Operation) Operation {
	return Operation{
		ID: o.ID, Route: o.Route, Owner: o.Owner, State: string(o.State), Created: Micro(o.Created), Updated: Micro(o.Updated),
		Status: int64(o.Answer.Status), Marks: string(o.Marks),
	}
}

// Fields are those of a list: seq, id, route, owner, state, created, updated, reply_to, status, body_sum, ended, sum, dk, marks.
func (o *Operation) Fields() []any {
	return []any{
		&o.Seq, &o.ID, &o.Route, &o.Owner, &o.State, &o.Created, &o.Updated, &o.Reply, &o.Status, &o.BodySum, &o.End, &o.Sum, &o.DK, &o.Marks,
	}
}

// Whole are Fields, header and body.
func (o *Operation) Whole() []any { return append(o.Fields(), &o.Header, &o.Body) }

// Seal is the row's sum.
func (o *Operation) Seal() int64 {
	parts := []any{o.ID, o.Route, o.Owner, o.State, o.Created, o.Updated, o.Reply, o.Status, o.BodySum}
	if o.End != 0 { // formats before 4 of the file had none
		parts = append(parts, o.End)
	}
	return Sum(withKey(o.DK, parts...)...)
}

func (o *Operation) in(column string) crypt.Place {
	return crypt.Place{Table: "operation", Column: column, Row: o.ID}
}

// Enclose takes up what the row holds, as a data key encrypts it.
func (o *Operation) Enclose(k *crypt.DataKey, reply string, header, body []byte) {
	o.DK, o.Reply = k.ID(), sealed(k, o.in("reply_to"), reply)
	o.Header, o.Body = k.Seal(o.in("header"), header), k.Seal(o.in("body"), body)
	o.BodySum = Sum(o.Header, o.Body)
}

// Again encloses a row that is there anew, with what it then holds. key returns the data key for a record that bears marks.
func (o *Operation) Again(open Opener, key func(marks string) (*crypt.DataKey, error), header, body []byte) error {
	reply, err := open.Text(o.DK, o.in("reply_to"), o.Reply)
	if err != nil {
		return err
	}
	k, err := key(o.Marks)
	if err == nil {
		o.Enclose(k, reply, header, body)
	}
	return err
}

// Move sets the row's state, the number of its end, and the status of its answer.
func (o *Operation) Move(to store.OperationState, end int, status int, now int64) {
	if o.End == 0 && store.OperationState(o.State).Ended() {
		o.End = 1 // it ended before ends had numbers
	}
	o.End = max(o.End, int64(end))
	o.State, o.Updated, o.Status = string(to), now, int64(status)
}

// Told is the row for the world, with its answer if it is whole. A row that is not as it was written is store.ErrDamaged.
func (o *Operation) Told(open Opener, whole bool) (store.Operation, error) {
	t := store.Operation{
		ID: o.ID, Route: o.Route, Owner: o.Owner, State: store.OperationState(o.State), Created: Moment(o.Created), Updated: Moment(o.Updated),
		End: int(o.End), Answer: store.Answer{Status: int(o.Status)},
		Cursor: strconv.FormatInt(o.Updated, 10) + "." + strconv.FormatInt(o.Seq, 10),
	}
	if o.End == 0 && t.State.Ended() {
		t.End = 1 // it ended before ends had numbers
	}
	if o.Sum != o.Seal() {
		return t, Damaged("operation", o.Seq)
	}
	var err error
	if t.ReplyTo, err = open.Text(o.DK, o.in("reply_to"), o.Reply); err != nil || !whole {
		return t, err
	}
	if o.BodySum != Sum(o.Header, o.Body) {
		return t, Damaged("operation", o.Seq)
	}
	header, err := open(o.DK, o.in("header"), o.Header)
	if err != nil {
		return t, err
	}
	if t.Answer.Body, err = open(o.DK, o.in("body"), o.Body); err != nil {
		return t, err
	}
	t.Answer.Body = Blob(t.Answer.Body)
	t.Answer.Header, err = Unpacked(header)
	return t, err
}

// OperationsAfter reads the Cursor of an operation, below all of them for none.
func OperationsAfter(cursor string) (updated, seq int64, err error) {
	if cursor == "" {
		return -1 << 63, 0, nil
	}
	left, right, _ := strings.Cut(cursor, ".")
	if updated, err = strconv.ParseInt(left, 10, 64); err == nil {
		seq, err = strconv.ParseInt(right, 10, 64)
	}
	if err != nil {
		return 0, 0, fmt.Errorf("%q is no place in a list of operations", cursor)
	}
	return updated, seq, nil
}

// MaySet reports whether an operation may be moved on from a state.
func MaySet(now store.OperationState) (bool, error) {
	return now != store.Done && now != store.Cancelled, nil
}

// MayCancel returns whether an operation may be cancelled, and store.ErrBegun if it has begun.
func MayCancel(id string) func(store.OperationState) (bool, error) {
	return func(now store.OperationState) (bool, error) {
		switch now {
		case store.Accepted:
			return true, nil
		case store.Cancelled:
			return false, nil
		}
		return false, fmt.Errorf("operation %s: %w", id, store.ErrBegun)
	}
}
