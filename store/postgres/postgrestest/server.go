// Package postgrestest runs real PostgreSQL servers for tests and breaks them.
package postgrestest

import (
	"bytes"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"time"

	"fondaco/config/porttest"
)

// ErrAbsent reports that PostgreSQL is not on this machine.
var ErrAbsent = errors.New("PostgreSQL is absent; scripts/wider fetches it")

// Server is one server with a cluster of its own, on a free port of the loopback. Its methods are called from one goroutine.
type Server struct {
	Port string

	folder   string // of the cluster and the socket
	bin      string
	settings []string
	as       *syscall.Credential // nil for who runs the test
	process  *exec.Cmd
	ended    chan struct{} // is closed when the process has ended
	out      log
}

// log is what a server has written last.
type log struct {
	mu   sync.Mutex
	text []byte
}

func (l *log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	l.text = l.text[max(0, len(l.text)-8<<10):]
	return len(p), nil
}

func (l *log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}

// patience is how long a server is waited for: on a loaded machine it recovers slowly.
const patience = 2 * time.Minute

// folders are where distributions put the programs of the server, the newest last.
var folders = []string{"/usr/lib/postgresql/*/bin", "/usr/pgsql-*/bin", "/usr/local/pgsql/bin", "/opt/homebrew/opt/postgresql@*/bin"}

// programs finds the folder of the server's programs: the one that FONDACO_POSTGRES names, as for another version, or the newest.
func programs() (string, error) {
	if os.Getenv("FONDACO_TEST_ALONE") != "" { // tests with Go alone, as where nothing is installed
		return "", ErrAbsent
	}
	if chosen := os.Getenv("FONDACO_POSTGRES"); chosen != "" {
		return chosen, nil
	}
	var found []string
	for _, pattern := range folders {
		some, _ := filepath.Glob(pattern + "/initdb")
		found = append(found, some...)
	}
	if len(found) > 0 {
		return filepath.Dir(found[len(found)-1]), nil
	}
	if path, err := exec.LookPath("initdb"); err == nil {
		return filepath.Dir(path), nil
	}
	return "", ErrAbsent
}

// unprivileged is who runs the server where root runs the test: PostgreSQL refuses root.
func unprivileged() (*syscall.Credential, error) {
	if os.Geteuid() != 0 {
		return nil, nil
	}
	for _, name := range []string{"postgres", "nobody"} {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, err := strconv.ParseUint(u.Uid, 10, 32)
		if err != nil {
			return nil, err
		}
		gid, err := strconv.ParseUint(u.Gid, 10, 32)
		if err != nil {
			return nil, err
		}
		return &syscall.Credential{Uid: uint32(uid), Gid: uint32(gid)}, nil
	}
	return nil, fmt.Errorf("%w: there is no user postgres to run it as", ErrAbsent)
}

// Start makes a cluster, with settings of postgresql.conf as name=value, and starts its server. The superuser is postgres, without a
// password. The caller calls Remove.
func Start(settings ...string) (*Server, error) {
	bin, err := programs()
	if err != nil {
		return nil, err
	}
	as, err := unprivileged()
	if err != nil {
		return nil, err
	}
	s := &Server{bin: bin, as: as, settings: settings}
	if s.folder, err = os.MkdirTemp(memory(), "fondaco-postgres-"); err != nil {
		return nil, err
	}
	if s.Port, err = freePort(); err == nil && as != nil {
		err = os.Chown(s.folder, int(as.Uid), int(as.Gid))
	}
	if err == nil {
		err = s.do("initdb", "--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8", "--locale=C", "--data-checksums", "-D",
			s.data())
	}
	if err == nil {
		err = s.Run()
	}
	if err != nil {
		s.Remove()
		return nil, err
	}
	return s, nil
}

func freePort() (string, error) {
	port, err := porttest.Free()
	return strconv.Itoa(port), err
}

func (s *Server) data() string { return filepath.Join(s.folder, "data") }

// command is one of the server's programs, as its user, which ends with the test.
func (s *Server) command(name string, args ...string) *exec.Cmd {
	path := filepath.Join(s.bin, name)
	if _, err := os.Stat(path); err != nil { // some have the server alone, without psql
		path = name
	}
	c := exec.Command(path, args...)
	c.Dir = s.folder
	c.Env = []string{"PATH=" + s.bin + ":/usr/bin:/bin", "LC_ALL=C", "TZ=UTC"}
	c.SysProcAttr = mortal(s.as)
	return c
}

