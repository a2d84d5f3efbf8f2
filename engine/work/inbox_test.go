package work

import (
	"context"
	"path/filepath"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/sqlite"
)

// TestOperationInbox: an accepted request is finished when its operation is done; a failed one, and what has no operation,
// stands in the inbox.
func TestOperationInbox(t *testing.T) {
	state, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), sqlite.Options{Project: "city"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = state.Close() }()
	box := operationInbox{state.Operations(), restInbox{state.Inbox()}, nil}
	now := time.Now()
	for id, s := range map[string]store.OperationState{"a": store.Done, "b": store.Failed, "c": store.Accepted} {
		if err := state.Operations().Create(t.Context(), store.Operation{ID: id, Route: "r", State: store.Accepted, Created: now}); err != nil {
			t.Fatal(err)
		}
		if err := state.Operations().Set(t.Context(), id, s, 1, store.Answer{Status: 200}, now); err != nil {
			t.Fatal(err)
		}
	}
	seen := func(id string) bool {
		t.Helper()
		yes, err := box.Seen(t.Context(), "t", "g", "/city "+id)
		if err != nil {
			t.Fatal(err)
		}
		return yes
	}
	for id, want := range map[string]bool{"a": true, "b": false, "c": false, "d": false} {
		if seen(id) != want {
			t.Errorf("%s before: %t", id, !want)
		}
	}
	for _, id := range []string{"a", "b", "d"} {
		if err := box.Done(t.Context(), "t", "g", "/city "+id); err != nil {
			t.Fatal(err)
		}
	}
	for id, want := range map[string]bool{"a": true, "b": true, "c": false, "d": true} {
		if seen(id) != want {
			t.Errorf("%s after: %t", id, !want)
		}
	}
	if kept, err := state.Inbox().Seen(t.Context(), "t", "g", "/city a"); err != nil || kept {
		t.Error("an operation that is done was written into the inbox as well", err)
	}
}

// restInbox stamps what is finished with the time.
type restInbox struct{ store.Inbox }

func (i restInbox) Done(ctx context.Context, topic, group string, ids ...string) error {
	return i.Inbox.Done(ctx, topic, group, time.Now(), ids...)
}
