package redis

import (
	"errors"
	"path/filepath"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/storetest"
)

// once is a store whose memory of what may come once is shared by the server.
type once struct {
	store.Store
	replays store.Replays
}

func (o once) Replays() store.Replays { return o.replays }

// The contract of what may come once holds with the server between.
func TestReplaysContract(t *testing.T) {
	n := start(t)
	storetest.Replays(t, func(t *testing.T) storetest.Place {
		path := filepath.Join(t.TempDir(), "state.db")
		c, err := Open(Options{URL: "redis://127.0.0.1:" + n.port, Project: t.Name(), Timeout: 20 * time.Second}) // 200 callers at once
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return storetest.Place{Open: func(l store.Limits) store.Store {
			s := open(t, path, l)
			return once{s, c.Replays(s.Replays())}
		}}
	})
}

// What one process has taken no other takes, also not after the server has forgotten it, as far as its own store knows;
// and while the server cannot be asked nothing is taken.
func TestReplaysOfProcesses(t *testing.T) {
	n := start(t)
	a, b := open(t, filepath.Join(t.TempDir(), "a.db"), store.Limits{}), open(t, filepath.Join(t.TempDir(), "b.db"), store.Limits{})
	defer a.Close()
	defer b.Close()
	client := func() *Client {
		c, err := Open(Options{URL: "redis://127.0.0.1:" + n.port, Project: "venezia", Timeout: 20 * time.Second})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { c.Close() })
		return c
	}
	one, two := client().Replays(a.Replays()), client().Replays(b.Replays())
	now := time.Now()
	take := func(what string, r store.Replays, want bool) {
		t.Helper()
		if first, err := r.Take(t.Context(), "s", "k", now.Add(time.Minute), now); err != nil || first != want {
			t.Errorf("%s: found %v, %v, expected %v", what, first, err, want)
		}
	}
	take("the first", one, true)
	take("another process", two, false)
	n.say("flushall")
	take("the same process, when the server has forgotten", one, false)
	nowhere, err := Open(Options{URL: "redis://127.0.0.1:1", Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	defer nowhere.Close()
	if first, err := nowhere.Replays(b.Replays()).Take(t.Context(), "s", "other", now.Add(time.Minute), now); first ||
		!errors.Is(err, store.ErrIO) {
		t.Errorf("without the server: found %v, %v", first, err)
	}
}
