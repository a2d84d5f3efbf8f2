package auth

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/rsa"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
	"math/big"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/go-jose/go-jose/v4"
)

// TestBadKeys: T18. Keys that are weak, secret, or ambiguous are not used.
func TestBadKeys(t *testing.T) {
	weak := &rsa.PublicKey{N: new(big.Int).SetBit(new(big.Int).Rsh(smith.rsa.N, 1536), 0, 1), E: 65537}
	p384, err := ecdsa.GenerateKey(elliptic.P384(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	many := make([]jose.JSONWebKey, 65)
	for i := range many {
		many[i] = jose.JSONWebKey{Key: &smith.p256.PublicKey, KeyID: fmt.Sprint(i)}
	}
	private, err := x509.MarshalPKCS8PrivateKey(smith.p256)
	if err != nil {
		t.Fatal(err)
	}
	for want, src := range map[string][]byte{
		"no key is usable: key 1: it is not a public key for signatures": jwks(jose.JSONWebKey{
			Key:   []byte("secret secret secret"),
			KeyID: "o",
		}),
		"no key is usable: key 1: found RSA of 512 bits, expected 2048 to 8192": jwks(jose.JSONWebKey{Key: weak, KeyID: "w"}),
		"no key is usable: key 2 has the id of another": jwks(jose.JSONWebKey{Key: &smith.p256.PublicKey, KeyID: "x"},
			jose.JSONWebKey{Key: &smith.rsa.PublicKey, KeyID: "x"}),
		"no key is usable: key 1 is not for the algorithms [RS256 ES256]": jwks(jose.JSONWebKey{Key: &p384.PublicKey, KeyID: "p"}),
		"found 65 keys, expected at most 64":                              jwks(many...),
		"no key is usable: there is no key":                               []byte(`{"keys":[]}`),
		"it is neither a JWKS nor PEM":                                    []byte(`{"keys":`),
		`found PEM of type "PRIVATE KEY", expected PUBLIC KEY or CERTIFICATE`: pem.EncodeToMemory(&pem.Block{
			Type:  "PRIVATE KEY",
			Bytes: private,
		}),
	} {
		_, err := NewJWT(settings, Deps{FS: fstest.MapFS{"jwks.json": {Data: src}}})
		if err == nil || err.Error() != "jwt: keys: jwks.json: "+want {
			t.Errorf("found    %v\nexpected %s", err, want)
		}
	}
	for name, key := range map[string]jose.JSONWebKey{
		"private key": {Key: smith.p256, KeyID: "e"}, "for encryption": {Key: &smith.p256.PublicKey, KeyID: "e", Use: "enc"},
		"for another algorithm": {Key: &smith.p256.PublicKey, KeyID: "e", Algorithm: "ES384"},
	} {
		if _, err := NewJWT(settings, Deps{FS: fstest.MapFS{"jwks.json": {Data: jwks(key)}}}); err == nil {
			t.Errorf("%s: was taken", name)
		}
	}
}

func TestPEM(t *testing.T) {
	der, err := x509.MarshalPKIXPublicKey(&smith.p256.PublicKey)
	if err != nil {
		t.Fatal(err)
	}
	s := scheme(t, settings, Deps{FS: fstest.MapFS{"jwks.json": {Data: pem.EncodeToMemory(&pem.Block{Type: "PUBLIC KEY", Bytes: der})}}})
	if _, err := s.Authenticate(context.Background(), bearer(smith.es256(es(nil), claims(nil)))); err != nil {
		t.Error(err)
	}
}

func TestConfigured(t *testing.T) {
	for want, c := range map[string]JWT{
		"jwt: issuer, audiences and keys are required": {
			Issuer:    "a",
			Audiences: []string{"b"},
		},
		"jwt: found leeway 1m1s, expected at most 1m0s": {
			Issuer:    "a",
			Audiences: []string{"b"}, Keys: "c", Leeway: 61 * time.Second,
		},
		`jwt: keys: found "http://keys.example/", expected a file or an https URL`: {
			Issuer:    "a",
			Audiences: []string{"b"}, Keys: "http://keys.example/",
		},
		`jwt: keys: found "file:///etc", expected a file or an https URL`: {
			Issuer:    "a",
			Audiences: []string{"b"}, Keys: "file:///etc",
		},
		"jwt: keys: open none.json: file does not exist": {
			Issuer:    "a",
			Audiences: []string{"b"}, Keys: "none.json",
		},
		`jwt: found algorithm "HS256", expected one of [RS256 RS384 RS512 PS256 PS384 PS512 ES256 ES384 ES512 EdDSA]`: {
			Issuer:    "a",
			Audiences: []string{"b"}, Keys: "c", Algorithms: []string{"HS256"},
		},
	} {
		if _, err := NewJWT(c, Deps{FS: fstest.MapFS{}}); err == nil || err.Error() != want {
			t.Errorf("found    %v\nexpected %s", err, want)
		}
	}
}

// TestRemoteKeys: T04, T18. Keys are fetched at most once a minute, whatever comes; they are used for an hour when they
// cannot be had anew, and then nobody is let in.
func TestRemoteKeys(t *testing.T) {
	var asked, down atomic.Int64
	var served atomic.Pointer[[]byte]
	first := smith.jwks()
	served.Store(&first)
	keys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked.Add(1)
		if down.Load() > 0 {
			http.Redirect(w, r, "/elsewhere", http.StatusFound)
			return
		}
		_, _ = w.Write(*served.Load())
	}))
	defer keys.Close()
	now := noon
	c := settings
	c.Keys = keys.URL
	s := scheme(t, c, Deps{Now: func() time.Time { return now }, Client: keys.Client()})
	token := func() string {
		return smith.es256(es(nil), claims(object{"exp": now.Unix() + 600, "iat": now.Unix()}))
	}
	try := func() int {
		_, err := s.Authenticate(context.Background(), bearer(token()))
		var r *Refusal
		if errors.As(err, &r) {
			return r.Status
		}
		return 200
	}
	step := func(what string, after time.Duration, status, fetches int) {
		t.Helper()
		now = now.Add(after)
		if got := try(); got != status || asked.Load() != int64(fetches) {
			t.Errorf("%s: %d after %d fetches, expected %d after %d", what, got, asked.Load(), status, fetches)
		}
	}
	down.Store(1)
	step("down from the start", 0, 503, 1)
	step("not asked again at once", time.Second, 503, 1)
	step("but after two seconds", time.Second, 503, 2)
	step("then after four", 3*time.Second, 503, 2)
	down.Store(0)
	step("up", time.Second, 200, 3)
	asked.Store(2)
	step("fresh", 2*time.Minute, 200, 2)
	for i := range 100 {
		_, _ = s.Authenticate(context.Background(), bearer(smith.es256(es(object{"kid": fmt.Sprint("flood", i)}), claims(nil))))
	}
	step("a flood of key ids", 0, 200, 3)
	thief := newForge()
	both := jwks(jose.JSONWebKey{Key: &smith.p256.PublicKey, KeyID: "e"}, jose.JSONWebKey{Key: &thief.p256.PublicKey, KeyID: "new"})
	served.Store(&both)
	now = now.Add(time.Minute)
	rotated := thief.es256(es(object{"kid": "new"}), claims(object{"exp": now.Unix() + 60}))
	if _, err := s.Authenticate(context.Background(), bearer(rotated)); err != nil || asked.Load() != 4 {
		t.Errorf("a new key: %v after %d fetches", err, asked.Load())
	}
	down.Store(1)
	step("old keys while down", 6*time.Minute, 200, 5)
	step("still, for an hour", 53*time.Minute, 200, 6)
	step("no longer", 2*time.Minute, 503, 7)
	down.Store(0)
	withdrawn := jwks(jose.JSONWebKey{Key: &thief.p256.PublicKey, KeyID: "new"})
	served.Store(&withdrawn)
	step("a key that was withdrawn", time.Minute, 401, 8)
	now = now.Add(time.Minute)
	large := append([]byte(`{"keys":[`), make([]byte, 300<<10)...)
	served.Store(&large)
	if r := s.(*jwt).keys.refresh(context.Background(), now); len(r.all) != 1 || asked.Load() != 9 {
		t.Errorf("a large answer was taken")
	}
	if !strings.Contains(fmt.Sprint(s.(*jwt).keys.(aged).failure), "too large") {
		t.Errorf("found %v", s.(*jwt).keys.(aged).failure)
	}
	keys.Client().CloseIdleConnections()
}

