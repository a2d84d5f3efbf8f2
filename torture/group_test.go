package main

import (
	"os"
	"path/filepath"
	"testing"
)

// TestGroup: where the system has no control groups of version 2, or hands the memory controller down to none, nothing is left behind.
func TestGroup(t *testing.T) {
	root := t.TempDir()
	if g, err := newGroup(root, 1<<20); err == nil {
		g.close()
		t.Fatal("there is a control group in an empty folder")
	}
	if err := os.WriteFile(filepath.Join(root, "cgroup.controllers"), []byte("cpu\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	if g, err := newGroup(root, 1<<20); err == nil {
		g.close()
		t.Fatal("a control group without memory.max took a limit")
	}
	left, err := filepath.Glob(filepath.Join(root, "fondaco-*"))
	if err != nil || len(left) > 0 {
		t.Errorf("%v stays behind %v", left, err)
	}
}

// TestGroupKilled reads what the system writes.
func TestGroupKilled(t *testing.T) {
	g := &group{dir: t.TempDir()}
	if n := g.killed(); n != 0 {
		t.Errorf("%d killed in a group that says nothing", n)
	}
	text := "low 0\nhigh 0\nmax 12\noom 3\noom_kill 2\noom_group_kill 0\n"
	if err := os.WriteFile(filepath.Join(g.dir, "memory.events"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	if n := g.killed(); n != 2 {
		t.Errorf("%d killed, expected 2", n)
	}
}

// TestHighWater: a process had more than a megabyte.
func TestHighWater(t *testing.T) {
	n, err := highWater(os.Getpid())
	if err != nil {
		t.Skip(err) // not Linux
	}
	if n < 1<<20 {
		t.Errorf("%d bytes", n)
	}
}
