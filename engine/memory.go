package engine

import (
	"os"
	"path"
	"runtime/debug"
	"strconv"
	"strings"
)

// servingGCPercent is how far the heap may grow between two collections while a project is served. A bus holds little
// and makes much garbage: with Go's 100 it would collect a few megabytes many times a second.
const servingGCPercent = 400

// tuneGC returns to the system what loading a project took, and lets the heap grow from here on, as far as the control group of
// the process admits. GOGC and GOMEMLIMIT, if they are set, count.
func tuneGC(w *World) {
	debug.FreeOSMemory()
	if _, said := w.Env("GOGC"); !said {
		debug.SetGCPercent(servingGCPercent)
	}
	if _, said := w.Env("GOMEMLIMIT"); said {
		return
	}
	if n := groupMemory(os.ReadFile); n > 0 { //nolint:forbidigo // what the system says of this process
		debug.SetMemoryLimit(n / 4 * 3)
	}
}

// importMemory is what the heap may come to before it is collected as often as that takes: what is read may be much larger.
const importMemory = 130 << 20

// SpareMemory has a command that reads much and ends collect its garbage early, rather than grow to twice what it holds, until the
// function that it returns is called. GOMEMLIMIT, if it is set, counts.
func SpareMemory(w *World) (end func()) {
	if _, said := w.Env("GOMEMLIMIT"); said {
		return func() {}
	}
	before := debug.SetMemoryLimit(importMemory)
	return func() { debug.SetMemoryLimit(before) }
}

// groupMemory returns how much memory the control group of this process may use, 0 if nothing is said. It knows both
// versions of control groups, within a container and without.
func groupMemory(read func(file string) ([]byte, error)) int64 {
	files := []string{"/sys/fs/cgroup/memory.max", "/sys/fs/cgroup/memory/memory.limit_in_bytes"}
	groups, _ := read("/proc/self/cgroup")
	for line := range strings.Lines(string(groups)) {
		parts := strings.SplitN(strings.TrimSpace(line), ":", 3)
		switch {
		case len(parts) != 3:
		case parts[1] == "":
			files = append(files, path.Join("/sys/fs/cgroup", parts[2], "memory.max"))
		case parts[1] == "memory":
			files = append(files, path.Join("/sys/fs/cgroup/memory", parts[2], "memory.limit_in_bytes"))
		}
	}
	const none = 1 << 50 // version 1 writes a huge number for no limit
	least := int64(0)
	for _, file := range files {
		text, err := read(file)
		n, wrong := strconv.ParseInt(strings.TrimSpace(string(text)), 10, 64)
		if err == nil && wrong == nil && n > 0 && n < none && (least == 0 || n < least) {
			least = n
		}
	}
	return least
}
