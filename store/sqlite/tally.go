package sqlite

import (
	"context"
	"database/sql"
	"fmt"
	"slices"
	"strings"

	"fondaco/store"
)

// gone is what letters that were let go had counted: a row for each group of a topic, written in the transaction that
// removes the letter.
type gone struct {
	topic, group     string
	letters, replays int64
	sum              int64
}

func (g *gone) seal() int64 { return sum(g.topic, g.group, g.letters, g.replays) }

// What counts as dead: a letter that is claimed and not known to be in its topic again does, and one does not that was
// discarded after its topic had it again.
const (
	isWaiting   = "state in ('waiting', 'replaying')"
	isDiscarded = "(state = 'discarded' and result = '')"
)

// bury counts a letter that is removed.
func bury(x *tx, seq int64) error {
	var g, old gone
	found, err := x.row("select topic, grp, "+isWaiting+" or "+isDiscarded+", replays from letter where seq = ?", []any{seq}, &g.topic, &g.group, &g.letters, &g.replays)
	if err != nil || !found {
		return err
	}
	if _, err = x.row("select letters, replays, sum from gone where topic = ? and grp = ?", []any{g.topic, g.group}, &old.letters, &old.replays, &old.sum); err != nil {
		return err
	}
	g.letters, g.replays = g.letters+old.letters, g.replays+old.replays
	_, err = x.exec("insert or replace into gone (topic, grp, letters, replays, sum) values (?, ?, ?, ?, ?)", g.topic, g.group, g.letters, g.replays, g.seal())
	return err
}

func (d letters) Tallies(ctx context.Context) (all []store.Tally, err error) {
	var bad error // of a damaged row, which is left out
	at := map[[2]string]*store.Tally{}
	of := func(topic, group string) *store.Tally {
		k := [2]string{topic, group}
		if at[k] == nil {
			at[k] = &store.Tally{Topic: topic, Group: group}
		}
		return at[k]
	}
	err = d.s.read(ctx, func(r *reader) error {
		bad = nil
		clear(at)
		// One statement, so that a letter is counted once while it goes.
		return r.rows(`select 0, topic, grp, sum(`+isWaiting+`), sum(`+isDiscarded+`), sum(replays), 0 from letter group by topic, grp
			union all select 1, topic, grp, letters, 0, replays, sum from gone`, nil, func(rows *sql.Rows) error {
			var kind, waiting, discarded int64
			var g gone
			if err := rows.Scan(&kind, &g.topic, &g.group, &waiting, &discarded, &g.replays, &g.sum); err != nil {
				return err
			}
			t := of(g.topic, g.group)
			if kind == 1 {
				if g.letters = waiting; g.sum != g.seal() {
					bad = fmt.Errorf("%w: the count of letters let go on the topic %q; restore the file from a backup, or remove that row", store.ErrDamaged, g.topic)
					return nil
				}
				t.Gone += waiting
			} else {
				t.Waiting, t.Discarded = t.Waiting+waiting, t.Discarded+discarded
			}
			t.Replays += g.replays
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	for _, t := range at {
		all = append(all, *t)
	}
	slices.SortFunc(all, func(a, b store.Tally) int {
		return strings.Compare(a.Topic+"\x00"+a.Group, b.Topic+"\x00"+b.Group)
	})
	return all, bad
}
