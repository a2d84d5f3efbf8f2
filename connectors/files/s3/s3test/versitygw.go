package s3test

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/config/porttest"
	"fondaco/connectors/connectortest"
)

// patience is how long a store is waited for on a loaded machine.
const patience = 2 * time.Minute

// Store is a store of S3.
type Store struct {
	Endpoint       string
	Access, Secret string
	CA             []byte // the certificate by which it is known, nil of one without TLS
	Root           string // a folder in which each folder is a bucket

	program string
	made    atomic.Int64 // buckets
}

// Gateway starts a real store until the test ends. The test is skipped, but in CI, where its program is absent.
func Gateway(t *testing.T) *Store {
	t.Helper()
	return start(t, &Store{})
}

// Secure starts a store of HTTPS.
func Secure(t *testing.T) *Store {
	t.Helper()
	certificate, key := connectortest.Certificate(t)
	folder := t.TempDir()
	file := func(name string, content []byte) string {
		at := filepath.Join(folder, name)
		if err := os.WriteFile(at, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return at
	}
	return start(t, &Store{CA: certificate}, "--cert", file("certificate.pem", certificate), "--key", file("key.pem", key))
}

func start(t *testing.T, s *Store, more ...string) *Store {
	t.Helper()
	program, err := exec.LookPath("versitygw")
	if err != nil {
		program = found()
	}
	if program == "" {
		connectortest.Absent(t, "versitygw")
	}
	port, err := porttest.Free()
	if err != nil {
		t.Fatal(err)
	}
	address := fmt.Sprintf("127.0.0.1:%d", port)
	s.Endpoint, s.Access, s.Secret, s.Root, s.program = "http://"+address, "comune", "segretissima", t.TempDir(), program
	if s.CA != nil {
		s.Endpoint = "https://" + address
	}
	var log bytes.Buffer
	args := append([]string{
		"--access", s.Access, "--secret", s.Secret, "--port", address, "--region", "us-east-1", "--iam-dir", t.TempDir(),
	}, more...)
	server := exec.Command(program, append(args, "posix", "--sidecar", t.TempDir(), s.Root)...)
	server.Stdout, server.Stderr = &log, &log
	server.WaitDelay = time.Second
	if err := server.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		_ = server.Wait()
	}()
	t.Cleanup(func() {
		_ = server.Process.Kill()
		<-ended
		if t.Failed() {
			t.Logf("versitygw: %s", log.String())
		}
	})
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", address)
		if err == nil {
			_ = conn.Close()
			return s
		}
		select {
		case <-ended:
			t.Fatalf("the store ended as it started: %s", log.String())
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("the store did not listen in time: %v", err)
		}
	}
}

// found looks for the program where scripts/wider puts it.
func found() string {
	at, err := os.Getwd()
	if err != nil {
		return ""
	}
	for ; at != filepath.Dir(at); at = filepath.Dir(at) {
		program := filepath.Join(at, ".tools", "versitygw", "versitygw")
		if _, err := os.Stat(program); err == nil {
			return program
		}
	}
	return ""
}

// Bucket makes a bucket, and returns its name and its folder.
func (s *Store) Bucket(t *testing.T) (name, folder string) {
	t.Helper()
	name = fmt.Sprintf("scambio-%d", s.made.Add(1))
	folder = filepath.Join(s.Root, name)
	if err := os.Mkdir(folder, 0o755); err != nil {
		t.Fatal(err)
	}
	return name, folder
}

// User makes a user who may do nothing in any bucket, with a secret key that is the name.
func (s *Store) User(t *testing.T, name string) {
	t.Helper()
	out, err := exec.Command(s.program, "admin", "--access", s.Access, "--secret", s.Secret, "--endpoint-url", s.Endpoint,
		"--region", "us-east-1", "create-user", "--access", name, "--secret", name, "--role", "user").CombinedOutput()
	if err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}
