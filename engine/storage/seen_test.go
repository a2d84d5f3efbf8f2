package storage

import (
	"os"
	"path/filepath"
	"testing"
)

// TestGroupsFileIsPrivate: the file of groups is its owner's alone, also one of an earlier version.
func TestGroupsFileIsPrivate(t *testing.T) {
	path := filepath.Join(t.TempDir(), "groups.json")
	if err := os.WriteFile(path, []byte(`{"t":{"g":true}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(path, 0o644); err != nil {
		t.Fatal(err)
	}
	s, err := openSeen(path)
	if err != nil || !s.Seen("t", "g") {
		t.Fatal(err)
	}
	mode := func(when string) {
		if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: found %v, %v", when, info.Mode(), err)
		}
	}
	mode("opened")
	if err := s.See("t", "h"); err != nil {
		t.Fatal(err)
	}
	mode("written")
}
