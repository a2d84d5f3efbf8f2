package sqlite

import (
	"context"
	"fmt"
	"path/filepath"
	"testing"
	"time"
)

// TestKnown: what is in the inbox is found, also after a reopening and while the file is still being looked through;
// most of what is not there is not asked for.
func TestKnown(t *testing.T) {
	file := filepath.Join(t.TempDir(), "state.db")
	s, err := Open(t.Context(), file, Options{Project: "p"})
	if err != nil {
		t.Fatal(err)
	}
	const count = 2*knownChunk + 17
	ids := make(chan int)
	var failed error
	done := make(chan struct{})
	for range 64 {
		go func() {
			for i := range ids {
				if err := s.Inbox().Done(context.Background(), fmt.Sprint("g", i%2), fmt.Sprint("/s ", i), time.Now()); err != nil {
					failed = err
				}
			}
			done <- struct{}{}
		}()
	}
	for i := range count {
		ids <- i
	}
	close(ids)
	for range 64 {
		<-done
	}
	if failed != nil {
		t.Fatal(failed)
	}
	for _, again := range []bool{false, true} {
		if again {
			if err := s.Close(); err != nil {
				t.Fatal(err)
			}
			if s, err = Open(t.Context(), file, Options{Project: "p"}); err != nil {
				t.Fatal(err)
			}
		}
		for i := range count {
			for g := range 2 {
				seen, err := s.Inbox().Seen(t.Context(), fmt.Sprint("g", g), fmt.Sprint("/s ", i))
				if err != nil || seen != (i%2 == g) {
					t.Fatalf("id %d, group %d, reopened %t: seen %t, %v", i, g, again, seen, err)
				}
			}
		}
	}
	for end := time.Now().Add(10 * time.Second); !s.known.loaded.Load() && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	asked := 0
	for i := range 1000 {
		if s.known.maybe("g0", hashed(fmt.Sprint("/strange ", i))) {
			asked++
		}
	}
	if asked > 20 {
		t.Errorf("%d of 1,000 strange ids are asked for", asked)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Inbox().Seen(t.Context(), "g0", "/strange"); err == nil {
		t.Error("a closed store answers")
	}
}
