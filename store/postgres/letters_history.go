package postgres

import (
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
		e.What, e.Who, stored(e.Why), stored(e.Detail), e.Seal(), dkOf(e.DK))
	l.Weight += e.Weight()
	return err
}

// historyWeight is what the history of a letter weighs.
func (l *letter) historyWeight(x *tx) (weight int64, err error) {
	_, err = x.row("select coalesce(sum(octet_length(what) + octet_length(who) + octet_length(why) + octet_length(detail) + ?::bigint), "+
		"0)::bigint from letter_event where letter = ?", []any{record.EventWeight, l.Seq}, &weight)
	return weight, err
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
	return list, nil
}

// events reads the rows of the letter's history, the oldest first.
func (l *letter) events(rows func(string, []any, func(scanner) error) error) (found []record.Event, err error) {
	err = rows("select seq, letter, at, what, who, why, detail, sum, coalesce(dk, 0) from letter_event where letter = ? order by seq",
		[]any{l.Seq}, func(r scanner) error {
			var e record.Event
			err := r.Scan(e.Fields()...)
			found = append(found, e)
			return err
		})
	return found, err
}
