package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"
	"strings"
	"time"

	"fondaco/store"
)

type letters struct{ s *Store }

// letter is a row of that table; what it holds lies in letter_body, so that lists need not read it.
type letter struct {
	seq                                int64
	id, topic, group, route, key       string
	message, reason, detail, trace     string
	attempts, first, kept              int64
	state, by                          string
	at, replays, size, weight, holding int64 // holding is the sum of letter_body's row
	sum                                int64
}

const letterColumns = "seq, id, topic, grp, route, key, message, reason, detail, trace, attempts, first, kept, state, by, at, replays, size, weight, holding, sum"

func (l *letter) fields() []any {
	return []any{
		&l.seq, &l.id, &l.topic, &l.group, &l.route, &l.key, &l.message, &l.reason, &l.detail, &l.trace,
		&l.attempts, &l.first, &l.kept, &l.state, &l.by, &l.at, &l.replays, &l.size, &l.weight, &l.holding, &l.sum,
	}
}

func (l *letter) values() []any {
	return []any{
		l.id, l.topic, l.group, l.route, l.key, l.message, l.reason, l.detail, l.trace,
		l.attempts, l.first, l.kept, l.state, l.by, l.at, l.replays, l.size, l.weight, l.holding, l.sum,
	}
}

func (l *letter) seal() int64 {
	return sum(l.id, l.topic, l.group, l.route, l.key, l.message, l.reason, l.detail, l.trace,
		l.attempts, l.first, l.kept, l.state, l.by, l.at, l.replays, l.size, l.weight, l.holding)
}

// rowWeight is what a letter's row takes besides its texts and bytes, about.
const rowWeight = 512

func (l *letter) told() (store.DeadLetter, error) {
	t := store.DeadLetter{
		ID: l.id, Topic: l.topic, Group: l.group, Route: l.route, Key: l.key, MessageID: l.message,
		Reason: l.reason, Detail: l.detail, Trace: l.trace, Attempts: int(l.attempts), First: moment(l.first), Kept: moment(l.kept),
		State: store.LetterState(l.state), By: l.by, At: moment(l.at), Replays: int(l.replays), Size: l.size, Cursor: strconv.FormatInt(l.seq, 10),
	}
	if l.sum != l.seal() {
		return t, damaged("dead letter", l.seq)
	}
	return t, nil
}

func (d letters) Keep(ctx context.Context, t store.DeadLetter) (store.Kept, error) {
	var kept store.Kept
	header := packed(t.Headers)
	bytes := len(t.Body) + len(header)
	err := d.s.write(ctx, bytes, func(x *tx) error {
		n := letter{
			id: t.ID, topic: t.Topic, group: t.Group, route: t.Route, key: t.Key, message: t.MessageID,
			reason: t.Reason, detail: t.Detail, trace: t.Trace, attempts: int64(t.Attempts), first: micro(t.First), kept: micro(t.Kept),
			state: string(store.LetterWaiting), size: int64(len(t.Body)), holding: sum(header, t.Body),
			weight: int64(bytes+len(t.Detail)+len(t.Trace)+len(t.Key)) + rowWeight,
		}
		var old letter
		again, err := x.row("select "+letterColumns+" from letter where topic = ? and grp = ? and message = ?", []any{t.Topic, t.Group, t.MessageID}, old.fields()...)
		if err != nil {
			return err
		}
		if again {
			n.seq, n.id, n.replays = old.seq, old.id, old.replays
		} else {
			var one int
			taken, err := x.row("select 1 from letter where id = ?", []any{t.ID}, &one)
			if err != nil {
				return err
			}
			if taken {
				return refuse(fmt.Errorf("dead letter %s: %w", t.ID, store.ErrExists))
			}
		}
		n.sum = n.seal()
		if again {
			_, err = x.exec("update letter set ("+letterColumns+") = (?"+strings.Repeat(", ?", 20)+") where seq = ?", append(append([]any{n.seq}, n.values()...), n.seq)...)
		} else {
			n.seq, err = x.insert("insert into letter ("+letterColumns+") values (null"+strings.Repeat(", ?", 20)+")", n.values()...)
		}
		if err != nil {
			return err
		}
		if _, err = x.exec("insert or replace into letter_body (seq, header, body) values (?, ?, ?)", n.seq, header, blob(t.Body)); err != nil {
			return err
		}
		d.s.letterBytes += n.weight - old.weight
		kept = store.Kept{ID: n.id, Again: again}
		kept.Dropped, err = d.s.dropLetters(x, 1<<62, n.seq)
		return err
	})
	if err != nil {
		return store.Kept{}, err
	}
	return kept, nil
}

// dropLetters removes the oldest letters, up to limit of them, until all together weigh what they may; never the one
// with the seq spared. It gives how many those were.
func (s *Store) dropLetters(x *tx, limit, spared int64) (n int64, err error) {
	for s.letterBytes > s.limits.LetterBytes && n < limit {
		var seq, weight int64
		found, err := x.row("select seq, weight from letter where seq <> ? order by seq limit 1", []any{spared}, &seq, &weight)
		if err != nil || !found {
			return n, err
		}
		if err := s.dropLetter(x, seq, weight); err != nil {
			return n, err
		}
		n++
	}
	return n, nil
}

