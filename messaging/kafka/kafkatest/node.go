// Package kafkatest runs real Kafka nodes for tests and breaks them.
package kafkatest

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
)

// Node is one Apache Kafka node on 127.0.0.1, broker and controller in one, with a data folder of its own. Its methods
// are called from one goroutine; they end the test when they fail.
type Node struct {
	Addr string // where it listens

	t       testing.TB
	dir     string
	lib     string
	jvm     []string
	process *exec.Cmd
	ended   chan struct{} // closed when the process has ended
}

// New formats and starts a node with the settings of scripts/kafka and those given ("name=value"; $PORT is where it
// listens, $CONTROLLER where its controller does), and stops it when the test ends. The test is skipped, but in CI, if Kafka's jars are absent.
func New(t testing.TB, settings ...string) *Node {
	t.Helper()
	return begin(t, []string{"-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"}, settings)
}

// ForMeasuring is as New, with a JVM that starts more slowly and runs faster.
func ForMeasuring(t testing.TB, settings ...string) *Node {
	t.Helper()
	return begin(t, []string{"-Xms1g", "-Xmx1g"}, settings)
}

func begin(t testing.TB, jvm, settings []string) *Node {
	t.Helper()
	n := &Node{t: t, dir: t.TempDir(), lib: jars(t), jvm: jvm}
	ports := freePorts(t)
	n.Addr = fmt.Sprintf("127.0.0.1:%d", ports[0])
	properties := fmt.Sprintf(`process.roles=broker,controller
node.id=1
controller.quorum.voters=1@127.0.0.1:%[2]d
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://127.0.0.1:%[1]d,CONTROLLER://127.0.0.1:%[2]d
advertised.listeners=PLAINTEXT://127.0.0.1:%[1]d
log.dirs=data
num.network.threads=2
num.io.threads=2
offsets.topic.replication.factor=1
offsets.topic.num.partitions=4
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=4
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=500
auto.create.topics.enable=false
broker.session.timeout.ms=1500
broker.heartbeat.interval.ms=300
controller.quorum.election.timeout.ms=300
controller.quorum.fetch.timeout.ms=600
%[3]s
`, ports[0], ports[1], strings.Join(settings, "\n"))
	properties = strings.NewReplacer("$PORT", strconv.Itoa(ports[0]), "$CONTROLLER", strconv.Itoa(ports[1])).Replace(properties)
	if err := os.WriteFile(n.properties(), []byte(properties), 0o600); err != nil {
		t.Fatal(err)
	}
	format := n.java("kafka.tools.StorageTool", "format", "-t", "Zm9uZGFjby10ZXN0LW5vZA", "-c", n.properties())
	if out, err := format.CombinedOutput(); err != nil {
		t.Fatalf("formatting Kafka's folder: %v\n%s", err, out)
	}
	t.Cleanup(n.Kill)
	n.Start()
	return n
}

// Start starts the node, after New or Kill, and waits until it takes connections.
func (n *Node) Start() {
	n.t.Helper()
	log, err := os.OpenFile(filepath.Join(n.dir, "node.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		n.t.Fatal(err)
	}
	defer func() { _ = log.Close() }()
	n.process, n.ended = n.java("kafka.Kafka", n.properties()), make(chan struct{})
	n.process.Stdout, n.process.Stderr = log, log
	n.process.SysProcAttr = mortal()
	if err := n.process.Start(); err != nil {
		n.t.Fatal(err)
	}
	process, ended := n.process, n.ended
	go func() {
		_ = process.Wait()
		close(ended)
	}()
	for deadline := time.Now().Add(time.Minute); ; {
		if c, err := net.Dial("tcp", n.Addr); err == nil {
			_ = c.Close()
			return
		}
		select {
		case <-n.ended:
			n.t.Fatalf("Kafka ended at its start:\n%s", n.Log())
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			n.t.Fatalf("Kafka does not answer after a minute:\n%s", n.Log())
		}
	}
}

// Kill ends the node as kill -9 does. Its data stay.
func (n *Node) Kill() {
	if n.process != nil {
		_ = n.process.Process.Kill()
		<-n.ended
		n.process = nil
	}
}

// Freeze stops the node as it is (SIGSTOP): connections stay open and nothing answers.
func (n *Node) Freeze() {
	n.t.Helper()
	n.signal(syscall.SIGSTOP)
	for range 100 { // its threads stop one after the other
		all, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", n.process.Process.Pid))
		if !slices.ContainsFunc(all, func(stat string) bool {
			text, _ := os.ReadFile(stat)
			return len(text) > 0 && !strings.Contains(string(text), ") T ")
		}) {
			return
		}
		<-time.After(10 * time.Millisecond)
	}
	n.t.Fatal("Kafka does not stop")
}

// Thaw lets a frozen node go on.
func (n *Node) Thaw() { n.signal(syscall.SIGCONT) }

// Log gives the node's warnings and errors.
func (n *Node) Log() string {
	text, _ := os.ReadFile(filepath.Join(n.dir, "node.log"))
	return string(text)
}

func (n *Node) signal(s syscall.Signal) {
	n.t.Helper()
	if err := n.process.Process.Signal(s); err != nil {
		n.t.Fatal(err)
	}
}

func (n *Node) properties() string { return filepath.Join(n.dir, "server.properties") }

func (n *Node) java(class string, args ...string) *exec.Cmd {
	all := slices.Concat(n.jvm, []string{"-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", filepath.Join(n.lib, "*"), class}, args)
	c := exec.Command("java", all...)
	c.Dir = n.dir
	return c
}

// jars finds what scripts/kafka fetched, above the folder of the test.
func jars(t testing.TB) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if lib := filepath.Join(dir, ".tools", "kafka", "lib"); exists(lib) {
			if _, err := exec.LookPath("java"); err == nil {
				return lib
			}
		}
	}
	if os.Getenv("CI") == "true" {
		t.Fatal("Kafka or java is absent, and in CI nothing may be skipped: run scripts/wider")
	}
	t.Skip("Kafka or java is absent: run scripts/wider or make kafka-up")
	return ""
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// freePorts gives two ports that nobody listens on.
func freePorts(t testing.TB) [2]int {
	t.Helper()
	var ports [2]int
	for i := range ports {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = l.Close() }()
		ports[i] = l.Addr().(*net.TCPAddr).Port
	}
	return ports
}
