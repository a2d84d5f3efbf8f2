package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAnotherVendor: the city changes its records registry in one line of fondaco.yaml, and nothing else: its routes
// check, and its tests pass.
func TestAnotherVendor(t *testing.T) {
	t.Parallel()
	if raced {
		t.Skip("TestExampleCity runs the same code under the race detector; make test-all runs this test without it")
	}
	dir := filepath.Join(t.TempDir(), "dime")
	if err := os.CopyFS(dir, os.DirFS("../../examples/dime")); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "fondaco.yaml")
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text := strings.Replace(string(data), "connector: ./connectors/protocollo-docarea", "connector: ./connectors/protocollo-babele", 1)
	if text == string(data) {
		t.Fatal("fondaco.yaml does not name the first vendor")
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, args := range [][]string{{"check", dir}, {"test", dir}} {
		if code, out, problems := command(t, dir, args...); code != exitOK {
			t.Errorf("%v: exit code %d\n%s%s", args, code, out, problems)
		}
	}
}
