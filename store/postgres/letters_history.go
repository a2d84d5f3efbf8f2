package postgres

import (
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
	_, err = x.exec("insert into letter_event (letter, at, what, who, why, detail, sum, dk) values (?, ?, ?, ?, ?, ?, ?, ?)", e.letter, e.at, e.what, e.who, stored(e.why), stored(e.detail), e.seal(), dkOf(e.dk))
	l.weight += int64(len(e.what)+len(e.who)+len(e.why)+len(e.detail)) + eventWeight
	return err
}

// enclose takes up texts, as a data key encrypts them.
func (e *letterEvent) enclose(k *crypt.DataKey, why, detail string) {
	e.dk, e.why, e.detail = k.ID(), string(k.Seal(e.in("why"), []byte(why))), string(k.Seal(e.in("detail"), []byte(detail)))
}

// historyWeight is what the history of a letter weighs.
func (l *letter) historyWeight(x *tx) (weight int64, err error) {
	_, err = x.row("select coalesce(sum(octet_length(what) + octet_length(who) + octet_length(why) + octet_length(detail) + ?::bigint), 0)::bigint from letter_event where letter = ?", []any{eventWeight, l.seq}, &weight)
	return weight, err
}

// history reads what happened to the letter, the oldest first.
func (l *letter) history(r *reader) (list []store.LetterEvent, err error) {
	var found []letterEvent
	err = r.rows("select seq, letter, at, what, who, why, detail, sum, coalesce(dk, 0) from letter_event where letter = ? order by seq", []any{l.seq}, func(rows scanner) error {
		var e letterEvent
		if err := rows.Scan(&e.seq, &e.letter, &e.at, &e.what, &e.who, (*raw)(&e.why), (*raw)(&e.detail), &e.sum, &e.dk); err != nil {
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
	return list, nil
}