func (s *Store) dropLetter(x *tx, seq, weight int64) error {
	err := bury(x, seq)
	if err == nil {
		_, err = x.exec("delete from letter where seq = ?", seq)
	}
	if err == nil {
		_, err = x.exec("delete from letter_body where seq = ?", seq)
	}
	s.letterBytes -= weight
	return err
}

func (d letters) Get(ctx context.Context, id string) (t store.DeadLetter, err error) {
	err = d.s.read(ctx, func(r *reader) error {
		var l letter
		var header, body []byte
		columns := "l." + strings.ReplaceAll(letterColumns, ", ", ", l.")
		found, err := r.row("select "+columns+", b.header, b.body from letter l join letter_body b on b.seq = l.seq where l.id = ?", []any{id}, append(l.fields(), &header, &body)...)
		switch {
		case err != nil:
			return err
		case !found:
			return refuse(fmt.Errorf("dead letter %s: %w", id, store.ErrAbsent))
		}
		if t, err = l.told(); err == nil && l.holding != sum(header, body) {
			err = damaged("dead letter", l.seq)
		}
		if err == nil {
			t.Body = blob(body)
			t.Headers, err = unpacked(header)
		}
		if err != nil {
			return refuse(err)
		}
		return nil
	})
	if err != nil {
		return store.DeadLetter{}, err
	}
	return t, nil
}

// where is the filter in SQL.
func where(f store.LetterFilter) (text string, args []any) {
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
	for _, c := range [][2]string{{"topic", f.Topic}, {"grp", f.Group}, {"route", f.Route}, {"reason", f.Reason}, {"key", f.Key}, {"state", string(f.State)}} {
		if c[1] != "" {
			term(c[0]+" = ?", c[1])
		}
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
	text, args := where(f)
	err = d.s.read(ctx, func(r *reader) error {
		return r.once("select "+letterColumns+" from letter where "+text+" and seq > ? order by seq limit ?", append(args, seq, limit), func(rows *sql.Rows) error {
			var l letter
			if err := rows.Scan(l.fields()...); err != nil {
				return err
			}
			t, err := l.told()
			if err != nil {
				bad = err
				return nil
			}
			list = append(list, t)
			return nil
		})
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
	text, args := where(f)
	err = d.s.read(ctx, func(r *reader) error {
		return r.once("select count(*) from letter where "+text, args, func(rows *sql.Rows) error { return rows.Scan(&n) })
	})
	return n, err
}

// chunk is how many rows an operator's or a sweep's transaction changes.
const chunk = 500

// each has change called for every letter found, in transactions of chunk rows, and counts them.
func (d letters) each(ctx context.Context, f store.LetterFilter, change func(*tx, *letter) (bool, error)) (n int64, err error) {
	if err := bounded(f); err != nil {
		return 0, err
	}
	text, args := where(f)
	for after := int64(0); ; {
		var seqs []int64
		if err := d.s.read(ctx, func(r *reader) error {
			return r.once("select seq from letter where "+text+" and seq > ? order by seq limit "+strconv.Itoa(chunk), append(args[:len(args):len(args)], after), func(rows *sql.Rows) error {
				var seq int64
				err := rows.Scan(&seq)
				seqs = append(seqs, seq)
				return err
			})
		}); err != nil {
			return n, err
		}
		if len(seqs) == 0 {
			return n, nil
		}
		var changed int64
		if err := d.s.write(ctx, 0, func(x *tx) error {
			changed = 0
			for _, seq := range seqs {
				var l letter
				found, err := x.row("select "+letterColumns+" from letter where seq = ?", []any{seq}, l.fields()...)
				if err != nil {
					return err
				}
				if !found {
					continue
				}
				if wanted, err := change(x, &l); err != nil {
					return err
				} else if !wanted {
					continue
				}
				l.sum = l.seal()
				if _, err := x.exec("update letter set ("+letterColumns+") = (?"+strings.Repeat(", ?", 20)+") where seq = ?", append(append([]any{l.seq}, l.values()...), l.seq)...); err != nil {
					return err
				}
				changed++
			}
			return nil
		}); err != nil {
			return n, err
		}
		n, after = n+changed, seqs[len(seqs)-1]
	}
}

func (d letters) Discard(ctx context.Context, f store.LetterFilter, who string, now time.Time) (int64, error) {
	return d.each(ctx, f, func(x *tx, l *letter) (bool, error) {
		if l.state == string(store.LetterDiscarded) {
			return false, nil
		}
		d.s.letterBytes -= l.weight
		l.state, l.by, l.at = string(store.LetterDiscarded), who, micro(now)
		l.key, l.detail, l.size, l.weight, l.holding = "", "", 0, rowWeight, sum([]byte{}, []byte{})
		d.s.letterBytes += l.weight
		_, err := x.exec("update letter_body set header = x'', body = x'' where seq = ?", l.seq)
		return true, err
	})
}

func (d letters) Replayed(ctx context.Context, ids []string, who string, now time.Time) (int64, error) {
	if len(ids) == 0 {
		return 0, nil
	}
	return d.each(ctx, store.LetterFilter{IDs: ids}, func(_ *tx, l *letter) (bool, error) {
		if l.state == string(store.LetterDiscarded) { // there is nothing left of it
			return false, nil
		}
		l.state, l.by, l.at = string(store.LetterReplayed), who, micro(now)
		l.replays++
		return true, nil
	})
}
