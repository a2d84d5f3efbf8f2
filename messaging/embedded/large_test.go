package embedded

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/messaging"
)

// backlog publishes so many messages of 512 KiB for a group that nobody reads for yet.
func backlog(t *testing.T, b *Broker, count int) {
	t.Helper()
	s, err := b.Subscriber("g", messaging.Options{})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Subscribe(t.Context(), "t"); err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	for i := range count {
		m := messaging.Message{ID: fmt.Sprint(i), Key: fmt.Sprint(i % 7), Type: "t", Source: "/t", Body: make([]byte, 512<<10)}
		if err := messaging.Publish(t.Context(), b, "t", m); err != nil {
			t.Fatal(err)
		}
	}
}

// TestFileShrinks: when a backlog has been worked off its file gives the room back while the broker runs.
func TestFileShrinks(t *testing.T) {
	const count = 64 // 32 MiB
	path := filepath.Join(t.TempDir(), "topics.db")
	b, err := Open(t.Context(), path, Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	defer b.Close()
	backlog(t, b, count)
	full := onDisk(t, path)
	s, err := b.Subscriber("g", messaging.Options{})
	if err != nil {
		t.Fatal(err)
	}
	in, err := s.Subscribe(t.Context(), "t")
	if err != nil {
		t.Fatal(err)
	}
	for range count {
		(<-in).Ack()
	}
	left := onDisk(t, path)
	for end := time.Now().Add(time.Minute); left > full/3; left = onDisk(t, path) {
		if time.Now().After(end) {
			t.Fatalf("the file has %d bytes after the drain, and had %d before", left, full)
		}
		<-time.After(50 * time.Millisecond)
	}
}

// TestLargeFileIsRead: a large file is served at once, and read as a whole meanwhile: Health reports that it is damaged, and
// goes on to.
func TestLargeFileIsRead(t *testing.T) {
	path := filepath.Join(t.TempDir(), "topics.db")
	open := func() *Broker {
		b, err := Open(t.Context(), path, Options{Project: "venezia"})
		if err != nil {
			t.Fatal(err)
		}
		return b
	}
	b := open()
	backlog(t, b, 140) // 70 MiB
	if err := b.Close(); err != nil {
		t.Fatal(err)
	}
	file, err := os.OpenFile(path, os.O_RDWR, 0)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := file.WriteAt([]byte(strings.Repeat("\xa5", 64<<10)), 32<<20); err != nil {
		t.Fatal(err)
	}
	if err := file.Close(); err != nil {
		t.Fatal(err)
	}
	b = open()
	defer b.Close()
	for end := time.Now().Add(time.Minute); b.Health() == nil; <-time.After(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatal("Health does not report that the file is damaged")
		}
	}
	if err := messaging.Publish(t.Context(), b, "u", messaging.Message{ID: "1", Type: "t", Source: "/t"}); err != nil {
		t.Fatal(err)
	}
	if err := b.Health(); err == nil || !strings.Contains(err.Error(), "restore it from a backup") {
		t.Errorf("after a good commit: %v", err)
	}
}
