package storetest

import (
	"fmt"
	"strings"
	"time"

	"fondaco/store"
)

// What is kept of each route goes when that route says so, and of the others when the limits do.
func retention(b *bench) {
	limits := store.Limits{Operations: 10 * time.Hour, Letters: 10 * time.Hour}
	b.reopen(limits)
	routes := []string{"short", "long", "results", "another"}
	states := []store.OperationState{store.Done, store.Failed, store.Cancelled, store.Working}
	for _, route := range routes {
		for _, state := range states {
			o := operation(route + " " + string(state))
			o.Route, o.State, o.Answer = route, store.Accepted, store.Answer{}
			b.must(b.s.Operations().Create(b.Context(), o))
			b.must(b.s.Operations().Set(b.Context(), o.ID, state, 1, reply, start))
		}
		l := letter(route)
		l.Route, l.Kept = route, start
		b.keep(l)
	}
	keep := []store.Retention{
		{Route: "short", Letters: time.Hour, Operations: time.Hour},
		{Route: "long", Letters: 100 * time.Hour, Operations: 100 * time.Hour},
		{Route: "results", Results: time.Hour},
		{Route: "of nothing", Letters: time.Hour},
	}
	expect := func(hours int, want store.Swept, operations, results, letters string) {
		b.Helper()
		got, err := b.s.Sweep(b.Context(), start.Add(time.Duration(hours)*time.Hour+time.Second), keep...)
		b.must(err)
		equal(b, fmt.Sprintf("swept after %d hours", hours), got, want)
		b.reopen(limits)
		kept := map[string][]string{}
		for _, route := range routes {
			for _, state := range states {
				o, err := b.s.Operations().Get(b.Context(), route+" "+string(state))
				if err != nil {
					b.gives(err, store.ErrAbsent)
					continue
				}
				if state == store.Done {
					kept["operations"] = append(kept["operations"], route)
				}
				if o.State != state || o.Route != route || !o.Updated.Equal(start) {
					b.Errorf("the operation is %+v", o)
				}
				if o.Answer.Status == 0 && len(o.Answer.Body)+len(o.Answer.Header) > 0 {
					b.Errorf("of a result that is gone there is %+v", o.Answer)
				}
				if o.Answer.Status != 0 && state == store.Done {
					kept["results"] = append(kept["results"], route)
				}
			}
			if _, err := b.s.DeadLetters().Get(b.Context(), route); err == nil {
				kept["letters"] = append(kept["letters"], route)
			}
		}
		for what, want := range map[string]string{"operations": operations, "results": results, "letters": letters} {
			equal(b, fmt.Sprintf("%s after %d hours", what, hours), strings.Join(kept[what], " "), want)
		}
	}
	expect(0, store.Swept{}, "short long results another", "short long results another", "short long results another")
	expect(1, store.Swept{Operations: 3, Results: 3, Letters: 1}, "long results another", "long another", "long results another")
	expect(1, store.Swept{}, "long results another", "long another", "long results another")
	expect(10, store.Swept{Operations: 6, Letters: 2}, "long", "long", "long")
	// the routes say nothing any more
	keep = []store.Retention{{Results: 2 * time.Hour, Operations: 100 * time.Hour, Letters: 100 * time.Hour}}
	expect(99, store.Swept{Results: 3}, "long", "", "long")
	expect(100, store.Swept{Operations: 3, Letters: 1}, "", "", "")
	for _, route := range routes {
		o, err := b.s.Operations().Get(b.Context(), route+" "+string(store.Working))
		b.must(err)
		equal(b, "the state of what has not ended", o.State, store.Working)
	}
}

// What replays of letters need is kept as long as any letter.
func retentionOfReplays(b *bench) {
	b.reopen(store.Limits{Letters: time.Hour, Inbox: time.Hour})
	b.must(b.s.Intents().Begin(b.Context(), store.Intent{Exchange: "x", Step: "s", Operation: "a.b", At: start}))
	_, err := b.s.Sweep(b.Context(), start.Add(50*time.Hour), store.Retention{Route: "long", Letters: 60 * time.Hour})
	b.must(err)
	any, err := b.s.Intents().Any(b.Context(), "x")
	b.must(err)
	equal(b, "an intent is kept", any, true)
	_, err = b.s.Sweep(b.Context(), start.Add(62*time.Hour), store.Retention{Route: "long", Letters: 60 * time.Hour})
	b.must(err)
	any, err = b.s.Intents().Any(b.Context(), "x")
	b.must(err)
	equal(b, "an intent is kept", any, false)
}
