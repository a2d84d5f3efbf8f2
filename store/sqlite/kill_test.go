package sqlite

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/store"
)

// work is the child of TestKilled: many requests at the same time go through reserve, work and record, and tell what
// they know on their output, which lies outside of what is killed.
func workUntilKilled(ctx context.Context, args []string, planted faults, settings ...string) error {
	s, err := openWith(ctx, args[0], Options{Project: "venezia"}, migrations, planted)
	if err != nil {
		return err
	}
	for _, setting := range settings {
		if _, err := s.file.Load().conn.ExecContext(ctx, setting); err != nil {
			return err
		}
	}
	lines := make(chan string, 64)
	for w := range 16 {
		go func() {
			for i := 0; ; i++ {
				c := store.Claim{Scope: "s", Key: fmt.Sprintf("%s-%d-%d", args[1], w, i), Lease: time.Nanosecond, Keep: time.Hour}
				r, err := s.Idempotency().Reserve(ctx, c, now)
				if err != nil || r.State != store.Reserved {
					lines <- fmt.Sprintf("wrong %s %v %s", c.Key, r.State, err)
					return
				}
				lines <- "reserved " + c.Key
				if err := s.Idempotency().Record(ctx, r.Token, store.Answer{Status: 200, Body: []byte(c.Key)}, now); err != nil {
					lines <- fmt.Sprintf("wrong %s %s", c.Key, err)
					return
				}
				lines <- "recorded " + c.Key
			}
		}()
	}
	return telling(lines)
}

// telling writes a child's lines to its output, which lies outside of what is killed.
func telling(lines <-chan string) error {
	out := bufio.NewWriter(os.Stdout)
	for line := range lines {
		fmt.Fprintln(out, line)
		if len(lines) == 0 {
			if err := out.Flush(); err != nil {
				return err
			}
		}
	}
	return nil
}

// killAfter runs a child, kills it when it has told more than so many lines, and passes each whole line to hear: one cut by
// the kill was not told.
func killAfter(t *testing.T, c *exec.Cmd, lines int, hear func(line string)) {
	t.Helper()
	pipe, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	c.Stderr = os.Stderr
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	reader := bufio.NewReader(pipe)
	for n := 0; ; n++ {
		line, err := reader.ReadString('\n')
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatal(err)
		}
		hear(line)
		if n == lines {
			if err := c.Process.Kill(); err != nil {
				t.Fatal(err)
			}
		}
	}
	_ = c.Wait()
}

// ledger is what a child told: the keys that it had reserved, and those whose answers were recorded.
type ledger struct{ reserved, recorded map[string]bool }

// hear takes up a line of the child.
func (l ledger) hear(t *testing.T, line string) {
	t.Helper()
	switch word, key, _ := strings.Cut(strings.TrimSpace(line), " "); word {
	case "reserved":
		l.reserved[key] = true
	case "recorded":
		l.recorded[key] = true
	default:
		t.Error(line)
	}
}

// missing counts what was told and is not in the file: every reservation is there, answered or unknown, and every answer.
func (l ledger) missing(t *testing.T, path string) (lost int) {
	t.Helper()
	s, err := Open(t.Context(), path, Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for key := range l.reserved {
		r, err := s.Idempotency().Reserve(t.Context(), store.Claim{Scope: "s", Key: key, Lease: time.Nanosecond, Keep: time.Hour},
			now.Add(time.Second))
		if err != nil {
			t.Fatal(err)
		}
		answered := r.State == store.Answered && string(r.Answer.Body) == key
		if !answered && (l.recorded[key] || r.State != store.Unknown) {
			lost++
		}
	}
	return lost
}

// killed lets a child work, kills it and counts what it had told and is not there.
func killed(t *testing.T, path, role string, round int) (told, lost int) {
	c := child(t, role, path, fmt.Sprint(round))
	l := ledger{map[string]bool{}, map[string]bool{}}
	killAfter(t, c, 200+rand.IntN(600), func(line string) { l.hear(t, line) })
	return len(l.reserved) + len(l.recorded), l.missing(t, path)
}

// P3: after kill -9 every reservation that was told is there, answered or unknown, and every answer that was told.
func TestKilled(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	all := 0
	for round := range 8 {
		told, lost := killed(t, path, "work", round)
		if lost != 0 {
			t.Errorf("round %d: of %d told, %d are lost", round, told, lost)
		}
		all += told
	}
	t.Logf("8 kills, %d told, 0 lost", all)
}

// The test above finds the bug it hunts: telling before it is durable.
func TestKilledFindsTheBug(t *testing.T) {
	lost := 0
	for round := 0; round < 20 && lost == 0; round++ {
		_, l := killed(t, filepath.Join(t.TempDir(), "state.db"), "work early", round)
		lost += l
	}
	if lost == 0 {
		t.Error("writes were told before they were durable, and nothing was found to be lost")
	}
}
