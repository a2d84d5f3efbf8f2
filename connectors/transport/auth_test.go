package transport

import (
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/connectors"
)

// TestAuth: each form of authentication, as the system sees it.
func TestAuth(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		got = r.Header.Get("Authorization") + "|" + r.Header.Get("X-Key") + "|" + r.RequestURI
	}))
	defer server.Close()
	for _, c := range []struct {
		auth Auth
		want string
	}{
		{Auth{}, "||/a?b=1"},
		{Auth{User: "dime", Password: "segreto"}, "Basic ZGltZTpzZWdyZXRv||/a?b=1"},
		{Auth{Bearer: "abc"}, "Bearer abc||/a?b=1"},
		{Auth{KeyHeader: "x-key", Key: "k"}, "|k|/a?b=1"},
		{Auth{KeyQuery: "chiave", Key: "a&b"}, "||/a?b=1&chiave=a%26b"},
	} {
		client := to(t, server.URL, func(o *Options) { o.Auth = c.auth })
		if _, err := client.Do(context.Background(), &Request{Method: "GET", Target: "/a?b=1"}); err != nil {
			t.Fatal(err)
		}
		client.Close()
		if got != c.want {
			t.Errorf("found %s, expected %s", got, c.want)
		}
	}
}

// issuer is a token server and the system that takes its tokens.
type issuer struct {
	issued, calls atomic.Int32
	good          atomic.Int32 // the number of the token that is taken
	expires       int
	status        int
	form          sync.Map
}

func (i *issuer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path == "/token" {
		user, password, _ := r.BasicAuth()
		_ = r.ParseForm()
		i.form.Store("form", user+":"+password+" "+r.PostForm.Encode())
		if i.status != 0 {
			w.WriteHeader(i.status)
			return
		}
		n := i.issued.Add(1)
		_, _ = fmt.Fprintf(w, `{"access_token":"t%d","token_type":"Bearer","expires_in":%d}`, n, i.expires)
		return
	}
	i.calls.Add(1)
	if r.Header.Get("Authorization") != fmt.Sprintf("Bearer t%d", i.good.Load()) {
		w.WriteHeader(http.StatusUnauthorized)
	}
}

func (i *issuer) client(t *testing.T, clock config.Clock) *Client {
	server := httptest.NewServer(i)
	t.Cleanup(server.Close)
	return to(t, server.URL, func(o *Options) {
		o.Clock = clock
		o.Auth = Auth{TokenURL: server.URL + "/token", ClientID: "dime", ClientSecret: "s p", Scopes: []string{"a", "b"}}
	})
}

// TestOAuth: one token serves all calls, is got once however many wait for it, and anew once when it is refused.
func TestOAuth(t *testing.T) {
	i := &issuer{expires: 3600}
	i.good.Store(1)
	client := i.client(t, nil)
	together := func(want string) {
		t.Helper()
		var wait sync.WaitGroup
		for range 20 {
			wait.Go(func() {
				got := told(client.Do(context.Background(), &Request{Method: "POST", Target: "/", Body: []byte("{}"), Effect: connectors.Once}))
				if got != want {
					t.Errorf("found %s, expected %s", got, want)
				}
			})
		}
		wait.Wait()
	}
	together("200 ")
	if n := i.issued.Load(); n != 1 {
		t.Errorf("%d tokens for 20 calls", n)
	}
	if form, _ := i.form.Load("form"); form != "dime:s+p grant_type=client_credentials&scope=a+b" {
		t.Error(form)
	}
	i.good.Store(2) // the first token is revoked
	together("200 ")
	if n := i.issued.Load(); n != 2 {
		t.Errorf("%d tokens after one was revoked", n)
	}
	i.good.Store(-1) // nothing helps: each call is sent twice at most
	i.calls.Store(0)
	if got := told(client.Do(context.Background(), &Request{Method: "GET", Target: "/"})); got != "401 " || i.calls.Load() != 2 {
		t.Errorf("%s after %d calls", got, i.calls.Load())
	}
}

