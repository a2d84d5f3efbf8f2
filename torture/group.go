package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// controlGroups is where the system shows its control groups.
const controlGroups = "/sys/fs/cgroup"

// group is a control group (version 2) that bounds the memory of what is started in it.
type group struct {
	dir    string
	folder *os.File
}

// newGroup makes a control group of so many bytes below root. The caller closes it, when what ran in it has ended. The error says
// why there can be none: another version, no right to make one, or a parent that does not hand the memory controller down.
func newGroup(root string, bytes int64) (_ *group, err error) {
	if _, err := os.Stat(filepath.Join(root, "cgroup.controllers")); err != nil {
		return nil, errors.New("there are no control groups of version 2")
	}
	g := &group{dir: filepath.Join(root, "fondaco-torture-"+strconv.Itoa(os.Getpid()))}
	if err := os.Mkdir(g.dir, 0o755); err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			g.close()
		}
	}()
	if err := set(filepath.Join(g.dir, "memory.max"), strconv.FormatInt(bytes, 10)); err != nil {
		return nil, fmt.Errorf("the control group takes no limit: %w", err)
	}
	_ = set(filepath.Join(g.dir, "memory.swap.max"), "0") // where there is no swap there is no such file
	g.folder, err = os.Open(g.dir)
	return g, err
}

// set writes into a file that is there.
func set(file, text string) error {
	f, err := os.OpenFile(file, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	_, err = f.WriteString(text)
	return errors.Join(err, f.Close())
}

// killed returns how many processes the system has killed for want of memory.
func (g *group) killed() int {
	text, _ := os.ReadFile(filepath.Join(g.dir, "memory.events"))
	for line := range strings.Lines(string(text)) {
		if n, is := strings.CutPrefix(strings.TrimSpace(line), "oom_kill "); is {
			count, _ := strconv.Atoi(n)
			return count
		}
	}
	return 0
}

func (g *group) close() {
	if g.folder != nil {
		_ = g.folder.Close()
	}
	_ = os.Remove(g.dir)
}

// highWater returns the most memory that a process had resident so far, in bytes.
func highWater(pid int) (int64, error) {
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	if err != nil {
		return 0, err
	}
	for line := range strings.Lines(string(text)) {
		if rest, is := strings.CutPrefix(line, "VmHWM:"); is {
			kib, err := strconv.ParseInt(strings.TrimSuffix(strings.TrimSpace(rest), " kB"), 10, 64)
			return kib << 10, err
		}
	}
	return 0, errors.New("the system does not say how much memory a process had")
}
