package storetest

import (
	"fmt"
	"reflect"
	"strings"
	"sync/atomic"
	"time"

	"fondaco/store"
)

func (b *bench) state(id string) store.DeadLetter {
	b.Helper()
	l, err := b.s.DeadLetters().Get(b.Context(), id)
	b.must(err)
	return l
}

func (b *bench) count(f store.LetterFilter) int64 {
	b.Helper()
	n, err := b.s.DeadLetters().Count(b.Context(), f)
	b.must(err)
	return n
}

// Every record is a letter of its own, whatever its producer calls it; a record that comes again is the same letter.
func lettersByPlace(b *bench) {
	for name, id := range map[string]func(i int) string{
		"without an id":      func(i int) string { return fmt.Sprint("log/0/", i) }, // as the inbox knows it: by its place
		"one id for all":     func(int) string { return "/s 1" },
		"an empty source":    func(int) string { return " 1" },
		"an empty id":        func(int) string { return "/s " },
		"nothing in the key": func(int) string { return "" },
	} {
		for round := range 3 {
			for i := range 50 {
				l := letter(fmt.Sprint(name, round, i))
				l.Topic, l.MessageID, l.Place, l.Body = name, id(i), fmt.Sprint("log/0/", i), fmt.Append(nil, i)
				equal(b, "kept again", b.keep(l).Again, round > 0)
			}
		}
		equal(b, name, b.count(store.LetterFilter{Topic: name}), 50)
		for i := range 50 {
			equal(b, "its own bytes", string(b.state(fmt.Sprint(name, 0, i)).Body), fmt.Sprint(i))
		}
	}
}

// One message has a letter for each group and topic where it died.
func lettersApart(b *bench) {
	for _, topic := range []string{"a", "b"} {
		for _, group := range []string{"g", "h"} {
			l := letter(topic + group)
			l.Topic, l.Group, l.MessageID, l.Place = topic, group, "/s 1", "0/1"
			equal(b, "kept", b.keep(l), store.Kept{ID: topic + group})
		}
	}
	equal(b, "replayed", b.replay(anna(start), "ag"), 1)
	foreign := letter("x") // a replay that names a letter of another group is a letter of its own
	foreign.Topic, foreign.Group, foreign.MessageID, foreign.Place, foreign.Replay = "a", "h", "/s 1", "0/2", "ag"
	equal(b, "kept", b.keep(foreign), store.Kept{ID: "x"})
	ended, err := b.s.DeadLetters().Settle(b.Context(), store.DeadLetter{ID: "ag", Topic: "a", Group: "h", MessageID: "/s 1"},
		store.ReplayDone, start)
	b.must(err)
	equal(b, "ended by another group", ended, false)
	equal(b, "the letter", b.state("ag").Result, "")
}

// Of many who have a letter replayed at the same time, one does; the others are told who does, and since when.
func oneClaims(b *bench) {
	for i := range 20 {
		b.keep(letter(fmt.Sprint(i)))
		var claims, told atomic.Int32
		together(4, func(n int) {
			who := fmt.Sprint("operator ", n)
			claimed, passed, err := b.s.DeadLetters().Claim(b.Context(), []string{fmt.Sprint(i)}, store.Act{Who: who, At: start})
			switch {
			case err != nil:
				b.Error(err)
			case len(claimed) == 1 && claimed[0].State == store.LetterReplaying && claimed[0].By == who:
				claims.Add(1)
			case len(passed) == 1 && passed[0].State == store.LetterReplaying && passed[0].By != who && passed[0].At.Equal(start):
				told.Add(1)
			}
		})
		equal(b, "claims", claims.Load(), 1)
		equal(b, "told who", told.Load(), 3)
	}
	equal(b, "those that are not known to be in their topic", b.count(store.LetterFilter{State: store.LetterReplaying}), 20)
}

