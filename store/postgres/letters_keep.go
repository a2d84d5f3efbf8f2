package postgres

import (
	"context"
	"fmt"

	"fondaco/store"
	"fondaco/store/record"
)

func (d letters) Keep(ctx context.Context, t store.DeadLetter) (store.Kept, error) {
	var kept store.Kept
	header := record.Packed(t.Headers)
	bytes := len(t.Body) + len(header)
	err := d.s.write(ctx, bytes, func(x *tx) error {
		if err := x.lockLetters(); err != nil {
			return err
		}
		n := letter{record.NewLetter(t, header)}
		var old letter
		again, replayed, err := old.same(x, t, record.Sum(header, record.Blob(t.Body)))
		before := old.Weight
		switch {
		case err != nil:
			return err
		case again:
			err = n.follow(x, &old, replayed)
		default:
			err = n.vacant(x)
		}
		if err != nil {
			return err
		}
		formerly, err := old.Why(x.open)
		if err != nil {
			return lost(err)
		}
		k, err := x.key(n.Marks)
		if err != nil {
			return err
		}
		header, body := n.Enclose(k, t.Key, t.Detail, header, record.Blob(t.Body))
		if !again {
			err = n.enter(x)
		}
		if err == nil && (!again || n.DiedAgain(&old.Letter, formerly, t.Detail)) {
			err = n.happened(x, store.LetterEvent{At: t.Kept, What: store.EventDied, Detail: record.Died(t.Reason, t.Detail)})
		}
		if err == nil {
			err = n.save(x)
		}
		if err != nil {
			return err
		}
		if _, err = x.exec("insert into letter_body (seq, header, body) values (?, ?, ?) on conflict (seq) do update set header = "+
			"excluded.header, body = excluded.body", n.Seq, header, body); err != nil {
			return err
		}
		blind, err := x.blind(record.LetterKey, t.Key)
		if err != nil {
			return err
		}
		if _, err := x.exec("update letter set blind = ? where seq = ?", blind, n.Seq); err != nil {
			return err
		}
		*x.letters += n.Weight - before
		kept = store.Kept{ID: n.ID, Again: again}
		kept.Dropped, err = d.s.dropLetters(x, 1<<62, n.Seq)
		return err
	})
	if err != nil {
		return store.Kept{}, err
	}
	return kept, nil
}

// same finds the letter that is kept of the same message: the one whose replay it was, the one of its place, or one that
// was kept before places were known and holds the same.
func (l *letter) same(x *tx, t store.DeadLetter, holding int64) (found, replayed bool, err error) {
	if t.Replay != "" {
		found, err = l.load(x, "id = ? and topic = ? and grp = ? and message in (?, place)", t.Replay, t.Topic, t.Group, t.MessageID)
		if found || err != nil {
			return found, true, err
		}
	}
	found, err = l.load(x, "record = ?", hashed(t.Topic, t.Group, t.MessageID, t.Place))
	if !found && err == nil && t.Place != "" {
		found, err = l.load(x, "record = ? and holding = ?", hashed(t.Topic, t.Group, t.MessageID, ""), holding)
	}
	if !found {
		*l = letter{}
	}
	return found, false, err
}

// follow takes over from the letter that was kept before what stays of it.
func (l *letter) follow(x *tx, old *letter, replayed bool) error {
	history, err := old.historyWeight(x)
	if err == nil {
		l.Follow(&old.Letter, history, replayed)
	}
	return err
}

// vacant refuses a letter whose id is another's.
func (l *letter) vacant(x *tx) error {
	var one int
	taken, err := x.row("select 1 from letter where id = ?", []any{l.ID}, &one)
	if err != nil {
		return err
	}
	if taken {
		return refuse(fmt.Errorf("dead letter %s: %w", l.ID, store.ErrExists))
	}
	return nil
}

// enter adds a new letter.
func (l *letter) enter(x *tx) (err error) {
	l.Sum = l.Seal()
	l.Seq, err = x.insert(insertLetter, l.values()...)
	return err
}

// dropLetters removes the oldest letters, up to limit of them, until all together weigh what they may; never the one
// with the seq spared. It returns how many those were.
func (s *Store) dropLetters(x *tx, limit, spared int64) (n int64, err error) {
	for *x.letters > s.limits.LetterBytes && n < limit {
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
	for _, table := range []string{"letter where seq", "letter_body where seq", "letter_event where letter"} {
		if err == nil {
			_, err = x.exec("delete from "+table+" = ?", seq)
		}
	}
	*x.letters -= weight
	return err
}
