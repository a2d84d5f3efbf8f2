package storetest

import (
	"bytes"
	"fmt"
	"reflect"
	"strings"
	"time"

	"fondaco/store"
)

func letter(id string) store.DeadLetter {
	return store.DeadLetter{
		ID: id, Topic: "segnalazioni", Group: "crm", Route: "apri-ticket", Key: "30121", MessageID: "urn:fondaco " + id, Place: "0/" + id,
		Reason: "invalid", Detail: "expected a date at /quando", Trace: "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01", Attempts: 3,
		First: start, Kept: start.Add(time.Minute), Headers: reply.Header, Body: []byte("\x00\xff not json"),
	}
}

func (b *bench) keep(l store.DeadLetter) store.Kept {
	b.Helper()
	k, err := b.s.DeadLetters().Keep(b.Context(), l)
	b.must(err)
	return k
}

func anna(at time.Time) store.Act {
	return store.Act{Who: "anna", Why: "the system is repaired", At: at}
}

// replay claims letters and gives them back, and returns how many those were.
func (b *bench) replay(by store.Act, ids ...string) int {
	b.Helper()
	claimed, _, err := b.s.DeadLetters().Claim(b.Context(), ids, by)
	b.must(err)
	b.must(b.s.DeadLetters().Given(b.Context(), claimed))
	return len(claimed)
}

func letters(b *bench) {
	first := letter("1")
	equal(b, "kept", b.keep(first), store.Kept{ID: "1"})
	want := first
	want.State, want.Size = store.LetterWaiting, int64(len(first.Body))
	check := func() {
		b.Helper()
		for range 2 {
			got, err := b.s.DeadLetters().Get(b.Context(), "1")
			b.must(err)
			got.Cursor, got.History = "", nil
			if !reflect.DeepEqual(got, want) {
				b.Errorf("the letter is\n%+v\nexpected\n%+v", got, want)
			}
			b.reopen()
		}
	}
	check()
	_, err := b.s.DeadLetters().Get(b.Context(), "2")
	b.gives(err, store.ErrAbsent)
	equal(b, "replayed", b.replay(anna(start.Add(time.Hour)), "1", "absent"), 1)
	want.State, want.By, want.At, want.Replays = store.LetterReplayed, "anna", start.Add(time.Hour), 1
	check()
	again := letter("9") // the same message dies again, under another id
	again.MessageID, again.Reason, again.Attempts, again.Kept = first.MessageID, "exhausted", 7, start.Add(2*time.Hour)
	again.Replay, again.Place = "1", "0/9"
	equal(b, "kept again", b.keep(again), store.Kept{ID: "1", Again: true})
	want = again
	want.Replay, want.Place = "", first.Place
	want.ID, want.State, want.Size, want.Replays = "1", store.LetterWaiting, int64(len(again.Body)), 1
	check()
	taken := letter("1")
	taken.MessageID = "another"
	_, err = b.s.DeadLetters().Keep(b.Context(), taken)
	b.gives(err, store.ErrExists)
	together(50, func(int) { // one message, delivered to many
		if _, err := b.s.DeadLetters().Keep(b.Context(), letter("5")); err != nil {
			b.Error(err)
		}
	})
	n, err := b.s.DeadLetters().Count(b.Context(), store.LetterFilter{})
	b.must(err)
	equal(b, "letters", n, 2)
}

func lettersListed(b *bench) {
	for i := range 20 {
		l := letter(fmt.Sprint(i))
		l.Topic, l.Group = []string{"a", "b"}[i%2], []string{"g", "h"}[i/10]
		l.Route, l.Reason, l.Key = []string{"r", "s"}[i/5%2], []string{"x", "y", "z"}[i%3], fmt.Sprint("k", i%4)
		l.Kept = start.Add(time.Duration(i) * time.Second)
		b.keep(l)
	}
	for _, c := range []struct {
		f    store.LetterFilter
		want string
	}{
		{store.LetterFilter{}, "0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19"},
		{store.LetterFilter{Topic: "b"}, "1 3 5 7 9 11 13 15 17 19"},
		{store.LetterFilter{Group: "h", Route: "s"}, "15 16 17 18 19"},
		{store.LetterFilter{Reason: "z", Key: "k2"}, "2 14"},
		{store.LetterFilter{Key: "k3"}, "3 7 11 15 19"},
		{store.LetterFilter{Since: start.Add(3 * time.Second), Until: start.Add(6 * time.Second)}, "3 4 5"},
		{store.LetterFilter{IDs: []string{"7", "3", "absent", "7"}}, "3 7"},
		{store.LetterFilter{State: store.LetterReplayed}, ""},
		{store.LetterFilter{State: store.LetterWaiting, Topic: "' or true --"}, ""},
	} {
		var got []string
		for after := ""; ; {
			page, err := b.s.DeadLetters().List(b.Context(), c.f, 3, after)
			b.must(err)
			if len(page) == 0 {
				break
			}
			for _, l := range page {
				got, after = append(got, l.ID), l.Cursor
				if l.Body != nil || l.Headers != nil || l.Size == 0 {
					b.Errorf("a list holds %+v", l)
				}
			}
		}
		equal(b, fmt.Sprintf("listed by %+v", c.f), strings.Join(got, " "), c.want)
		n, err := b.s.DeadLetters().Count(b.Context(), c.f)
		b.must(err)
		equal(b, fmt.Sprintf("counted by %+v", c.f), n, int64(len(got)))
	}
	if _, err := b.s.DeadLetters().List(b.Context(), store.LetterFilter{}, 3, "nowhere"); err == nil {
		b.Error("a list began nowhere")
	}
}

