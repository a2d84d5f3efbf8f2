package storetest

import (
	"strconv"
	"strings"
	"time"

	"fondaco/store"
)

func inbox(b *bench) {
	ids := []string{"", "source id", "SOURCE id", "è\x00'\"", strings.Repeat("x", 100_000), "\xff\xfe"}
	seen := func(group, id string, want bool) {
		b.Helper()
		got, err := b.s.Inbox().Seen(b.Context(), "t", group, id)
		b.must(err)
		if got != want {
			b.Errorf("%q in group %q: seen %v, expected %v", id[:min(len(id), 20)], group, got, want)
		}
	}
	for _, id := range ids {
		seen("g", id, false)
		b.must(b.s.Inbox().Done(b.Context(), "t", "g", start, id))
		b.must(b.s.Inbox().Done(b.Context(), "t", "g", start, id))
	}
	for range 2 {
		for _, id := range ids {
			seen("g", id, true)
			seen("h", id, false)
		}
		seen("g", "source", false)
		b.reopen()
	}
}

func inboxForgets(b *bench) {
	b.reopen(store.Limits{Inbox: time.Hour})
	together(200, func(i int) {
		for j := range 10 {
			if err := b.s.Inbox().Done(b.Context(), "t", "old", start, strconv.Itoa(i*10+j)); err != nil {
				b.Error(err)
			}
		}
	})
	b.must(b.s.Inbox().Done(b.Context(), "t", "old", start.Add(time.Minute), "7"))
	b.must(b.s.Inbox().Done(b.Context(), "t", "new", start.Add(time.Minute), "7"))
	swept, err := b.s.Sweep(b.Context(), start.Add(time.Hour))
	b.must(err)
	equal(b, "ids forgotten when an hour is not over", swept, store.Swept{})
	swept, err = b.s.Sweep(b.Context(), start.Add(time.Hour+time.Second))
	b.must(err)
	equal(b, "ids forgotten when the hour is over", swept, store.Swept{Ids: 1999})
	for group, id := range map[string]string{"old": "7", "new": "7"} {
		seen, err := b.s.Inbox().Seen(b.Context(), "t", group, id)
		b.must(err)
		equal(b, "a younger id of group "+group, seen, true)
	}
	seen, err := b.s.Inbox().Seen(b.Context(), "t", "old", "8")
	b.must(err)
	equal(b, "an id that was let go", seen, false)
}

// An id is one topic's: the same id on another topic of the group is another message.
func inboxOfTopics(b *bench) {
	b.must(b.s.Inbox().Done(b.Context(), "one", "g", start, "/s 1"))
	for range 2 {
		for topic, want := range map[string]bool{"one": true, "other": false} {
			seen, err := b.s.Inbox().Seen(b.Context(), topic, "g", "/s 1")
			b.must(err)
			equal(b, "seen on topic "+topic, seen, want)
		}
		b.reopen()
	}
}