// TestOAuthEnds: a token is renewed half a minute before its end, by the clock that the client was handed; without one nothing is sent to
// the system.
func TestOAuthEnds(t *testing.T) {
	i := &issuer{expires: 3600}
	i.good.Store(1)
	now := time.Date(2026, 1, 31, 12, 0, 0, 0, time.UTC)
	client := i.client(t, func() time.Time { return now })
	call := func() string { return told(client.Do(context.Background(), &Request{Method: "GET", Target: "/"})) }
	for _, x := range []struct {
		after  time.Duration
		tokens int32
	}{{0, 1}, {3569 * time.Second, 1}, {time.Second, 2}, {3569 * time.Second, 2}} {
		now = now.Add(x.after)
		i.good.Store(x.tokens)
		if got := call(); got != "200 " || i.issued.Load() != x.tokens {
			t.Errorf("%v later: %s after %d tokens, expected %d", x.after, got, i.issued.Load(), x.tokens)
		}
	}
	bad := &issuer{status: 500}
	client = bad.client(t, nil)
	if got, want := call(), "unavailable sent=false no token: HTTP status 500"; got != want || bad.calls.Load() != 0 {
		t.Errorf("found %s after %d calls, expected %s", got, bad.calls.Load(), want)
	}
}

// authority signs certificates for a test.
type authority struct {
	cert *x509.Certificate
	key  *ecdsa.PrivateKey
	pem  []byte
}

func sign(t *testing.T, name string, usage x509.ExtKeyUsage, by *authority) (a *authority, keyPEM []byte) {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	c := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: name},
		NotBefore: time.Now().Add(-time.Hour), NotAfter: time.Now().Add(time.Hour),
		IPAddresses: []net.IP{net.IPv4(127, 0, 0, 1)},
	}
	a = &authority{cert: c, key: key}
	signer := by
	if by == nil {
		c.IsCA, c.BasicConstraintsValid, c.KeyUsage = true, true, x509.KeyUsageCertSign
		signer = a
	} else {
		c.ExtKeyUsage, c.KeyUsage = []x509.ExtKeyUsage{usage}, x509.KeyUsageDigitalSignature
	}
	der, err := x509.CreateCertificate(rand.Reader, c, signer.cert, &key.PublicKey, signer.key)
	if err != nil {
		t.Fatal(err)
	}
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})
	if a.cert, err = x509.ParseCertificate(der); err != nil {
		t.Fatal(err)
	}
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		t.Fatal(err)
	}
	return a, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: keyDER})
}

// TestMutualTLS: both sides know each other; who is not known, or for another use, does not get in.
func TestMutualTLS(t *testing.T) {
	root, _ := sign(t, "Autorità", 0, nil)
	stranger, _ := sign(t, "Altri", 0, nil)
	serverCert, serverKey := sign(t, "sistema", x509.ExtKeyUsageServerAuth, root)
	ours, ourKey := sign(t, "dime", x509.ExtKeyUsageClientAuth, root)
	wrong, wrongKey := sign(t, "dime", x509.ExtKeyUsageClientAuth, stranger)
	pair, err := tls.X509KeyPair(serverCert.pem, serverKey)
	if err != nil {
		t.Fatal(err)
	}
	pool := x509.NewCertPool()
	pool.AddCert(root.cert)
	server := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.WriteString(w, r.TLS.PeerCertificates[0].Subject.CommonName+" "+r.Proto)
	}))
	server.TLS = &tls.Config{
		Certificates: []tls.Certificate{pair}, ClientCAs: pool, ClientAuth: tls.RequireAndVerifyClientCert,
		MinVersion: tls.VersionTLS12,
	}
	server.Config.ErrorLog = log.New(io.Discard, "", 0)
	server.EnableHTTP2 = true
	server.StartTLS()
	defer server.Close()
	for _, c := range []struct {
		name string
		tls  TLS
		want string
	}{
		{"ours", TLS{Certificate: ours.pem, Key: ourKey, CA: root.pem}, "200 dime HTTP/1.1"},
		{"another authority's", TLS{Certificate: wrong.pem, Key: wrongKey, CA: root.pem}, "unavailable sent="},
		{"none", TLS{CA: root.pem}, "unavailable sent="},
		{"a server that we do not trust", TLS{Certificate: ours.pem, Key: ourKey, CA: stranger.pem}, "unavailable sent=false"},
	} {
		client := to(t, server.URL, func(o *Options) { o.TLS = c.tls })
		got := told(client.Do(context.Background(), &Request{Method: "GET", Target: "/", Effect: connectors.Read}))
		client.Close()
		if !strings.HasPrefix(got, c.want) {
			t.Errorf("%s: found %s, expected %s", c.name, got, c.want)
		}
	}
	for want, bad := range map[string]TLS{
		"the certificate and its key do not fit together or are no PEM": {Certificate: ours.pem, Key: wrongKey},
		"the authorities' file holds no certificate":                    {CA: []byte("niente")},
	} {
		if _, err := bad.config(); err == nil || err.Error() != want {
			t.Errorf("found %v, expected %s", err, want)
		}
	}
}
