package connectortest

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

// StartPeer runs another implementation of a wire, in a process of its own, until the test ends, and returns its address. It writes READY and
// its port when it listens on 127.0.0.1, and ends when its input does.
func StartPeer(t *testing.T, name string, arguments ...string) (address string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 5*time.Minute)
	c := exec.CommandContext(ctx, name, arguments...)
	c.WaitDelay = 10 * time.Second
	var trouble strings.Builder
	c.Stderr = &trouble
	in, err := c.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := c.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		slow := time.AfterFunc(20*time.Second, cancel)
		_, _ = io.Copy(io.Discard, out)
		err := c.Wait()
		slow.Stop()
		cancel()
		if err != nil || t.Failed() {
			t.Logf("%s: %v\n%s", name, err, trouble.String())
		}
	})
	lines := bufio.NewScanner(out)
	for lines.Scan() {
		if port, ok := strings.CutPrefix(lines.Text(), "READY "); ok {
			return "http://127.0.0.1:" + port
		}
	}
	t.Fatalf("%s is not ready", name)
	return ""
}

// Fetch returns what a peer answers to a GET, which must be 200.
func Fetch(t *testing.T, address string) []byte {
	t.Helper()
	request, err := http.NewRequestWithContext(t.Context(), http.MethodGet, address, http.NoBody)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}
	res, err := client.Do(request)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = res.Body.Close() }()
	data, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %d, %v", address, res.StatusCode, err)
	}
	return data
}

// Absent skips the test for want of a tool, which in CI is a failure.
func Absent(t *testing.T, what string) {
	t.Helper()
	if os.Getenv("CI") == "true" {
		t.Fatalf("%s is absent, and in CI nothing may be skipped: run scripts/wider", what)
	}
	t.Skipf("%s is absent: scripts/wider fetches it", what)
}
