package sqlite

import (
	"path/filepath"
	"testing"
	"time"

	"fondaco/store"
)

// lacking is what this program needs of a file to write a letter into it, and without takes away again.
const (
	lacking = `create table intent (exchange blob);
		alter table letter add column marks text not null default ''; alter table letter add column dk integer not null default 0;
		alter table letter_event add column dk integer not null default 0`
	without = `drop table intent; alter table letter drop column marks; alter table letter drop column dk; alter table letter_event drop column dk; pragma user_version = 5`
)

// TestFormat5: a file of format 5, which knew no intents, is brought to the present one with what it holds, and notes them.
func TestFormat5(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	o := Options{Project: "venezia"}
	old, err := openWith(t.Context(), path, o, append(append([]string{}, migrations[:5]...), lacking), faults{})
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	must(old.Inbox().Done(t.Context(), "t", "g", now, "/s 1"))
	_, err = old.DeadLetters().Keep(t.Context(), store.DeadLetter{
		ID: "l", Topic: "t", Group: "g", MessageID: "/s 2", Reason: "refused",
		Kept: now,
	})
	must(err)
	_, err = old.file.Load().conn.ExecContext(t.Context(), without)
	must(err)
	must(old.Close())

	s, err := Open(t.Context(), path, o)
	must(err)
	defer s.Close()
	must(s.Intents().Begin(t.Context(), store.Intent{Exchange: "g /s 2", Step: "call", Operation: "registry.register", At: now}))
	i, err := s.Intents().Find(t.Context(), "g /s 2", "call")
	if err != nil || !i.At.Equal(now.Truncate(time.Microsecond)) {
		t.Error(i, err)
	}
	if seen, err := s.Inbox().Seen(t.Context(), "t", "g", "/s 1"); err != nil || !seen {
		t.Error(seen, err)
	}
	if l, err := s.DeadLetters().Get(t.Context(), "l"); err != nil || l.State != store.LetterWaiting {
		t.Error(l, err)
	}
}
