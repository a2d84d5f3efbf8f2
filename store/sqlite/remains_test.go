package sqlite

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/store"
)

// TestNothingRemainsOfWhatWasSwept: what is older than it is kept, and letters that were thrown away, are gone from the
// bytes of all files, while the store is open.
func TestNothingRemainsOfWhatWasSwept(t *testing.T) {
	const subject = "RSSMRA80A01L736V"
	folder := t.TempDir()
	s, err := Open(t.Context(), filepath.Join(folder, "state.db"), Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	remains := func() (n int) {
		files, err := filepath.Glob(filepath.Join(folder, "*"))
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			content, _ := os.ReadFile(file)
			n += bytes.Count(content, []byte(subject))
		}
		return n
	}
	for i := range 200 {
		a := store.Answer{Status: 200, Header: [][2]string{{"X-Of", subject}}, Body: []byte(strings.Repeat(subject, 1+i*3))}
		if err := s.Operations().Create(t.Context(), store.Operation{
			ID: fmt.Sprint(subject, i), Route: "r", State: store.Done, Created: now,
			Updated: now, Answer: a,
		}); err != nil {
			t.Fatal(err)
		}
		r, err := s.Idempotency().Reserve(t.Context(), store.Claim{Scope: "s", Key: fmt.Sprint(i), Lease: time.Minute, Keep: time.Hour}, now)
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Idempotency().Record(t.Context(), r.Token, a, now); err != nil {
			t.Fatal(err)
		}
		if _, err := s.DeadLetters().Keep(t.Context(), store.DeadLetter{
			ID: fmt.Sprint(subject, i), MessageID: fmt.Sprint(i), Key: subject,
			Topic: "t", Reason: "x", Kept: now, Body: a.Body,
		}); err != nil {
			t.Fatal(err)
		}
	}
	if remains() == 0 {
		t.Fatal("the subject is nowhere while it is kept: the test looks in the wrong place")
	}
	for later := now; remains() > 0; later = later.Add(365 * 24 * time.Hour) {
		if later.Year() > 2100 {
			t.Fatalf("the subject is still on the disk %d times", remains())
		}
		if _, err := s.Sweep(t.Context(), later); err != nil {
			t.Fatal(err)
		}
		<-time.After(200 * time.Millisecond)
	}
}
