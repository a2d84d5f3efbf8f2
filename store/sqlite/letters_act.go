package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"strconv"
	"time"

	"fondaco/store"
	"fondaco/store/record"
)

// chunk is how many rows an operator's or a sweep's transaction changes.
const chunk = 500

// each has change called for every letter found, the oldest first, in transactions of chunk rows, and counts those that
// it changed. taken is called with the letters of a transaction once it is durable.
func (d letters) each(ctx context.Context, f store.LetterFilter, change func(*tx, *letter) (bool, error),
	taken func(l *letter, changed bool),
) (n int64, err error) {
	if err := record.Bounded(f); err != nil {
		return 0, err
	}
	for after := int64(0); ; {
		var seqs []int64
		if err := d.s.read(ctx, func(r *reader) error {
			text, args, err := r.where(f)
			if err != nil {
				return err
			}
			return r.once("select seq from letter where "+text+" and seq > ? order by seq limit "+strconv.Itoa(chunk),
				append(args[:len(args):len(args)], after), func(rows *sql.Rows) error {
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
		met := make([]letter, 0, len(seqs))
		changed := make([]bool, 0, len(seqs))
		if err := d.s.write(ctx, 0, func(x *tx) error {
			met, changed = met[:0], changed[:0]
			for _, seq := range seqs {
				var l letter
				found, err := l.load(x, "seq = ?", seq)
				if errors.Is(err, store.ErrDamaged) { // the others go on
					l = letter{record.Letter{ID: l.ID, State: string(store.LetterDamaged)}}
					met, changed = append(met, l), append(changed, false)
					continue
				}
				if err != nil {
					return err
				}
				if !found {
					continue
				}
				wanted, err := d.change(x, &l, change)
				if err != nil {
					return err
				}
				met, changed = append(met, l), append(changed, wanted)
			}
			return nil
		}); err != nil {
			return n, err
		}
		for i := range met {
			if changed[i] {
				n++
			}
			if taken != nil {
				taken(&met[i], changed[i])
			}
		}
		after = seqs[len(seqs)-1]
	}
}

// change changes one letter and saves it.
func (d letters) change(x *tx, l *letter, change func(*tx, *letter) (bool, error)) (bool, error) {
	before := l.Weight
	wanted, err := change(x, l)
	if err != nil || !wanted {
		return false, err
	}
	d.s.letterBytes += l.Weight - before
	return true, l.save(x)
}

// note writes down who acts on a letter.
func (l *letter) note(x *tx, what string, by store.Act) error {
	if err := l.remember(x); err != nil {
		return err
	}
	l.By, l.At = by.Who, record.Micro(by.At)
	return l.happened(x, store.LetterEvent{At: by.At, What: what, Who: by.Who, Why: by.Why})
}

func (d letters) Claim(ctx context.Context, ids []string, by store.Act) (claimed, passed []store.DeadLetter, err error) {
	if len(ids) == 0 {
		return nil, nil, nil
	}
	_, err = d.each(ctx, store.LetterFilter{IDs: ids}, func(x *tx, l *letter) (bool, error) {
		if l.State != string(store.LetterWaiting) {
			return false, nil
		}
		err := l.note(x, store.EventReplayed, by)
		l.State, l.Result = string(store.LetterReplaying), ""
		return true, err
	}, func(l *letter, changed bool) {
		if t, _ := d.told(ctx, l); changed {
			claimed = append(claimed, t)
		} else {
			passed = append(passed, t)
		}
	})
	return claimed, passed, err
}

// told is a letter for the world.
func (d letters) told(ctx context.Context, l *letter) (t store.DeadLetter, err error) {
	err = d.s.read(ctx, func(r *reader) error {
		t, err = l.Told(r.open)
		return lost(err)
	})
	return t, err
}

// claim finds a claimed letter: the replay that was claimed, and no later one.
func (l *letter) claim(x *tx, t store.DeadLetter) (bool, error) {
	return l.load(x, "id = ? and state = ? and replays = ?", t.ID, string(store.LetterReplaying), t.Replays)
}

func (d letters) Given(ctx context.Context, claimed []store.DeadLetter) error {
	for len(claimed) > 0 {
		part := claimed[:min(len(claimed), chunk)]
		claimed = claimed[len(part):]
		if err := d.s.write(ctx, 0, func(x *tx) error {
			for _, t := range part {
				var l letter
				found, err := l.claim(x, t)
				if err == nil && found {
					l.State = string(store.LetterReplayed)
					l.Replays++
					err = l.save(x)
				}
				if err != nil {
					return err
				}
			}
			return nil
		}); err != nil {
			return err
		}
	}
	return nil
}

func (d letters) Release(ctx context.Context, claimed store.DeadLetter, why string, now time.Time) error {
	return d.s.write(ctx, len(why), func(x *tx) error {
		var l letter
		found, err := l.claim(x, claimed)
		if err != nil || !found {
			return err
		}
		_, err = d.change(x, &l, func(x *tx, l *letter) (bool, error) {
			l.State = string(store.LetterWaiting)
			return true, l.happened(x, store.LetterEvent{At: now, What: store.EventReleased, Detail: why})
		})
		return err
	})
}

func (d letters) Settle(ctx context.Context, t store.DeadLetter, result store.ReplayResult, now time.Time) (ended bool, err error) {
	err = d.s.write(ctx, 0, func(x *tx) error {
		ended = false
		var l letter
		found, err := l.load(x, "id = ? and topic = ? and grp = ? and message in (?, place)", t.ID, t.Topic, t.Group, t.MessageID)
		if err != nil || !found || l.Settled() {
			return err
		}
		ended, err = d.change(x, &l, func(x *tx, l *letter) (bool, error) {
			if err := l.remember(x); err != nil {
				return false, err
			}
			l.Settle(result)
			return true, l.happened(x, store.LetterEvent{At: now, What: string(result)})
		})
		return err
	})
	return ended && err == nil, err
}

// mostPassed is how many of the letters that a Discard passes over it returns.
const mostPassed = 100

func (d letters) Discard(ctx context.Context, f store.LetterFilter, by store.Act) (n int64, passed []store.DeadLetter, err error) {
	n, err = d.each(ctx, f, func(x *tx, l *letter) (bool, error) {
		if !l.MayDiscard() {
			return false, nil
		}
		if err := l.note(x, store.EventDiscarded, by); err != nil {
			return false, err
		}
		weight, err := l.historyWeight(x)
		if err != nil {
			return false, err
		}
		l.Discard(weight)
		if _, err = x.exec("update letter_body set header = x'', body = x'' where seq = ?", l.Seq); err != nil {
			return false, err
		}
		_, err = x.exec("update letter set blind = x'' where seq = ?", l.Seq)
		return true, err
	}, func(l *letter, changed bool) {
		if !changed && len(passed) < mostPassed {
			t, _ := d.told(ctx, l)
			passed = append(passed, t)
		}
	})
	return n, passed, err
}
