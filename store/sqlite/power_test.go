package sqlite

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"fondaco/store/storetest/powerloss"
)

// powerLosses records a child at work, and counts what power losses at random moments make missing of what it had told by
// then. Half of them leave nothing that was not synced, half of them some of it.
func powerLosses(t *testing.T, role string, lines, n int) (told, lost int) {
	path := filepath.Join(t.TempDir(), "state.db")
	s, err := Open(t.Context(), path, Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	log := powerloss.Record(t, child(t, role, path, "0"), filepath.Dir(path), lines)
	if strings.Contains(role, "checkpointed") && log.Changes(filepath.Base(path)) == 0 {
		t.Error("the log was never brought into the file")
	}
	seed := rand.Uint64()
	t.Logf("seed %d, %d moments; the file was written %d times, its log %d times", seed, log.Moments(), log.Changes(filepath.Base(path)),
		log.Changes(filepath.Base(path)+"-wal"))
	random := rand.New(rand.NewPCG(seed, 1))
	for i := range n {
		folder := t.TempDir()
		partly, moment := random, 1+random.IntN(log.Moments())
		switch i % 4 {
		case 0, 1:
			partly = nil
		case 2: // while the log is brought into the file
			moment = log.Amid(filepath.Base(path), random)
		}
		text := log.At(t, moment, partly, folder)
		l := ledger{map[string]bool{}, map[string]bool{}}
		for line := range strings.Lines(text[:strings.LastIndexByte(text, '\n')+1]) { // a write may end within a line
			l.hear(t, line)
		}
		told += len(l.reserved) + len(l.recorded)
		lost += l.missing(t, filepath.Join(folder, filepath.Base(path)))
	}
	return told, lost
}

// P8: the power goes at a random moment; no reservation and no answer that was told is lost.
func TestPowerLoss(t *testing.T) {
	told, lost := powerLosses(t, "work, often checkpointed", 3000, 16)
	t.Logf("power losses 16, told %d, lost %d", told, lost)
	if lost != 0 || told < 2000 {
		t.Errorf("told %d, lost %d", told, lost)
	}
}

// The teeth of TestPowerLoss: without syncs it must find losses, where kill -9 finds none.
func TestPowerLossFindsMissingSyncs(t *testing.T) {
	told, lost := powerLosses(t, "work unsynced", 1000, 4)
	t.Logf("power losses 4, told %d, lost %d", told, lost)
	if lost == 0 {
		t.Error("nothing was synced, the power went, and nothing was missed: the test has no teeth")
	}
}