func lettersSettled(b *bench) {
	for i := range 1203 { // more than goes into one transaction
		l := letter(fmt.Sprint(i))
		l.Topic = []string{"a", "b", "b"}[i%3]
		if i%100 == 0 {
			b.keep(l)
		} else if _, err := b.s.DeadLetters().Keep(b.Context(), l); err != nil {
			b.Fatal(err)
		}
	}
	n, _, err := b.s.DeadLetters().Discard(b.Context(), store.LetterFilter{Topic: "b"}, store.Act{Who: "bruno", At: start.Add(time.Hour)})
	b.must(err)
	equal(b, "discarded", n, 802)
	n, passed, err := b.s.DeadLetters().Discard(b.Context(), store.LetterFilter{Topic: "b"},
		store.Act{Who: "carla", At: start.Add(2 * time.Hour)})
	b.must(err)
	equal(b, "discarded again", n, 0)
	if len(passed) != 100 || passed[0].By != "bruno" || !passed[0].At.Equal(start.Add(time.Hour)) {
		b.Errorf("passed over: %d, first %+v", len(passed), passed[0])
	}
	b.reopen()
	got, err := b.s.DeadLetters().Get(b.Context(), "1")
	b.must(err)
	if got.State != store.LetterDiscarded || got.By != "bruno" || !got.At.Equal(start.Add(time.Hour)) ||
		len(got.Body)+len(got.Headers)+len(got.Key)+len(got.Detail) > 0 || got.Size != 0 || got.MessageID == "" {
		b.Errorf("what is left of a discarded letter: %+v", got)
	}
	equal(b, "replayed, of which one was discarded", b.replay(anna(start), "0", "1", "3"), 2)
	equal(b, "replayed none", b.replay(anna(start)), 0)
	for state, want := range map[store.LetterState]int64{
		store.LetterWaiting: 399, store.LetterReplayed: 2, store.LetterDiscarded: 802,
		"": 1203,
	} {
		n, err := b.s.DeadLetters().Count(b.Context(), store.LetterFilter{State: state})
		b.must(err)
		equal(b, "letters "+string(state), n, want)
	}
}

// The oldest go when all weigh too much, and who keeps is told; the newest stays, however large.
func lettersBySize(b *bench) {
	b.reopen(store.Limits{LetterBytes: 100_000})
	dropped := int64(0)
	for i := range 30 {
		l := letter(fmt.Sprint(i))
		l.Body = bytes.Repeat([]byte{'x'}, 10_000)
		dropped += b.keep(l).Dropped
		if i == 15 {
			b.reopen(store.Limits{LetterBytes: 100_000}) // what they weigh is known again
		}
	}
	list, err := b.s.DeadLetters().List(b.Context(), store.LetterFilter{}, 100, "")
	b.must(err)
	if len(list) < 8 || len(list) > 10 || list[len(list)-1].ID != "29" || list[0].ID != fmt.Sprint(30-len(list)) {
		b.Errorf("%d letters are left, from %s to %s", len(list), list[0].ID, list[len(list)-1].ID)
	}
	equal(b, "dropped", dropped, int64(30-len(list)))
	b.reopen(store.Limits{LetterBytes: 50_000})
	swept, err := b.s.Sweep(b.Context(), start)
	b.must(err)
	left, err := b.s.DeadLetters().Count(b.Context(), store.LetterFilter{})
	b.must(err)
	equal(b, "swept", swept, store.Swept{Letters: int64(len(list)) - left})
	if left < 3 || left > 5 {
		b.Errorf("%d letters are left", left)
	}
	_, _, err = b.s.DeadLetters().Discard(b.Context(), store.LetterFilter{}, store.Act{Who: "bruno", At: start})
	b.must(err)
	huge := letter("huge")
	huge.Body = make([]byte, 60_000)
	equal(b, "dropped for a huge one", b.keep(huge).Dropped, left)
	got, err := b.s.DeadLetters().Get(b.Context(), "huge")
	b.must(err)
	equal(b, "its body", len(got.Body), 60_000)
}

