package queuetest

import (
	"bytes"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"syscall"
	"testing"
	"time"

	"fondaco/config/porttest"
)

// Patience is how long a broker is waited for on a loaded machine.
const Patience = 2 * time.Minute

// Broker is a real broker of a test.
type Broker struct {
	Address string // as a connector writes it
	start   func(t testing.TB) *exec.Cmd
	ready   func() bool
	group   bool // it has processes of its own, in a group
	running *exec.Cmd
	ended   chan struct{}
	log     *bytes.Buffer
	kept    string // the file in which it keeps its sessions
}

// Mosquitto starts a broker of MQTT, which ends with the test; it lets in whoever comes. The test is skipped, but in CI, where Mosquitto is
// absent.
func Mosquitto(t testing.TB) *Broker {
	t.Helper()
	program := find(t, "Mosquitto", "mosquitto", "/usr/sbin/mosquitto")
	folder := t.TempDir()
	port := freePort(t)
	config := filepath.Join(folder, "mosquitto.conf")
	write(t, config, "listener "+port+" 127.0.0.1\nallow_anonymous true\npersistence true\npersistence_location "+folder+"/\n"+
		"max_queued_messages 100000\nmax_inflight_messages 1000\nuser "+me()+"\n")
	b := &Broker{
		Address: "mqtt://127.0.0.1:" + port, ready: answers("127.0.0.1:" + port), kept: filepath.Join(folder, "mosquitto.db"),
	}
	b.start = func(testing.TB) *exec.Cmd { return exec.Command(program, "-c", config) }
	b.Start(t)
	t.Cleanup(func() { b.Stop(t, syscall.SIGKILL) })
	return b
}

// me is who runs Mosquitto, which otherwise becomes another user where root starts it.
func me() string {
	if os.Geteuid() == 0 {
		return "root"
	}
	return "nobody" // which is looked at where root starts it alone
}

// answers reports whether somebody listens at an address.
func answers(address string) func() bool {
	return func() bool {
		conn, err := net.DialTimeout("tcp", address, time.Second)
		if err != nil {
			return false
		}
		_ = conn.Close()
		return true
	}
}

// Start starts the broker, and waits until it answers.
func (b *Broker) Start(t testing.TB) {
	t.Helper()
	c := b.start(t)
	b.log = &bytes.Buffer{}
	c.Stdout, c.Stderr = b.log, b.log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = c.Wait()
	}()
	b.running, b.ended = c, ended
	for end := time.Now().Add(Patience); !b.ready(); time.Sleep(20 * time.Millisecond) {
		select {
		case <-ended:
			t.Fatalf("the broker ended as it started: %s", b.log)
		default:
		}
		if time.Now().After(end) {
			b.Stop(t, syscall.SIGKILL)
			t.Fatalf("the broker did not answer in time: %s", b.log)
		}
	}
}

// Forget starts Mosquitto again without what it knew.
func (b *Broker) Forget(t testing.TB) {
	t.Helper()
	b.Stop(t, syscall.SIGKILL)
	if err := os.Remove(b.kept); err != nil && !os.IsNotExist(err) {
		t.Fatal(err)
	}
	b.Start(t)
}

// Stop sends the broker a signal, and waits for its end.
func (b *Broker) Stop(t testing.TB, with syscall.Signal) {
	t.Helper()
	if b.running == nil {
		return
	}
	kill := func(with syscall.Signal) {
		if b.group {
			_ = syscall.Kill(-b.running.Process.Pid, with)
			return
		}
		_ = b.running.Process.Signal(with)
	}
	kill(with)
	select {
	case <-b.ended:
	case <-time.After(Patience):
		kill(syscall.SIGKILL)
		<-b.ended
		t.Error("the broker did not end in time")
	}
	b.running = nil
}

// find returns the path of a program.
func find(t testing.TB, what string, names ...string) string {
	t.Helper()
	for _, name := range names {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatalf("in CI this test needs %s: scripts/wider fetches it", what)
	}
	t.Skipf("%s is absent; scripts/wider fetches it", what)
	return ""
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func freePort(t testing.TB) string {
	t.Helper()
	port, err := porttest.Free()
	if err != nil {
		t.Fatal(err)
	}
	return strconv.Itoa(port)
}