// A letter goes from waiting to replayed and stays there, or dies and waits again, or is released.
func replays(b *bench) {
	b.keep(letter("1"))
	of := letter("1")
	d := func() store.DeadLetters { return b.s.DeadLetters() }
	claimed, _, err := d().Claim(b.Context(), []string{"1"}, anna(start))
	b.must(err)
	n, passed, err := d().Discard(b.Context(), store.LetterFilter{}, store.Act{Who: "bruno", At: start})
	b.must(err)
	if n != 0 || len(passed) != 1 || passed[0].By != "anna" {
		b.Errorf("a letter was discarded while it was given back: %d, %+v", n, passed)
	}
	b.reopen() // who had claimed it is gone; it is still known that it is to be given back
	list, err := d().List(b.Context(), store.LetterFilter{State: store.LetterReplaying}, 10, "")
	b.must(err)
	equal(b, "claimed", len(list), 1)
	b.must(d().Release(b.Context(), list[0], "the message is too large", start))
	equal(b, "released", b.state("1").State, store.LetterWaiting)
	b.must(d().Release(b.Context(), claimed[0], "again", start))
	b.must(d().Given(b.Context(), claimed)) // late
	equal(b, "what was released", b.state("1").State, store.LetterWaiting)

	equal(b, "replayed", b.replay(anna(start), "1"), 1)
	equal(b, "replayed a second time", b.replay(anna(start), "1"), 0)
	record := letter("2") // the record itself comes again, from before the replay: that is still under way
	record.MessageID, record.Place = of.MessageID, of.Place
	equal(b, "kept", b.keep(record), store.Kept{ID: "1", Again: true})
	equal(b, "the letter", b.state("1").State, store.LetterReplayed)
	again := record
	again.Replay, again.Place = "1", "0/77"
	equal(b, "kept", b.keep(again), store.Kept{ID: "1", Again: true})
	equal(b, "the letter", b.state("1").State, store.LetterWaiting)

	equal(b, "replayed", b.replay(anna(start), "1"), 1)
	for i, want := range []bool{true, false} {
		ended, err := d().Settle(b.Context(), of, []store.ReplayResult{store.ReplayDone, store.ReplayRepeated}[i], start)
		b.must(err)
		equal(b, "ended", ended, want)
	}
	l := b.state("1")
	if l.State != store.LetterReplayed || l.Result != store.ReplayDone || l.Replays != 2 {
		b.Errorf("after a replay that was done: %+v", l)
	}
	equal(b, "replayed after it was done", b.replay(anna(start), "1"), 0)
	equal(b, "replayed nobody", b.replay(anna(start), "absent"), 0)
}

// A message that dies, or is done, before it is noted that its topic has it again: nothing is lost or counted twice, and
// a note that comes too late does not take the next replay for the one before.
func diesEarly(b *bench) {
	d := func() store.DeadLetters { return b.s.DeadLetters() }
	l := letter("1")
	b.keep(l)
	early, _, err := d().Claim(b.Context(), []string{"1"}, anna(start))
	b.must(err)
	again := letter("x")
	again.MessageID, again.Place, again.Replay = l.MessageID, "0/9", "1"
	b.keep(again)
	second, _, err := d().Claim(b.Context(), []string{"1"}, anna(start))
	b.must(err)
	equal(b, "claimed again", len(second), 1)
	b.must(d().Given(b.Context(), early))
	equal(b, "after a late note", b.state("1").State, store.LetterReplaying)
	_, err = d().Settle(b.Context(), l, store.ReplayDone, start)
	b.must(err)
	b.must(d().Given(b.Context(), second))
	b.must(d().Given(b.Context(), second))
	got := b.state("1")
	if got.State != store.LetterReplayed || got.Replays != 2 {
		b.Errorf("%+v", got)
	}
}

