// Package natstest runs real NATS servers with JetStream for tests, each as a process of its own that can be killed.
package natstest

import (
	"bufio"
	"fmt"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"
	"time"

	"fondaco/config/porttest"

	"github.com/nats-io/nats-server/v2/server"
)

// Where a process is told to be a server: its folder and its port.
const (
	dirVariable  = "FONDACO_TEST_NATS_DIR"
	portVariable = "FONDACO_TEST_NATS_PORT"
)

// patience is how long a server may take to begin.
const patience = 60 * time.Second

// Main is called first in TestMain of each package whose tests use a Server. In the process of a server it is that until it is killed, and
// never returns.
func Main() {
	dir := os.Getenv(dirVariable)
	if dir == "" {
		return
	}
	port, _ := strconv.Atoi(os.Getenv(portVariable))
	// It takes messages of up to 8 MiB and syncs each before it confirms it, as a city's should.
	s, err := server.NewServer(&server.Options{
		Host: "127.0.0.1", Port: port, NoLog: true, NoSigs: true, JetStream: true, StoreDir: dir, MaxPayload: 8 << 20, SyncAlways: true,
	})
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	go func() { // it ends with whoever started it
		_, _ = os.Stdin.Read(make([]byte, 1))
		os.Exit(0)
	}()
	s.Start()
	if !s.ReadyForConnections(patience) {
		fmt.Fprintln(os.Stderr, "the NATS server does not begin")
		os.Exit(1)
	}
	fmt.Println("listens on", s.Addr())
	select {}
}

// Server is one server with its own folder, whose methods end the test when they fail. They are called from one goroutine.
type Server struct {
	Addr string // where it listens, after Kill and Start too

	t    testing.TB
	dir  string
	runs *exec.Cmd
}

// New starts a server, which ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := Away(t)
	s.Start()
	return s
}

// Away returns a server that does not run yet: its address refuses connections.
func Away(t testing.TB) *Server {
	t.Helper()
	port, err := porttest.Free()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{t: t, dir: t.TempDir(), Addr: fmt.Sprintf("127.0.0.1:%d", port)}
	t.Cleanup(s.Kill)
	return s
}

// Start starts the server, after Away or Kill, on what it has kept.
func (s *Server) Start() {
	s.t.Helper()
	var err error
	for deadline := time.Now().Add(patience); time.Now().Before(deadline); <-time.After(100 * time.Millisecond) {
		if err = s.start(); err == nil { // another process may have had the port for a moment
			return
		}
	}
	s.t.Fatalf("the NATS server does not begin: %v", err)
}

func (s *Server) start() error {
	_, port, _ := strings.Cut(s.Addr, ":")
	c := exec.CommandContext(s.t.Context(), os.Args[0])
	c.Env = append(os.Environ(), dirVariable+"="+s.dir, portVariable+"="+port)
	c.Stderr = os.Stderr
	if _, err := c.StdinPipe(); err != nil {
		return err
	}
	out, err := c.StdoutPipe()
	if err != nil {
		return err
	}
	if err := c.Start(); err != nil {
		return err
	}
	line, err := bufio.NewReader(out).ReadString('\n')
	addr, listens := strings.CutPrefix(strings.TrimSpace(line), "listens on ")
	if err != nil || !listens {
		_ = c.Process.Kill()
		_ = c.Wait()
		return fmt.Errorf("it said %q", line)
	}
	s.Addr, s.runs = addr, c
	return nil
}

// Kill ends the server as kill -9 does. What it has kept stays.
func (s *Server) Kill() {
	if s.runs != nil {
		_ = s.runs.Process.Kill()
		_ = s.runs.Wait()
		s.runs = nil
	}
}
