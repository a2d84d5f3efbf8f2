package main

import (
	"bytes"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

// group makes a control group of so many bytes, and returns its folder and the file that says what it came to use.
func group(t *testing.T, bytes int) (dir, peak string) {
	t.Helper()
	if os.Getuid() != 0 {
		t.Skip("only root can bound a process's memory")
	}
	name := "fondaco-test-" + strconv.Itoa(os.Getpid())
	limit := "memory.limit_in_bytes"
	dir, peak = filepath.Join("/sys/fs/cgroup/memory", name), "memory.max_usage_in_bytes"
	if _, err := os.Stat("/sys/fs/cgroup/cgroup.controllers"); err == nil {
		dir, peak, limit = filepath.Join("/sys/fs/cgroup", name), "memory.peak", "memory.max"
	}
	if err := os.Mkdir(dir, 0o755); err != nil {
		t.Skipf("no control groups here: %v", err)
	}
	t.Cleanup(func() { _ = os.Remove(dir) })
	if err := os.WriteFile(filepath.Join(dir, limit), []byte(strconv.Itoa(bytes)), 0o600); err != nil {
		t.Skipf("the control group takes no limit: %v", err)
	}
	return dir, filepath.Join(dir, peak)
}

// TestMemoryBound: P18, shortly. With default settings, in a control group of 256 MB, a process outlives heads and bodies that do
// not end, readers that do not read, answers that would not end and bodies of many small values, all together, and goes
// on answering others.
func TestMemoryBound(t *testing.T) {
	if raced {
		t.Skip("the race detector multiplies the memory of a process")
	}
	dir, peak := group(t, 256<<20)
	project := written(t, map[string]string{
		"fondaco.yaml": "project: prova\ntitle: Prova\nserver: { listen: 127.0.0.1:0, console: 127.0.0.1:0, trusted_proxies: [127.0.0.1] }\n",
		"routes/r.yaml": `
routes:
  small: { http: GET /small, auth: none, steps: [], respond: { body: { ok: true } } }
  large:
    http: POST /large
    auth: none
    body: { type: object, required: [note, rows], properties: { note: { type: string }, rows: { type: array, items: { type: integer } } } }
    steps: []
    respond: { body: { $for: r in body.rows, note: "${body.note}" } }
`,
	})
	p := startWith(t, exec.Command("/bin/sh", "-c", `echo $$ > "$1/cgroup.procs" && exec "$0" run --no-watch "$2"`, os.Args[0], dir, project))
	address := strings.TrimPrefix(p.api, "http://")
	rows := func(n, note int) string {
		return `{"note":"` + strings.Repeat("x", note) + `","rows":[1` + strings.Repeat(",1", n-1) + `]}`
	}
	send := func(i, length int, body string) net.Conn {
		c, err := net.Dial("tcp", address)
		if err != nil {
			return nil // as many as are taken
		}
		_ = c.SetWriteDeadline(time.Now().Add(5 * time.Second))
		_, _ = fmt.Fprintf(c, "POST /large HTTP/1.1\r\nHost: prova.example\r\nX-Forwarded-For: 203.0.%d.%d\r\nContent-Type: "+
			"application/json\r\nContent-Length: %d\r\n\r\n%s", i/200, i%200, length, body)
		return c
	}
	var mu sync.Mutex
	var open []net.Conn
	keep := func(c net.Conn) {
		if c != nil {
			mu.Lock()
			open = append(open, c)
			mu.Unlock()
		}
	}
	defer func() {
		for _, c := range open {
			_ = c.Close()
		}
	}()
	stop := make(chan struct{})
	var wait sync.WaitGroup
	defer wait.Wait() // before what they have opened is closed
	attack := func(n int, each func(i int)) {
		var next int
		for range 8 {
			wait.Add(1)
			go func() {
				defer wait.Done()
				for {
					mu.Lock()
					i := next
					next++
					mu.Unlock()
					if i >= n {
						return
					}
					select {
					case <-stop:
						return
					default:
						each(i)
					}
				}
			}()
		}
	}
	unfinished := strings.Repeat(" ", 200<<10)
	readers, hostile, tiny := rows(160, 15_000), rows(7500, 15_000), rows(500_000, 1)
	attack(500, func(i int) { keep(send(i, len(unfinished)+1, unfinished)) })
	attack(300, func(i int) { keep(send(1000+i, len(readers), readers)) })
	attack(60, func(i int) {
		if c := send(2000+i, len(hostile), hostile); c != nil {
			_ = c.SetReadDeadline(time.Now().Add(10 * time.Second))
			_, _ = c.Read(make([]byte, 64))
			_ = c.Close()
		}
	})
	attack(60, func(i int) { keep(send(3000+i, len(tiny), tiny)) })
	attack(1000, func(int) { // heads that do not end
		if c, err := net.Dial("tcp", address); err == nil {
			_, _ = io.WriteString(c, "GET /small HTTP/1.1\r\nHost: prova.example\r\nX-Slow: ")
			keep(c)
		}
	})
	ended := make(chan struct{})
	go func() { wait.Wait(); close(ended) }()
	client := &http.Client{Timeout: time.Minute, Transport: &http.Transport{DisableKeepAlives: true}}
	var took []time.Duration
	for done := false; !done; {
		select {
		case <-ended:
			done = true
		default:
		}
		began := time.Now()
		res, err := client.Get(p.api + "/small")
		if err != nil {
			close(stop)
			t.Fatalf("the others are not answered: %v\n%s", err, p.log.String())
		}
		_, _ = io.Copy(io.Discard, res.Body)
		_ = res.Body.Close()
		if res.StatusCode != http.StatusOK {
			t.Errorf("the others are answered %d", res.StatusCode)
		}
		took = append(took, time.Since(began))
	}
	text, err := os.ReadFile(peak)
	if err != nil {
		t.Fatal(err)
	}
	most, _ := strconv.Atoi(string(bytes.TrimSpace(text)))
	slices.Sort(took)
	t.Logf("%d MiB at most; %d other requests, half of them within %v, 99 of 100 within %v", most>>20, len(took), took[len(took)/2],
		took[len(took)*99/100])
	if p.cmd.ProcessState != nil {
		t.Error("the process has ended")
	}
}
