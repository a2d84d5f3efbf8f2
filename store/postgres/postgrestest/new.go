package postgrestest

import (
	"errors"
	"os"
	"testing"
)

// New starts a server that is removed when the test ends. The test is skipped, but in CI, where PostgreSQL is absent.
func New(t testing.TB, settings ...string) *Server {
	t.Helper()
	s, err := Start(settings...)
	if errors.Is(err, ErrAbsent) {
		Skip(t)
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Remove)
	return s
}

// Skip skips a test because PostgreSQL is absent; in CI, where nothing is skipped, it fails.
func Skip(t testing.TB) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatal("in CI this test needs PostgreSQL: scripts/wider fetches it")
	}
	t.Skip(ErrAbsent)
}