// A replay is known for as long as its letter, however long ago the inbox has let go of the message's id.
func replayRemembered(b *bench) {
	b.keep(letter("1"))
	b.must(b.s.Inbox().Done(b.Context(), "segnalazioni", "crm", start, "urn:fondaco 1"))
	equal(b, "replayed", b.replay(anna(start), "1"), 1)
	_, err := b.s.DeadLetters().Settle(b.Context(), letter("1"), store.ReplayDone, start)
	b.must(err)
	const day = 24 * time.Hour
	_, err = b.s.Sweep(b.Context(), start.Add(89*day))
	b.must(err)
	seen, err := b.s.Inbox().Seen(b.Context(), "segnalazioni", "crm", "urn:fondaco 1")
	b.must(err)
	equal(b, "the inbox knows the id after 89 days", seen, false)
	_, passed, err := b.s.DeadLetters().Claim(b.Context(), []string{"1"}, store.Act{Who: "bruno", At: start.Add(89 * day)})
	b.must(err)
	if len(passed) != 1 || passed[0].By != "anna" || passed[0].Result != store.ReplayDone {
		b.Errorf("a second replay after 89 days: %+v", passed)
	}
}

// What happened to a letter is appended and stays.
func history(b *bench) {
	d := func() store.DeadLetters { return b.s.DeadLetters() }
	l := letter("1")
	b.keep(l)
	b.keep(l) // it came again: that is no second death
	claimed, _, err := d().Claim(b.Context(), []string{"1"}, anna(start.Add(time.Hour)))
	b.must(err)
	b.must(d().Release(b.Context(), claimed[0], "too large", start.Add(2*time.Hour)))
	b.replay(store.Act{Who: "bruno", Why: "è 'x'", At: start.Add(3 * time.Hour)}, "1")
	again := letter("x")
	again.MessageID, again.Replay, again.Place, again.Reason, again.Detail, again.Kept = l.MessageID, "1", "0/9", "exhausted", "",
		start.Add(4*time.Hour)
	b.keep(again)
	b.replay(anna(start.Add(5*time.Hour)), "1")
	_, err = d().Settle(b.Context(), l, store.ReplayDone, start.Add(6*time.Hour))
	b.must(err)
	_, _, err = d().Discard(b.Context(), store.LetterFilter{}, store.Act{Who: "carla", Why: "privacy", At: start.Add(7 * time.Hour)})
	b.must(err)
	want := []store.LetterEvent{
		{At: l.Kept, What: "died", Detail: "invalid: expected a date at /quando"},
		{At: start.Add(time.Hour), What: "replayed", Who: "anna", Why: "the system is repaired"},
		{At: start.Add(2 * time.Hour), What: "not-given-back", Detail: "too large"},
		{At: start.Add(3 * time.Hour), What: "replayed", Who: "bruno", Why: "è 'x'"},
		{At: start.Add(4 * time.Hour), What: "died", Detail: "exhausted"},
		{At: start.Add(5 * time.Hour), What: "replayed", Who: "anna", Why: "the system is repaired"},
		{At: start.Add(6 * time.Hour), What: "done"},
		{At: start.Add(7 * time.Hour), What: "discarded", Who: "carla", Why: "privacy"},
	}
	for range 2 {
		if got := b.state("1").History; !reflect.DeepEqual(got, want) {
			b.Errorf("the history is\n%+v\nexpected\n%+v", got, want)
		}
		b.reopen()
	}
	// A history weighs, and goes with its letter.
	b.reopen(store.Limits{LetterBytes: 20_000})
	b.keep(letter("2"))
	for i := range 100 {
		claimed, _, err := d().Claim(b.Context(), []string{"2"}, store.Act{Who: strings.Repeat("w", 500), At: start})
		b.must(err)
		if len(claimed) == 0 {
			b.Fatal("not claimed", i)
		}
		b.must(d().Release(b.Context(), claimed[0], "", start))
	}
	b.keep(letter("3"))
	equal(b, "letters left", b.count(store.LetterFilter{}), 1)
}
