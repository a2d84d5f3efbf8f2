package traces_test

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"os"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"go.uber.org/goleak"

	"fondaco/store/sqlitefile"
	"fondaco/store/traces"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

var begun = time.Date(2026, 3, 1, 2, 0, 0, 0, time.UTC)

func open(t *testing.T, path string, change func(*traces.Options)) *traces.Store {
	t.Helper()
	o := traces.Options{Project: "p", Key: func() []byte { return []byte("key") }, Now: func() time.Time { return begun }}
	if change != nil {
		change(&o)
	}
	s, err := traces.Open(t.Context(), path, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

// keep has the store keep an exchange as it may.
func keep(s *traces.Store, always bool, fault string, x traces.Exchange) {
	var r traces.Recording
	s.Begin(&r, x.Began)
	r.Called("routes/a.yaml:7:9", "crm", "create", "once", 1, x.Began, fault)
	r.Published("routes/a.yaml:9:9", "events", "RSSMRA80A01H501U-1", x.Began, "")
	s.End(&r, always, x.Span, func() traces.Exchange { return x })
}

// TestFind: a trace is found by each of its ids, with its steps, also after the file is opened again; of another project the file is refused.
func TestFind(t *testing.T) {
	path := filepath.Join(t.TempDir(), "traces.db")
	s := open(t, path, nil)
	s.Serve("release 1")
	trace := [16]byte{0xab, 1}
	keep(s, true, "", traces.Exchange{
		Kind: traces.Accepted, Route: "file", Request: "desk-4711", Operation: "op1", Trace: trace, Span: [8]byte{1}, Began: begun, Status: 202,
		Took: 3 * time.Millisecond,
	})
	keep(s, true, "unavailable", traces.Exchange{
		Kind: traces.Message, Route: "file", Topic: "t", Group: "g", Message: "m1", Trace: trace, Span: [8]byte{2}, Parent: [8]byte{1},
		Began: begun.Add(time.Second), Outcome: "again", Attempt: 1, Fault: "crm.create unavailable",
	})
	keep(s, true, "", traces.Exchange{Kind: traces.Request, Request: "another", Trace: [16]byte{7}, Began: begun})
	for i := range 2 {
		for _, id := range []string{"desk-4711", "op1", "m1", hex.EncodeToString(trace[:])} {
			all, err := s.Find(t.Context(), id)
			if err != nil || len(all) != 2 {
				t.Fatal(i, id, all, err)
			}
			a, b := all[0], all[1]
			if a.Operation != "op1" || a.Release != "release 1" || a.Status != 202 || a.Took != 3*time.Millisecond || b.Parent != a.Span || b.Fault != "crm.create unavailable" ||
				b.Attempt != 1 || !b.Began.Equal(begun.Add(time.Second)) {
				t.Error(a, b)
			}
			if len(b.Steps) != 2 || b.Steps[0].Place != "routes/a.yaml:7:9" || b.Steps[0].System != "crm" || b.Steps[0].Fault != "unavailable" ||
				b.Steps[0].Effect != "once" || b.Steps[1].Effect != traces.Publishes || b.Steps[1].Operation != "events" {
				t.Error(b.Steps)
			}
		}
		if all, err := s.Find(t.Context(), "RSSMRA80A01H501U-1"); err != nil || len(all) != 3 { // two traces published it
			t.Error(all, err)
		}
		if all, err := s.Find(t.Context(), "desk-4712", "", "op"); err != nil || len(all) != 0 {
			t.Error(all, err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if i == 0 {
			s = open(t, path, nil)
		}
	}
	if s, err := traces.Open(t.Context(), path, traces.Options{Project: "q", Now: time.Now}); err == nil {
		_ = s.Close()
		t.Error("the file of another project is opened")
	}
}

// TestShare: what was not wrong is kept by its share, what was is kept in any case, and what comes after the end is left out.
func TestShare(t *testing.T) {
	for share, want := range map[float64]bool{0: false, 1: true} {
		s := open(t, filepath.Join(t.TempDir(), "traces.db"), func(o *traces.Options) { o.Sample = share })
		keep(s, false, "", traces.Exchange{Operation: "well", Trace: [16]byte{1}, Span: [8]byte{9, 9}, Began: begun})
		keep(s, false, "timeout", traces.Exchange{Operation: "fault", Trace: [16]byte{2}, Span: [8]byte{9, 9}, Began: begun})
		for id, want := range map[string]bool{"well": want, "fault": true} {
			if all, err := s.Find(t.Context(), id); err != nil || len(all) > 0 != want {
				t.Error(share, id, all, err)
			}
		}
		var r traces.Recording
		s.Begin(&r, begun)
		s.End(&r, true, [8]byte{3}, func() traces.Exchange { return traces.Exchange{Operation: "late", Trace: [16]byte{3}, Began: begun} })
		r.Called("p", "late", "call", "read", 1, begun, "timeout")
		s.End(&r, true, [8]byte{4}, func() traces.Exchange { return traces.Exchange{Operation: "late", Trace: [16]byte{3}, Began: begun} })
		if all, err := s.Find(t.Context(), "late"); err != nil || len(all) != 1 || len(all[0].Steps) != 0 {
			t.Error(all, err)
		}
	}
	var none *traces.Store
	keep(none, true, "timeout", traces.Exchange{})
	if all, err := none.Find(t.Context(), "x"); all != nil || err != nil || none.Close() != nil {
		t.Error(all, err)
	}
}

// TestNoIDs: an id that somebody chose is nowhere in the file, one that was made at random is, and without a key neither the id nor a
// hash that anybody could make is kept.
func TestNoIDs(t *testing.T) {
	for _, key := range []string{"key", ""} {
		path := filepath.Join(t.TempDir(), "traces.db")
		s := open(t, path, func(o *traces.Options) { o.Key = func() []byte { return []byte(key) } })
		const made = "0af7651916cd43dd8448eb211c80319c"
		keep(s, true, "", traces.Exchange{Request: "RSSMRA80A01H501U", Message: made, Trace: [16]byte{1}, Began: begun})
		all, err := s.Find(t.Context(), made)
		if err != nil || len(all) != 1 || all[0].Request == "" != (key == "") {
			t.Fatal(all, err)
		}
		for _, id := range []string{"RSSMRA80A01H501U", "RSSMRA80A01H501U-1"} {
			if all, err := s.Find(t.Context(), id); err != nil || len(all) == 1 != (key != "") {
				t.Error(key, id, all, err)
			}
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		files, _ := filepath.Glob(path + "*")
		var text []byte
		for _, f := range files {
			b, err := os.ReadFile(f)
			if err != nil {
				t.Fatal(err)
			}
			text = append(text, b...)
		}
		if !bytes.Contains(text, []byte(made)) || bytes.Contains(bytes.ToUpper(text), []byte("RSSMRA")) {
			t.Error("the file has not what it should")
		}
	}
}

// TestRing: the oldest go when the file is larger than it may be, and what is older than it may be goes at the start.
func TestRing(t *testing.T) {
	path := filepath.Join(t.TempDir(), "traces.db")
	s := open(t, path, func(o *traces.Options) { o.Size, o.Queue = 400_000, 10_000 })
	for i := range 5000 {
		keep(s, true, "", traces.Exchange{Operation: fmt.Sprint("op", i), Trace: [16]byte{byte(i), byte(i >> 8), 1}, Began: begun})
	}
	find := func(id string, want int) {
		t.Helper()
		if all, err := s.Find(t.Context(), id); err != nil || len(all) != want {
			t.Error(id, len(all), err)
		}
	}
	for kept, dropped, failed := s.Counts(); kept < 5000; kept, dropped, failed = s.Counts() { // the reader's word has the writer hurry
		if dropped+failed > 0 {
			t.Fatal(dropped, failed)
		}
		find("nothing", 0)
	}
	find("op0", 0)
	find("op4999", 1)
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if i, err := os.Stat(path); err != nil || i.Size() > 1_500_000 {
		t.Error(i.Size(), err)
	}
	s = open(t, path, func(o *traces.Options) {
		o.Keep, o.Now = time.Hour, func() time.Time { return begun.Add(2 * time.Hour) }
	})
	find("op4999", 0)
}

// TestDropped: where the writer is behind nobody waits for it, and what is dropped is counted.
func TestDropped(t *testing.T) {
	s := open(t, filepath.Join(t.TempDir(), "traces.db"), func(o *traces.Options) { o.Queue = 1 })
	var sent atomic.Int64
	for _, dropped, _ := s.Counts(); dropped == 0; _, dropped, _ = s.Counts() {
		keep(s, true, "", traces.Exchange{Operation: "op", Trace: [16]byte{1}, Began: begun})
		sent.Add(1)
	}
	if _, err := s.Find(t.Context(), "op"); err != nil {
		t.Fatal(err)
	}
	if kept, dropped, failed := s.Counts(); kept+dropped+failed != sent.Load() || failed != 0 {
		t.Error(kept, dropped, failed, sent.Load())
	}
}

// BenchmarkRecord is what an exchange costs that is not kept.
func BenchmarkRecord(b *testing.B) {
	s, err := traces.Open(b.Context(), filepath.Join(b.TempDir(), "traces.db"), traces.Options{Project: "p", Now: time.Now})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.ReportAllocs()
	for b.Loop() {
		keep(s, false, "", traces.Exchange{Began: begun})
	}
}

// TestFailed: what cannot be written is counted and holds up nobody; once the file can be written again, what comes then is kept.
func TestFailed(t *testing.T) {
	path := filepath.Join(t.TempDir(), "traces.db")
	s := open(t, path, nil)
	other, err := sqlitefile.OpenWriter(path)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = other.Close() }()
	say := func(text string) {
		t.Helper()
		if _, err := other.ExecContext(t.Context(), text); err != nil {
			t.Fatal(err)
		}
	}
	say("alter table step rename to gone") // as a disk that is full, or a file that was put away
	for n := range 10 {
		keep(s, true, "", traces.Exchange{Operation: "lost", Trace: [16]byte{1}, Span: [8]byte{byte(n)}, Began: begun})
	}
	_, _ = s.Find(t.Context(), "other") // what came before has been tried then
	if kept, dropped, failed := s.Counts(); kept != 0 || dropped != 0 || failed != 10 {
		t.Error(kept, dropped, failed)
	}
	say("alter table gone rename to step")
	keep(s, true, "", traces.Exchange{Operation: "again", Trace: [16]byte{2}, Began: begun})
	if all, err := s.Find(t.Context(), "again"); err != nil || len(all) != 1 || len(all[0].Steps) != 2 {
		t.Error(all, err)
	}
}
