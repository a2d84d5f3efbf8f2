package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// What one hostile file may cost. The promise is two seconds of CPU; the test leaves room for a busy machine.
const (
	hostileCPU    = 6 * time.Second
	hostileMemory = 250 << 20
	importMemory  = 200 << 20
	importCPU     = 20 * time.Second // seconds, on a busy machine
	hostileKilled = 1 << 30          // a process that takes so much is ended: it must not take the test with it
)

// hostile is a project that was written to exhaust whoever reads it.
type hostile struct {
	name  string
	files map[string]string
	want  string // what the only problem says; "" if the project loads
}

// TestHostileProjects: whatever stands in a project's files, to check them takes two seconds and less than 200 MB, and
// what is too large is one problem with its place.
func TestHostileProjects(t *testing.T) {
	t.Parallel()
	for _, group := range [][]hostile{hostileXSD(), hostileTypes()} {
		for _, h := range group {
			t.Run(h.name, func(t *testing.T) { h.check(t) })
		}
	}
}

func (h hostile) check(t *testing.T) {
	out, code := boundedCommand(t, "check", written(t, h.files))
	switch {
	case h.want == "":
		if code != 0 || !strings.Contains(out, "no problem") {
			t.Errorf("exit %d: %s", code, shortened(out))
		}
	case code != 1 || !strings.Contains(out, h.want) || !strings.Contains(out, "\n1 problem in 1 file\n"):
		t.Errorf("exit %d, expected one problem, %q:\n%s", code, h.want, shortened(out))
	case !strings.Contains(out, ":") || strings.HasPrefix(out, "-:"):
		t.Errorf("the problem has no place:\n%s", shortened(out))
	}
}

func shortened(text string) string { return text[:min(len(text), 3000)] }

// boundedCommand runs a command of fondaco in a process of its own, which must stay within the bounds.
func boundedCommand(t *testing.T, args ...string) (output string, code int) {
	t.Helper()
	c, output, code := measuredCommand(t, ".", args...)
	t.Logf("%v CPU, %d MB", c.cpu.Round(time.Millisecond), c.memory>>20)
	if c.cpu > hostileCPU || c.memory > hostileMemory && !raced || c.memory > hostileKilled {
		t.Errorf("it took %v of CPU and %d MB, exit %d", c.cpu, c.memory>>20, code)
	}
	return output, code
}

// cost is what a command took of the processor, and the most memory that it had.
type cost struct {
	cpu    time.Duration
	memory int64
}

// measuredCommand runs a command of fondaco in a folder, in a process of its own, which is ended if it takes very much.
func measuredCommand(t *testing.T, dir string, args ...string) (took cost, output string, code int) {
	t.Helper()
	c := exec.Command(os.Args[0], args...)
	c.Dir = dir
	c.Env = append(os.Environ(), "FONDACO_TEST_COMMAND=1")
	var out bytes.Buffer
	c.Stdout, c.Stderr = &out, &out
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended, watched := make(chan struct{}), make(chan struct{})
	var most atomic.Int64
	go func() {
		defer close(watched)
		tick := time.NewTicker(5 * time.Millisecond)
		defer tick.Stop()
		for deadline := time.After(2 * time.Minute); ; {
			select {
			case <-ended:
				return
			case <-deadline:
				_ = c.Process.Kill()
				return
			case <-tick.C:
				most.Store(max(most.Load(), peak(c.Process.Pid)))
				if most.Load() > hostileKilled {
					_ = c.Process.Kill()
					return
				}
			}
		}
	}()
	_ = c.Wait()
	close(ended)
	<-watched
	s := c.ProcessState
	return cost{s.UserTime() + s.SystemTime(), most.Load()}, out.String(), s.ExitCode()
}

// peak is the most memory that a process has had since its program began, 0 where the system does not tell. What its end
// tells (ru_maxrss) counts this test's own memory too, of which it was forked.
func peak(pid int) int64 {
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "status"))
	if err != nil {
		return 0
	}
	_, rest, _ := strings.Cut(string(b), "VmHWM:")
	fields := strings.Fields(rest)
	if len(fields) == 0 {
		return 0
	}
	kilobytes, _ := strconv.ParseInt(fields[0], 10, 64)
	return kilobytes << 10
}
