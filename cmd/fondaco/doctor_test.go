package main

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/engine/doctor"
)

// TestDoctor: what is wrong where a project is to run is told, each with what to do, and nothing secret is shown.
func TestDoctor(t *testing.T) {
	t.Parallel()
	const day = 24 * time.Hour
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	systems := map[string]string{
		"expired": certified(t, -day), "soon": certified(t, 5*day), "later": certified(t, 20*day), "good": certified(t, 90*day),
		"closed": "https://127.0.0.1:1", "nowhere": "https://name.invalid", "plain": "http://" + taken.Addr().String(),
	}
	yaml := "project: office\ntitle: Office\nserver: { listen: \"" + taken.Addr().String() + "\", console: \"127.0.0.1:0\" }\nsystems:\n"
	for name, address := range systems {
		yaml += "  " + name + ": { connector: ./connectors/x, params: { endpoint: \"" + address + "\" } }\n"
	}
	dir := written(t, map[string]string{"fondaco.yaml": yaml, "connectors/x/connector.yaml": `connector: x
version: 1.0.0
title: X
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations: { ping: { get: /ping, answer: { type: object, properties: { a: { type: string } } } } }
`})
	secrets := t.TempDir()
	for name, mode := range map[string]os.FileMode{"open": 0o644, "own": 0o600} {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte("canary"), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Chmod(secrets, 0o755); err != nil {
		t.Fatal(err)
	}
	code, out, problems := command(t, dir, "doctor", ".", "--secrets", secrets, "--format", "json")
	var found []doctor.Finding
	if err := json.Unmarshal([]byte(out), &found); err != nil || code != exitFailed || strings.Contains(out, "canary") {
		t.Fatalf("%d %v\n%s%s", code, err, out, problems)
	}
	got := map[string]string{}
	for _, f := range found {
		got[f.Check+" "+f.Subject] = f.Status + " " + f.Found
		if (f.Status == doctor.OK) != (f.Do == "") {
			t.Errorf("what to do is missing, or not wanted: %+v", f)
		}
	}
	for what, want := range map[string]string{
		"port server.listen": "fail " + taken.Addr().String() + " cannot be had", "port server.console": "ok ",
		"secrets open": "fail its rights are 0644", "secrets own": "ok ",
		"system closed": "fail 127.0.0.1:1 cannot be reached: connection refused", "system nowhere": "fail name.invalid:443 cannot be reached: the name does",
		"system plain": "ok ", "system good": "ok ", "certificate good": "ok ", "certificate later": "warn the certificate ends on",
		"certificate soon": "fail the certificate ends on", "certificate expired": "fail the certificate ended on",
	} {
		if !strings.HasPrefix(got[what], want) {
			t.Errorf("%s: found %q, expected %q", what, got[what], want)
		}
	}
}

// certified returns the address of a server of TLS whose certificate ends after a time.
func certified(t *testing.T, after time.Duration) string {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	form := &x509.Certificate{
		SerialNumber: big.NewInt(1), NotBefore: time.Now().Add(-1000 * time.Hour), NotAfter: time.Now().Add(after + time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	der, err := x509.CreateCertificate(rand.Reader, form, form, &key.PublicKey, key)
	if err != nil {
		t.Fatal(err)
	}
	l, err := tls.Listen("tcp", "127.0.0.1:0", &tls.Config{Certificates: []tls.Certificate{{Certificate: [][]byte{der}, PrivateKey: key}}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() { _ = c.(*tls.Conn).Handshake(); _ = c.Close() }()
		}
	}()
	return "https://" + l.Addr().String()
}
