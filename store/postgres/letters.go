package postgres

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"fondaco/store"
	"fondaco/store/crypt"
)

type letters struct{ s *Store }

// letter is a row of that table; what it holds lies in letter_body, so that lists need not read it.
type letter struct {
	seq                                int64
	id, topic, group, route, key       string
	message, reason, detail, trace     string
	place, result                      string
	attempts, first, kept              int64
	state, by                          string
	at, replays, size, weight, holding int64 // holding is the sum of letter_body's row
	sum                                int64
	dk                                 int64 // see sealed.go
	marks                              string
}

const (
	letterColumns = "seq, id, topic, grp, route, key, message, reason, detail, trace, attempts, first, kept, state, by, at, replays, size, weight, holding, place, result, sum, coalesce(dk, 0), marks"
	wholeLetter   = "select " + letterColumns + ", (select header from letter_body b where b.seq = letter.seq), (select body from letter_body b where b.seq = letter.seq) from letter where "
)

func (l *letter) fields() []any {
	return []any{
		&l.seq, &l.id, &l.topic, &l.group, &l.route, (*raw)(&l.key), &l.message, &l.reason, (*raw)(&l.detail), &l.trace,
		&l.attempts, &l.first, &l.kept, &l.state, &l.by, &l.at, &l.replays, &l.size, &l.weight, &l.holding, &l.place, &l.result, &l.sum, &l.dk, &l.marks,
	}
}

func (l *letter) values() []any {
	return []any{
		l.id, l.topic, l.group, l.route, stored(l.key), l.message, l.reason, stored(l.detail), l.trace,
		l.attempts, l.first, l.kept, l.state, l.by, l.at, l.replays, l.size, l.weight, l.holding, l.place, l.result, l.sum, dkOf(l.dk), l.marks, l.record(),
	}
}

// record is the hash of which message the letter is, and where in its log.
func (l *letter) record() []byte { return hashed(l.topic, l.group, l.message, l.place) }

func (l *letter) seal() int64 {
	return sum(withKey(l.dk, l.id, l.topic, l.group, l.route, l.key, l.message, l.reason, l.detail, l.trace,
		l.attempts, l.first, l.kept, l.state, l.by, l.at, l.replays, l.size, l.weight, l.holding, l.place, l.result)...)
}

func (l *letter) in(column string) crypt.Place {
	return crypt.Place{Table: "letter", Column: column, Row: l.id}
}

// enclose takes up texts, as a data key encrypts them. It returns how what the letter holds is stored.
func (l *letter) enclose(k *crypt.DataKey, key, detail string, header, body []byte) (sealedHeader, sealedBody []byte) {
	l.dk, l.key, l.detail = k.ID(), string(k.Seal(l.in("key"), []byte(key))), string(k.Seal(l.in("detail"), []byte(detail)))
	header, body = k.Seal(l.in("header"), header), k.Seal(l.in("body"), body)
	l.holding = sum(header, body)
	return header, body
}

// load reads the one letter that the condition finds. What is damaged is refused.
func (l *letter) load(x *tx, where string, args ...any) (found bool, err error) {
	found, err = x.row("select "+letterColumns+" from letter where "+where+" for no key update", args, l.fields()...)
	if err == nil && found && l.sum != l.seal() {
		err = refuse(damaged("dead letter", l.seq))
	}
	return found, err
}

const writtenLetter = "id, topic, grp, route, key, message, reason, detail, trace, attempts, first, kept, state, by, at, replays, size, weight, holding, place, result, sum, dk, marks, record"

var (
	letterValues = "(?" + strings.Repeat(", ?", strings.Count(writtenLetter, ",")) + ")"
	insertLetter = "insert into letter (" + writtenLetter + ", blind) values " + strings.TrimSuffix(letterValues, ")") + ", '') returning seq"
	updateLetter = "update letter set (" + writtenLetter + ") = " + letterValues + " where seq = ?"
)

// save writes a letter that is there, under a sum of its own.
func (l *letter) save(x *tx) error {
	l.sum = l.seal()
	_, err := x.exec(updateLetter, append(l.values(), l.seq)...)
	return err
}

// rowWeight is what a letter's row takes besides its texts and bytes, about.
const rowWeight = 512

func (l *letter) told(open opener) (store.DeadLetter, error) {
	t := store.DeadLetter{
		ID: l.id, Topic: l.topic, Group: l.group, Route: l.route, MessageID: l.message, Place: l.place,
		Reason: l.reason, Trace: l.trace, Attempts: int(l.attempts), First: moment(l.first), Kept: moment(l.kept),
		State: store.LetterState(l.state), Result: store.ReplayResult(l.result), By: l.by, At: moment(l.at), Replays: int(l.replays), Size: l.size, Cursor: strconv.FormatInt(l.seq, 10),
	}
	if l.sum != l.seal() {
		return t, damaged("dead letter", l.seq)
	}
	var err error
	if t.Key, err = open.text(l.dk, l.in("key"), l.key); err == nil {
		t.Detail, err = open.text(l.dk, l.in("detail"), l.detail)
	}
	return t, err
}

