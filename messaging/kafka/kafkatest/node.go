// Package kafkatest runs real Kafka nodes for tests and breaks them.
package kafkatest

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"testing"
)

// Node is a Server whose methods end the test when they fail. They are called from one goroutine.
type Node struct {
	Addr string // where it listens

	t      testing.TB
	server *Server
}

// New formats and starts a node with the settings of scripts/kafka and those given ("name=value"; $PORT is where it
// listens, $CONTROLLER where its controller does), and stops it when the test ends. The test is skipped, but in CI, if Kafka's
// jars are absent.
func New(t testing.TB, settings ...string) *Node {
	t.Helper()
	return begin(t, "", small, settings)
}

// NewOf is as New, of a version of Kafka.
func NewOf(t testing.TB, version string, settings ...string) *Node {
	t.Helper()
	return begin(t, version, small, settings)
}

// ForMeasuring is as New, with a JVM that starts more slowly and runs faster.
func ForMeasuring(t testing.TB, settings ...string) *Node {
	t.Helper()
	return begin(t, "", measuring, settings)
}

func begin(t testing.TB, version string, jvm, settings []string) *Node {
	t.Helper()
	s, err := prepare(t.TempDir(), version, jvm, settings)
	if errors.Is(err, ErrAbsent) && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	n := &Node{Addr: s.Addr, t: t, server: s}
	t.Cleanup(n.Kill)
	n.Start()
	return n
}

// Start starts the node, after New or Kill, and waits until it takes connections.
func (n *Node) Start() {
	n.t.Helper()
	n.must(n.server.Start())
}

// Kill ends the node as kill -9 does. Its data stay.
func (n *Node) Kill() { n.server.Kill() }

// Freeze stops the node as it is (SIGSTOP): connections stay open and nothing answers.
func (n *Node) Freeze() {
	n.t.Helper()
	n.must(n.server.Freeze())
}

// Thaw lets a frozen node go on.
func (n *Node) Thaw() {
	n.t.Helper()
	n.must(n.server.Thaw())
}

// Holding returns the names of the files of the node that hold a text, of all that it keeps. Records are not compressed, unless a
// producer does so.
func (n *Node) Holding(text string) (files []string) {
	n.t.Helper()
	read := 0
	n.must(filepath.WalkDir(n.server.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return nil //nolint:nilerr // a segment that has gone meanwhile
		}
		content, err := os.ReadFile(path)
		if err != nil {
			return nil //nolint:nilerr // likewise
		}
		if read++; bytes.Contains(content, []byte(text)) {
			files = append(files, path)
		}
		return nil
	}))
	if read == 0 {
		n.must(errors.New("the node has no files"))
	}
	return files
}

// Log returns the node's warnings and errors.
func (n *Node) Log() string { return n.server.Log() }

func (n *Node) must(err error) {
	n.t.Helper()
	if err != nil {
		n.t.Fatal(err)
	}
}
