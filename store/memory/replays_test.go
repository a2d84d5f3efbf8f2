package memory

import (
	"errors"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/sqlite"
	"fondaco/store/storetest"
)

type once struct {
	store.Store
	replays store.Replays
}

func (o once) Replays() store.Replays { return o.replays }

func TestReplaysContract(t *testing.T) {
	storetest.Replays(t, func(t *testing.T) storetest.Place {
		r, path := NewReplays(1000), filepath.Join(t.TempDir(), "state.db")
		return storetest.Place{Open: func(l store.Limits) store.Store {
			s, err := sqlite.Open(t.Context(), path, sqlite.Options{Project: "p", Limits: l})
			if err != nil {
				t.Fatal(err)
			}
			return once{s, r}
		}}
	})
}

// More than may be remembered is refused, until the time of some is over.
func TestReplaysFull(t *testing.T) {
	r, now := NewReplays(100), time.Now()
	for i := range 100 {
		if first, err := r.Take(t.Context(), "s", strconv.Itoa(i), now.Add(time.Minute), now); err != nil || !first {
			t.Fatal(i, first, err)
		}
	}
	if first, err := r.Take(t.Context(), "s", "more", now.Add(time.Minute), now); first || !errors.Is(err, store.ErrBusy) {
		t.Errorf("found %v, %v", first, err)
	}
	if first, err := r.Take(t.Context(), "s", "more", now.Add(2*time.Minute), now.Add(time.Minute)); !first || err != nil {
		t.Errorf("when the time of others is over: found %v, %v", first, err)
	}
}
