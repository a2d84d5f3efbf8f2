package postgres

import (
	"context"
	"slices"

	"fondaco/store"
	"fondaco/store/record"
)

// bury counts a letter that is removed: one that was discarded stays so, one that waited is gone.
func bury(x *tx, seq int64) error {
	var g, old record.Gone
	var discarded bool
	found, err := x.row("select topic, grp, ("+record.IsWaiting+")::int, "+record.IsDiscarded+", replays from letter where seq = ?",
		[]any{seq}, &g.Topic, &g.Group, &g.Letters, &discarded, &g.Replays)
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
	_, err = x.exec("insert into gone (topic, grp, letters, replays, sum) values (?, ?, ?, ?, ?) on conflict (topic, grp) do update set "+
		"letters = excluded.letters, replays = excluded.replays, sum = excluded.sum", g.Topic, g.Group, g.Letters, g.Replays, g.Seal())
	return err
}

// count counts one more message of a group that ended as the word says.
func count(x *tx, topic, group, word string) error {
	n, err := x.insert("insert into ended (topic, grp, word, n, sum) values (?, ?, ?, 1, 0) on conflict (topic, grp, word) do update set n "+
		"= ended.n + 1 returning n", topic, group, word)
	if err == nil { // which holds the row now
		_, err = x.exec("update ended set sum = ? where topic = ? and grp = ? and word = ?", record.Sum(topic, group, word, n), topic, group,
			word)
	}
	return err
}

func (d letters) Tallies(ctx context.Context, failed ...string) ([]store.Tally, error) {
	var t record.Tallies
	err := d.s.read(ctx, func(r *reader) error {
		t = record.Tallies{}
		// One statement, so that a letter is counted once while it goes.
		return r.rows(`select 'letter', topic, grp, count(*) filter (where `+record.IsWaiting+`), count(*) filter (where `+record.IsWaiting+
			` and reason = any(?)), count(*) filter (where `+record.IsDiscarded+`), sum(replays)::bigint, 0 from letter group by topic, grp
			union all select 'gone', topic, grp, letters, 0, 0, replays, sum from gone
			union all select word, topic, grp, n, 0, 0, 0, sum from ended`, []any{slices.Clone(failed)}, func(r scanner) error { return t.Take(r) })
	})
	if err != nil {
		return nil, err
	}
	return t.All()
}
