package main

import (
	"errors"
	"fmt"
	"maps"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"
)

// smallDisk mounts a disk of some megabytes, in memory.
func smallDisk(t *testing.T, megabytes int) (dir string) {
	t.Helper()
	cannot := func(why string) {
		if os.Getenv("CI") == "true" {
			t.Fatal("in CI this test needs to mount a small disk: " + why)
		}
		t.Skip("a small disk cannot be mounted: " + why)
	}
	if os.Getuid() != 0 {
		cannot("that needs root")
	}
	dir = t.TempDir()
	if out, err := exec.CommandContext(t.Context(), "mount", "-t", "tmpfs", "-o", fmt.Sprintf("size=%dm", megabytes), "tmpfs", dir).
		CombinedOutput(); err != nil {
		cannot(fmt.Sprint(err, " ", string(out)))
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(dir, 0); err != nil {
			t.Error(err)
		}
	})
	return dir
}

// fillUp takes all space that is left of a disk; free releases it.
func fillUp(t *testing.T, dir string) (free func()) {
	t.Helper()
	name := filepath.Join(dir, "fill")
	f, err := os.OpenFile(name, os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	for size := 64 << 10; size > 0; {
		if _, err := f.Write(make([]byte, size)); errors.Is(err, syscall.ENOSPC) {
			size /= 2
		} else if err != nil {
			t.Fatal(err)
		}
	}
	_ = f.Close()
	return func() {
		if err := os.Remove(name); err != nil {
			t.Error(err)
		}
	}
}

// TestDiskFull: P10 on a real process and a real disk that is full. While it is, requests that must be kept are answered
// 503 and never 202, the readiness is gone, and what keeps nothing is answered. With space again all comes back by itself,
// within 30 s and without a new start, and whatever was answered 202 is done.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	disk := smallDisk(t, 24)
	system, at := newDues(t)
	files := maps.Clone(portProject)
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "storage:\n", "storage:\n  state: "+disk+"/city.db\n", 1)
	dir := written(t, files)
	env := []string{"DUES=" + at.URL, "FONDACO_SECRET_DUES=k3y-of-the-port", "CACHE=memory"}
	p := startProcess(t, dir, env...)
	places := map[int]string{} // of what was answered 202
	refused, next := 0, 0
	var mu sync.Mutex
	offer := func(n int) (accepted int) { // by four at once
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				for range n / 4 {
					mu.Lock()
					number := next
					next++
					mu.Unlock()
					code, body, header := p.ask(http.MethodPost, "/payments", fmt.Sprintf(`{"number":%d}`, number))
					mu.Lock()
					switch {
					case code == 202:
						places[number] = header.Get("Location")
						accepted++
					case code == 503 && header.Get("Retry-After") != "" && strings.Contains(body, "Send it again"):
						refused++
					default:
						t.Errorf("payment %d: %d %s", number, code, body)
					}
					mu.Unlock()
				}
			})
		}
		all.Wait()
		return accepted
	}
	serves := func() {
		t.Helper()
		eventually(t, func() string { // a breaker that the system's absence opened closes when it answers again
			if code, body, _ := p.ask(http.MethodGet, "/now/a", ""); code != 200 {
				return fmt.Sprintf("now: %d %s", code, body)
			}
			return ""
		})
		for i := range 20 {
			if code, body, _ := p.ask(http.MethodGet, "/now/a", ""); code != 200 {
				t.Errorf("now: %d %s", code, body)
			}
			if code, body, _ := p.ask(http.MethodGet, fmt.Sprint("/dues/s", i), ""); code != 200 {
				t.Errorf("dues: %d %s", code, body)
			}
		}
	}
	ready := func(want int) {
		t.Helper()
		eventually(t, func() string {
			if code, body, _ := p.ask(http.MethodGet, p.console+"/readyz", ""); code != want {
				return fmt.Sprintf("the readiness is %d %s, expected %d", code, body, want)
			}
			return ""
		})
	}
	ready(200)
	for round := range 3 {
		system.down.Store(round > 0) // what was accepted waits when the disk is full
		if n := offer(100); n != 100 {
			list, _ := exec.CommandContext(t.Context(), "ls", "-l", disk).Output()
			t.Fatalf("round %d: %d of 100 payments were accepted with space left\n%s", round, n, list)
		}
		free := fillUp(t, disk)
		for tried := 0; offer(40) > 0; tried += 40 { // what a file has of free pages is written first
			if tried > 20_000 {
				t.Fatal("the disk is full, and all is accepted")
			}
		}
		ready(503)
		system.down.Store(false) // and is worked on while nothing can be kept of that
		serves()
		for range 5 {
			offer(20)
			time.Sleep(200 * time.Millisecond) // it is full for a while, in which requests come
		}
		eventually(t, func() string {
			offer(20) // of what is worked on something small may have been written since, into pages that became free
			if p.metric("fondaco_topics_up") == "1" && p.metric("fondaco_state_up") == "1" {
				return "the metrics say that all is well"
			}
			_, state, why := p.readiness("state")
			_, topics, why2 := p.readiness("topics")
			if !strings.Contains(why+why2, "free space") || state == "warn" || topics == "warn" {
				return fmt.Sprintf("the state: %s %s; the topics: %s %s", state, why, topics, why2)
			}
			return ""
		})
		free()
		began := time.Now()
		ready(200)
		if n := offer(40); n != 40 {
			t.Errorf("round %d: %d of 40 payments were accepted when ready again", round, n)
		}
		t.Logf("ready and accepting %s after there was space; %d accepted, %d refused so far", time.Since(began).Round(time.Millisecond),
			len(places), refused)
		if refused == 0 {
			t.Fatal("nothing was refused")
		}
	}
	done := func() string {
		system.mu.Lock()
		defer system.mu.Unlock()
		for number := range places {
			if system.paid[fmt.Sprint(number)] == 0 {
				return fmt.Sprintf("payment %d was accepted and is not done", number)
			}
		}
		return ""
	}
	eventually(t, done)
	for number, place := range places {
		eventually(t, func() string {
			if code, body, _ := p.ask(http.MethodGet, place, ""); code != http.StatusNoContent { // what the route answers
				return fmt.Sprintf("payment %d: %d %s", number, code, body)
			}
			return ""
		})
	}
	again := 0
	system.mu.Lock()
	for _, times := range system.paid {
		again += times - 1
	}
	system.mu.Unlock()
	t.Logf("%d payments were accepted and are done, %d of them called the system again", len(places), again)
	p.end()
	p = startProcess(t, dir, env...) // which looks through the files
	ready(200)
	if n := offer(20); n != 20 {
		t.Errorf("%d of 20 payments were accepted after a new start", n)
	}
	p.end()
}