func (s *Server) do(name string, args ...string) error {
	out, err := s.command(name, args...).CombinedOutput()
	if err != nil {
		return fmt.Errorf("%s: %w: %s", name, err, bytes.TrimSpace(out))
	}
	return nil
}

// Address returns the address of the server for a role, with a database and parameters.
func (s *Server) Address(role, database string, parameters ...string) string {
	a := "postgres://" + role + "@127.0.0.1:" + s.Port + "/" + database
	if len(parameters) > 0 {
		a += "?" + strings.Join(parameters, "&")
	}
	return a
}

// Run starts the server, which was stopped or killed, and waits until it answers.
func (s *Server) Run() error {
	var err error
	for end := time.Now().Add(patience); time.Now().Before(end); { // what a killed server left may yet hold its memory
		if err = s.begin(); err == nil {
			return nil
		}
	}
	return fmt.Errorf("%w: %s", err, s.out.String())
}

func (s *Server) begin() error {
	// What a killed server leaves behind is in its folder, and goes with that.
	args := []string{
		"-D", s.data(), "-p", s.Port, "-k", s.folder, "-c", "listen_addresses=127.0.0.1", "-c", "shared_buffers=32MB", "-c",
		"max_connections=100", "-c", "dynamic_shared_memory_type=mmap",
	}
	for _, one := range s.settings {
		args = append(args, "-c", one)
	}
	c := s.command("postgres", args...)
	c.Stdout, c.Stderr = &s.out, &s.out
	if err := c.Start(); err != nil {
		return err
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Wait()
	}()
	s.process, s.ended = c, ended
	for end := time.Now().Add(patience); time.Now().Before(end); {
		if s.do("psql", "-X", "-q", "-h", "127.0.0.1", "-p", s.Port, "-U", "postgres", "-c", "select 1") == nil {
			return nil
		}
		select {
		case <-ended:
			return errors.New("the server ended as it started")
		case <-time.After(20 * time.Millisecond):
		}
	}
	s.Kill()
	return errors.New("the server did not answer in time")
}

// Signal sends all processes of the server a signal.
func (s *Server) Signal(sig syscall.Signal) {
	if s.process == nil {
		return
	}
	pid := s.process.Process.Pid
	all := append([]int{pid}, children(pid)...)
	if sig == syscall.SIGCONT {
		slices.Reverse(all)
	}
	for _, p := range all {
		_ = syscall.Kill(p, sig)
	}
}

// children lists the processes that a process has begun.
func children(pid int) (list []int) {
	text, _ := os.ReadFile(fmt.Sprintf("/proc/%d/task/%d/children", pid, pid))
	for field := range strings.FieldsSeq(string(text)) {
		if n, err := strconv.Atoi(field); err == nil {
			list = append(list, n)
		}
	}
	return list
}

// Kill kills the server as a power loss of its processes does: none of them ends in order.
func (s *Server) Kill() {
	s.Signal(syscall.SIGKILL)
	s.wait()
}

// Stop ends the server in order: what is open is rolled back.
func (s *Server) Stop() {
	if s.process != nil {
		_ = s.process.Process.Signal(syscall.SIGINT)
	}
	s.wait()
}

func (s *Server) wait() {
	if s.process != nil {
		<-s.ended
		s.process = nil
	}
}

// Remove kills the server and removes its cluster. It may be called again.
func (s *Server) Remove() {
	s.Signal(syscall.SIGCONT)
	s.Kill()
	_ = os.RemoveAll(s.folder)
}

// Folder returns where the cluster's files are.
func (s *Server) Folder() string { return s.data() }

// Log returns what the server has written last.
func (s *Server) Log() string { return s.out.String() }

// Trust lets everybody in a network in without a password, as the loopback is; listen_addresses has to be set too.
func (s *Server) Trust(network string) error {
	f, err := os.OpenFile(filepath.Join(s.data(), "pg_hba.conf"), os.O_APPEND|os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	if _, err = fmt.Fprintf(f, "host all all %s trust\n", network); err != nil {
		_ = f.Close()
		return err
	}
	if err := f.Close(); err != nil {
		return err
	}
	return s.say("select pg_reload_conf()")
}
