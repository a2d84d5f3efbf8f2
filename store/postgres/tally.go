package postgres

import (
	"context"
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

// bury counts a letter that is removed: one that was discarded stays so, one that waited is gone.
func bury(x *tx, seq int64) error {
	var g, old gone
	var discarded bool
	found, err := x.row("select topic, grp, ("+isWaiting+")::int, "+isDiscarded+", replays from letter where seq = ?", []any{seq}, &g.topic, &g.group, &g.letters, &discarded, &g.replays)
	if err != nil || !found {
		return err
	}
	if discarded {
		if err := count(x, g.topic, g.group, endedDiscarded); err != nil {
			return err
		}
	}
	if _, err = x.row("select letters, replays, sum from gone where topic = ? and grp = ?", []any{g.topic, g.group}, &old.letters, &old.replays, &old.sum); err != nil {
		return err
	}
	g.letters, g.replays = g.letters+old.letters, g.replays+old.replays
	_, err = x.exec("insert into gone (topic, grp, letters, replays, sum) values (?, ?, ?, ?, ?) on conflict (topic, grp) do update set letters = excluded.letters, replays = excluded.replays, sum = excluded.sum", g.topic, g.group, g.letters, g.replays, g.seal())
	return err
}

// The words of the table ended.
const (
	endedCancelled  = string(store.EndCancelled)
	endedSuperseded = string(store.EndSuperseded)
	endedDiscarded  = "discarded" // a letter that was let go after an operator had discarded it
)

// count counts one more message of a group that ended as the word says.
func count(x *tx, topic, group, word string) error {
	n, err := x.insert("insert into ended (topic, grp, word, n, sum) values (?, ?, ?, 1, 0) on conflict (topic, grp, word) do update set n = ended.n + 1 returning n", topic, group, word)
	if err == nil { // which holds the row now
		_, err = x.exec("update ended set sum = ? where topic = ? and grp = ? and word = ?", sum(topic, group, word, n), topic, group, word)
	}
	return err
}

// tallies gathers the rows of the account.
type tallies struct {
	at  map[[2]string]*store.Tally
	bad error // of a damaged row, which is left out
}

func (t *tallies) of(topic, group string) *store.Tally {
	k := [2]string{topic, group}
	if t.at[k] == nil {
		t.at[k] = &store.Tally{Topic: topic, Group: group}
	}
	return t.at[k]
}

func (t *tallies) damaged(what, topic string) {
	t.bad = fmt.Errorf("%w: the count of %s on the topic %q; restore the database from a backup, or remove that row", store.ErrDamaged, what, topic)
}

// take adds a row: of the table letter, of gone (letters, 0, 0, replays), or of ended (n, 0, 0, 0), whose kind is its word.
func (t *tallies) take(rows scanner) error {
	var kind, topic, group string
	var n, failed, discarded, replays, seal int64
	if err := rows.Scan(&kind, &topic, &group, &n, &failed, &discarded, &replays, &seal); err != nil {
		return err
	}
	switch kind {
	case "letter":
		x := t.of(topic, group)
		x.Waiting, x.Failed, x.Discarded, x.Replays = x.Waiting+n, x.Failed+failed, x.Discarded+discarded, x.Replays+replays
	case "gone":
		if g := (gone{topic: topic, group: group, letters: n, replays: replays}); seal != g.seal() {
			t.damaged("letters let go", topic)
			return nil
		}
		x := t.of(topic, group)
		x.Gone, x.Replays = x.Gone+n, x.Replays+replays
	default:
		if seal != sum(topic, group, kind, n) {
			t.damaged("messages "+kind, topic)
			return nil
		}
		switch x := t.of(topic, group); kind {
		case endedCancelled:
			x.Cancelled += n
		case endedSuperseded:
			x.Superseded += n
		case endedDiscarded:
			x.Discarded += n
		}
	}
	return nil
}

func (d letters) Tallies(ctx context.Context, failed ...string) ([]store.Tally, error) {
	var t tallies
	err := d.s.read(ctx, func(r *reader) error {
		t = tallies{at: map[[2]string]*store.Tally{}}
		// One statement, so that a letter is counted once while it goes.
		return r.rows(`select 'letter', topic, grp, count(*) filter (where `+isWaiting+`), count(*) filter (where `+isWaiting+` and reason = any(?)), count(*) filter (where `+isDiscarded+`), sum(replays)::bigint, 0 from letter group by topic, grp
			union all select 'gone', topic, grp, letters, 0, 0, replays, sum from gone
			union all select word, topic, grp, n, 0, 0, 0, sum from ended`, []any{slices.Clone(failed)}, t.take)
	})
	if err != nil {
		return nil, err
	}
	var all []store.Tally
	for _, x := range t.at {
		all = append(all, *x)
	}
	slices.SortFunc(all, func(a, b store.Tally) int {
		return strings.Compare(a.Topic+"\x00"+a.Group, b.Topic+"\x00"+b.Group)
	})
	return all, t.bad
}
