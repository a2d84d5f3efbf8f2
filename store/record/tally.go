package record

import (
	"fmt"
	"slices"
	"strings"

	"fondaco/store"
)

// Gone is what letters that were let go had counted: a row for each group of a topic, written in the transaction that removes the
// letter.
type Gone struct {
	Topic, Group     string
	Letters, Replays int64
	Sum              int64
}

// Seal is the row's sum.
func (g *Gone) Seal() int64 { return Sum(g.Topic, g.Group, g.Letters, g.Replays) }

// What counts as dead, as conditions of statements: a letter that is claimed and not known to be in its topic again does, and one does
// not that was discarded after its topic had it again.
const (
	IsWaiting   = "state in ('waiting', 'replaying')"
	IsDiscarded = "(state = 'discarded' and result = '')"
)

// The words of the table ended.
const (
	Cancelled  = string(store.EndCancelled)
	Superseded = string(store.EndSuperseded)
	Discarded  = "discarded" // a letter that was let go after an operator had discarded it
)

// Tallies gathers the rows of the account. The zero value is ready.
type Tallies struct {
	at  map[[2]string]*store.Tally
	bad error // of a damaged row, which is left out
}

func (t *Tallies) of(topic, group string) *store.Tally {
	if t.at == nil {
		t.at = map[[2]string]*store.Tally{}
	}
	k := [2]string{topic, group}
	if t.at[k] == nil {
		t.at[k] = &store.Tally{Topic: topic, Group: group}
	}
	return t.at[k]
}

func (t *Tallies) damaged(what, topic string) {
	t.bad = fmt.Errorf("%w: the count of %s on the topic %q; restore the state from a backup, or remove that row", store.ErrDamaged, what,
		topic)
}

// Take adds a row: of the table letter, of gone (letters, 0, 0, replays), or of ended (n, 0, 0, 0), whose kind is its word.
func (t *Tallies) Take(rows interface{ Scan(to ...any) error }) error {
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
		if g := (Gone{Topic: topic, Group: group, Letters: n, Replays: replays}); seal != g.Seal() {
			t.damaged("letters let go", topic)
			return nil
		}
		x := t.of(topic, group)
		x.Gone, x.Replays = x.Gone+n, x.Replays+replays
	default:
		if seal != Sum(topic, group, kind, n) {
			t.damaged("messages "+kind, topic)
			return nil
		}
		switch x := t.of(topic, group); kind {
		case Cancelled:
			x.Cancelled += n
		case Superseded:
			x.Superseded += n
		case Discarded:
			x.Discarded += n
		}
	}
	return nil
}

// All returns the account by topic and group, and the error of a row that was damaged and is left out.
func (t *Tallies) All() ([]store.Tally, error) {
	var all []store.Tally
	for _, x := range t.at {
		all = append(all, *x)
	}
	slices.SortFunc(all, func(a, b store.Tally) int {
		return strings.Compare(a.Topic+"\x00"+a.Group, b.Topic+"\x00"+b.Group)
	})
	return all, t.bad
}
