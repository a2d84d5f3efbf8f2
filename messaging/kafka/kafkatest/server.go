package kafkatest

import (
	"cmp"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"fondaco/config/porttest"
)

// Server is one Apache Kafka node on 127.0.0.1, broker and controller in one, for programs that break it; tests use Node.
// Its methods are called from one goroutine at a time.
type Server struct {
	Addr string // where it listens

	dir     string
	lib     string
	jvm     []string
	process *exec.Cmd
	ended   chan struct{} // closed when the process has ended
}

// ErrAbsent means that there is no Kafka to run, or no java.
var ErrAbsent = errors.New("Kafka or java is absent: run scripts/wider or make kafka-up") //nolint:staticcheck // a name

// small are the JVM's flags that let it start fast and stay small.
var small = []string{"-Xms128m", "-Xmx384m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"}

// measuring are those that a long load needs: the full compiler, and memory enough.
var measuring = []string{"-Xms1g", "-Xmx1g", "-XX:+UseSerialGC"}

// scramUser begins a setting that is none of the node's properties, but a user of SCRAM that formatting makes.
const scramUser = "scram:"

// ScramUser returns the setting of a node that has a user with a password for a mechanism, SCRAM-SHA-256 or SCRAM-SHA-512.
func ScramUser(mechanism, user, password string) string {
	return fmt.Sprintf("%s%s=[name=%s,password=%s]", scramUser, mechanism, user, password)
}

// NewServer formats a node in a folder of its own, with the settings of scripts/kafka and those given, as New; nothing
// runs before Start. ErrAbsent if there is no Kafka above the working folder. Kill ends it.
func NewServer(dir string, settings ...string) (*Server, error) {
	return prepare(dir, "", small, settings)
}

// NewServerForMeasuring is as NewServer, with a JVM that starts more slowly and runs faster.
func NewServerForMeasuring(dir string, settings ...string) (*Server, error) {
	return prepare(dir, "", measuring, settings)
}

func prepare(dir, version string, jvm, settings []string) (*Server, error) {
	lib, err := jars(version)
	if err != nil {
		return nil, err
	}
	s := &Server{dir: dir, lib: lib, jvm: jvm}
	ports, err := freePorts()
	if err != nil {
		return nil, err
	}
	s.Addr = fmt.Sprintf("127.0.0.1:%d", ports[0])
	var users []string
	settings = slices.DeleteFunc(slices.Clone(settings), func(setting string) bool {
		user, found := strings.CutPrefix(setting, scramUser)
		if found {
			users = append(users, "--add-scram", user)
		}
		return found
	})
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
	if err := os.WriteFile(s.properties(), []byte(properties), 0o600); err != nil {
		return nil, err
	}
	if err := s.format(users); err != nil {
		return nil, err
	}
	return s, nil
}

// Start starts the node, after NewServer or Kill, and waits until it takes connections.
func (s *Server) Start() error {
	log, err := os.OpenFile(filepath.Join(s.dir, "node.log"), os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		return err
	}
	defer func() { _ = log.Close() }()
	s.process, s.ended = s.java("kafka.Kafka", s.properties()), make(chan struct{})
	s.process.Stdout, s.process.Stderr = log, log
	s.process.SysProcAttr = mortal()
	if err := s.process.Start(); err != nil {
		s.process = nil
		return err
	}
	process, ended := s.process, s.ended
	go func() {
		_ = process.Wait()
		close(ended)
	}()
	for deadline := time.Now().Add(3 * time.Minute); ; {
		if c, err := net.Dial("tcp", s.Addr); err == nil {
			_ = c.Close()
			return nil
		}
		select {
		case <-s.ended:
			return fmt.Errorf("Kafka ended at its start:\n%s", s.Log()) //nolint:staticcheck // a name
		case <-time.After(50 * time.Millisecond):
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("Kafka does not answer after three minutes:\n%s", s.Log()) //nolint:staticcheck // a name
		}
	}
}

// Kill ends the node as kill -9 does. Its data stay.
func (s *Server) Kill() {
	if s.process != nil {
		_ = s.process.Process.Kill()
		<-s.ended
		s.process = nil
	}
}

// Freeze stops the node as it is (SIGSTOP): connections stay open and nothing answers.
func (s *Server) Freeze() error {
	if err := s.process.Process.Signal(syscall.SIGSTOP); err != nil {
		return err
	}
	for range 100 { // its threads stop one after the other
		all, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/stat", s.process.Process.Pid))
		if !slices.ContainsFunc(all, func(stat string) bool {
			text, _ := os.ReadFile(stat)
			return len(text) > 0 && !strings.Contains(string(text), ") T ")
		}) {
			return nil
		}
		<-time.After(10 * time.Millisecond)
	}
	return errors.New("Kafka does not stop") //nolint:staticcheck // a name
}

// Thaw lets a frozen node go on.
func (s *Server) Thaw() error { return s.process.Process.Signal(syscall.SIGCONT) }

// Log returns the node's warnings and errors.
func (s *Server) Log() string {
	text, _ := os.ReadFile(filepath.Join(s.dir, "node.log"))
	return string(text)
}

func (s *Server) properties() string { return filepath.Join(s.dir, "server.properties") }

func (s *Server) java(class string, args ...string) *exec.Cmd {
	all := slices.Concat(s.jvm, []string{"-Dorg.slf4j.simpleLogger.defaultLogLevel=warn", "-cp", filepath.Join(s.lib, "*"), class}, args)
	c := exec.Command("java", all...)
	c.Dir = s.dir
	return c
}

// usual is the version of Kafka that tests run which name none, unless FONDACO_KAFKA_VERSION says another.
const usual = "3.9.1"

// jars finds what scripts/kafka fetched of a version, "" for the usual one, above the working folder.
func jars(version string) (string, error) {
	if os.Getenv("FONDACO_TEST_ALONE") != "" { // tests with Go alone, as where nothing was fetched
		return "", ErrAbsent
	}
	if version == "" {
		version = cmp.Or(os.Getenv("FONDACO_KAFKA_VERSION"), usual)
	}
	home := "kafka"
	if version != usual {
		home += "-" + version
	}
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for ; dir != filepath.Dir(dir); dir = filepath.Dir(dir) {
		if lib := filepath.Join(dir, ".tools", home, "lib"); exists(lib) {
			if _, err := exec.LookPath("java"); err == nil {
				return lib, nil
			}
		}
	}
	return "", ErrAbsent
}

func exists(path string) bool {
	_, err := os.Stat(path)
	return err == nil
}

// freePorts returns two ports that nobody listens on.
func freePorts() (ports [2]int, err error) {
	for i := range ports {
		if ports[i], err = porttest.Free(); err != nil {
			return ports, err
		}
	}
	return ports, nil
}
