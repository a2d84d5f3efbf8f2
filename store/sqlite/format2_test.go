package sqlite

import (
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"path/filepath"
	"reflect"
	"testing"
	"time"

	"fondaco/store"
)

// format2 is a file as format 2 wrote it: letters in each state, one that 50 records without an id have overwritten, an
// id in the inbox, an operation that has failed.
func format2(t *testing.T) string {
	t.Helper()
	packed, err := os.ReadFile("testdata/format2.db.gz")
	if err != nil {
		t.Fatal(err)
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		t.Fatal(err)
	}
	content, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	path := filepath.Join(t.TempDir(), "state.db")
	if err := os.WriteFile(path, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestFormat2: a file of format 2 is brought to the present one with all that it holds, and its letters go on.
func TestFormat2(t *testing.T) {
	path := format2(t)
	o := Options{Project: "venezia", Limits: store.Limits{Inbox: time.Hour}}
	s, err := Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	must := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	d := s.DeadLetters()
	for id, want := range map[string]store.DeadLetter{
		"waiting": {
			State: store.LetterWaiting, Body: []byte("one"),
			History: []store.LetterEvent{{At: now, What: "died", Detail: "refused: no"}},
		},
		"noid": {
			State: store.LetterWaiting, Body: []byte("the last of fifty"),
			History: []store.LetterEvent{{At: now.Add(time.Second), What: "died", Detail: "no-event: no ce_ headers"}},
		},
		"replayed": {
			State: store.LetterReplayed, Body: []byte("two"), By: "anna", Replays: 1,
			History: []store.LetterEvent{{At: now, What: "died", Detail: "refused"}, {At: now.Add(time.Hour), What: "replayed", Who: "anna"}},
		},
		"discarded": {
			State: store.LetterDiscarded, Body: []byte{}, By: "bruno",
			History: []store.LetterEvent{{At: now, What: "died", Detail: "refused"}, {At: now.Add(2 * time.Hour), What: "discarded", Who: "bruno"}},
		},
	} {
		l, err := d.Get(t.Context(), id)
		must(err)
		if l.State != want.State || string(l.Body) != string(want.Body) || l.By != want.By || l.Replays != want.Replays || l.Result != "" ||
			!reflect.DeepEqual(l.History, want.History) {
			t.Errorf("%s is\n%+v\nexpected\n%+v", id, l, want)
		}
	}
	tallies, err := d.Tallies(t.Context())
	if want := []store.Tally{{Topic: "t", Group: "crm", Waiting: 2, Discarded: 1, Gone: 1, Replays: 1}}; err != nil ||
		!reflect.DeepEqual(tallies, want) {
		t.Errorf("tallies %+v, %v", tallies, err)
	}

	// The record of a letter comes again, as it was not acked when the process was upgraded; so does one that was replayed.
	keep := func(id, message, place, body string, headers ...[2]string) store.Kept {
		t.Helper()
		k, err := d.Keep(t.Context(), store.DeadLetter{
			ID: id, Topic: "t", Group: "crm", MessageID: message, Place: place, Reason: "refused",
			Kept: now.Add(3 * time.Hour), Headers: headers, Body: []byte(body),
		})
		must(err)
		return k
	}
	for _, c := range []struct {
		message, place, body string
		headers              [][2]string
		want                 string // the letter
	}{
		{"/s 1", "log/0/1", "one", [][2]string{{"ce_id", "1"}}, "waiting"},
		{"/s 1", "log/0/9", "another one", [][2]string{{"ce_id", "1"}}, "n9"}, // of a producer whose records all have one id
		{"/s 2", "log/0/2", "two", nil, "replayed"},
		{"log/0/3", "log/0/3", "the last of fifty", nil, "n3"},
		{"/s 1", "log/0/1", "one", [][2]string{{"ce_id", "1"}}, "waiting"},
	} {
		if k := keep("n"+c.place[len(c.place)-1:], c.message, c.place, c.body, c.headers...); k.ID != c.want {
			t.Errorf("%s at %s is the letter %s, expected %s", c.message, c.place, k.ID, c.want)
		}
	}
	for id, want := range map[string]string{"waiting": "one", "replayed": "two", "noid": "the last of fifty"} {
		l, err := d.Get(t.Context(), id)
		must(err)
		if l.State != store.LetterWaiting || string(l.Body) != want {
			t.Errorf("%s: %+v", id, l)
		}
	}
	claimed, _, err := d.Claim(t.Context(), []string{"waiting"}, store.Act{Who: "carla", At: now.Add(4 * time.Hour)})
	must(err)
	must(d.Given(t.Context(), claimed))
	l, err := d.Get(t.Context(), "replayed")
	must(err)
	if len(l.History) != 3 || l.History[1].Who != "anna" || l.History[2].What != "died" {
		t.Errorf("its history goes on as %+v", l.History)
	}

	// Ids of before are known on every topic, those of now on their own, and each for as long as it was meant.
	must(s.Inbox().Done(t.Context(), "t", "crm", now.Add(30*time.Minute), "/s new"))
	for range 2 {
		for _, c := range []struct {
			topic, id string
			want      bool
		}{{"t", "/s done", true}, {"u", "/s done", true}, {"t", "/s new", true}, {"u", "/s new", false}} {
			if seen, err := s.Inbox().Seen(t.Context(), c.topic, "crm", c.id); err != nil || seen != c.want {
				t.Errorf("%s on %s: %t, %v", c.id, c.topic, seen, err)
			}
		}
		must(s.Close())
		s, err = Open(t.Context(), path, o)
		must(err)
		d = s.DeadLetters()
	}
	defer s.Close()
	swept, err := s.Sweep(t.Context(), now.Add(time.Hour+time.Minute))
	must(err)
	if swept.Ids != 1 || s.finished.untold() {
		t.Errorf("swept %+v, and ids of before are looked for: %t", swept, s.finished.untold())
	}
	var weight int64
	if err := s.file.Load().read.QueryRow("select sum(weight) from letter").Scan(&weight); err != nil || weight != s.letterBytes {
		t.Errorf("the letters weigh %d, %v; remembered is %d", weight, err, s.letterBytes)
	}
}
