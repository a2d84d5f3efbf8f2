package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strings"

	"fondaco/store"
	"fondaco/store/record"
	"fondaco/store/sqlitefile"
)

type letters struct{ s *Store }

// letter is a row of that table.
type letter struct{ record.Letter }

const letterColumns = "seq, id, topic, grp, route, key, message, reason, detail, trace, attempts, first, kept, state, by, at, replays, " +
	"size, weight, holding, place, result, sum, dk, marks"

func (l *letter) values() []any {
	return []any{
		l.ID, l.Topic, l.Group, l.Route, stored(l.DK, l.Key), l.Message, l.Reason, stored(l.DK, l.Detail), l.Trace,
		l.Attempts, l.First, l.Kept, l.State, l.By, l.At, l.Replays, l.Size, l.Weight, l.Holding, l.Place, l.Result, l.Sum, l.DK, l.Marks,
	}
}

// load reads the one letter that the condition finds. What is damaged is refused.
func (l *letter) load(x *tx, where string, args ...any) (found bool, err error) {
	found, err = x.row("select "+letterColumns+" from letter where "+where, args, l.Fields()...)
	if err == nil && found && l.Sum != l.Seal() {
		err = refuse(record.Damaged("dead letter", l.Seq))
	}
	return found, err
}

const letterFields = 24 // of values

var (
	insertLetter = "insert into letter (" + letterColumns + ") values (null" + strings.Repeat(", ?", letterFields) + ")"
	updateLetter = "update letter set (" + letterColumns + ") = (?" + strings.Repeat(", ?", letterFields) + ") where seq = ?"
)

// save writes a letter that is there, under a sum of its own.
func (l *letter) save(x *tx) error {
	l.Sum = l.Seal()
	_, err := x.exec(updateLetter, append(append([]any{l.Seq}, l.values()...), l.Seq)...)
	return err
}

func (d letters) Get(ctx context.Context, id string) (t store.DeadLetter, err error) {
	err = d.s.read(ctx, func(r *reader) error {
		var l letter
		var header, body []byte
		columns := "l." + strings.ReplaceAll(letterColumns, ", ", ", l.")
		found, err := r.row("select "+columns+", b.header, b.body from letter l join letter_body b on b.seq = l.seq where l.id = ?", []any{id},
			append(l.Fields(), &header, &body)...)
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

// where is the filter in SQL. blind is what its key is looked for by where keys are encrypted.
func where(f store.LetterFilter, blind []byte) (text string, args []any) {
	var terms []string
	term := func(text string, values ...any) {
		terms = append(terms, text)
		args = append(args, values...)
	}
	if len(f.IDs) > 0 {
		values := make([]any, len(f.IDs))
		for i, id := range f.IDs {
			values[i] = id
		}
		term("id in (?"+strings.Repeat(", ?", len(f.IDs)-1)+")", values...)
	}
	for _, c := range [][2]string{{"topic", f.Topic}, {"grp", f.Group}, {"route", f.Route}, {"reason", f.Reason}, {"state", string(f.State)}} {
		if c[1] != "" {
			term(c[0]+" = ?", c[1])
		}
	}
	if f.Key != "" && len(blind) > 0 {
		term("(dk = 0 and key = ? or blind = ?)", f.Key, blind)
	} else if f.Key != "" {
		term("key = ?", f.Key)
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
	var blind []byte
	if f.Key != "" && r.vault.On() {
		k, err := r.vault.Known(r.ctx, r.f.read, sqlitefile.OfIndex)
		if err != nil {
			return "", nil, err
		}
		blind = k.Blind(record.LetterKey, f.Key)
	}
	text, args = where(f, blind)
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
		text, args, err := r.where(f)
		if err != nil {
			return err
		}
		var found []letter
		if err := r.once("select "+letterColumns+" from letter where "+text+" and seq > ? order by seq limit ?", append(args, seq, limit),
			func(rows *sql.Rows) error {
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
		return r.once("select count(*) from letter where "+text, args, func(rows *sql.Rows) error { return rows.Scan(&n) })
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
		return r.once(record.Causes(text), append(args, limit), func(rows *sql.Rows) error {
			c, err := record.Cause(rows)
			list = append(list, c)
			return err
		})
	})
	return list, err
}
