package ftptest

import (
	"bytes"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"testing"
	"time"

	"fondaco/config/porttest"
	"fondaco/connectors/connectortest"
)

// patience is how long a server is waited for on a loaded machine.
const patience = 2 * time.Minute

// Server is a server of FTP.
type Server struct {
	Host     string // host:port
	User     string
	Password string
	CA       []byte // of one with TLS, nil of others
}

// Port is the port of the server.
func (s *Server) Port() string { return s.Host[len("127.0.0.1"):] }

// Vsftpd starts a real server until the test ends, which shows the whole machine to one who knows the password. more are further lines of
// its configuration. The test is skipped, but in CI, where vsftpd is absent.
func Vsftpd(t *testing.T, secure bool, more ...string) *Server {
	t.Helper()
	program, err := exec.LookPath("/usr/sbin/vsftpd")
	if err != nil {
		if program, err = exec.LookPath("vsftpd"); err != nil {
			connectortest.Absent(t, "vsftpd")
		}
	}
	state := t.TempDir()
	file := func(name string, content []byte) string {
		at := filepath.Join(state, name)
		if err := os.WriteFile(at, content, 0o600); err != nil {
			t.Fatal(err)
		}
		return at
	}
	port, err := porttest.Free()
	if err != nil {
		t.Fatal(err)
	}
	s := &Server{Host: fmt.Sprintf("127.0.0.1:%d", port), User: "anonymous", Password: "segreta"}
	var config bytes.Buffer
	fmt.Fprintf(&config, "listen=YES\nlisten_address=127.0.0.1\nlisten_port=%d\nrun_as_launching_user=YES\nbackground=NO\n"+
		"seccomp_sandbox=NO\nanonymous_enable=YES\nlocal_enable=NO\nsecure_email_list_enable=YES\nemail_password_file=%s\nanon_root=%s\n"+
		"write_enable=YES\nanon_upload_enable=YES\nanon_mkdir_write_enable=YES\nanon_other_write_enable=YES\nanon_world_readable_only=NO\n"+
		"anon_umask=022\nfile_open_mode=0644\n", port, file("passwords", []byte(s.Password+"\n")), state)
	if secure {
		certificate, key := connectortest.Certificate(t)
		s.CA = certificate
		fmt.Fprintf(&config, "ssl_enable=YES\nallow_anon_ssl=YES\nforce_anon_logins_ssl=YES\nforce_anon_data_ssl=YES\nrsa_cert_file=%s\n"+
			"rsa_private_key_file=%s\nssl_ciphers=HIGH\n", file("certificate", certificate), file("key", key))
	}
	for _, line := range more {
		fmt.Fprintln(&config, line)
	}
	s.run(t, program, file("config", config.Bytes()))
	return s
}

// run starts the server, and waits until it listens.
func (s *Server) run(t *testing.T, program, config string) {
	t.Helper()
	var log bytes.Buffer
	server := exec.Command(program, config)
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
			t.Logf("vsftpd: %s", log.String())
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
