package postgres

import (
	"context"
	"fmt"
	"strings"

	"fondaco/store"
	"fondaco/store/record"
)

type letters struct{ s *Store }

// letter is a row of that table.
type letter struct{ record.Letter }

const (
	letterColumns = "seq, id, topic, grp, route, key, message, reason, detail, trace, attempts, first, kept, state, by, at, replays, size, " +
		"weight, holding, place, result, sum, coalesce(dk, 0), marks"
	wholeLetter = "select " + letterColumns + ", (select header from letter_body b where b.seq = letter.seq), (select body from " +
		"letter_body b where b.seq = letter.seq) from letter where "
)

func (l *letter) values() []any {
	return []any{
		l.ID, l.Topic, l.Group, l.Route, stored(l.Key), l.Message, l.Reason, stored(l.Detail), l.Trace,
		l.Attempts, l.First, l.Kept, l.State, l.By, l.At, l.Replays, l.Size, l.Weight, l.Holding, l.Place, l.Result, l.Sum, dkOf(l.DK), l.Marks,
		l.record(),
	}
}

// record is the hash of which message the letter is, and where in its log.
func (l *letter) record() []byte { return hashed(l.Topic, l.Group, l.Message, l.Place) }

// load reads the one letter that the condition finds. What is damaged is refused.
func (l *letter) load(x *tx, where string, args ...any) (found bool, err error) {
	found, err = x.row("select "+letterColumns+" from letter where "+where+" for no key update", args, l.Fields()...)
	if err == nil && found && l.Sum != l.Seal() {
		err = refuse(record.Damaged("dead letter", l.Seq))
	}
	return found, err
}

const writtenLetter = "id, topic, grp, route, key, message, reason, detail, trace, attempts, first, kept, state, by, at, replays, size, " +
	"weight, holding, place, result, sum, dk, marks, record"

var (
	letterValues = "(?" + strings.Repeat(", ?", strings.Count(writtenLetter, ",")) + ")"
	insertLetter = "insert into letter (" + writtenLetter + ", blind) values " + strings.TrimSuffix(letterValues, ")") + ", '') returning seq"
	updateLetter = "update letter set (" + writtenLetter + ") = " + letterValues + " where seq = ?"
)

// save writes a letter that is there, under a sum of its own.
func (l *letter) save(x *tx) error {
	l.Sum = l.Seal()
	_, err := x.exec(updateLetter, append(l.values(), l.Seq)...)
	return err
}

func (d letters) Get(ctx context.Context, id string) (t store.DeadLetter, err error) {
	err = d.s.read(ctx, func(r *reader) error {
		var l letter
		var header, body []byte
		found, err := r.row(wholeLetter+"id = ?", []any{id}, append(l.Fields(), &header, &body)...)
		switch {
		case err != nil:
			return err
		case !found:
			return refuse(fmt.Errorf("dead letter %s: %w", id, store.ErrAbsent))
		}
		if t, err = l.Whole(r.open, header, body); err == nil {
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
		term("kept >= ?", record.Micro(f.Since))
	}
	if !f.Until.IsZero() {
		term("kept < ?", record.Micro(f.Until))
	}
	if len(terms) == 0 {
		return "true", nil
	}
	return strings.Join(terms, " and "), args
}

// where is the filter in SQL.
func (r *reader) where(f store.LetterFilter) (text string, args []any, err error) {
	keys := [][]byte{plain(record.LetterKey, f.Key)}
	if f.Key != "" && r.s.vault.On() {
		k, err := r.s.vault.Known(r.statements, ofIndex)
		if err != nil {
			return "", nil, err
		}
		if k != nil {
			keys = append(keys, k.Blind(record.LetterKey, f.Key))
		}
	}
	text, args = where(f, keys)
	return text, args, nil
}

func (d letters) List(ctx context.Context, f store.LetterFilter, limit int, after string) (list []store.DeadLetter, err error) {
	var bad error // of a damaged one, which is left out
	seq, err := record.LettersAfter(after)
	if err != nil {
		return nil, err
	}
	if err := record.Bounded(f); err != nil {
		return nil, err
	}
	err = d.s.read(ctx, func(r *reader) error {
		list, bad = nil, nil
		text, args, err := r.where(f)
		if err != nil {
			return err
		}
		var found []letter
		if err := r.rows("select "+letterColumns+" from letter where "+text+" and seq > ? order by seq limit ?", append(args, seq, limit),
			func(rows scanner) error {
				var l letter
				err := rows.Scan(l.Fields()...)
				found = append(found, l)
				return err
			}); err != nil {
			return err
		}
		list, bad, err = record.Each(found, func(l *letter) (store.DeadLetter, error) { return l.Told(r.open) })
		return err
	})
	if err != nil {
		return nil, err
	}
	return list, bad
}

func (d letters) Count(ctx context.Context, f store.LetterFilter) (n int64, err error) {
	if err := record.Bounded(f); err != nil {
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

func (d letters) Causes(ctx context.Context, f store.LetterFilter, limit int) (list []store.LetterCause, err error) {
	if err := record.Bounded(f); err != nil {
		return nil, err
	}
	err = d.s.read(ctx, func(r *reader) error {
		text, args, err := r.where(f)
		if err != nil {
			return err
		}
		list = nil
		return r.rows(record.Causes(text), append(args, limit), func(rows scanner) error {
			c, err := record.Cause(rows)
			list = append(list, c)
			return err
		})
	})
	return list, err
}
