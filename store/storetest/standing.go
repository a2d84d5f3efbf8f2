package storetest

import (
	"time"

	"fondaco/store"
)

// operationsHandled tries store.Handled, where Operations are that: what it says is what State and Seen say. Others promise nothing of it.
func operationsHandled(b *bench) {
	if _, is := b.s.Operations().(store.Handled); !is {
		return
	}
	handled := func() store.Handled { return b.s.Operations().(store.Handled) }
	agrees := func(id string) {
		b.Helper()
		for _, group := range []string{"g", "h"} {
			state, seen, err := handled().Standing(b.Context(), id, "t", group, "m "+id)
			b.must(err)
			wanted, err := b.s.Operations().State(b.Context(), id)
			if wanted != "" {
				b.must(err)
			} else {
				b.gives(err, store.ErrAbsent)
			}
			known, err := b.s.Inbox().Seen(b.Context(), "t", group, "m "+id)
			b.must(err)
			equal(b, "the state of "+id, state, wanted)
			equal(b, "whether the message of "+id+" was seen", seen, known)
		}
	}
	b.must(b.s.Inbox().Done(b.Context(), "t", "g", start, "m finished", "m none"))
	for _, id := range []string{"finished", "waiting"} {
		b.must(b.s.Operations().Create(b.Context(), operation(id)))
	}
	for _, id := range []string{"finished", "waiting", "none", "nothing"} {
		agrees(id)
	}
	taken := func(id string, want bool) {
		b.Helper()
		equal(b, "whether it is taken up that "+id+" is done", handled().TakeDone(id), want)
	}
	move := func(id string, to store.OperationState) {
		b.Helper()
		b.must(b.s.Operations().Set(b.Context(), id, to, 1, reply, start.Add(time.Minute)))
	}
	taken("waiting", false)
	move("waiting", store.Failed)
	taken("waiting", false)
	move("waiting", store.Done)
	taken("waiting", true)
	taken("waiting", false) // once
	move("waiting", store.Done)
	taken("waiting", false) // it was done before
	agrees("waiting")
	b.must(b.s.Operations().Cancel(b.Context(), "finished", reply, start.Add(time.Minute)))
	move("finished", store.Done)
	taken("finished", false) // it stays cancelled
	agrees("finished")
	taken("nothing", false)
}
