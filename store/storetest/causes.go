package storetest

import (
	"fmt"
	"reflect"
	"time"

	"fondaco/store"
)

// lettersByCause: letters are counted by where and why they died, the most first, and those that the filter leaves out are not.
func lettersByCause(b *bench) {
	n := 0
	keep := func(count int, route, reason string) {
		for range count {
			n++
			l := letter(fmt.Sprint(n))
			l.Route, l.Reason, l.Kept = route, reason, start.Add(time.Duration(n)*time.Minute)
			b.keep(l)
		}
	}
	keep(2, "apri-ticket", "invalid")
	keep(3, "avvisa", "exhausted")
	keep(1, "avvisa", "invalid")
	at := func(n int) time.Time { return start.Add(time.Duration(n) * time.Minute) }
	want := []store.LetterCause{
		{Topic: "segnalazioni", Group: "crm", Route: "avvisa", Reason: "exhausted", Letters: 3, First: at(3), Last: at(5)},
		{Topic: "segnalazioni", Group: "crm", Route: "apri-ticket", Reason: "invalid", Letters: 2, First: at(1), Last: at(2)},
		{Topic: "segnalazioni", Group: "crm", Route: "avvisa", Reason: "invalid", Letters: 1, First: at(6), Last: at(6)},
	}
	check := func(f store.LetterFilter, limit int, want []store.LetterCause) {
		b.Helper()
		got, err := b.s.DeadLetters().Causes(b.Context(), f, limit)
		b.must(err)
		for i := range got {
			got[i].First, got[i].Last = got[i].First.UTC(), got[i].Last.UTC()
		}
		if !reflect.DeepEqual(got, want) {
			b.Errorf("%+v, limit %d: found\n%+v\nexpected\n%+v", f, limit, got, want)
		}
	}
	check(store.LetterFilter{}, 10, want)
	check(store.LetterFilter{}, 2, want[:2])
	check(store.LetterFilter{Route: "avvisa"}, 10, []store.LetterCause{want[0], want[2]})
	check(store.LetterFilter{Reason: "none"}, 10, nil)
	equal(b, "replayed", b.replay(anna(at(9)), "3", "4", "5"), 3)
	check(store.LetterFilter{State: store.LetterWaiting}, 10, want[1:])
	b.reopen()
	check(store.LetterFilter{State: store.LetterWaiting}, 10, want[1:])
}
