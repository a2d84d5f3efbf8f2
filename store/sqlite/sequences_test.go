package sqlite

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/store"
)

// drawUntilKilled is the child of TestSequencesKilled: it draws numbers for purposes and for none, and prints each.
func drawUntilKilled(ctx context.Context, args []string, planted faults) error {
	s, err := openWith(ctx, args[0], Options{Project: "venezia"}, migrations, planted)
	if err != nil {
		return err
	}
	lines := make(chan string, 64)
	for w := range 16 {
		go func() {
			for i := 0; ; i++ {
				purpose := ""
				if i%2 == 0 {
					purpose = fmt.Sprintf("%s-%d-%d", args[1], w, i)
				}
				n, err := s.Sequences().Draw(ctx, store.Draw{Name: "s", Start: 1, For: purpose}, now)
				if err != nil {
					lines <- "wrong " + err.Error()
					return
				}
				lines <- fmt.Sprintf("%d %s", n, purpose)
			}
		}()
	}
	return telling(lines)
}

// drawnUntilKilled lets a child draw, kills it, and says what is wrong with what it told: a number told twice, a purpose
// that has another number now, a next number that is not above all that were told.
func drawnUntilKilled(t *testing.T, path, role string, round int, told map[int64]string) (wrong []string) {
	t.Helper()
	c := child(t, role, path, fmt.Sprint(round))
	mine, highest := map[int64]string{}, int64(0)
	killAfter(t, c, 100+rand.IntN(400), func(line string) {
		var n int64
		text, purpose, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		if _, err := fmt.Sscan(text, &n); err != nil {
			t.Fatal(line)
		}
		if other, twice := told[n]; twice {
			wrong = append(wrong, fmt.Sprintf("%d was drawn for %q and for %q", n, other, purpose))
		}
		told[n], mine[n] = purpose, purpose
		highest = max(highest, n)
	})
	s, err := Open(t.Context(), path, Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for n, purpose := range mine {
		if purpose == "" {
			continue
		}
		if got, err := s.Sequences().Draw(t.Context(), store.Draw{Name: "s", Start: 1, For: purpose}, now); err != nil || got != n {
			wrong = append(wrong, fmt.Sprintf("%q has %d now (%v), was told %d", purpose, got, err, n))
		}
	}
	if got, err := s.Sequences().Draw(t.Context(), store.Draw{Name: "s", Start: 1}, now); err != nil || got <= highest {
		wrong = append(wrong, fmt.Sprintf("the next is %d (%v), and %d was told", got, err, highest))
	} else {
		told[got] = ""
	}
	return wrong
}

// After kill -9 no number that was told is drawn again, and each purpose has the number that it was told.
func TestSequencesKilled(t *testing.T) {
	path, told := filepath.Join(t.TempDir(), "state.db"), map[int64]string{}
	for round := range 6 {
		for _, w := range drawnUntilKilled(t, path, "draw", round, told) {
			t.Errorf("round %d: %s", round, w)
		}
	}
	t.Logf("6 kills, %d numbers told", len(told))
}

// The test above finds the bug that it hunts: numbers that are told before they are durable.
func TestSequencesKilledFindsTheBug(t *testing.T) {
	path, told := filepath.Join(t.TempDir(), "state.db"), map[int64]string{}
	for round := range 20 {
		if drawnUntilKilled(t, path, "draw early", round, told) != nil {
			return
		}
	}
	t.Error("numbers were told before they were durable, and nothing was found")
}

// A number or a sequence that is not as it was written is never used.
func TestSequenceDamaged(t *testing.T) {
	for what, damage := range map[string]string{
		"the sequence": "update sequence set last = 3",
		"a number":     "update drawn set number = 3",
	} {
		path := filepath.Join(t.TempDir(), "state.db")
		s, err := Open(t.Context(), path, Options{Project: "venezia"})
		if err != nil {
			t.Fatal(err)
		}
		draw := func(purpose string) (int64, error) {
			return s.Sequences().Draw(t.Context(), store.Draw{Name: "s", Start: 10, For: purpose}, now)
		}
		if n, err := draw("x"); err != nil || n != 10 {
			t.Fatal(n, err)
		}
		if _, err := s.file.Load().conn.ExecContext(t.Context(), damage); err != nil {
			t.Fatal(err)
		}
		purpose := map[string]string{"the sequence": "y", "a number": "x"}[what]
		if n, err := draw(purpose); !errors.Is(err, store.ErrDamaged) || n != 0 {
			t.Errorf("%s: %d, %v", what, n, err)
		}
		if err := s.Health(); err != nil {
			t.Errorf("%s: the others suffer: %v", what, err)
		}
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	}
}

// BenchmarkDraw: callers share the transactions.
func BenchmarkDraw(b *testing.B) {
	s, err := Open(b.Context(), filepath.Join(b.TempDir(), "state.db"), Options{Project: "venezia"})
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	b.SetParallelism(64)
	b.RunParallel(func(p *testing.PB) {
		for p.Next() {
			if _, err := s.Sequences().Draw(b.Context(), store.Draw{Name: "s", Start: 1, For: fmt.Sprint(rand.Int64())}, time.Now()); err != nil {
				b.Error(err)
			}
		}
	})
}
