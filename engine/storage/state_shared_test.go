package storage

import (
	"bytes"
	"errors"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/sqlite"
)

// TestClocksApart: clocks that are a minute and a half apart are told in the log, once, and by the health; nearer ones are not.
func TestClocksApart(t *testing.T) {
	var log bytes.Buffer
	s := &Storage{log: slog.New(slog.NewTextHandler(&log, nil))}
	s.clock.take(s, 5*time.Second)
	if err := s.clock.health(); err != nil || log.Len() > 0 {
		t.Errorf("5 s apart: %v, %s", err, log.String())
	}
	for range 2 {
		s.clock.take(s, 90*time.Second)
	}
	warned := strings.Count(log.String(), "level=WARN")
	if err := s.clock.health(); err == nil || !strings.Contains(err.Error(), "1m30s ahead of the database's") || warned != 1 {
		t.Errorf("90 s apart: %v, %s", err, log.String())
	}
	s.clock.take(s, -90*time.Second)
	if err := s.clock.health(); err == nil || !strings.Contains(err.Error(), "1m30s behind") {
		t.Errorf("90 s behind: %v", err)
	}
	s.clock.take(s, 0)
	if err := s.clock.health(); err != nil {
		t.Errorf("set right: %v", err)
	}
}

// TestReleasedElsewhere: what is held since a restore starts here too once another process has released it. While the state has not said
// whether it was restored, all is held that a restore holds.
func TestReleasedElsewhere(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	open := func() *sqlite.Store {
		s, err := sqlite.Open(t.Context(), path, sqlite.Options{Project: "p"})
		if err != nil {
			t.Fatal(err)
		}
		return s
	}
	if err := open().Close(); err != nil {
		t.Fatal(err)
	}
	if _, err := sqlite.Restore(t.Context(), path, "p", store.Restored{ID: "r", Moment: time.Now(), At: time.Now(), Held: true}); err != nil {
		t.Fatal(err)
	}
	state := open()
	defer state.Close()
	log := slog.New(slog.DiscardHandler)
	process := func() *restored { return &restored{kept: state.Restores(), audit: state.Audit(), log: log} }
	here, other := process(), process()
	resumed := 0
	here.resume = func() { resumed++ }
	if !here.Now().Held || here.health() != nil {
		t.Errorf("before the state has said anything: %+v, %v", here.Now(), here.health())
	}
	err := errors.Join(here.look(t.Context()), other.look(t.Context()))
	if err != nil || !here.Now().Held || here.health() == nil || resumed != 0 {
		t.Fatalf("%v, %+v, resumed %d times", err, here.Now(), resumed)
	}
	if _, _, err := other.Release(t.Context(), store.Act{Who: "anna", Why: "looked", At: time.Now()}, true); err != nil {
		t.Fatal(err)
	}
	for range 2 {
		if err := here.look(t.Context()); err != nil || here.Now().Held || resumed != 1 {
			t.Errorf("%v, %+v, resumed %d times", err, here.Now(), resumed)
		}
	}
}
