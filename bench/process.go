package main

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// process is a program under test, started by this one and ended by it.
type process struct {
	cmd   *exec.Cmd
	addr  string
	log   *bytes.Buffer
	ready time.Duration // from the start until it took a connection

	console string // of Fondaco that is to be profiled, else ""
}

// start runs a program that will listen on addr and waits until it does.
func start(ctx context.Context, addr string, env []string, program string, args ...string) (*process, error) {
	p := &process{cmd: exec.CommandContext(ctx, program, args...), addr: addr, log: &bytes.Buffer{}}
	p.cmd.Env = append(os.Environ(), env...)
	p.cmd.Stdout, p.cmd.Stderr = p.log, p.log
	begin := time.Now()
	if err := p.cmd.Start(); err != nil {
		return nil, err
	}
	for time.Since(begin) < 20*time.Second {
		conn, err := net.DialTimeout("tcp", addr, time.Second)
		if err == nil {
			_ = conn.Close()
			p.ready = time.Since(begin)
			return p, nil
		}
		pause(2 * time.Millisecond)
	}
	p.stop()
	return nil, fmt.Errorf("%s did not listen on %s within 20 s:\n%s", program, addr, p.log)
}

func pause(d time.Duration) { <-time.After(d) }

func (p *process) stop() {
	_ = p.cmd.Process.Signal(syscall.SIGTERM)
	done := make(chan struct{})
	go func() { _ = p.cmd.Wait(); close(done) }()
	select {
	case <-done:
	case <-time.After(5 * time.Second):
		_ = p.cmd.Process.Kill()
		<-done
	}
}

// cpu returns the CPU time that the process has used, user and system, by the kernel's accounting.
func (p *process) cpu() (time.Duration, error) {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", p.cmd.Process.Pid))
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+2:]))
	user, _ := strconv.ParseInt(fields[11], 10, 64)
	system, _ := strconv.ParseInt(fields[12], 10, 64)
	return time.Duration(user+system) * (time.Second / ticks), nil
}

// rested waits until the process has next to nothing to do, and returns the CPU time that it has used until then.
func (p *process) rested() (time.Duration, error) {
	last, err := p.cpu()
	for end := time.Now().Add(time.Minute); err == nil && time.Now().Before(end); {
		pause(300 * time.Millisecond)
		var now time.Duration
		if now, err = p.cpu(); now-last <= 20*time.Millisecond {
			return now, err
		}
		last = now
	}
	return last, err
}

// ticks is USER_HZ, 100 on every Linux that Go runs on.
const ticks = 100

// memory is what of a process is in memory, in bytes: its own, and pages of the program's file, which processes share and
// the system takes back when it needs them.
type memory struct{ own, file int64 }

func (m memory) String() string {
	return fmt.Sprintf("%.0f MB (%.0f its own, %.0f of the program's file)", float64(m.own+m.file)/1e6, float64(m.own)/1e6,
		float64(m.file)/1e6)
}

// resident returns how much of the process is in memory now.
func (p *process) resident() (m memory, err error) {
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		return m, err
	}
	for line := range strings.Lines(string(status)) {
		name, rest, _ := strings.Cut(line, ":")
		to := map[string]*int64{"RssAnon": &m.own, "RssFile": &m.file}[name]
		if to == nil {
			continue
		}
		kib, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
		if err != nil {
			return m, err
		}
		*to = kib << 10
	}
	if m.own == 0 {
		return m, fmt.Errorf("no RssAnon")
	}
	return m, nil
}
