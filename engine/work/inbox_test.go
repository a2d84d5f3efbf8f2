package work

import (
	"context"
	"errors"
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

// TestOperationInboxTogether: where a state answers both at once, it is asked once about a message, and not at all about what this
// process has done; what is finished is the same.
func TestOperationInboxTogether(t *testing.T) {
	state, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), sqlite.Options{Project: "city"})
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = state.Close() }()
	asked := &together{Operations: state.Operations(), inbox: state.Inbox(), done: map[string]bool{}}
	rest := &asks{Inbox: state.Inbox()}
	box := operationInbox{asked, restInbox{rest}, nil}
	now := time.Now()
	for id, s := range map[string]store.OperationState{"a": store.Done, "b": store.Failed, "c": store.Accepted, "e": store.Done} {
		if err := state.Operations().Create(t.Context(), store.Operation{ID: id, Route: "r", State: store.Accepted, Created: now}); err != nil {
			t.Fatal(err)
		}
		if err := state.Operations().Set(t.Context(), id, s, 1, store.Answer{Status: 200}, now); err != nil {
			t.Fatal(err)
		}
	}
	asked.done["a"] = true
	for id, questions := range map[string]int{"a": 0, "b": 1, "d": 1, "e": 1} {
		asked.states = 0
		if err := box.Done(t.Context(), "t", "g", "/city "+id); err != nil {
			t.Fatal(err)
		}
		if asked.states != questions {
			t.Errorf("%s is finished after %d questions about its state, expected %d", id, asked.states, questions)
		}
	}
	asked.states = 0
	for id, want := range map[string]bool{"a": true, "b": true, "c": false, "d": true, "e": true, "f": false} {
		if seen, err := box.Seen(t.Context(), "t", "g", "/city "+id); err != nil || seen != want {
			t.Errorf("%s: seen %t, %v; expected %t", id, seen, err, want)
		}
	}
	if apart := asked.states + rest.seen; apart != 0 || asked.both != 6 {
		t.Errorf("6 messages were looked for with %d questions about one thing and %d about both, expected 0 and 6", apart, asked.both)
	}
	for id, want := range map[string]bool{"a": false, "b": true, "d": true, "e": false} {
		if kept, err := state.Inbox().Seen(t.Context(), "t", "g", "/city "+id); err != nil || kept != want {
			t.Errorf("%s: in the inbox %t, %v; expected %t", id, kept, err, want)
		}
	}
}

// together is a state that answers both at once, and counts what it is asked.
type together struct {
	store.Operations
	inbox        store.Inbox
	done         map[string]bool
	states, both int
}

func (s *together) State(ctx context.Context, id string) (store.OperationState, error) {
	s.states++
	return s.Operations.State(ctx, id)
}

func (s *together) Standing(ctx context.Context, operation, topic, group, id string) (store.OperationState, bool, error) {
	s.both++
	state, err := s.Operations.State(ctx, operation)
	if errors.Is(err, store.ErrAbsent) {
		err = nil
	}
	if err != nil {
		return "", false, err
	}
	seen, err := s.inbox.Seen(ctx, topic, group, id)
	return state, seen, err
}

func (s *together) TakeDone(id string) bool {
	known := s.done[id]
	delete(s.done, id)
	return known
}

// asks counts what an inbox is asked.
type asks struct {
	store.Inbox
	seen int
}

func (i *asks) Seen(ctx context.Context, topic, group, id string) (bool, error) {
	i.seen++
	return i.Inbox.Seen(ctx, topic, group, id)
}

// restInbox stamps what is finished with the time.
type restInbox struct{ store.Inbox }

func (i restInbox) Done(ctx context.Context, topic, group string, ids ...string) error {
	return i.Inbox.Done(ctx, topic, group, time.Now(), ids...)
}
