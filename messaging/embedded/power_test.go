package embedded

import (
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"

	"fondaco/store/storetest/powerloss"
)

// powerLosses records a child that publishes, and compares what power losses at random moments leave with what it had
// told by then. Half of them leave nothing that was not synced, half of them some of it.
func powerLosses(t *testing.T, role string, lines, n int) (lost, phantom, inversions, acked int) {
	path := begun(t)
	log := powerloss.Record(t, child(t, role, path), filepath.Dir(path), lines)
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
		told := log.At(t, moment, partly, folder)
		o := oracle{map[string]bool{}, map[string]bool{}}
		for line := range strings.Lines(told) {
			o.hear(t, strings.TrimSpace(line))
		}
		l, p, v := o.compare(t, filepath.Join(folder, filepath.Base(path)))
		lost, phantom, inversions, acked = lost+l, phantom+p, inversions+v, acked+len(o.acked)
	}
	return lost, phantom, inversions, acked
}

// P8: the power goes at a random moment; nothing that was accepted is lost, nothing invented, each key's order kept.
func TestPowerLoss(t *testing.T) {
	lost, phantom, inversions, acked := powerLosses(t, "publish, often checkpointed", 3000, 20)
	t.Logf("power losses 20, acked %d, lost %d, phantom %d, inversions %d", acked, lost, phantom, inversions)
	if lost != 0 || phantom != 0 || inversions != 0 || acked < 2000 {
		t.Errorf("acked %d, lost %d, phantom %d, inversions %d", acked, lost, phantom, inversions)
	}
}

// The teeth of TestPowerLoss: without syncs it must find losses, where kill -9 finds none.
func TestPowerLossFindsMissingSyncs(t *testing.T) {
	lost, _, _, acked := powerLosses(t, "publish unsynced", 1000, 4)
	t.Logf("power losses 4, acked %d, lost %d", acked, lost)
	if lost == 0 {
		t.Error("nothing was synced, the power went, and nothing was missed: the test has no teeth")
	}
}
