package sftp

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"
	"golang.org/x/crypto/ssh/knownhosts"

	"fondaco/connectors/connectortest"
	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/sftp/sftptest"
)

// TestHostKeys: a connection is made if the key of the server is known, whichever of its keys that is, and not otherwise.
func TestHostKeys(t *testing.T) {
	server := sftptest.OpenSSH(t)
	folder := t.TempDir()
	lines := strings.SplitAfter(server.KnownHosts, "\n") // of an ed25519 and of an ecdsa key
	another := server.Another(t)
	elsewhere := "altrove.example " + strings.Join(strings.Fields(lines[0])[1:], " ") + "\n"
	pinOf := func(line string) string {
		_, _, key, _, _, err := ssh.ParseKnownHosts([]byte(line))
		if err != nil {
			t.Fatal(err)
		}
		return ssh.FingerprintSHA256(key)
	}
	for name, c := range map[string]struct {
		lines, pins string
		expected    []string // parts of the error, none where it is let in
	}{
		"both lines":          {server.KnownHosts, "", nil},
		"the first":           {lines[0], "", nil},
		"the second":          {lines[1], "", nil},
		"the first pinned":    {"", server.Pins[0], nil},
		"the second pinned":   {"", server.Pins[1], nil},
		"old and new":         {"", pinOf(another) + " " + server.Pins[1] + "=", nil},
		"a pin, and lines":    {another, server.Pins[0], nil},
		"hashed":              {strings.Replace(lines[0], knownhosts.Normalize(server.Host), knownhosts.HashHostname(knownhosts.Normalize(server.Host)), 1), "", nil},
		"a pattern":           {strings.Replace(lines[0], "[127.0.0.1]", "[127.0.0.*]", 1), "", nil},
		"of another server":   {elsewhere, "", []string{"is not in known_hosts", server.Pins[0], "[127.0.0.1]:", "its owner"}},
		"changed":             {another, "", []string{"another key than the known one", server.Pins[0], pinOf(another), "line 1", "its owner"}},
		"changed, and pinned": {"", pinOf(another), []string{"another key than the known one", server.Pins[0], pinOf(another), "host_key"}},
		"revoked":             {"@revoked * " + strings.Join(strings.Fields(lines[0])[1:], " ") + "\n" + lines[0], "", []string{"revoked"}},
		"not meant":           {strings.Replace(lines[0], "[127", "!"+knownhosts.Normalize(server.Host)+",[127", 1), "", []string{"is not in known_hosts"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := opened(t, server, folder, func(o *driver.Options) { o.Entry.KnownHosts, o.Entry.HostKeys = []byte(c.lines), c.pins })
			_, err := s.Stat(t.Context(), "x")
			if c.expected == nil {
				if !driver.IsKind(err, driver.Missing) {
					t.Errorf("found %v, expected to be let in", err)
				}
				return
			}
			if !driver.IsKind(err, driver.HostKey) {
				t.Fatalf("found %v, expected the fault host-key", err)
			}
			for _, part := range c.expected {
				if !strings.Contains(err.Error(), part) {
					t.Errorf("found %v, expected it to say %q", err, part)
				}
			}
		})
	}
}

// TestHostKeyRequired: without a key by which the server is known nothing is opened.
func TestHostKeyRequired(t *testing.T) {
	for name, c := range map[string][3]string{
		"nothing":       {"", "", "neither known_hosts nor host_key"},
		"comments":      {"# none\n\n", "", "neither known_hosts nor host_key"},
		"a star":        {"", "*", "no fingerprint"},
		"MD5":           {"", "MD5:16:27:ac:a5:76:28:2d:36:63:1b:56:4d:eb:df:a6:48", "no fingerprint"},
		"half a line":   {"host ssh-ed25519\n", "", "line 1"},
		"no base64":     {"host ssh-ed25519 ::::\n", "", "line 1"},
		"unknown mark":  {"@trusted * ssh-ed25519 AAAA\n", "", "line 1"},
		"another type":  {"# a\nhost ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIDpZ8nK3wUeYQyq6VdU0yqGz0yqk8Q0sSgJpVw1Jr3uT\n", "", "line 2"},
		"a short print": {"", "SHA256:abc", "no fingerprint"},
	} {
		_, err := Driver.Open(driver.Options{
			Host: "sftp.example:22", Folder: "/", Entry: driver.Entry{User: "u", Password: "p", KnownHosts: []byte(c[0]), HostKeys: c[1]},
		})
		if err == nil || !strings.Contains(err.Error(), c[2]) {
			t.Errorf("%s: found %v, expected %q", name, err, c[2])
		}
	}
}

// TestSignedHostKey: a key that a known authority has signed for the host is known, one that another has signed is not.
func TestSignedHostKey(t *testing.T) {
	server := sftptest.InProcess(t, sftptest.Odd{Signed: true})
	s := opened(t, server, t.TempDir(), nil)
	if _, err := s.Stat(t.Context(), "x"); !driver.IsKind(err, driver.Missing) {
		t.Errorf("found %v, expected to be let in", err)
	}
	s = opened(t, server, t.TempDir(), func(o *driver.Options) { o.Entry.KnownHosts = []byte("@cert-authority " + server.Another(t)) })
	if _, err := s.Stat(t.Context(), "x"); !driver.IsKind(err, driver.HostKey) {
		t.Errorf("found %v, expected the fault host-key", err)
	}
}

// TestKnownHostsAsOpenSSH: lines are found for a host as OpenSSH finds them.
func TestKnownHostsAsOpenSSH(t *testing.T) {
	program, err := exec.LookPath("ssh-keygen")
	if err != nil {
		connectortest.Absent(t, "OpenSSH's server")
	}
	const key = " ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIDpZ8nK3wUeYQyq6VdU0yqGz0yqk8Q0sSgJpVw1Jr3uT\n"
	_, _, public, _, _, err := ssh.ParseKnownHosts([]byte("a" + key))
	if err != nil {
		t.Fatal(err)
	}
	at := filepath.Join(t.TempDir(), "known_hosts")
	for _, line := range []string{
		"sftp.example", "SFTP.Example", "[sftp.example]:2222", "*.example", "*", "s?tp.example", "a.example,sftp.example",
		"!sftp.example,*.example", "*.example,!sftp.example", "[*.example]:2222", "[::1]:2222", "::1", "sftp.example.org", "ftp.example", "sftp",
		"**ple", "sftp.example*", "[sftp.example]:222", "*:2222", "s*p.*ple", "s*q*e", knownhosts.HashHostname("sftp.example"),
		knownhosts.HashHostname("[sftp.example]:2222"), "|1|AAAA|AAAA",
	} {
		if err := os.WriteFile(at, []byte(line+key), 0o600); err != nil {
			t.Fatal(err)
		}
		for _, host := range []string{"sftp.example:22", "sftp.example:2222", "[::1]:2222", "[::1]:22", "altrove.example:22"} {
			k, err := readHostKeys(host, []byte(line+key), "")
			if err != nil {
				t.Fatal(line, err)
			}
			expected := exec.Command(program, "-F", knownhosts.Normalize(host), "-f", at).Run() == nil
			if found := k.checkPlain(public) == nil; found != expected {
				t.Errorf("the line %s and the host %s: found %t, expected %t", line, host, found, expected)
			}
		}
	}
}
