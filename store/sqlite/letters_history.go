package sqlite

import (
	"database/sql"

	"fondaco/store"
)

// eventWeight is what a line of a letter's history takes besides its texts, about.
const eventWeight = 128

// letterEvent is a row of letter_event, which is only ever added, and goes with its letter.
type letterEvent struct {
	seq, letter, at        int64
	what, who, why, detail string
	sum                    int64
}

func (e *letterEvent) seal() int64 { return sum(e.letter, e.at, e.what, e.who, e.why, e.detail) }

// happened appends to the history of a letter, whose caller saves it: it weighs more.
func (l *letter) happened(x *tx, t store.LetterEvent) error {
	e := letterEvent{letter: l.seq, at: micro(t.At), what: t.What, who: t.Who, why: t.Why, detail: t.Detail}
	_, err := x.exec("insert into letter_event (letter, at, what, who, why, detail, sum) values (?, ?, ?, ?, ?, ?, ?)", e.letter, e.at, e.what, e.who, e.why, e.detail, e.seal())
	l.weight += int64(len(e.what)+len(e.who)+len(e.why)+len(e.detail)) + eventWeight
	return err
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
	for _, e := range l.former() {
		if err := l.happened(x, e); err != nil {
			return err
		}
	}
	return nil
}

// former is what the row of a letter of format 3 says of its history.
func (l *letter) former() []store.LetterEvent {
	list := []store.LetterEvent{{At: moment(l.kept), What: store.EventDied, Detail: died(l.reason, l.detail)}}
	switch store.LetterState(l.state) {
	case store.LetterReplayed:
		list = append(list, store.LetterEvent{At: moment(l.at), What: store.EventReplayed, Who: l.by})
	case store.LetterDiscarded:
		list = append(list, store.LetterEvent{At: moment(l.at), What: store.EventDiscarded, Who: l.by})
	}
	return list
}

// history reads what happened to the letter, the oldest first.
func (l *letter) history(rows func(text string, args []any, each func(*sql.Rows) error) error) (list []store.LetterEvent, err error) {
	err = rows("select seq, letter, at, what, who, why, detail, sum from letter_event where letter = ? order by seq", []any{l.seq}, func(rows *sql.Rows) error {
		var e letterEvent
		if err := rows.Scan(&e.seq, &e.letter, &e.at, &e.what, &e.who, &e.why, &e.detail, &e.sum); err != nil {
			return err
		}
		if e.sum != e.seal() {
			return refuse(damaged("history of a dead letter", e.seq))
		}
		list = append(list, store.LetterEvent{At: moment(e.at), What: e.what, Who: e.who, Why: e.why, Detail: e.detail})
		return nil
	})
	if err == nil && len(list) == 0 {
		list = l.former()
	}
	return list, err
}
