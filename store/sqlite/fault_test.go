package sqlite

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"fondaco/store"
)

var errPlanted = errors.New("planted: input/output error")

func eventually(t *testing.T, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); {
		if time.Now().After(end) {
			t.Fatalf("it never came that %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// A failing disk fails what waits, in words; the next write tries again on a file opened anew, and without a write it
// heals by itself.
func TestHeals(t *testing.T) {
	var broken atomic.Bool
	s, err := openWith(t.Context(), filepath.Join(t.TempDir(), "state.db"), Options{}, migrations, faults{commit: func() error {
		if broken.Load() {
			return errPlanted
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	fill(t.Context(), t, s)
	old := s.file.Load()
	broken.Store(true)
	_, err = s.DeadLetters().Keep(t.Context(), store.DeadLetter{ID: "2", MessageID: "2", Body: longBody})
	if !errors.Is(err, store.ErrIO) || !errors.Is(err, errPlanted) || !strings.HasPrefix(err.Error(), "state ") {
		t.Errorf("a write on a broken disk: %v", err)
	}
	if err := s.Health(); err == nil || !strings.HasPrefix(err.Error(),
		"the state cannot be written; free space or repair the disk, writing resumes by itself: state ") {
		t.Errorf("health of a broken disk: %v", err)
	}
	broken.Store(false)
	if err := s.Inbox().Done(t.Context(), "t", "g", now, "2"); err != nil {
		t.Errorf("a write after the disk was repaired: %v", err)
	}
	if err := s.Health(); err != nil {
		t.Errorf("health after the disk was repaired: %v", err)
	}
	if s.file.Load() == old {
		t.Error("the file that failed is written on; it must be opened anew")
	}
	if n, err := s.DeadLetters().Count(t.Context(), store.LetterFilter{}); err != nil || n != 1 {
		t.Errorf("%d dead letters, %v; the one that failed is not there", n, err)
	}
	var weight int64
	if err := s.file.Load().read.QueryRow("select sum(weight) from letter").Scan(&weight); err != nil || weight != s.letterBytes {
		t.Errorf("the dead letters weigh %d, %v; remembered is %d", weight, err, s.letterBytes)
	}
	broken.Store(true)
	if s.Inbox().Done(t.Context(), "t", "g", now, "3") == nil {
		t.Error("a write on a broken disk was told to be durable")
	}
	broken.Store(false)
	eventually(t, "health is back unasked", func() bool { return s.Health() == nil })
	if seen, err := s.Inbox().Seen(t.Context(), "t", "g", "3"); err != nil || seen {
		t.Errorf("a write that failed: %v, %v", seen, err)
	}
}

// While the disk works on what was written before, a write's caller who goes away learns that nothing is known, or that
// nothing was done; one who asks too much is told at once.
func TestSlowDisk(t *testing.T) {
	gate := make(chan struct{})
	var slow atomic.Bool
	entered := make(chan struct{}, 1)
	s, err := openWith(t.Context(), filepath.Join(t.TempDir(), "state.db"), Options{}, migrations, faults{commit: func() error {
		if slow.Load() {
			entered <- struct{}{}
			<-gate
		}
		return nil
	}})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	slow.Store(true)
	ctx, end := context.WithCancel(t.Context())
	first, second := make(chan error), make(chan error)
	go func() { first <- s.Inbox().Done(ctx, "t", "g", now, "1") }()
	<-entered
	go func() { second <- s.Inbox().Done(ctx, "t", "g", now, "2") }()
	eventually(t, "the second waits", func() bool { return s.waits(false) })
	end()
	if err := <-first; !errors.Is(err, context.Canceled) ||
		err.Error() != "the state was being written, and whether it was is not known: context canceled" {
		t.Errorf("a write that was begun: %v", err)
	}
	if err := <-second; !errors.Is(err, context.Canceled) || err.Error() != "nothing was written to the state: context canceled" {
		t.Errorf("a write that was not: %v", err)
	}
	var full atomic.Int64
	results := make(chan error, waitingWorks+100)
	for i := range waitingWorks + 100 {
		go func() {
			err := s.Inbox().Done(t.Context(), "t", "many", now, fmt.Sprint(i))
			if errors.Is(err, store.ErrBusy) {
				full.Add(1)
			}
			results <- err
		}()
	}
	eventually(t, "it is too much", func() bool { return full.Load() >= 100 })
	slow.Store(false)
	close(gate)
	for range waitingWorks + 100 {
		if err := <-results; err != nil && !errors.Is(err, store.ErrBusy) {
			t.Error(err)
		}
	}
	if full.Load() > 101 { // the second's place may still be taken
		t.Errorf("%d were refused", full.Load())
	}
	for id, want := range map[string]bool{"1": true, "2": false} {
		if seen, err := s.Inbox().Seen(t.Context(), "t", "g", id); err != nil || seen != want {
			t.Errorf("%s: seen %v, %v", id, seen, err)
		}
	}
}

// P10 on a real full disk: refused with its word, nothing is corrupted, and it goes on when there is space.
func TestDiskFull(t *testing.T) {
	if os.Getuid() != 0 {
		if os.Getenv("CI") == "true" {
			t.Fatal("in CI this test needs root, to mount a small disk")
		}
		t.Skip("mounting a small disk needs root")
	}
	dir := t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", "size=2m", "tmpfs", dir).CombinedOutput(); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("a small disk could not be mounted: %v, %s", err, out)
		}
		t.Skipf("a small disk could not be mounted: %v, %s", err, out)
	}
	defer func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	}()
	path := filepath.Join(dir, "state.db")
	s, err := Open(t.Context(), path, Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	kept := 0
	keep := func() error {
		id := fmt.Sprint(kept)
		_, err := s.DeadLetters().Keep(t.Context(), store.DeadLetter{ID: id, MessageID: id, Kept: now, Body: longBody})
		if err == nil {
			kept++
		}
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "fill"), make([]byte, 1<<20), 0o600); err != nil {
		t.Fatal(err)
	}
	for err = keep(); err == nil && kept < 5000; err = keep() {
	}
	if !errors.Is(err, store.ErrFull) {
		t.Fatalf("after %d letters: %v", kept, err)
	}
	if err := s.Health(); err == nil || !strings.Contains(err.Error(), "free space") {
		t.Errorf("health on a full disk: %v", err)
	}
	for range 5 { // it stays full; what is told is the truth
		if err := keep(); err != nil && !errors.Is(err, store.ErrFull) && !errors.Is(err, store.ErrIO) {
			t.Error(err)
		}
	}
	if err := os.Remove(filepath.Join(dir, "fill")); err != nil {
		t.Fatal(err)
	}
	began := time.Now()
	eventually(t, "health is back with space", func() bool { return s.Health() == nil })
	if err := keep(); err != nil {
		t.Errorf("with space: %v", err)
	}
	t.Logf("healed in %v, %d letters", time.Since(began), kept)
	if n, err := s.DeadLetters().Count(t.Context(), store.LetterFilter{}); err != nil || n != int64(kept) {
		t.Errorf("%d letters are there (%v), %d were told to be", n, err, kept)
	}
	if err := s.Close(); err != nil {
		t.Error(err)
	}
	s, err = Open(t.Context(), path, Options{Project: "venezia"}) // which checks the whole file
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for i := range kept {
		if l, err := s.DeadLetters().Get(t.Context(), fmt.Sprint(i)); err != nil || string(l.Body) != string(longBody) {
			t.Fatalf("letter %d: %v", i, err)
		}
	}
}

// A disk that fails to sync: what is told after the failure is there, and health is back.
func TestSyncFails(t *testing.T) {
	strace, err := exec.LookPath("strace")
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("in CI this test needs strace")
		}
		t.Skip("strace is absent")
	}
	path := filepath.Join(t.TempDir(), "state.db")
	c := child(t, "ids", path, "300")
	c.Args = append([]string{
		strace, "-f", "-qq", "-o", os.DevNull, "-e", "trace=fsync,fdatasync", "-e",
		"inject=fsync,fdatasync:error=EIO:when=40..60+7",
	}, append([]string{c.Path}, c.Args[1:]...)...)
	c.Path = strace
	out, err := c.CombinedOutput()
	if err != nil {
		t.Fatalf("%v, %s", err, out)
	}
	told, failed := map[string]bool{}, 0
	for _, line := range strings.Fields(string(out)) {
		if word, id, _ := strings.Cut(line, ":"); word == "told" {
			told[id] = true
		} else if word == "failed" {
			failed++
		}
	}
	if failed == 0 || len(told) < 200 {
		t.Fatalf("%d writes failed, %d were told: the faults did not hit\n%s", failed, len(told), out)
	}
	s, err := Open(t.Context(), path, Options{Project: "venezia"})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	for id := range told {
		if seen, err := s.Inbox().Seen(t.Context(), "t", "g", id); err != nil || !seen {
			t.Errorf("%s was told to be durable: %v, %v", id, seen, err)
		}
	}
	t.Logf("%d writes failed, %d were told", failed, len(told))
}

// ids is the child of TestSyncFails: it reports how each of its writes ended, and that it was well at the end.
func ids(ctx context.Context, args []string) error {
	s, err := Open(ctx, args[0], Options{Project: "venezia"})
	if err != nil {
		return err
	}
	var n int
	if _, err := fmt.Sscan(args[1], &n); err != nil {
		return err
	}
	for i := range n {
		switch err := s.Inbox().Done(ctx, "t", "g", now, fmt.Sprint(i)); {
		case err == nil:
			fmt.Printf("told:%d\n", i)
		case errors.Is(err, store.ErrIO):
			fmt.Printf("failed:%d\n", i)
		default:
			return err
		}
	}
	for end := time.Now().Add(2 * time.Minute); s.Health() != nil; <-time.After(10 * time.Millisecond) {
		if time.Now().After(end) {
			return s.Health()
		}
	}
	return s.Close()
}
