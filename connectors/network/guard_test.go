package network

import (
	"context"
	"encoding/binary"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/netip"
	"net/url"
	"strings"
	"sync"
	"testing"
)

func prefixes(texts ...string) (all []netip.Prefix) {
	for _, text := range texts {
		all = append(all, netip.MustParsePrefix(text))
	}
	return all
}

// TestAddresses: where no system may be nothing is connected to, in whatever form the address is written.
func TestAddresses(t *testing.T) {
	also := prefixes("10.9.0.0/16", "2001:db8:9::/48", "127.0.0.8/32")
	for _, text := range []string{
		"169.254.169.254", "169.254.0.1", "0.0.0.0", "0.1.2.3", "224.0.0.1", "239.255.255.255", "255.255.255.255", "100.100.100.200",
		"168.63.129.16", "192.0.0.192",
		"::", "fe80::1", "fe80::1%lo", "febf::1", "ff02::1", "ff05::2", "fd00:ec2::254", "fd20:ce::254",
		"::ffff:169.254.169.254", "::ffff:0.0.0.0", "::ffff:224.0.0.1", "::169.254.169.254", "64:ff9b::169.254.169.254", "64:ff9b:1::a9fe:a9fe",
		"::ffff:0:169.254.169.254",
		"2002:a9fe:a9fe::1", "2001:0:a9fe:a9fe::1",
		"10.9.0.1", "10.9.255.255", "::ffff:10.9.1.1", "64:ff9b::10.9.1.1", "2001:db8:9::1", "127.0.0.8",
	} {
		var denied *Denied
		if err := check(netip.MustParseAddr(text), also); !errors.As(err, &denied) || denied.Why == "" {
			t.Errorf("%s: found %v", text, err)
		}
	}
	for _, text := range []string{
		"127.0.0.1", "::1", "::ffff:127.0.0.1", "10.1.2.3", "10.8.255.255", "10.10.0.0", "172.16.0.1", "192.168.1.1", "100.64.0.1", "192.0.2.1",
		"1.1.1.1", "223.255.255.255", "240.0.0.1",
		"2001:db8::1", "fd12::1", "fec0::1", "64:ff9b::10.1.2.3", "2002:c000:0201::1",
	} {
		if err := check(netip.MustParseAddr(text), also); err != nil {
			t.Errorf("%s: found %v", text, err)
		}
	}
}

// names is a DNS server on the loopback: each name has the addresses of its list in turn, one an answer.
type names struct {
	mu    sync.Mutex
	lists map[string][]string
}

