package redis

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"fondaco/config/porttest"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// node is a real server on a free port of the loopback.
type node struct {
	t       testing.TB
	program string
	port    string
	process *exec.Cmd
	out     bytes.Buffer
	raw     *redis.Client // for tests that speak to it themselves
}

func start(t testing.TB, args ...string) *node {
	program, err := exec.LookPath("redis-server")
	if err != nil {
		if program, err = filepath.Abs("../../.tools/redis/redis-server"); err == nil {
			_, err = os.Stat(program)
		}
	}
	if err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatal("in CI this test needs redis-server: scripts/wider fetches it")
		}
		t.Skip("redis-server is absent; scripts/wider fetches it")
	}
	free, err := porttest.Free()
	if err != nil {
		t.Fatal(err)
	}
	port := strconv.Itoa(free)
	n := &node{t: t, program: program, port: port}
	n.raw = redis.NewClient(&redis.Options{Addr: "127.0.0.1:" + port, MaxRetries: -1, DialerRetries: 1})
	t.Cleanup(func() {
		n.raw.Close()
		n.kill()
	})
	n.run(args...)
	return n
}

// run starts the server and waits until it answers.
func (n *node) run(args ...string) {
	n.t.Helper()
	n.process = exec.Command(n.program, append([]string{
		"--port", n.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir",
		n.t.TempDir(),
	}, args...)...)
	n.process.Stdout, n.process.Stderr = &n.out, &n.out
	if err := n.process.Start(); err != nil {
		n.t.Fatal(err)
	}
	eventually(n.t, "the server answers", func() bool { return n.raw.Ping(n.t.Context()).Err() == nil })
}

func (n *node) kill() {
	if n.process != nil {
		_ = n.process.Process.Signal(syscall.SIGCONT)
		_ = n.process.Process.Kill()
		_ = n.process.Wait()
		n.process = nil
	}
}

func (n *node) signal(s syscall.Signal) {
	n.t.Helper()
	if err := n.process.Process.Signal(s); err != nil {
		n.t.Fatal(err)
	}
}

// say sends the server a command of the test's own.
func (n *node) say(words ...any) any {
	n.t.Helper()
	v, err := n.raw.Do(n.t.Context(), words...).Result()
	if err != nil {
		n.t.Fatalf("%v: %v", words, err)
	}
	return v
}

// client is a node of ours; soon it tries again after a failure. It waits for its answers, also on a busy machine.
func (n *node) client(project string) *Client { return n.waiting(project, 20*time.Second) }

// hasty is the same with the default time for a question, which a busy machine may exceed.
func (n *node) hasty(project string) *Client { return n.waiting(project, 0) }

func (n *node) waiting(project string, timeout time.Duration) *Client {
	n.t.Helper()
	c, err := Open(Options{URL: "redis://127.0.0.1:" + n.port, Project: project, Pause: 200 * time.Millisecond, Timeout: timeout})
	if err != nil {
		n.t.Fatal(err)
	}
	n.t.Cleanup(func() { c.Close() })
	return c
}

func eventually(t testing.TB, what string, is func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !is(); {
		if time.Now().After(end) {
			t.Fatalf("it never came that %s", what)
		}
		<-time.After(5 * time.Millisecond)
	}
}

// heals waits until the client is served again.
func heals(t *testing.T, c *Client) {
	t.Helper()
	eventually(t, "the server is used again", func() bool { return c.Ping(context.Background()) == nil && c.Health() == nil })
}

// ways are what can be wrong with a server. Each begins it and returns what ends it.
var ways = map[string]func(n *node) (end func()){
	"killed": func(n *node) func() {
		n.kill()
		return func() { n.run() }
	},
	"hangs": func(n *node) func() {
		n.signal(syscall.SIGSTOP)
		return func() { n.signal(syscall.SIGCONT) }
	},
	"emptied": func(n *node) func() {
		n.say("flushall")
		return func() {}
	},
	"a replica": func(n *node) func() {
		n.say("replicaof", "127.0.0.1", "1")
		return func() { n.say("replicaof", "no", "one") }
	},
	"full": func(n *node) func() {
		n.say("config", "set", "maxmemory", "1")
		return func() { n.say("config", "set", "maxmemory", "0") }
	},
	"wants a password": func(n *node) func() {
		n.say("config", "set", "requirepass", "s3cret")
		n.say("client", "kill", "type", "normal", "skipme", "yes")
		return func() { n.say("config", "set", "requirepass", "") }
	},
	"starts again and again": func(n *node) func() {
		done, ended := make(chan struct{}), make(chan struct{})
		go func() {
			defer close(ended)
			for {
				select {
				case <-done:
					return
				case <-time.After(20 * time.Millisecond):
					n.kill()
					n.run()
				}
			}
		}()
		return func() {
			close(done)
			<-ended
		}
	},
}

func names(prefix string, n int) []string {
	all := make([]string, n)
	for i := range all {
		all[i] = fmt.Sprint(prefix, i)
	}
	return all
}
