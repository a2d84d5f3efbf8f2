package embedded

import (
	"bytes"
	"database/sql"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/store"
	"fondaco/store/crypt"
	"fondaco/store/sqlitefile"
	"fondaco/store/storetest"
)

// marksOf are those of two persons.
var rosa, bice = string(store.MarkOf([]byte("k"), "rosa")), string(store.MarkOf([]byte("k"), "bice"))

// sealedTopics is a place whose broker is opened again with other keys.
type sealedTopics struct {
	*testing.T
	path string
	b    *Broker
}

func (s *sealedTopics) with(keys ...byte) {
	s.Helper()
	if s.b != nil {
		if err := s.b.Close(); err != nil {
			s.Fatal(err)
		}
	}
	var err error
	if s.b, err = Open(s.Context(), s.path, Options{Project: "venezia", Keys: storetest.Keys(s.T, keys...)}); err != nil {
		s.Fatal(err)
	}
}

// publish publishes messages that have the subject in each of their parts, of rosa, bice and nobody in turn.
func (s *sealedTopics) publish(count int) {
	s.Helper()
	random := rand.New(rand.NewPCG(1, 2))
	for i := range count {
		m := citizen(random, i)
		m.Key = fmt.Sprint(subject, i) // one that waits for no other
		if marks := []string{rosa, bice, ""}[i%3]; marks != "" {
			m.Extensions = append(m.Extensions, messaging.Attribute{Name: messaging.ExtensionMarks, Value: marks})
		}
		if err := messaging.Publish(s.Context(), s.b, "t", m); err != nil {
			s.Fatal(err)
		}
	}
}

// receives takes as many messages as were published, acks them if wanted, and holds them against what was published.
func (s *sealedTopics) receives(count int, ack bool) {
	s.Helper()
	sub, err := s.b.Subscriber("g", messaging.Options{InFlight: count})
	if err != nil {
		s.Fatal(err)
	}
	in, err := sub.Subscribe(s.Context(), "t")
	if err != nil {
		s.Fatal(err)
	}
	random := rand.New(rand.NewPCG(1, 2))
	want := map[string]messaging.Message{}
	for i := range count {
		m := citizen(random, i)
		m.Key = fmt.Sprint(subject, i) // one that waits for no other
		want[m.ID] = m
	}
	for range count {
		select {
		case e := <-in:
			m, flaw := messaging.Unpack(e)
			if flaw != nil {
				s.Fatal(flaw)
			}
			w, known := want[m.ID]
			if delete(want, m.ID); !known || m.Key != w.Key || m.Source != w.Source || m.Type != w.Type || !bytes.Equal(m.Body, w.Body) {
				s.Errorf("received %+v", m)
			}
			if ack {
				e.Ack()
			}
		case <-time.After(time.Minute):
			s.Fatalf("%d messages did not come", len(want))
		}
	}
	if ack {
		for end := time.Now().Add(time.Minute); ; <-time.After(20 * time.Millisecond) {
			counts, err := s.b.Counts(s.Context())
			if err == nil && counts[0].Waiting == 0 {
				break
			}
			if time.Now().After(end) {
				s.Fatal(counts, err)
			}
		}
	}
	if err := sub.Close(); err != nil {
		s.Fatal(err)
	}
}

// TestSealed: nothing of a waiting message can be read in the files, it is received as it was published, also after the
// process was started again and its keys were changed, and a file that was not encrypted is after a rewrap.
func TestSealed(t *testing.T) {
	for name, first := range map[string][]byte{"encrypted": {1}, "as it is": nil} {
		t.Run(name, func(t *testing.T) {
			const count = 40
			folder := t.TempDir()
			s := &sealedTopics{T: t, path: filepath.Join(folder, "topics.db")}
			s.with(first...)
			defer func() { _ = s.b.Close() }()
			s.publish(count)
			if n, where := remains(t, folder); (n > 0) == (first != nil) {
				t.Fatalf("readable:%s", where)
			}
			s.receives(count, false)
			for _, mark := range []string{rosa, bice} {
				n := 0
				if damaged, err := s.b.Bearing(t.Context(), mark, func(m messaging.Borne) error {
					if n++; m.Message.Extension(messaging.ExtensionMarks) != mark {
						t.Errorf("%s was found", m.Message.ID)
					}
					return nil
				}); err != nil || damaged != 0 || n < count/3 || n > count/3+1 {
					t.Errorf("%d messages bear the mark, %v", n, err)
				}
			}
			keys := []byte{2, 1}
			s.with(keys...)
			s.receives(count, false)
			done, err := s.b.Rewrap(t.Context())
			if err != nil || done.Damaged != 0 || first != nil && (done.Keys != 3 || done.Records != 0) || first == nil &&
				(done.Keys != 0 || done.Records != count) {
				t.Fatalf("rewrapped %+v, %v", done, err)
			}
			s.receives(count, false)
			s.with(2)
			if done, err := s.b.Rewrap(t.Context()); err != nil || done != (store.Rewrapped{}) {
				t.Fatalf("rewrapped again %+v, %v", done, err)
			}
			if n, where := remains(t, folder); n > 0 {
				t.Fatalf("readable:%s", where)
			}
			s.receives(count, true)
		})
	}
}