// start serves until the test ends, and returns a resolver that asks it alone.
func (n *names) start(t *testing.T) *net.Resolver {
	t.Helper()
	c, err := net.ListenPacket("udp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	done := make(chan struct{})
	t.Cleanup(func() { _ = c.Close(); <-done })
	go func() {
		defer close(done)
		b := make([]byte, 1500)
		for {
			size, from, err := c.ReadFrom(b)
			if err != nil {
				return
			}
			if answer := n.answer(b[:size]); answer != nil {
				_, _ = c.WriteTo(answer, from)
			}
		}
	}()
	return &net.Resolver{PreferGo: true, Dial: func(ctx context.Context, _, _ string) (net.Conn, error) {
		return (&net.Dialer{}).DialContext(ctx, "udp", c.LocalAddr().String())
	}}
}

// answer answers one question (RFC 1035 §4).
func (n *names) answer(q []byte) []byte {
	var labels []string
	at := 12
	for at < len(q) && q[at] != 0 {
		end := at + 1 + int(q[at])
		labels, at = append(labels, string(q[at+1:end])), end
	}
	end := at + 5
	if end > len(q) {
		return nil
	}
	kind := binary.BigEndian.Uint16(q[at+1:])
	out := append([]byte{q[0], q[1], 0x81, 0x80, 0, 1, 0, 0, 0, 0, 0, 0}, q[12:end]...)
	n.mu.Lock()
	defer n.mu.Unlock()
	name := strings.ToLower(strings.Join(labels, "."))
	list := n.lists[name]
	if len(list) == 0 {
		out[3] |= 3 // there is no such name
		return out
	}
	a := netip.MustParseAddr(list[0])
	if a.Is4() != (kind == 1) || kind != 1 && kind != 28 {
		return out
	}
	if len(list) > 1 {
		n.lists[name] = list[1:]
	}
	out[7] = 1
	out = append(out, 0xc0, 12, byte(kind>>8), byte(kind), 0, 1, 0, 0, 0, 0, 0, byte(a.BitLen()/8))
	return append(out, a.AsSlice()...)
}

// TestNames: what counts is the address that a name has when it is connected to, and each time anew.
func TestNames(t *testing.T) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			_ = c.Close()
		}
	}()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	dns := &names{lists: map[string][]string{
		"metadata.example": {"169.254.169.254"}, "mapped.example": {"::ffff:169.254.169.254"}, "nat64.example": {"64:ff9b::a9fe:a9fe"},
		"link.example":   {"fe80::1"},
		"denied.example": {"10.9.1.1"}, "here.example": {"127.0.0.1"}, "rebinds.example": {"127.0.0.1", "169.254.169.254"},
	}}
	g := New(Rules{AlsoDeny: prefixes("10.9.0.0/16")})
	g.resolver = dns.start(t)
	for name, want := range map[string]struct{ dial, outside bool }{
		"metadata.example": {}, "mapped.example": {}, "nat64.example": {}, "link.example": {}, "denied.example": {}, "0.0.0.0": {}, "[::]": {},
		"here.example": {dial: true}, "127.0.0.1": {true, true},
	} {
		for kind, dial := range map[bool]func(context.Context, string, string) (net.Conn, error){false: g.Dial, true: g.DialOutside} {
			c, err := dial(t.Context(), "tcp", name+":"+port)
			if c != nil {
				_ = c.Close()
			}
			good := want.dial
			if kind {
				good = want.outside
			}
			var denied *Denied
			if good && err != nil || !good && !errors.As(err, &denied) {
				t.Errorf("%s, outside %v: found %v", name, kind, err)
			}
		}
	}
	first, err := g.Dial(t.Context(), "tcp", "rebinds.example:"+port)
	if err != nil {
		t.Fatal(err)
	}
	_ = first.Close()
	var denied *Denied
	if _, err := g.Dial(t.Context(), "tcp", "rebinds.example:"+port); !errors.As(err, &denied) ||
		!strings.Contains(err.Error(), "169.254.169.254 is the metadata of a cloud: nothing is connected to there") {
		t.Errorf("the second time: found %v", err)
	}
	var none *Guard
	if _, err := none.Dial(t.Context(), "tcp", "169.254.169.254:80"); !errors.As(err, &denied) {
		t.Errorf("without rules of a project: found %v", err)
	}
	broken := errors.New("no rules")
	if _, err := Broken(broken).Dial(t.Context(), "tcp", l.Addr().String()); !errors.Is(err, broken) {
		t.Errorf("broken: found %v", err)
	}
}

// TestProxy: what goes by the proxy, what does not, and that the proxy itself is held to the rules.
func TestProxy(t *testing.T) {
	asked := make(chan *http.Request, 10)
	proxy := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter,
		r *http.Request,
	) {
		asked <- r
		w.WriteHeader(http.StatusTeapot)
	}))
	defer proxy.Close()
	at, err := url.Parse(strings.Replace(proxy.URL, "http://", "http://dime:a%3Ab@", 1))
	if err != nil {
		t.Fatal(err)
	}
	g := New(Rules{
		Proxy: at, AlsoDeny: prefixes("10.9.0.0/16"),
		Direct: []string{"vicino.example", ".intranet.example", "10.0.0.0/8", "192.0.2.7"},
	})
	for text, by := range map[string]bool{
		"http://lontano.example/": true, "https://lontano.example/": true, "http://192.0.2.8/": true, "http://xintranet.example/": true,
		"http://vicino.example.evil.example/": true,
		"http://vicino.example/":              false, "http://VICINO.example./": false, "http://a.intranet.example:8080/": false,
		"http://intranet.example/": false, "http://10.1.2.3/": false, "http://192.0.2.7/": false,
		"http://127.0.0.1:9/": false, "http://localhost/": false, "http://[::1]/": false,
	} {
		u, err := url.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if p, err := g.Proxy(&http.Request{URL: u}); err != nil || (p != nil) != by {
			t.Errorf("%s: found %v %v", text, p, err)
		}
	}
	client := &http.Client{Transport: g.Transport()}
	res, err := client.Get("http://lontano.example/a?b=c")
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if r := <-asked; r.RequestURI != "http://lontano.example/a?b=c" || r.Header.Get("Proxy-Authorization") != "Basic ZGltZTphOmI=" {
		t.Errorf("the proxy was asked for %s, with %v", r.RequestURI, r.Header)
	}
	var denied *Denied
	if _, err := client.Get("http://169.254.169.254/latest/meta-data/"); !errors.As(err, &denied) {
		t.Errorf("an address that the proxy would connect to: found %v", err)
	}
	g.rules.AlsoDeny = prefixes("127.0.0.0/8")
	if _, err := client.Get("http://lontano.example/"); !errors.As(err, &denied) {
		t.Errorf("a proxy where nothing may be: found %v", err)
	}
	if len(asked) > 0 {
		t.Errorf("the proxy was asked for %s", (<-asked).RequestURI)
	}
}
