package sqlite

import (
	"database/sql"
	"strconv"

	"fondaco/store"
	"fondaco/store/crypt"
)

// eventWeight is what a line of a letter's history takes besides its texts, about.
const eventWeight = 128

// letterEvent is a row of letter_event, which is only ever added, and goes with its letter.
type letterEvent struct {
	seq, letter, at        int64
	what, who, why, detail string
	sum, dk                int64
}

func (e *letterEvent) seal() int64 {
	return sum(withKey(e.dk, e.letter, e.at, e.what, e.who, e.why, e.detail)...)
}

func (e *letterEvent) in(column string) crypt.Place {
	return crypt.Place{Table: "letter_event", Column: column, Row: strconv.FormatInt(e.letter, 10) + "/" + strconv.FormatInt(e.at, 10) + "/" + e.what}
}

// happened appends to the history of a letter, whose caller saves it: it weighs more.
func (l *letter) happened(x *tx, t store.LetterEvent) error {
	k, err := x.key(l.marks)
	if err != nil {
		return err
	}
	e := letterEvent{letter: l.seq, at: micro(t.At), what: t.What, who: t.Who, dk: k.ID()}
	e.enclose(k, t.Why, t.Detail)
	_, err = x.exec("insert into letter_event (letter, at, what, who, why, detail, sum, dk) values (?, ?, ?, ?, ?, ?, ?, ?)", e.letter, e.at, e.what, e.who, stored(e.dk, e.why), stored(e.dk, e.detail), e.seal(), e.dk)
	l.weight += int64(len(e.what)+len(e.who)+len(e.why)+len(e.detail)) + eventWeight
	return err
}

// enclose takes up texts, as a data key encrypts them.
func (e *letterEvent) enclose(k *crypt.DataKey, why, detail string) {
	e.dk, e.why, e.detail = k.ID(), string(k.Seal(e.in("why"), []byte(why))), string(k.Seal(e.in("detail"), []byte(detail)))
}

// historyWeight is what the history of a letter weighs.
func (l *letter) historyWeight(x *tx) (weight int64, err error) {
	_, err = x.row("select coalesce(sum(octet_length(what) + octet_length(who) + octet_length(why) + octet_length(detail) + ?), 0) from letter_event where letter = ?", []any{eventWeight, l.seq}, &weight)
	return weight, err
}

// remember writes down the history of a letter that format 3 kept, before it goes on. The caller saves the letter.
func (l *letter) remember(x *tx) error {
	var one int
	found, err := x.row("select 1 from letter_event where letter = ? limit 1", []any{l.seq}, &one)
	if err != nil || found {
		return err
	}
	list, err := l.former(x.open)
	if err != nil {
		return lost(err)
	}
	for _, e := range list {
		if err := l.happened(x, e); err != nil {
			return err
		}
	}
	return nil
}

// former is what the row of a letter of format 3 says of its history.
func (l *letter) former(open opener) ([]store.LetterEvent, error) {
	detail, err := open.text(l.dk, l.in("detail"), l.detail)
	if err != nil {
		return nil, err
	}
	list := []store.LetterEvent{{At: moment(l.kept), What: store.EventDied, Detail: died(l.reason, detail)}}
	switch store.LetterState(l.state) {
	case store.LetterReplayed:
		list = append(list, store.LetterEvent{At: moment(l.at), What: store.EventReplayed, Who: l.by})
	case store.LetterDiscarded:
		list = append(list, store.LetterEvent{At: moment(l.at), What: store.EventDiscarded, Who: l.by})
	}
	return list, nil
}

// history reads what happened to the letter, the oldest first.
func (l *letter) history(r *reader) (list []store.LetterEvent, err error) {
	var found []letterEvent
	err = r.rows("select seq, letter, at, what, who, why, detail, sum, dk from letter_event where letter = ? order by seq", []any{l.seq}, func(rows *sql.Rows) error {
		var e letterEvent
		if err := rows.Scan(&e.seq, &e.letter, &e.at, &e.what, &e.who, &e.why, &e.detail, &e.sum, &e.dk); err != nil {
			return err
		}
		if e.sum != e.seal() {
			return refuse(damaged("history of a dead letter", e.seq))
		}
		found = append(found, e)
		return nil
	})
	if err != nil {
		return nil, err
	}
	for i := range found {
		e := &found[i]
		t := store.LetterEvent{At: moment(e.at), What: e.what, Who: e.who}
		if t.Why, err = opener(r.open).text(e.dk, e.in("why"), e.why); err == nil {
			t.Detail, err = opener(r.open).text(e.dk, e.in("detail"), e.detail)
		}
		if err != nil {
			return nil, err
		}
		list = append(list, t)
	}
	if len(list) == 0 {
		return l.former(r.open)
	}
	return list, nil
}
