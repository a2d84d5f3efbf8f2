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
	if _, err := x.row("select header, body from letter_body where seq = ?", []any{l.Seq}, &header, &body); err != nil {
		return false, err
	}
	whole, err := l.Whole(x.open, header, body)
	if err != nil {
		return false, lost(err)
	}
	whole.Marks = store.Marks(l.Marks)
	left, some := rest(whole)
	if !some {
		return false, nil
	}
	history, err := l.events(x.rows)
	if err != nil {
		return false, err
	}
	k, err := x.key(string(left.Marks))
	if err != nil {
		return false, err
	}
	weight := l.Weight
	header, body = l.Divided(k, whole, left)
	for i := range history {
		e := &history[i]
		t, err := e.Told(x.open)
		if err != nil {
			return false, lost(err)
		}
		e.Enclose(k, t.Why, t.Detail)
		if _, err := x.exec("update letter_event set why = ?, detail = ?, dk = ?, sum = ? where seq = ?",
			stored(e.Why), stored(e.Detail), dkOf(e.DK), e.Seal(), e.Seq); err != nil {
			return false, err
		}
	}
	if _, err := x.exec("update letter_body set header = ?, body = ? where seq = ?", header, body, l.Seq); err != nil {
		return false, err
	}
	*x.letters += l.Weight - weight
	return true, l.save(x)
}
