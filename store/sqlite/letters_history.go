package sqlite

import (
	"database/sql"

	"fondaco/store"
	"fondaco/store/record"
)

// happened appends to the history of a letter, whose caller saves it: it weighs more.
func (l *letter) happened(x *tx, t store.LetterEvent) error {
	k, err := x.key(l.Marks)
	if err != nil {
		return err
	}
	e := record.NewEvent(k, l.Seq, t)
	_, err = x.exec("insert into letter_event (letter, at, what, who, why, detail, sum, dk) values (?, ?, ?, ?, ?, ?, ?, ?)", e.Letter, e.At,
		e.What, e.Who, stored(e.DK, e.Why), stored(e.DK, e.Detail), e.Seal(), e.DK)
	l.Weight += e.Weight()
	return err
}

// historyWeight is what the history of a letter weighs.
func (l *letter) historyWeight(x *tx) (weight int64, err error) {
	_, err = x.row("select coalesce(sum(octet_length(what) + octet_length(who) + octet_length(why) + octet_length(detail) + ?), 0) from "+
		"letter_event where letter = ?", []any{record.EventWeight, l.Seq}, &weight)
	return weight, err
}

// remember writes down the history of a letter that format 3 kept, before it goes on. The caller saves the letter.
func (l *letter) remember(x *tx) error {
	var one int
	found, err := x.row("select 1 from letter_event where letter = ? limit 1", []any{l.Seq}, &one)
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
func (l *letter) former(open record.Opener) ([]store.LetterEvent, error) {
	detail, err := l.Why(open)
	if err != nil {
		return nil, err
	}
	list := []store.LetterEvent{{At: record.Moment(l.Kept), What: store.EventDied, Detail: record.Died(l.Reason, detail)}}
	switch store.LetterState(l.State) {
	case store.LetterReplayed:
		list = append(list, store.LetterEvent{At: record.Moment(l.At), What: store.EventReplayed, Who: l.By})
	case store.LetterDiscarded:
		list = append(list, store.LetterEvent{At: record.Moment(l.At), What: store.EventDiscarded, Who: l.By})
	}
	return list, nil
}

// history reads what happened to the letter, the oldest first.
func (l *letter) history(r *reader) (list []store.LetterEvent, err error) {
	found, err := l.events(r.rows)
	if err != nil {
		return nil, err
	}
	for i := range found {
		t, err := found[i].Told(r.open)
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

// events reads the rows of the letter's history, the oldest first.
func (l *letter) events(rows func(string, []any, func(*sql.Rows) error) error) (found []record.Event, err error) {
	err = rows("select seq, letter, at, what, who, why, detail, sum, dk from letter_event where letter = ? order by seq", []any{l.Seq},
		func(r *sql.Rows) error {
			var e record.Event
			err := r.Scan(e.Fields()...)
			found = append(found, e)
			return err
		})
	return found, err
}