// TestSealedKeyMissing: without its key a file is refused, and not written to.
func TestSealedKeyMissing(t *testing.T) {
	s := &sealedTopics{T: t, path: filepath.Join(t.TempDir(), "topics.db")}
	s.with(1)
	s.publish(9)
	if err := s.b.Close(); err != nil {
		t.Fatal(err)
	}
	before, err := os.ReadFile(s.path)
	if err != nil {
		t.Fatal(err)
	}
	for _, keys := range []crypt.Keys{{}, storetest.Keys(t, 2)} {
		b, err := Open(t.Context(), s.path, Options{Project: "venezia", Keys: keys})
		if err == nil {
			_ = b.Close()
			t.Fatal("it opens without its key")
		}
		for _, want := range []string{storetest.Keys(t, 1).First(), "9 records", "nothing was changed"} {
			if !strings.Contains(err.Error(), want) {
				t.Errorf("the error is %v, without %q", err, want)
			}
		}
	}
	if after, err := os.ReadFile(s.path); err != nil || !bytes.Equal(before, after) {
		t.Error("the refused start has written", err)
	}
	s.with(1)
	s.receives(9, true)
	if err := s.b.Close(); err != nil {
		t.Fatal(err)
	}
}

// TestSealedExchanged: a message that stands where another belongs is corrupt, though its sums are right.
func TestSealedExchanged(t *testing.T) {
	s := &sealedTopics{T: t, path: filepath.Join(t.TempDir(), "topics.db")}
	s.with(1)
	s.publish(6)
	if err := s.b.Close(); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", sqlitefile.Address(s.path, ""))
	if err != nil {
		t.Fatal(err)
	}
	var list []record // of rosa
	rows, err := db.QueryContext(t.Context(), "select seq, key, due, at, headers, body, dk from message where dk = (select min(dk) from "+
		"message) order by seq")
	if err != nil {
		t.Fatal(err)
	}
	defer rows.Close()
	for rows.Next() {
		var r record
		if err := rows.Scan(&r.seq, &r.key, &r.due, &r.at, &r.headers, &r.body, &r.dk); err != nil {
			t.Fatal(err)
		}
		list = append(list, r)
	}
	if err := rows.Err(); err != nil || len(list) != 2 {
		t.Fatal(len(list), err)
	}
	list[0].body, list[1].body = list[1].body, list[0].body
	for _, r := range list {
		if _, err := db.ExecContext(t.Context(), "update message set body = ?, sum = ? where seq = ?", r.body, int64(r.seal(r.summed())),
			r.seq); err != nil {
			t.Fatal(err)
		}
	}
	if err := db.Close(); err != nil {
		t.Fatal(err)
	}
	s.with(1)
	defer func() { _ = s.b.Close() }()
	sub, err := s.b.Subscriber("g", messaging.Options{InFlight: 6})
	if err != nil {
		t.Fatal(err)
	}
	in, err := sub.Subscribe(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	corrupt := 0
	for range 6 {
		select {
		case e := <-in:
			if _, flaw := messaging.Unpack(e); flaw != nil && flaw.Reason == messaging.Corrupt {
				corrupt++
			}
		case <-time.After(time.Minute):
			t.Fatal("a message did not come")
		}
	}
	if corrupt != 2 {
		t.Errorf("%d messages are corrupt, expected 2", corrupt)
	}
}

// TestSealedKeysGo: the data keys of persons go when their last message is done, while the broker runs.
func TestSealedKeysGo(t *testing.T) {
	s := &sealedTopics{T: t, path: filepath.Join(t.TempDir(), "topics.db")}
	s.with(1)
	defer func() { _ = s.b.Close() }()
	s.publish(9)
	subjects := func() (list []string) {
		t.Helper()
		rows, err := s.b.file.Load().read.QueryContext(t.Context(), "select subject from data_key order by subject")
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		for rows.Next() {
			var subject string
			if err := rows.Scan(&subject); err != nil {
				t.Fatal(err)
			}
			list = append(list, subject)
		}
		return list
	}
	want := []string{"", rosa, bice}
	if slices.Sort(want); !slices.Equal(subjects(), want) {
		t.Fatal(subjects())
	}
	s.receives(9, true)
	for end := time.Now().Add(time.Minute); len(subjects()) != 1; <-time.After(50 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal(fmt.Sprint("left are ", subjects()))
		}
	}
}
