package postgres

import (
	"context"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"fondaco/store"
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
func (s *Store) rewrapTable(ctx context.Context, table, column string, after any, one func(*tx, any) (int, error), done *store.Rewrapped) error {
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
	var o operation
	if _, err := x.row("select "+operationColumns+", header, body from operation where seq = ? for no key update", []any{seq}, o.whole()...); err != nil {
		return 0, err
	}
	if o.sum != o.seal() || o.bodySum != sum(o.header, o.body) {
		return 0, damaged("operation", o.seq)
	}
	if err := o.again(x.ctx, x.s, o.header, o.body); err != nil {
		return 0, err
	}
	_, err := x.exec("update operation set reply_to = ?, header = ?, body = ?, body_sum = ?, dk = ?, sum = ? where seq = ?", stored(o.reply), o.header, o.body, o.bodySum, dkOf(o.dk), o.seal(), o.seq)
	return len(o.header) + len(o.body), err
}

func rewrapLetter(x *tx, seq any) (int, error) {
	var l letter
	var header, body []byte
	if err := x.lockLetters(); err != nil {
		return 0, err
	}
	found, err := x.row(wholeLetter+"seq = ?", []any{seq}, append(l.fields(), &header, &body)...)
	if err != nil {
		return 0, err
	}
	if !found || l.sum != l.seal() || l.holding != sum(header, body) {
		return 0, damaged("dead letter", l.seq)
	}
	k, err := x.key(l.marks)
	if err != nil {
		return 0, err
	}
	blind, err := x.blind(letterKey, l.key)
	if err != nil {
		return 0, err
	}
	header, body = l.enclose(k, l.key, l.detail, header, body)
	if err := l.save(x); err != nil {
		return 0, err
	}
	if _, err := x.exec("update letter_body set header = ?, body = ? where seq = ?", header, body, l.seq); err != nil {
		return 0, err
	}
	_, err = x.exec("update letter set blind = ? where seq = ?", blind, l.seq)
	return len(header) + len(body), err
}

func rewrapEvent(x *tx, seq any) (int, error) {
	var e letterEvent
	var marks string
	if _, err := x.row("select seq, letter, at, what, who, why, detail, sum, coalesce(dk, 0), coalesce((select marks from letter l where l.seq = letter), '') from letter_event where seq = ? for no key update", []any{seq},
		&e.seq, &e.letter, &e.at, &e.what, &e.who, (*raw)(&e.why), (*raw)(&e.detail), &e.sum, &e.dk, &marks); err != nil {
		return 0, err
	}
	if e.sum != e.seal() {
		return 0, damaged("history of a dead letter", e.seq)
	}
	k, err := x.key(marks)
	if err != nil {
		return 0, err
	}
	e.enclose(k, e.why, e.detail)
	_, err = x.exec("update letter_event set why = ?, detail = ?, dk = ?, sum = ? where seq = ?", stored(e.why), stored(e.detail), dkOf(e.dk), e.seal(), e.seq)
	return len(e.why) + len(e.detail), err
}

func rewrapAnswer(x *tx, token any) (int, error) {
	var r reservation
	if _, err := x.row("select "+reservationColumns+" from idempotency where token = ? for no key update", []any{token}, r.fields()...); err != nil {
		return 0, err
	}
	if r.sum != r.seal() {
		return 0, damaged("idempotency", r.token)
	}
	a, err := r.told(x.open)
	if err != nil {
		return 0, err
	}
	k, err := x.key(r.marks)
	if err != nil {
		return 0, err
	}
	r.enclose(k, a)
	_, err = x.exec("update idempotency set header = ?, answer = ?, dk = ?, sum = ? where token = ?", r.header, r.answer, dkOf(r.dk), r.seal(), r.token)
	return len(r.header) + len(r.answer), err
}

func rewrapCollection(x *tx, id any) (int, error) {
	var c collection
	if _, err := c.load(x, "id = ?", id); err != nil {
		return 0, err
	}
	blind, err := x.blind(collectionKey, c.key)
	if err != nil {
		return 0, err
	}
	k, err := x.key("")
	if err != nil {
		return 0, err
	}
	if err := c.enclose(x, k, c.key); err != nil {
		return 0, err
	}
	if _, err := x.exec("update collection set blind = ? where id = ?", blind, c.id); err != nil {
		return 0, err
	}
	return len(c.key), c.save(x)
}

func rewrapItem(x *tx, mark any) (int, error) {
	list, err := items(x, "mark = ?", mark)
	if err != nil || len(list) == 0 {
		return 0, err
	}
	for i := range list {
		one := &list[i]
		if one.sum != one.seal() {
			return 0, damaged("item of collection", one.collection)
		}
		k, err := x.key(one.marks)
		if err != nil {
			return 0, err
		}
		one.dk, one.body = k.ID(), k.Seal(one.in("body"), one.body)
		if _, err := x.exec("update item set body = ?, dk = ?, sum = ? where mark = ?", one.body, dkOf(one.dk), one.seal(), one.mark); err != nil {
			return 0, err
		}
	}
	return len(list[0].body), nil
}

// secretText is how the project's secret stands in the table meta: its hexadecimal digits, or those of what a data key
// encrypted, after the number of the key.
func (x *tx) secretText(secret []byte) (string, error) {
	k, err := x.s.vault.Same(x.ctx, ofSecret)
	if err != nil || k == nil {
		return hex.EncodeToString(secret), err
	}
	return strconv.FormatInt(k.ID(), 10) + ":" + hex.EncodeToString(k.Seal(secretPlace, secret)), nil
}

// readSecret reads secretText. sealed reports whether it was encrypted.
func (x *tx) readSecret(text string) (secret []byte, sealed bool, err error) {
	number, digits, sealed := strings.Cut(text, ":")
	if !sealed {
		digits = text
	}
	if secret, err = hex.DecodeString(digits); err != nil || !sealed {
		return secret, sealed, err
	}
	dk, err := strconv.ParseInt(number, 10, 64)
	if err != nil {
		return nil, true, fmt.Errorf("%w: the project's secret", store.ErrDamaged)
	}
	secret, err = x.open(dk, secretPlace, secret)
	return secret, true, err
}
