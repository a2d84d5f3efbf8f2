package record

import (
	"strconv"

	"fondaco/store"
	"fondaco/store/crypt"
)

// EventWeight is what a line of a letter's history takes besides its texts, about.
const EventWeight = 128

// Event is a row of letter_event, which is only ever added, and goes with its letter.
type Event struct {
	Seq, Letter, At int64
	What, Who       string
	Why, Detail     Sealed
	Sum, DK         int64
}

// NewEvent returns the row of what happened to a letter.
func NewEvent(k *crypt.DataKey, letter int64, t store.LetterEvent) Event {
	e := Event{Letter: letter, At: Micro(t.At), What: t.What, Who: t.Who}
	e.Enclose(k, t.Why, t.Detail)
	return e
}

// Fields are seq, letter, at, what, who, why, detail, sum, dk.
func (e *Event) Fields() []any {
	return []any{&e.Seq, &e.Letter, &e.At, &e.What, &e.Who, &e.Why, &e.Detail, &e.Sum, &e.DK}
}

// Weight is what the line takes, about.
func (e *Event) Weight() int64 {
	return int64(len(e.What)+len(e.Who)+len(e.Why)+len(e.Detail)) + EventWeight
}

// Seal is the row's sum.
func (e *Event) Seal() int64 {
	return Sum(withKey(e.DK, e.Letter, e.At, e.What, e.Who, e.Why, e.Detail)...)
}

func (e *Event) in(column string) crypt.Place {
	return crypt.Place{Table: "letter_event", Column: column, Row: strconv.FormatInt(e.Letter, 10) + "/" + strconv.FormatInt(e.At, 10) + "/" +
		e.What}
}

// Enclose takes up texts, as a data key encrypts them.
func (e *Event) Enclose(k *crypt.DataKey, why, detail string) {
	e.DK, e.Why, e.Detail = k.ID(), sealed(k, e.in("why"), why), sealed(k, e.in("detail"), detail)
}

// Told is the line for the world. A row that is not as it was written is store.ErrDamaged.
func (e *Event) Told(open Opener) (t store.LetterEvent, err error) {
	t = store.LetterEvent{At: Moment(e.At), What: e.What, Who: e.Who}
	if e.Sum != e.Seal() {
		return t, Damaged("history of a dead letter", e.Seq)
	}
	if t.Why, err = open.Text(e.DK, e.in("why"), e.Why); err == nil {
		t.Detail, err = open.Text(e.DK, e.in("detail"), e.Detail)
	}
	return t, err
}

// Died is the line of a death in a letter's history.
func Died(reason, detail string) string {
	if detail == "" {
		return reason
	}
	return reason + ": " + detail
}
