package sftp

import (
	"crypto/ed25519"
	"crypto/rand"
	"encoding/pem"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"fondaco/connectors/files/driver"
	"fondaco/connectors/files/sftp/sftptest"
)

// TestLogin: we are let in by key and by password, in both ways in which servers ask for it, and told why we are not.
func TestLogin(t *testing.T) {
	openssh, plain := sftptest.OpenSSH(t), sftptest.InProcess(t, sftptest.Odd{})
	asks := sftptest.InProcess(t, sftptest.Odd{Asks: true})
	key, err := ssh.ParseRawPrivateKey(openssh.Key)
	if err != nil {
		t.Fatal(err)
	}
	encrypted, err := ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte("parola"))
	if err != nil {
		t.Fatal(err)
	}
	_, another, err := ed25519.GenerateKey(rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(another, "")
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		server   *sftptest.Server
		change   func(*driver.Entry)
		expected driver.Kind
	}{
		"key":                  {openssh, func(*driver.Entry) {}, driver.Missing},
		"encrypted key":        {openssh, func(e *driver.Entry) { e.Key, e.Passphrase = pem.EncodeToMemory(encrypted), "parola" }, driver.Missing},
		"key and password":     {openssh, func(e *driver.Entry) { e.Password = "x" }, driver.Missing},
		"another key":          {openssh, func(e *driver.Entry) { e.Key = pem.EncodeToMemory(block) }, driver.Login},
		"another user":         {openssh, func(e *driver.Entry) { e.User = "nessuno" }, driver.Login},
		"password":             {plain, func(*driver.Entry) {}, driver.Missing},
		"password, asked":      {asks, func(*driver.Entry) {}, driver.Missing},
		"wrong password":       {plain, func(e *driver.Entry) { e.Password = "sbagliata" }, driver.Login},
		"wrong password asked": {asks, func(e *driver.Entry) { e.Password = "sbagliata" }, driver.Login},
		"a key, and password":  {plain, func(e *driver.Entry) { e.Key = openssh.Key }, driver.Missing},
	} {
		s := opened(t, c.server, t.TempDir(), func(o *driver.Options) { c.change(&o.Entry) })
		_, err := s.Stat(t.Context(), "x")
		if !driver.IsKind(err, c.expected) || strings.Contains(err.Error(), "sbagliata") {
			t.Errorf("%s: found %v, expected %s", name, err, c.expected)
		}
	}
	s := opened(t, openssh, "/nowhere/at/all", nil)
	if _, err := s.Stat(t.Context(), "x"); !driver.IsKind(err, driver.Down) || !strings.Contains(err.Error(), "the folder of the address") {
		t.Errorf("found %v", err)
	}
	for expected, e := range map[string]driver.Entry{
		"says no user":     {Password: "p", HostKeys: openssh.Pins[0]},
		"neither password": {User: "u", HostKeys: openssh.Pins[0]},
		"is encrypted":     {User: "u", Key: pem.EncodeToMemory(encrypted), HostKeys: openssh.Pins[0]},
		"not decrypted":    {User: "u", Key: pem.EncodeToMemory(encrypted), Passphrase: "x", HostKeys: openssh.Pins[0]},
		"no private key":   {User: "u", Key: []byte("segreta"), HostKeys: openssh.Pins[0]},
	} {
		_, err := Driver.Open(driver.Options{Host: "sftp.example:22", Folder: "/", Entry: e})
		if err == nil || !strings.Contains(err.Error(), expected) || strings.Contains(err.Error(), "segreta") {
			t.Errorf("found %v, expected %s", err, expected)
		}
	}
}