func lettersByAge(b *bench) {
	b.reopen(store.Limits{Letters: time.Hour})
	for i := range 1100 {
		l := letter(fmt.Sprint(i))
		l.Kept = start.Add(time.Duration(i) * time.Second)
		b.keep(l)
	}
	swept, err := b.s.Sweep(b.Context(), start.Add(time.Hour+1050*time.Second))
	b.must(err)
	equal(b, "swept", swept, store.Swept{Letters: 1050})
	list, err := b.s.DeadLetters().List(b.Context(), store.LetterFilter{}, 1, "")
	b.must(err)
	equal(b, "the oldest left", list[0].ID, "1050")
}

func lettersTallied(b *bench) {
	tallies := func(want ...store.Tally) {
		b.Helper()
		for range 2 {
			got, err := b.s.DeadLetters().Tallies(b.Context())
			b.must(err)
			if !reflect.DeepEqual(got, want) {
				b.Errorf("tallies\n%+v\nexpected\n%+v", got, want)
			}
			b.reopen()
		}
	}
	tallies()
	for i := range 6 {
		l := letter(fmt.Sprint(i))
		l.Topic = []string{"a", "b"}[i%2]
		l.Kept = start.Add(time.Duration(i) * time.Hour)
		b.keep(l)
	}
	tallies(store.Tally{Topic: "a", Group: "crm", Waiting: 3}, store.Tally{Topic: "b", Group: "crm", Waiting: 3})
	claimed, _, err := b.s.DeadLetters().Claim(b.Context(), []string{"0", "2", "3"}, anna(start))
	b.must(err)
	// the topic does not have them yet
	tallies(store.Tally{Topic: "a", Group: "crm", Waiting: 3}, store.Tally{Topic: "b", Group: "crm", Waiting: 3})
	b.must(b.s.DeadLetters().Given(b.Context(), claimed))
	_, _, err = b.s.DeadLetters().Discard(b.Context(), store.LetterFilter{IDs: []string{"1"}}, anna(start))
	b.must(err)
	tallies(store.Tally{Topic: "a", Group: "crm", Waiting: 1, Replays: 2},
		store.Tally{Topic: "b", Group: "crm", Waiting: 1, Discarded: 1, Replays: 1})
	again := letter("2") // its replay died
	again.Replay, again.Topic, again.Kept = "2", "a", start.Add(time.Hour)
	b.keep(again)
	_, _, err = b.s.DeadLetters().Discard(b.Context(), store.LetterFilter{IDs: []string{"0"}}, anna(start)) // after its replay: it is not dead
	b.must(err)
	want := []store.Tally{{Topic: "a", Group: "crm", Waiting: 2, Replays: 2}, {Topic: "b", Group: "crm", Waiting: 1, Discarded: 1, Replays: 1}}
	tallies(want...)
	// Letters that are let go stay counted.
	swept, err := b.s.Sweep(b.Context(), start.Add(50*365*24*time.Hour))
	b.must(err)
	equal(b, "swept", swept.Letters, int64(6))
	for i := range want {
		want[i].Gone, want[i].Waiting = want[i].Waiting, 0 // one that was discarded stays so
	}
	tallies(want...)
	// A message that was cancelled is counted once, however often it comes, and is known as finished.
	for _, id := range []string{"source 1", "source 2", "source 1"} {
		b.must(b.s.Inbox().Unhandled(b.Context(), "a", "crm", start, id, store.EndCancelled))
	}
	b.must(b.s.Inbox().Unhandled(b.Context(), "a", "crm", start, "a run", store.EndSuperseded))
	b.must(b.s.Inbox().Unhandled(b.Context(), "a", "crm", start, "a run", store.EndSuperseded))
	want[0].Cancelled, want[0].Superseded = 2, 1
	tallies(want...)
	known, err := b.s.Inbox().Seen(b.Context(), "a", "crm", "source 2")
	b.must(err)
	equal(b, "a cancelled id is known", known, true)
	// Letters of the reasons that count as failed are told apart, while they wait.
	for i, reason := range []string{"refused", "unreadable", "exhausted", "refused"} {
		l := letter(fmt.Sprint("failed", i))
		l.Topic, l.Reason, l.Kept = "c", reason, start.Add(time.Duration(i)*time.Hour)
		b.keep(l)
	}
	_, _, err = b.s.DeadLetters().Discard(b.Context(), store.LetterFilter{IDs: []string{"failed3"}}, anna(start))
	b.must(err)
	got, err := b.s.DeadLetters().Tallies(b.Context(), "refused", "unreadable")
	b.must(err)
	want = append(want, store.Tally{Topic: "c", Group: "crm", Waiting: 3, Failed: 2, Discarded: 1})
	if !reflect.DeepEqual(got, want) || got[2].Dead() != 1 || got[2].Undone() != 4 || got[0].Undone() != 5 {
		b.Errorf("tallies\n%+v\nexpected\n%+v", got, want)
	}
}
