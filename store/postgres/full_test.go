package postgres

import (
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"syscall"
	"testing"

	"fondaco/store"
	"fondaco/store/postgres/postgrestest"
)

// smallDisk mounts a disk of some megabytes, in memory, beside the cluster of a server, which can write it.
func smallDisk(t *testing.T, n *postgrestest.Server, megabytes int) (dir string) {
	t.Helper()
	cannot := func(why string) {
		if os.Getenv("CI") == "true" {
			t.Fatal("in CI this test needs to mount a small disk: " + why)
		}
		t.Skip("a small disk cannot be mounted: " + why)
	}
	if os.Getuid() != 0 {
		cannot("that needs root")
	}
	dir = filepath.Join(filepath.Dir(n.Folder()), "small")
	if err := n.Own(dir); err != nil {
		t.Fatal(err)
	}
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", megabytes), "tmpfs", dir).
		CombinedOutput(); err != nil {
		cannot(fmt.Sprint(err, " ", string(out)))
	}
	t.Cleanup(func() {
		n.Kill()
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	if err := n.Own(dir); err != nil {
		t.Fatal(err)
	}
	return dir
}

// P10: where the disk of the database is full, nothing is told to be kept that is not, what is kept can be read, and when there is space
// writing goes on by itself.
func TestDiskFull(t *testing.T) {
	n := postgrestest.New(t)
	p := newPlace(t, n)
	dir := smallDisk(t, n, 8)
	ballast := filepath.Join(dir, "ballast")
	if err := os.WriteFile(ballast, make([]byte, 4<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	space := filepath.Join(dir, "space")
	if err := n.Own(space); err != nil {
		t.Fatal(err)
	}
	p.say("create tablespace small location '" + space + "'")
	p.say("alter table operation set tablespace small")
	s := p.open(p.options())
	create := func(i int) error {
		body := make([]byte, 64<<10)
		_, _ = rand.Read(body) // nothing to compress
		return s.Operations().Create(t.Context(), store.Operation{
			ID: fmt.Sprint(i), Route: "r", State: store.Done, Created: now, Updated: now,
			Answer: store.Answer{Status: 200, Body: body},
		})
	}
	kept := 0
	var full error
	for full == nil && kept < 1000 {
		if full = create(kept); full == nil {
			kept++
		}
	}
	if !errors.Is(full, store.ErrFull) || kept == 0 {
		t.Fatalf("after %d: %v", kept, full)
	}
	for i := range kept {
		if o, err := s.Operations().Get(t.Context(), fmt.Sprint(i)); err != nil || len(o.Answer.Body) != 64<<10 {
			t.Fatalf("%d: %v", i, err)
		}
	}
	if _, err := s.Operations().Get(t.Context(), fmt.Sprint(kept)); !errors.Is(err, store.ErrAbsent) {
		t.Errorf("what was refused: %v", err)
	}
	if err := os.Remove(ballast); err != nil {
		t.Fatal(err)
	}
	eventually(t, "there is space", func() bool { return create(kept) == nil })
	if err := s.Health(); err != nil {
		t.Error(err)
	}
}
