package engine

import (
	"context"
	"errors"
	"slices"
	"testing"
)

// TestBesideEndsFirst: what goes on beside the requests is told to end and has returned before what was opened earlier is closed, the
// latest first; every error is returned.
func TestBesideEndsFirst(t *testing.T) {
	var open closers
	var ended []string
	closing := func(name string, err error) func() error {
		return func() error {
			ended = append(ended, name)
			return err
		}
	}
	storage, systems := errors.New("storage"), errors.New("systems")
	open.add(closing("storage", storage))
	open.add(closing("systems", systems))
	b := newBeside(t.Context(), &open)
	begun := make(chan struct{})
	b.start(func(ctx context.Context) {
		close(begun)
		<-ctx.Done()
		ended = append(ended, "work") // a race, and out of order, if nobody waits for it
	})
	<-begun
	if err := open.close(); !errors.Is(err, storage) || !errors.Is(err, systems) {
		t.Errorf("found %v, expected both errors", err)
	}
	if want := []string{"work", "systems", "storage"}; !slices.Equal(ended, want) {
		t.Errorf("found %v, expected %v", ended, want)
	}
}
