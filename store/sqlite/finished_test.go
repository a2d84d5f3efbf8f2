package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/crypt"
	"fondaco/store/record"
	"fondaco/store/sqlitefile"
)

// reopened closes the store and opens its file again.
func reopened(t *testing.T, s *Store) *Store {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s, err := openWith(context.WithoutCancel(t.Context()), s.path, Options{Project: s.project, Limits: s.limits}, migrations, s.faults)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// finishThem has ids of a group finished, many at a time, and returns the time of the last.
func finishThem(t *testing.T, s *Store, group string, from, to int, at time.Time) {
	t.Helper()
	for from < to {
		var ids []string
		for ; from < to && len(ids) < 1000; from++ {
			ids = append(ids, fmt.Sprint("/s ", from))
		}
		if err := s.Inbox().Done(t.Context(), "t", group, at, ids...); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFinished: what was finished is found while it is in the log and when it is in runs, also after a reopening, in its
// group only; of what was not, hardly any is looked for in the file. Runs are let go when they are too old.
func TestFinished(t *testing.T) {
	s, err := Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), Options{Project: "p", Limits: store.Limits{Inbox: time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	const old, count = 2*runSize + 1234, 2*runSize + 9876 // of group g: two runs of old ids, and one of old and young ones
	finishThem(t, s, "g", 0, old, now)
	finishThem(t, s, "h", old, count, now.Add(time.Minute))
	finishThem(t, s, "h", 0, runSize, now.Add(time.Minute))
	if runs, recent := len(s.finished.runs), len(s.finished.recent); runs != 3 || recent < 1000 || recent >= runSize {
		t.Fatalf("%d runs and %d ids in the log", runs, recent)
	}
	look := func(what string, from int, g, h func(i int) bool) {
		t.Helper()
		for i := from; i < count+2000; i += 7 {
			for group, want := range map[string]bool{"g": g(i), "h": h(i)} {
				seen, err := s.Inbox().Seen(t.Context(), "t", group, fmt.Sprint("/s ", i))
				if err != nil || seen != want {
					t.Fatalf("%s: id %d of %s: %t, %v", what, i, group, seen, err)
				}
			}
		}
	}
	inG := func(i int) bool { return i < old }
	inH := func(i int) bool { return i < runSize || i >= old && i < count }
	look("as written", 0, inG, inH)
	s = reopened(t, s)
	look("read again", 0, inG, inH)

	vain := 0
	for i := range 10_000 {
		if _, runs, _ := s.finished.lookUp(markOf("g", fmt.Sprint("/strange ", i))); len(runs) > 0 {
			vain++
		}
	}
	if vain > 100 {
		t.Errorf("%d of 10,000 strange ids are looked for in the file", vain)
	}

	swept, err := s.Sweep(t.Context(), now.Add(time.Hour+time.Second))
	if err != nil || swept.Ids < 2*runSize-2000 || swept.Ids > old {
		t.Errorf("swept %d ids, %v; two runs are too old", swept.Ids, err)
	}
	var pages int
	if err := s.file.Load().read.QueryRow("select count(*) from inbox_page").Scan(&pages); err != nil || pages != 512 {
		t.Errorf("%d pages are left, %v; those of one run are to be", pages, err)
	}
	for _, again := range []bool{false, true} {
		if again {
			s = reopened(t, s)
		}
		for i := 0; i < runSize; i += 11 {
			seen, err := s.Inbox().Seen(t.Context(), "t", "g", fmt.Sprint("/s ", i))
			if err != nil || seen {
				t.Fatalf("id %d is known although it was let go: %v", i, err)
			}
			if seen, err = s.Inbox().Seen(t.Context(), "t", "h", fmt.Sprint("/s ", i)); err != nil || !seen {
				t.Fatalf("id %d is young and not known: %v", i, err)
			}
		}
	}
	swept, err = s.Sweep(t.Context(), now.Add(2*time.Hour))
	if err != nil || len(s.finished.runs) != 0 || len(s.finished.recent) != 0 {
		t.Errorf("%d runs and %d ids are left after all time, %v", len(s.finished.runs), len(s.finished.recent), err)
	}
	if s.Close() != nil {
		t.Fatal("close")
	}
	if _, err := s.Inbox().Seen(t.Context(), "t", "g", "/strange"); err == nil {
		t.Error("a closed store answers")
	}
}

// A run whose commit fails is none, and its ids are not lost: they are in the next one.
func TestFinishedFails(t *testing.T) {
	broken := false
	s, err := openWith(t.Context(), filepath.Join(t.TempDir(), "state.db"), Options{}, migrations, faults{commit: func() error {
		if broken {
			return errPlanted
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	finishThem(t, s, "g", 0, runSize-10, now)
	broken = true
	ids := make([]string, 100)
	for i := range ids {
		ids[i] = fmt.Sprint("/late ", i)
	}
	if err := s.Inbox().Done(t.Context(), "t", "g", now, ids...); err == nil {
		t.Fatal("a failed commit was told to be durable")
	}
	if _, runs, _ := s.finished.lookUp(markOf("g", ids[0])); len(runs) != 0 || len(s.finished.recent) != runSize-10 {
		t.Errorf("%d runs, %d ids in the log", len(runs), len(s.finished.recent))
	}
	broken = false
	if err := s.Inbox().Done(t.Context(), "t", "g", now, ids...); err != nil {
		t.Fatal(err)
	}
	s = reopened(t, s)
	if len(s.finished.runs) != 1 || len(s.finished.recent) != 0 {
		t.Errorf("%d runs and %d ids in the log", len(s.finished.runs), len(s.finished.recent))
	}
	for _, id := range []string{"/s 0", fmt.Sprint("/s ", runSize-11), "/late 0", "/late 99"} {
		if seen, err := s.Inbox().Seen(t.Context(), "t", "g", id); err != nil || !seen {
			t.Errorf("%s: %t, %v", id, seen, err)
		}
	}
}

// What a file of the first format knows is known, until it is let go.
func TestFinishedOfFormat1(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	if _, err := openWith(t.Context(), path, Options{Project: "p"}, migrations[:1], faults{}); err == nil {
		t.Fatal("this program opens a file of the first format without bringing it to the present one")
	}
	f, err := open(t.Context(), path, "p", migrations[:1], sqlitefile.NewVault(crypt.Keys{}))
	if err != nil {
		t.Fatal(err)
	}
	item := hashed("route", "key", "message")
	for group, id := range map[string][]byte{"g": hashed("/s 1"), record.Collected: item} {
		if _, err := f.conn.ExecContext(t.Context(), "insert into inbox (grp, id, at) values (?, ?, ?)", group, id,
			record.Micro(now)); err != nil {
			t.Fatal(err)
		}
	}
	f.close()
	s, err := Open(t.Context(), path, Options{Project: "p", Limits: store.Limits{Inbox: time.Hour}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	if seen, err := s.Inbox().Seen(t.Context(), "t", "g", "/s 1"); err != nil || !seen {
		t.Errorf("an id: %t, %v", seen, err)
	}
	if seen, err := s.Inbox().Seen(t.Context(), "t", "h", "/s 1"); err != nil || seen {
		t.Errorf("an id of another group: %t, %v", seen, err)
	}
	c, err := s.Collections().Add(t.Context(), "route", "key", "message", "", nil, now, now.Add(time.Minute))
	if err != nil || c.ID != 0 {
		t.Errorf("a message that was in a collection begins another: %+v, %v", c, err)
	}
	if swept, err := s.Sweep(t.Context(), now.Add(2*time.Hour)); err != nil || swept.Ids != 2 {
		t.Errorf("swept %+v, %v", swept, err)
	}
	if seen, err := s.Inbox().Seen(t.Context(), "t", "g", "/s 1"); err != nil || seen {
		t.Errorf("an id that was let go: %t, %v", seen, err)
	}
}