func (d letters) Get(ctx context.Context, id string) (t store.DeadLetter, err error) {
	err = d.s.read(ctx, func(r *reader) error {
		var l letter
		var header, body []byte
		found, err := r.row(wholeLetter+"id = ?", []any{id}, append(l.fields(), &header, &body)...)
		switch {
		case err != nil:
			return err
		case !found:
			return refuse(fmt.Errorf("dead letter %s: %w", id, store.ErrAbsent))
		}
		if t, err = l.told(r.open); err == nil && l.holding != sum(header, body) {
			err = damaged("dead letter", l.seq)
		}
		if err == nil {
			header, err = r.open(l.dk, l.in("header"), header)
		}
		if err == nil {
			t.Headers, err = unpacked(header)
		}
		if err == nil {
			body, err = r.open(l.dk, l.in("body"), body)
			t.Body = blob(body)
		}
		if err == nil {
			t.History, err = l.history(r)
		}
		return lost(err)
	})
	if err != nil {
		return store.DeadLetter{}, err
	}
	return t, nil
}

// where is the filter in SQL. keys are what its key is looked for by.
func where(f store.LetterFilter, keys [][]byte) (text string, args []any) {
	var terms []string
	term := func(text string, values ...any) {
		terms = append(terms, text)
		args = append(args, values...)
	}
	if len(f.IDs) > 0 {
		term("id = any(?)", f.IDs)
	}
	for _, c := range [][2]string{{"topic", f.Topic}, {"grp", f.Group}, {"route", f.Route}, {"reason", f.Reason}, {"state", string(f.State)}} {
		if c[1] != "" {
			term(c[0]+" = ?", c[1])
		}
	}
	if f.Key != "" {
		term("blind = any(?) and blind <> ''", keys) // the second half is what its index says
	}
	if !f.Since.IsZero() {
		term("kept >= ?", micro(f.Since))
	}
	if !f.Until.IsZero() {
		term("kept < ?", micro(f.Until))
	}
	if len(terms) == 0 {
		return "true", nil
	}
	return strings.Join(terms, " and "), args
}

// where is the filter in SQL.
func (r *reader) where(f store.LetterFilter) (text string, args []any, err error) {
	keys := [][]byte{plain(letterKey, f.Key)}
	if f.Key != "" && r.s.vault.On() {
		k, err := r.s.vault.Known(r.statements, ofIndex)
		if err != nil {
			return "", nil, err
		}
		if k != nil {
			keys = append(keys, k.Blind(letterKey, f.Key))
		}
	}
	text, args = where(f, keys)
	return text, args, nil
}

// What is looked for by what stands for it.
const (
	letterKey     = "letter.key"
	collectionKey = "collection.key"
)

// maxIDs is how many ids one filter may name.
const maxIDs = 10_000

func bounded(f store.LetterFilter) error {
	if len(f.IDs) > maxIDs {
		return fmt.Errorf("%d dead letters are named, at most %d may be at once", len(f.IDs), maxIDs)
	}
	return nil
}

func (d letters) List(ctx context.Context, f store.LetterFilter, limit int, after string) (list []store.DeadLetter, err error) {
	var seq int64
	var bad error // of a damaged one, which is left out
	if after != "" {
		if seq, err = strconv.ParseInt(after, 10, 64); err != nil {
			return nil, fmt.Errorf("%q is no place in a list of dead letters", after)
		}
	}
	if err := bounded(f); err != nil {
		return nil, err
	}
	err = d.s.read(ctx, func(r *reader) error {
		list, bad = nil, nil
		text, args, err := r.where(f)
		if err != nil {
			return err
		}
		var found []letter
		if err := r.rows("select "+letterColumns+" from letter where "+text+" and seq > ? order by seq limit ?", append(args, seq, limit), func(rows scanner) error {
			var l letter
			err := rows.Scan(l.fields()...)
			found = append(found, l)
			return err
		}); err != nil {
			return err
		}
		for i := range found {
			t, err := found[i].told(r.open)
			switch {
			case errors.Is(err, store.ErrDamaged):
				bad = err
			case err != nil:
				return err
			default:
				list = append(list, t)
			}
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, bad
}

func (d letters) Count(ctx context.Context, f store.LetterFilter) (n int64, err error) {
	if err := bounded(f); err != nil {
		return 0, err
	}
	err = d.s.read(ctx, func(r *reader) error {
		text, args, err := r.where(f)
		if err != nil {
			return err
		}
		return r.rows("select count(*) from letter where "+text, args, func(rows scanner) error { return rows.Scan(&n) })
	})
	return n, err
}