// TestKeysOutlive: keys that were had are used by schemes made anew, up to the age that each states, and an address that
// was just asked is not asked again.
func TestKeysOutlive(t *testing.T) {
	var asked, down atomic.Int64
	keys := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if asked.Add(1); down.Load() > 0 {
			w.WriteHeader(http.StatusInternalServerError) // what is asked again at once is 502 and its like
			return
		}
		_, _ = w.Write(smith.jwks())
	}))
	defer keys.Close()
	defer keys.Client().CloseIdleConnections()
	now, cache := noon, &KeyCache{}
	made := func(age time.Duration) Scheme {
		c := settings
		c.Keys, c.KeysMaxAge = keys.URL, age
		return scheme(t, c, Deps{Now: func() time.Time { return now }, Client: keys.Client(), Keys: cache})
	}
	try := func(what string, s Scheme, status int) {
		t.Helper()
		_, err := s.Authenticate(context.Background(), bearer(smith.es256(es(nil), claims(object{"exp": now.Unix() + 600, "iat": now.Unix()}))))
		var r *Refusal
		if errors.As(err, &r) && r.Status != status || (err == nil) != (status == 200) {
			t.Errorf("%s: found %v, expected %d", what, err, status)
		}
	}
	try("the first", made(0), 200)
	down.Store(1)
	now = now.Add(30 * time.Minute)
	try("a reload while they cannot be had", made(0), 200)
	now = now.Add(31 * time.Minute)
	try("older than the usual age", made(0), 503)
	day := made(24 * time.Hour)
	try("younger than a stated age", day, 200)
	now = now.Add(24 * time.Hour)
	try("older than a stated age", day, 503)
	down.Store(0)
	now = now.Add(time.Minute)
	try("when they can be had", made(0), 200)
	if asked.Load() != 5 {
		t.Errorf("asked %d times", asked.Load())
	}
}
