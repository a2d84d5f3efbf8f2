package storetest

import (
	"sync/atomic"
	"time"

	"fondaco/store"
)

// intends says whether an intent is known, and holds it against what it should be.
func (b *bench) intends(exchange, step string) bool {
	b.Helper()
	i, err := b.s.Intents().Find(b.Context(), exchange, step)
	if err != nil {
		b.gives(err, store.ErrAbsent)
		return false
	}
	equal(b, "the intent of "+exchange+" "+step, i, store.Intent{Exchange: exchange, Step: step, Operation: "registry.register", At: start})
	return true
}

func (b *bench) intend(exchange, step string) {
	b.Helper()
	b.must(b.s.Intents().Begin(b.Context(), store.Intent{Exchange: exchange, Step: step, Operation: "registry.register", At: start}))
}

// An intent is known from Begin until it is released or its exchange has ended, over a restart.
func intents(b *bench) {
	n := b.s.Intents()
	equal(b, "before", b.intends("e", "1"), false)
	b.must(n.Release(b.Context(), "e", "1"))
	b.must(n.End(b.Context(), "e", "nobody's"))
	b.must(n.End(b.Context()))
	for _, i := range [][2]string{{"e", "1"}, {"e", "2"}, {"e", "3"}, {"f", "1"}, {"e1", ""}, {"\xff\x00", "\x00"}} {
		b.intend(i[0], i[1])
	}
	any := func(exchange string, want bool) {
		b.Helper()
		got, err := b.s.Intents().Any(b.Context(), exchange)
		b.must(err)
		equal(b, "any of "+exchange, got, want)
	}
	any("e", true)
	any("f", true)
	any("g", false)
	// the first stays
	b.must(n.Begin(b.Context(), store.Intent{Exchange: "e", Step: "1", Operation: "registry.other", At: start.Add(time.Hour)}))
	equal(b, "begun", b.intends("e", "1"), true)
	equal(b, "of another step", b.intends("e", "4"), false)
	equal(b, "the same letters, parted elsewhere", b.intends("", "e1"), false)
	b.must(n.Release(b.Context(), "e", "2"))
	equal(b, "released", b.intends("e", "2"), false)
	b.must(n.Release(b.Context(), "f", "1"))
	any("f", false)
	b.intend("f", "1")
	b.reopen()
	any("e", true)
	n = b.s.Intents()
	equal(b, "after a restart", b.intends("e", "1") && b.intends("e", "3") && b.intends("\xff\x00", "\x00"), true)
	equal(b, "released, after a restart", b.intends("e", "2"), false)
	b.must(n.End(b.Context(), "g", "e", "\xff\x00"))
	any("e", false)
	equal(b, "ended", b.intends("e", "1") || b.intends("e", "3") || b.intends("\xff\x00", "\x00"), false)
	equal(b, "of another exchange", b.intends("f", "1") && b.intends("e1", ""), true)
	b.intend("e", "1")
	equal(b, "begun again", b.intends("e", "1"), true)
	b.must(n.Forget(b.Context(), "e"))
	b.must(n.Forget(b.Context()))
	b.reopen()
	equal(b, "forgotten, after a restart", b.intends("e", "1"), false)
}

// Intents of exchanges that never ended, as those of letters, are kept for longer than a letter can come again, and no
// longer.
func intentsSwept(b *bench) {
	b.reopen(store.Limits{Letters: 2 * time.Hour, Inbox: time.Hour})
	b.intend("e", "1")
	swept, err := b.s.Sweep(b.Context(), start.Add(3*time.Hour))
	b.must(err)
	equal(b, "swept early", swept, store.Swept{})
	equal(b, "kept", b.intends("e", "1"), true)
	swept, err = b.s.Sweep(b.Context(), start.Add(3*time.Hour+time.Microsecond))
	b.must(err)
	equal(b, "swept", swept, store.Swept{Intents: 1})
	equal(b, "gone", b.intends("e", "1"), false)
}

// Many begin, release and end at the same time, and each is as it was left.
func intentsByMany(b *bench) {
	var wrong atomic.Int64
	name := func(i int) string { return string(rune('a' + i)) }
	together(60, func(i int) {
		n, e := b.s.Intents(), name(i)
		for range 3 {
			err := n.Begin(b.Context(), store.Intent{Exchange: e, Step: "1", Operation: "registry.register", At: start})
			if i%3 == 0 && err == nil {
				err = n.Release(b.Context(), e, "1")
			}
			if i%3 == 1 && err == nil {
				err = n.End(b.Context(), e)
			}
			if err != nil {
				wrong.Add(1)
			}
		}
	})
	equal(b, "failures", wrong.Load(), 0)
	for i := range 60 {
		equal(b, "intent "+name(i), b.intends(name(i), "1"), i%3 == 2)
	}
}
