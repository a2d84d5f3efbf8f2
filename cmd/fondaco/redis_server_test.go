package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"fondaco/config/porttest"
)

// redisServer is a real Redis server on the loopback, reached by a wire that can be made slow.
type redisServer struct {
	t       *testing.T
	program string
	port    string
	cmd     *exec.Cmd
	wire    net.Listener
	delay   atomic.Int64 // of each answer
	open    sync.WaitGroup
}

func startRedis(t *testing.T) *redisServer {
	t.Helper()
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
	r := &redisServer{t: t, program: program}
	free, err := porttest.Free()
	if err != nil {
		t.Fatal(err)
	}
	r.port = strconv.Itoa(free)
	if r.wire, err = net.Listen("tcp", "127.0.0.1:0"); err != nil {
		t.Fatal(err)
	}
	r.open.Go(r.carry)
	t.Cleanup(func() {
		_ = r.wire.Close()
		r.kill()
		r.open.Wait()
	})
	r.run()
	return r
}

// url is where the wire begins.
func (r *redisServer) url() string { return "redis://" + r.wire.Addr().String() }

// patient is url for processes that wait for its answers, also on a busy machine: of one that takes longer than 50 ms they would do without.
func (r *redisServer) patient() string { return r.url() + "?read_timeout=20s" }

func (r *redisServer) run() {
	r.t.Helper()
	r.cmd = exec.Command(r.program, "--port", r.port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", r.t.TempDir())
	if err := r.cmd.Start(); err != nil {
		r.t.Fatal(err)
	}
	eventually(r.t, func() string {
		c, err := net.Dial("tcp", "127.0.0.1:"+r.port)
		if err != nil {
			return err.Error()
		}
		_ = c.Close()
		return ""
	})
}

func (r *redisServer) signal(s syscall.Signal) {
	if err := r.cmd.Process.Signal(s); err != nil {
		r.t.Error(err)
	}
}

func (r *redisServer) kill() {
	if r.cmd == nil {
		return
	}
	_ = r.cmd.Process.Signal(syscall.SIGCONT)
	_ = r.cmd.Process.Kill()
	_ = r.cmd.Wait()
	r.cmd = nil
}

// carry takes connections to the server; answers wait for the delay.
func (r *redisServer) carry() {
	for {
		near, err := r.wire.Accept()
		if err != nil {
			return
		}
		far, err := net.Dial("tcp", "127.0.0.1:"+r.port)
		if err != nil {
			_ = near.Close()
			continue
		}
		r.open.Go(func() {
			_, _ = io.Copy(far, near)
			_ = far.Close()
		})
		r.open.Go(func() {
			defer near.Close()
			b := make([]byte, 64<<10)
			for {
				n, err := far.Read(b)
				if wait := time.Duration(r.delay.Load()); wait > 0 {
					time.Sleep(wait) // the wire is slow
				}
				if _, err2 := near.Write(b[:n]); err != nil || err2 != nil {
					_ = far.Close()
					return
				}
			}
		})
	}
}

// say is try for what must be.
func (r *redisServer) say(words ...string) []string {
	r.t.Helper()
	answer, err := r.try(words...)
	if err != nil {
		r.t.Errorf("%v: %v", words, err)
	}
	return answer
}

// try sends the server a command, past the wire, and returns the words of its answer.
func (r *redisServer) try(words ...string) ([]string, error) {
	c, err := net.Dial("tcp", "127.0.0.1:"+r.port)
	if err != nil {
		return nil, err
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	fmt.Fprintf(c, "*%d\r\n", len(words))
	for _, w := range words {
		fmt.Fprintf(c, "$%d\r\n%s\r\n", len(w), w)
	}
	return heard(bufio.NewReader(c))
}

// heard reads one answer (RESP2).
func heard(in *bufio.Reader) ([]string, error) {
	line, err := in.ReadString('\n')
	if err != nil {
		return nil, err
	}
	line = strings.TrimSuffix(line, "\r\n")
	n, _ := strconv.Atoi(line[1:])
	switch line[0] {
	case '-':
		return nil, fmt.Errorf("%s", line[1:])
	case '$':
		if n < 0 {
			return nil, nil
		}
		b := make([]byte, n+2)
		_, err := io.ReadFull(in, b)
		return []string{string(b[:n])}, err
	case '*':
		var all []string
		for range n {
			words, err := heard(in)
			if err != nil {
				return nil, err
			}
			all = append(all, words...)
		}
		return all, nil
	}
	return []string{line[1:]}, nil
}
