package storetest

import (
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"fondaco/store"
)

func (b *bench) add(key, message, body string, due time.Duration) store.Collection {
	b.Helper()
	c, err := b.s.Collections().Add(b.Context(), "r", key, message, "", []byte(body), start, start.Add(due))
	b.must(err)
	return c
}

func (b *bench) due(after time.Duration) (ids string) {
	b.Helper()
	list, err := b.s.Collections().Due(b.Context(), start.Add(after), 100)
	b.must(err)
	for _, c := range list {
		ids += fmt.Sprintf("%s:%d ", c.Key, c.Count)
	}
	return ids
}

func (b *bench) next() string {
	b.Helper()
	at, some, err := b.s.Collections().Next(b.Context(), start)
	b.must(err)
	if !some {
		return "none"
	}
	return at.Sub(start).String()
}

func bodies(t store.Taken) string {
	var all []string
	for _, b := range t.Bodies {
		all = append(all, string(b))
	}
	return strings.Join(all, " ")
}

func collections(b *bench) {
	equal(b, "next of none", b.next(), "none")
	k := b.add("k", "1", "one", time.Minute)
	equal(b, "the first", k.Count, 1)
	equal(b, "next", b.next(), "1m0s")
	equal(b, "due", k.Due, start.Add(time.Minute))
	second := b.add("k", "2", "", time.Hour)
	equal(b, "the second", second, store.Collection{ID: k.ID, Route: "r", Key: "k", Count: 2, Due: start.Add(time.Minute)})
	equal(b, "the first again", b.add("k", "1", "one", 0), second)
	has := func(route, key, message string) bool {
		b.Helper()
		known, err := b.s.Collections().Has(b.Context(), route, key, message)
		b.must(err)
		return known
	}
	if !has("r", "k", "1") || has("r", "k", "3") || has("r", "l", "1") || has("s", "k", "1") {
		b.Error("what is gathered is not told from what is not")
	}
	other := b.add("l", "1", "elsewhere", 2*time.Minute)
	if other.ID == k.ID || other.Count != 1 {
		b.Errorf("another key: %+v", other)
	}
	equal(b, "nothing due", b.due(time.Minute-time.Microsecond), "")
	equal(b, "one due", b.due(time.Minute), "k:2 ")
	equal(b, "both due", b.due(time.Hour), "k:2 l:1 ")
	equal(b, "the first of both", b.next(), "1m0s")
	b.reopen()
	c := b.s.Collections()
	taken, err := c.Take(b.Context(), k.ID, start.Add(time.Minute), time.Minute)
	b.must(err)
	equal(b, "bodies", bodies(taken), "one ")
	equal(b, "taken", taken.Collection, second)
	equal(b, "next, within the lease", b.next(), "2m0s")
	_, err = c.Take(b.Context(), k.ID, start.Add(time.Minute), time.Minute)
	b.gives(err, store.ErrFenced)
	third := b.add("k", "3", "three", 3*time.Minute)
	if third.ID == k.ID || third.Count != 1 {
		b.Errorf("after a taking: %+v", third)
	}
	equal(b, "a taken one's message again", b.add("k", "2", "two", 0).ID, k.ID)
	b.must(c.Finish(b.Context(), taken.Token, start.Add(time.Minute)))
	equal(b, "next, of what is left", b.next(), "2m0s")
	b.gives(c.Finish(b.Context(), taken.Token, start), store.ErrFenced)
	_, err = c.Take(b.Context(), k.ID, start.Add(time.Hour), time.Minute)
	b.gives(err, store.ErrFenced)
	b.reopen()
	equal(b, "a finished one's message again", b.add("k", "2", "two", 0), store.Collection{Route: "r", Key: "k"})
	equal(b, "left", b.due(time.Hour), "l:1 k:1 ")
	swept, err := b.s.Sweep(b.Context(), start.Add(8*24*time.Hour))
	b.must(err)
	equal(b, "swept", swept, store.Swept{Ids: 2})
	equal(b, "a forgotten one's message", b.add("k", "2", "two", 0).Count, 2)
}

// Many add to one collection and many try to take it: nothing is lost, nothing comes twice.
func collectionsByMany(b *bench) {
	var mu sync.Mutex
	counts := map[int]bool{}
	together(200, func(i int) {
		c, err := b.s.Collections().Add(b.Context(), "r", "k", fmt.Sprint(i), "", []byte(fmt.Sprint(i)), start, start)
		if err != nil {
			b.Error(err)
		}
		mu.Lock()
		counts[c.Count] = true
		mu.Unlock()
	})
	equal(b, "counts given", len(counts), 200)
	list, err := b.s.Collections().Due(b.Context(), start, 100)
	b.must(err)
	if len(list) != 1 || list[0].Count != 200 {
		b.Fatalf("due: %+v", list)
	}
	var takers atomic.Int64
	together(50, func(int) {
		taken, err := b.s.Collections().Take(b.Context(), list[0].ID, start, time.Minute)
		if err != nil {
			b.gives(err, store.ErrFenced)
			return
		}
		takers.Add(1)
		all := map[string]bool{}
		for _, body := range taken.Bodies {
			all[string(body)] = true
		}
		equal(b, "bodies", len(taken.Bodies), 200)
		equal(b, "different bodies", len(all), 200)
	})
	equal(b, "takers", takers.Load(), 1)
}

// What was taken and not finished is due again after its lease, over a restart too; who took it first is refused.
func collectionsAgain(b *bench) {
	holds := func(what string, want int64, id int64) {
		token, err := b.s.Collections().Holder(b.Context(), id)
		b.must(err)
		equal(b, what, token, want)
	}
	k := b.add("k", "1", "one", 0)
	holds("who has one that nobody took", 0, k.ID)
	first, err := b.s.Collections().Take(b.Context(), k.ID, start, time.Minute)
	b.must(err)
	b.reopen()
	holds("who has one that was taken", first.Token, k.ID)
	equal(b, "within the lease", b.due(time.Minute-time.Microsecond), "")
	equal(b, "after the lease", b.due(time.Minute), "k:1 ")
	second, err := b.s.Collections().Take(b.Context(), k.ID, start.Add(time.Minute), time.Minute)
	b.must(err)
	equal(b, "bodies", bodies(second), "one")
	holds("who has one that was taken by two", second.Token, k.ID)
	b.gives(b.s.Collections().Finish(b.Context(), first.Token, start), store.ErrFenced)
	b.must(b.s.Collections().Finish(b.Context(), second.Token, start))
	equal(b, "left", b.due(time.Hour), "")
	holds("who has one that is finished", 0, k.ID)
}
