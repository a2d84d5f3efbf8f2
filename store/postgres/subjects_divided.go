package postgres

import (
	"context"
	"errors"

	"fondaco/store"
)

func (j subjects) Divide(ctx context.Context, mark store.Marks, rest func(store.DeadLetter) (store.DeadLetter, bool)) (n int64, err error) {
	list, err := j.ids(ctx, "letter", "seq", "id", mark)
	if err != nil {
		return 0, err
	}
	for _, id := range list {
		divided := false
		err := j.s.write(ctx, 0, func(x *tx) (err error) {
			divided, err = j.divide(x, id, mark, rest)
			return err
		})
		switch {
		case errors.Is(err, store.ErrDamaged): // what it holds cannot be told apart
		case err != nil:
			return n, err
		case divided:
			n++
		}
	}
	return n, nil
}

// divide puts what is left of a letter in its place.
func (j subjects) divide(x *tx, id string, mark store.Marks, rest func(store.DeadLetter) (store.DeadLetter, bool)) (bool, error) {
	if err := x.lockLetters(); err != nil {
		return false, err
	}
	var l letter
	found, err := l.load(x, "id = ? and state <> 'replaying' and "+bears, id, string(mark))
	if err != nil || !found {
		return false, err
	}
	var header, body []byte
	if _, err := x.row("select header, body from letter_body where seq = ?", []any{l.seq}, &header, &body); err != nil {
		return false, err
	}
	if l.holding != sum(header, body) {
		return false, refuse(damaged("dead letter", l.seq))
	}
	whole, err := l.whole(x.open, header, body)
	if err != nil {
		return false, lost(err)
	}
	left, some := rest(whole)
	if !some {
		return false, nil
	}
	history, err := l.events(x)
	if err != nil {
		return false, lost(err)
	}
	k, err := x.key(string(left.Marks))
	if err != nil {
		return false, err
	}
	packed, weight := packed(left.Headers), l.weight
	l.weight += int64(len(packed) + len(left.Body) - len(header) - len(body))
	l.marks, l.size = string(left.Marks), int64(len(left.Body))
	header, body = l.enclose(k, whole.Key, whole.Detail, packed, blob(left.Body))
	for _, e := range history {
		e.enclose(k, e.why, e.detail)
		if _, err := x.exec("update letter_event set why = ?, detail = ?, dk = ?, sum = ? where seq = ?",
			stored(e.why), stored(e.detail), dkOf(e.dk), e.seal(), e.seq); err != nil {
			return false, err
		}
	}
	if _, err := x.exec("update letter_body set header = ?, body = ? where seq = ?", header, body, l.seq); err != nil {
		return false, err
	}
	*x.letters += l.weight - weight
	return true, l.save(x)
}

// whole returns a letter with what it holds, and the persons of whom it speaks.
func (l *letter) whole(open opener, header, body []byte) (t store.DeadLetter, err error) {
	if t, err = l.told(open); err == nil {
		header, err = open(l.dk, l.in("header"), header)
	}
	if err == nil {
		t.Headers, err = unpacked(header)
	}
	if err == nil {
		body, err = open(l.dk, l.in("body"), body)
	}
	t.Body, t.Marks = blob(body), store.Marks(l.marks)
	return t, err
}

// events reads the history of a letter, opened.
func (l *letter) events(x *tx) (list []letterEvent, err error) {
	const text = "select seq, letter, at, what, who, why, detail, sum, coalesce(dk, 0) from letter_event where letter = ? order by seq"
	if err := x.rows(text, []any{l.seq}, func(rows scanner) error {
		var e letterEvent
		err := rows.Scan(&e.seq, &e.letter, &e.at, &e.what, &e.who, (*raw)(&e.why), (*raw)(&e.detail), &e.sum, &e.dk)
		list = append(list, e)
		return err
	}); err != nil {
		return nil, err
	}
	for i := range list {
		e := &list[i]
		if e.sum != e.seal() {
			return nil, damaged("history of a dead letter", e.seq)
		}
		if e.why, err = opener(x.open).text(e.dk, e.in("why"), e.why); err == nil {
			e.detail, err = opener(x.open).text(e.dk, e.in("detail"), e.detail)
		}
		if err != nil {
			return nil, err
		}
	}
	return list, nil
}
