package sqlite

import (
	"context"
	"database/sql"
	"strings"

	"fondaco/store"
	"fondaco/store/record"
)

// bury counts a letter that is removed: one that was discarded stays so, one that waited is gone.
func bury(x *tx, seq int64) error {
	var g, old record.Gone
	var discarded bool
	found, err := x.row("select topic, grp, "+record.IsWaiting+", "+record.IsDiscarded+", replays from letter where seq = ?", []any{seq},
		&g.Topic, &g.Group, &g.Letters, &discarded, &g.Replays)
	if err != nil || !found {
		return err
	}
	if discarded {
		if err := count(x, g.Topic, g.Group, record.Discarded); err != nil {
			return err
		}
	}
	if _, err = x.row("select letters, replays, sum from gone where topic = ? and grp = ?", []any{g.Topic, g.Group}, &old.Letters,
		&old.Replays, &old.Sum); err != nil {
		return err
	}
	g.Letters, g.Replays = g.Letters+old.Letters, g.Replays+old.Replays
	_, err = x.exec("insert or replace into gone (topic, grp, letters, replays, sum) values (?, ?, ?, ?, ?)", g.Topic, g.Group, g.Letters,
		g.Replays, g.Seal())
	return err
}

// count counts one more message of a group that ended as the word says.
func count(x *tx, topic, group, word string) error {
	var n, old int64
	if _, err := x.row("select n, sum from ended where topic = ? and grp = ? and word = ?", []any{topic, group, word}, &n, &old); err != nil {
		return err
	}
	n++
	_, err := x.exec("insert or replace into ended (topic, grp, word, n, sum) values (?, ?, ?, ?, ?)", topic, group, word, n,
		record.Sum(topic, group, word, n))
	return err
}

func (d letters) Tallies(ctx context.Context, failed ...string) ([]store.Tally, error) {
	var t record.Tallies
	isFailed, args := "0", make([]any, len(failed))
	if len(failed) > 0 {
		isFailed = record.IsWaiting + " and reason in (?" + strings.Repeat(", ?", len(failed)-1) + ")"
	}
	for i, reason := range failed {
		args[i] = reason
	}
	err := d.s.read(ctx, func(r *reader) error {
		t = record.Tallies{}
		// One statement, so that a letter is counted once while it goes.
		return r.rows(`select 'letter', topic, grp, sum(`+record.IsWaiting+`), sum(`+isFailed+`), sum(`+record.IsDiscarded+
			`), sum(replays), 0 from letter group by topic, grp
			union all select 'gone', topic, grp, letters, 0, 0, replays, sum from gone
			union all select word, topic, grp, n, 0, 0, 0, sum from ended`, args, func(r *sql.Rows) error { return t.Take(r) })
	})
	if err != nil {
		return nil, err
	}
	return t.All()
}
