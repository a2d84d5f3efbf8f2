package sftptest

import (
	"bytes"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rand"
	"encoding/pem"
	"fmt"
	"net"
	"os"
	"os/exec"
	"os/user"
	"path/filepath"
	"testing"
	"time"

	"golang.org/x/crypto/ssh"

	"fondaco/config/porttest"
	"fondaco/connectors/connectortest"
)

// patience is how long a server is waited for on a loaded machine.
const patience = 2 * time.Minute

// Server is a server of SFTP.
type Server struct {
	Host       string // host:port
	User       string
	Password   string // "" of OpenSSH, which takes the key
	Key        []byte // in OpenSSH's form
	KnownHosts string // a line for each of its host keys
	Pins       []string
	state      string
}

// OpenSSH starts a real server until the test ends. It shows an ed25519 and an ecdsa key. arguments are those of internal-sftp, as -R for one
// that changes nothing; with a first one that is a path that program serves files. The test is skipped, but in CI, where OpenSSH is absent.
func OpenSSH(t testing.TB, arguments ...string) *Server {
	t.Helper()
	program, err := exec.LookPath("/usr/sbin/sshd")
	if err != nil {
		if program, err = exec.LookPath("sshd"); err != nil {
			absent(t)
		}
	}
	who, err := user.Current()
	if err != nil {
		t.Fatal(err)
	}
	if who.Uid == "0" { // where it keeps nothing, and looks for it nevertheless
		if err := os.MkdirAll("/run/sshd", 0o755); err != nil {
			t.Fatal(err)
		}
	}
	s := &Server{User: who.Username, state: t.TempDir()}
	own, text := newKey(t, false)
	s.Key = text
	s.file(t, "authorized_keys", ssh.MarshalAuthorizedKey(own))
	port, err := porttest.Free()
	if err != nil {
		t.Fatal(err)
	}
	s.Host = fmt.Sprintf("127.0.0.1:%d", port)
	var config bytes.Buffer
	for _, curve := range []bool{false, true} {
		public, text := newKey(t, curve)
		name := s.file(t, "host_"+public.Type(), text)
		fmt.Fprintf(&config, "HostKey %s\n", name)
		s.know(public)
	}
	subsystem := "internal-sftp"
	for _, a := range arguments {
		if filepath.IsAbs(a) {
			subsystem = a
		} else {
			subsystem += " " + a
		}
	}
	fmt.Fprintf(&config, "Port %d\nListenAddress 127.0.0.1\nAuthorizedKeysFile %s\nPidFile none\nUsePAM no\nStrictModes no\nPermitRootLogin yes\n"+
		"PasswordAuthentication no\nKbdInteractiveAuthentication no\nMaxStartups 100\nLogLevel ERROR\nSubsystem sftp %s\n", port,
		filepath.Join(s.state, "authorized_keys"), subsystem)
	s.run(t, program, s.file(t, "config", config.Bytes()))
	return s
}

func absent(t testing.TB) {
	one, is := t.(*testing.T)
	if !is {
		t.Skip("OpenSSH's server is absent: scripts/wider fetches it")
	}
	connectortest.Absent(one, "OpenSSH's server")
}

// run starts the server, and waits until it listens.
func (s *Server) run(t testing.TB, program, config string) {
	t.Helper()
	var log bytes.Buffer
	server := exec.Command(program, "-D", "-e", "-f", config)
	server.Stdout, server.Stderr = &log, &log
	server.WaitDelay = time.Second // of those that it has for connections
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
			t.Logf("sshd: %s", log.String())
		}
	})
	for end := time.Now().Add(patience); ; time.Sleep(20 * time.Millisecond) {
		conn, err := net.Dial("tcp", s.Host)
		if err == nil {
			_ = conn.Close()
			return
		}
		select {
		case <-ended:
			t.Fatalf("the server ended as it started: %s", log.String())
		default:
		}
		if time.Now().After(end) {
			t.Fatalf("the server did not listen in time: %v", err)
		}
	}
}

// file writes a file of the server's.
func (s *Server) file(t testing.TB, name string, content []byte) string {
	t.Helper()
	at := filepath.Join(s.state, name)
	if err := os.WriteFile(at, content, 0o600); err != nil {
		t.Fatal(err)
	}
	return at
}

// know adds a host key to those that the server has.
func (s *Server) know(key ssh.PublicKey) {
	s.KnownHosts += Line(s.Host, key)
	s.Pins = append(s.Pins, ssh.FingerprintSHA256(key))
}

// Line returns the line of known_hosts for a key.
func Line(host string, key ssh.PublicKey) string {
	name, port, _ := net.SplitHostPort(host)
	if port != "22" {
		name = "[" + name + "]:" + port
	}
	return name + " " + string(ssh.MarshalAuthorizedKey(key))
}

// newKey makes a key, and returns its public half, and itself in OpenSSH's form.
func newKey(t testing.TB, curve bool) (ssh.PublicKey, []byte) {
	t.Helper()
	var private any
	var public any
	var err error
	if curve {
		var k *ecdsa.PrivateKey
		if k, err = ecdsa.GenerateKey(elliptic.P256(), rand.Reader); err == nil {
			private, public = k, &k.PublicKey
		}
	} else {
		var k ed25519.PrivateKey
		if public, k, err = ed25519.GenerateKey(rand.Reader); err == nil {
			private = k
		}
	}
	if err != nil {
		t.Fatal(err)
	}
	key, err := ssh.NewPublicKey(public)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(private, "")
	if err != nil {
		t.Fatal(err)
	}
	return key, pem.EncodeToMemory(block)
}

// Another returns the line of known_hosts for a key that the server does not have.
func (s *Server) Another(t testing.TB) string {
	t.Helper()
	key, _ := newKey(t, false)
	return Line(s.Host, key)
}

// Program returns the path of OpenSSH's own program that serves files, as a server may have it in place of internal-sftp.
func Program(t testing.TB) string {
	t.Helper()
	for _, at := range []string{"/usr/lib/openssh/sftp-server", "/usr/libexec/openssh/sftp-server", "/usr/libexec/sftp-server"} {
		if _, err := os.Stat(at); err == nil {
			return at
		}
	}
	absent(t)
	return ""
}
