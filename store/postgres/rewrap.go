package postgres

import (
	"context"
	"errors"

	"fondaco/store"
	"fondaco/store/record"
)

// rewrapBytes is how much a transaction of Rewrap encrypts, about: others write between two of them.
const rewrapBytes = 4 << 20

// Rewrap wraps all data keys by the first key, and encrypts what is stored as it is.
func (s *Store) Rewrap(ctx context.Context) (done store.Rewrapped, err error) {
	if !s.vault.On() {
		return done, errors.New("there is no key to encrypt with")
	}
	if err := s.repeat(ctx, &done.Keys, func(x *tx) (int64, error) { return s.vault.Rewrap(x, chunk) }); err != nil {
		return done, err
	}
	if _, err := s.Secret(ctx); err != nil { // which encrypts it
		return done, err
	}
	for _, t := range []struct {
		table, column string
		first         any
		one           func(*tx, any) (int, error)
	}{
		{"operation", "seq", int64(-1), rewrapOperation},
		{"letter", "seq", int64(-1), rewrapLetter},
		{"letter_event", "seq", int64(-1), rewrapEvent},
		{"idempotency", "token", int64(-1), rewrapAnswer},
		{"collection", "id", int64(-1), rewrapCollection},
		{"item", "mark", []byte{}, rewrapItem},
	} {
		if err := s.rewrapTable(ctx, t.table, t.column, t.first, t.one, &done); err != nil {
			return done, err
		}
	}
	return done, nil
}

// rewrapTable has one called for each row of a table that is not encrypted, by its column, in small transactions. What is
// damaged stays as it is.
func (s *Store) rewrapTable(ctx context.Context, table, column string, after any, one func(*tx, any) (int, error),
	done *store.Rewrapped,
) error {
	next := "select " + column + " from " + table + " where dk is null and " + column + " > ? order by " + column + " limit 1"
	for more := true; more; {
		var met, bad int64
		last := after
		if err := s.write(ctx, 0, func(x *tx) error {
			met, bad, last = 0, 0, after
			for bytes := 0; bytes < rewrapBytes && met < chunk; met++ {
				var id any
				if found, err := x.row(next, []any{last}, &id); err != nil || !found {
					return err
				}
				n, err := one(x, id)
				switch {
				case errors.Is(err, store.ErrDamaged):
					bad++
				case err != nil:
					return err
				}
				last, bytes = id, bytes+n
			}
			return nil
		}); err != nil {
			return err
		}
		more, after = met > 0, last
		done.Records += met - bad
		done.Damaged += bad
	}
	return nil
}

func rewrapOperation(x *tx, seq any) (int, error) {
	var o record.Operation
	if _, err := x.row("select "+operationColumns+", header, body from operation where seq = ? for no key update", []any{seq},
		o.Whole()...); err != nil {
		return 0, err
	}
	if o.Sum != o.Seal() || o.BodySum != record.Sum(o.Header, o.Body) {
		return 0, record.Damaged("operation", o.Seq)
	}
	if err := o.Again(x.open, x.key, o.Header, o.Body); err != nil {
		return 0, err
	}
	_, err := x.exec("update operation set reply_to = ?, header = ?, body = ?, body_sum = ?, dk = ?, sum = ? where seq = ?", stored(o.Reply),
		o.Header, o.Body, o.BodySum, dkOf(o.DK), o.Seal(), o.Seq)
	return len(o.Header) + len(o.Body), err
}

func rewrapLetter(x *tx, seq any) (int, error) {
	var l letter
	var header, body []byte
	if err := x.lockLetters(); err != nil {
		return 0, err
	}
	found, err := x.row(wholeLetter+"seq = ?", []any{seq}, append(l.Fields(), &header, &body)...)
	if err != nil {
		return 0, err
	}
	if !found || l.Sum != l.Seal() || l.Holding != record.Sum(header, body) {
		return 0, record.Damaged("dead letter", l.Seq)
	}
	k, err := x.key(l.Marks)
	if err != nil {
		return 0, err
	}
	blind, err := x.blind(record.LetterKey, string(l.Key))
	if err != nil {
		return 0, err
	}
	header, body = l.Enclose(k, string(l.Key), string(l.Detail), header, body)
	if err := l.save(x); err != nil {
		return 0, err
	}
	if _, err := x.exec("update letter_body set header = ?, body = ? where seq = ?", header, body, l.Seq); err != nil {
		return 0, err
	}
	_, err = x.exec("update letter set blind = ? where seq = ?", blind, l.Seq)
	return len(header) + len(body), err
}

func rewrapEvent(x *tx, seq any) (int, error) {
	var e record.Event
	var marks string
	if _, err := x.row("select seq, letter, at, what, who, why, detail, sum, coalesce(dk, 0), coalesce((select marks from letter l where "+
		"l.seq = letter), '') from letter_event where seq = ? for no key update", []any{seq},
		append(e.Fields(), &marks)...); err != nil {
		return 0, err
	}
	if e.Sum != e.Seal() {
		return 0, record.Damaged("history of a dead letter", e.Seq)
	}
	k, err := x.key(marks)
	if err != nil {
		return 0, err
	}
	e.Enclose(k, string(e.Why), string(e.Detail))
	_, err = x.exec("update letter_event set why = ?, detail = ?, dk = ?, sum = ? where seq = ?", stored(e.Why), stored(e.Detail), dkOf(e.DK),
		e.Seal(), e.Seq)
	return len(e.Why) + len(e.Detail), err
}

func rewrapAnswer(x *tx, token any) (int, error) {
	var r record.Reservation
	if _, err := x.row("select "+reservationColumns+" from idempotency where token = ? for no key update", []any{token},
		r.Fields()...); err != nil {
		return 0, err
	}
	if r.Sum != r.Seal() {
		return 0, record.Damaged("idempotency", r.Token)
	}
	a, err := r.Told(x.open)
	if err != nil {
		return 0, err
	}
	k, err := x.key(r.Marks)
	if err != nil {
		return 0, err
	}
	r.Enclose(k, a)
	_, err = x.exec("update idempotency set header = ?, answer = ?, dk = ?, sum = ? where token = ?", r.Header, r.Answer, dkOf(r.DK), r.Seal(),
		r.Token)
	return len(r.Header) + len(r.Answer), err
}

func rewrapCollection(x *tx, id any) (int, error) {
	var c collection
	if _, err := c.load(x, "id = ?", id); err != nil {
		return 0, err
	}
	blind, err := x.blind(record.CollectionKey, string(c.Key))
	if err != nil {
		return 0, err
	}
	k, err := x.key("")
	if err != nil {
		return 0, err
	}
	if err := c.enclose(x, k, string(c.Key)); err != nil {
		return 0, err
	}
	if _, err := x.exec("update collection set blind = ? where id = ?", blind, c.ID); err != nil {
		return 0, err
	}
	return len(c.Key), c.save(x)
}

func rewrapItem(x *tx, mark any) (int, error) {
	list, err := items(x, "mark = ?", mark)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	for i := range list {
		one := &list[i]
		if one.Sum != one.Seal() {
			return 0, record.Damaged("item of collection", one.Collection)
		}
		k, err := x.key(one.Marks)
		if err != nil {
			return 0, err
		}
		one.Enclose(k, one.Body)
		if _, err := x.exec("update item set body = ?, dk = ?, sum = ? where mark = ?", one.Body, dkOf(one.DK), one.Seal(),
			one.Mark); err != nil {
			return 0, err
		}
	}
	return len(list[0].Body), nil
}
