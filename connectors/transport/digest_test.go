package transport

import (
	"context"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"fondaco/connectors"
)

// TestDigestVectors: the examples of RFC 7616 §3.9.1 and of RFC 2617 §3.5.
func TestDigestVectors(t *testing.T) {
	const nonce, chance = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v", "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ"
	for _, x := range []struct {
		header, user, password, nc, chance string
		want                               string
	}{
		{
			`Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=MD5, nonce="` + nonce + `", opaque="FQ"`,
			"Mufasa", "Circle of Life", "00000001", chance, "8ca523f5e9506fed4657c9700eebdbec",
		},
		{
			`Digest realm="http-auth@example.org", qop="auth, auth-int", algorithm=SHA-256, nonce="` + nonce + `", opaque="FQ"`,
			"Mufasa", "Circle of Life", "00000001", chance, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1",
		},
		{
			`Digest realm="testrealm@host.com",qop="auth,auth-int",nonce="dcd98b7102dd2f0e8b11d0f600bfb0c093"`,
			"Mufasa", "Circle Of Life", "00000001", "0a4f113b", "6629fae49393a05397450978507c4ef1",
		},
	} {
		list := challenges([]string{`Basic realm="a, Digest nonce=x", ` + x.header + `, Bearer`})
		if len(list) != 1 {
			t.Fatalf("%s: found %d challenges", x.header, len(list))
		}
		uri := "/dir/index.html"
		if got := list[0].response(x.user, x.password, "GET", uri, x.nc, x.chance); got != x.want {
			t.Errorf("%s\nfound %s, expected %s", x.header, got, x.want)
		}
	}
	for _, header := range []string{
		"", "Digest", `Digest realm="a"`, `Digest nonce="a", algorithm=SHA-512-256`,
		`Digest nonce="a", qop="auth-int"`, `Basic nonce="a"`, `Digest "`, `Digest nonce="`, "=,=", `Digest nonce=a=b\`,
	} {
		if list := challenges([]string{header}); len(list) > 0 && header != `Digest nonce=a=b\` {
			t.Errorf("%s: found %+v", header, list[0])
		}
	}
}

// TestDigest: the first call is made twice, those after it once; a wrong password is not tried again; a new nonce is taken.
func TestDigest(t *testing.T) {
	gate := &Digest{User: `a"b`, Password: "segreta", Nonce: "n1"}
	var seen []string
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Method)
		if !gate.Known(r) {
			gate.Ask(w.Header())
			w.WriteHeader(http.StatusUnauthorized)
		}
	}))
	defer server.Close()
	endpoint, _ := url.Parse(server.URL + "/base")
	calls := func(c *Client) (status int) {
		t.Helper()
		seen = nil
		res, err := c.Do(context.Background(), &Request{
			Method: http.MethodPost, Target: "/a%2Fb?q=%C3%A8", Body: []byte("x"), Operation: "op",
			Effect: connectors.Once,
		})
		if err != nil {
			t.Fatal(err)
		}
		return res.Status
	}
	open := func(password string) *Client {
		c, err := New(Options{System: "prova", Endpoint: endpoint, Auth: Auth{Digest: true, User: `a"b`, Password: password}})
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(c.Close)
		return c
	}
	c := open("segreta")
	for i, want := range []int{2, 1, 1} {
		if status := calls(c); status != http.StatusOK || len(seen) != want {
			t.Errorf("call %d: found %d after %d requests, expected 200 after %d", i, status, len(seen), want)
		}
	}
	gate.Nonce = "n2"
	if status := calls(c); status != http.StatusOK || len(seen) != 2 {
		t.Errorf("a new nonce: found %d after %d requests", status, len(seen))
	}
	wrong := open("altra")
	for i, want := range []int{2, 1} {
		if status := calls(wrong); status != http.StatusUnauthorized || len(seen) != want {
			t.Errorf("call %d with a wrong password: found %d after %d requests", i, status, len(seen))
		}
	}
}

// TestKeyInCookie: an API key stands beside the cookies of a call.
func TestKeyInCookie(t *testing.T) {
	var got string
	server := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Get("Cookie") }))
	defer server.Close()
	endpoint, _ := url.Parse(server.URL)
	for _, x := range []struct {
		header http.Header
		want   string
	}{{nil, "chiave=k=1"}, {http.Header{"Cookie": {"a=b; c=d"}}, "a=b; c=d; chiave=k=1"}} {
		c, err := New(Options{System: "prova", Endpoint: endpoint, Auth: Auth{KeyCookie: "chiave", Key: "k=1"}})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := c.Do(context.Background(), &Request{Method: http.MethodGet, Target: "/", Header: x.header}); err != nil || got != x.want {
			t.Errorf("found %q, %v, expected %q", got, err, x.want)
		}
		c.Close()
	}
	if _, err := New(Options{System: "prova", Endpoint: endpoint, Auth: Auth{KeyCookie: "chiave", Key: "k;a=b"}}); err == nil ||
		strings.Contains(err.Error(), "k;") {
		t.Errorf("found %v", err)
	}
}
