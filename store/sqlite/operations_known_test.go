package sqlite

import (
	"errors"
	"fmt"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/store"
)

// TestKnownOperations: what is known by heart of an operation is what the file holds, whatever changes it there.
func TestKnownOperations(t *testing.T) {
	var broken atomic.Bool
	s, err := openWith(t.Context(), filepath.Join(t.TempDir(), "state.db"), Options{}, migrations, faults{commit: func() error {
		if broken.Load() {
			return errPlanted
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, ops := t.Context(), s.Operations()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	// is compares what is known with what the file holds, and both with what is wanted: "" for no operation.
	is := func(id string, want store.OperationState) {
		t.Helper()
		state, err := ops.State(ctx, id)
		if err != nil && !errors.Is(err, store.ErrAbsent) || (want == "") != (err != nil) || state != want {
			t.Errorf("operation %s is known as %q, %v; expected %q", id, state, err, want)
		}
		o, err := ops.Get(ctx, id)
		if (want == "") != errors.Is(err, store.ErrAbsent) || o.State != want {
			t.Errorf("operation %s is kept as %q, %v; expected %q", id, o.State, err, want)
		}
	}
	create := func(id string, marks store.Marks) {
		t.Helper()
		must(ops.Create(ctx, store.Operation{ID: id, Route: "r", State: store.Accepted, Created: now, Updated: now, Marks: marks}))
	}

	create("moved", "")
	is("moved", store.Accepted)
	broken.Store(true)
	if err := ops.Set(ctx, "moved", store.Done, 1, store.Answer{Status: 200}, now); !errors.Is(err, errPlanted) {
		t.Errorf("a move that is not committed: %v", err)
	}
	if err := ops.Create(ctx, store.Operation{ID: "not made", State: store.Accepted}); !errors.Is(err, errPlanted) {
		t.Errorf("an operation that is not committed: %v", err)
	}
	broken.Store(false)
	must(s.Inbox().Done(ctx, "t", "g", now, "1")) // the file is open again
	is("moved", store.Accepted)
	is("not made", "")
	must(ops.Set(ctx, "moved", store.Done, 1, store.Answer{Status: 200}, now))
	is("moved", store.Done)

	create("of a person", "anna")
	must(ops.Set(ctx, "of a person", store.Done, 1, store.Answer{Status: 200}, now))
	_, err = s.Subjects().Erase(ctx, "anna", store.Answer{Status: 410}, now)
	must(err)
	is("of a person", "")
	is("moved", store.Done)

	create("failed", "")
	create("swept", "")
	must(ops.Set(ctx, "swept", store.Done, 1, store.Answer{Status: 200}, now))
	must(ops.Set(ctx, "failed", store.Failed, 1, store.Answer{Status: 500}, now))
	_, err = s.Sweep(ctx, now.Add(2*time.Hour), store.Retention{Route: "r", Results: time.Hour, Operations: time.Hour})
	must(err)
	is("swept", "")
	is("failed", "")
}

// TestKnownOperationRemovedByHand: a row that an operator removed, as a damaged one, is absent, however well it was known.
func TestKnownOperationRemovedByHand(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(s.Operations().Create(t.Context(), store.Operation{ID: "o", State: store.Accepted, Created: now, Updated: now}))
	must(s.write(t.Context(), 0, func(x *tx) error {
		_, err := x.exec("delete from operation where id = ?", "o")
		return err
	}))
	if err := s.Operations().Set(t.Context(), "o", store.Done, 1, store.Answer{Status: 200}, now); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("moving a row that was removed: %v", err)
	}
	if state, err := s.Operations().State(t.Context(), "o"); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("then it is %q, %v", state, err)
	}
}

// TestKnownOperationsAreFew: what is known is bounded, and what is known no longer is read.
func TestKnownOperationsAreFew(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	const most = 3*knownRows + 10
	done := make(chan error, most)
	for i := range most {
		go func() {
			done <- s.Operations().Create(t.Context(), store.Operation{ID: fmt.Sprint(i), State: store.Accepted, Created: now, Updated: now})
		}()
		if i%4096 == 4095 || i == most-1 {
			for range i%4096 + 1 {
				if err := <-done; err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	if n := len(s.known.fresh) + len(s.known.old); n > 2*knownRows {
		t.Errorf("%d of %d operations are known by heart", n, most)
	}
	for _, id := range []int{0, most - 1} {
		if state, err := s.Operations().State(t.Context(), fmt.Sprint(id)); state != store.Accepted || err != nil {
			t.Errorf("operation %d of %d is %q, %v", id, most, state, err)
		}
	}
}
