package door

import (
	"bufio"
	"bytes"
	"errors"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strings"
	"testing"
	"time"

	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// tape is a connection that plays back what was recorded, in pieces.
type tape struct {
	net.Conn
	in    []byte
	piece int
}

func (t *tape) Read(p []byte) (int, error) {
	if len(t.in) == 0 {
		return 0, io.EOF
	}
	n := copy(p[:min(len(p), t.piece)], t.in)
	t.in = t.in[n:]
	return n, nil
}

func (t *tape) SetReadDeadline(time.Time) error { return nil }

func through(raw []byte, piece int) ([]byte, error) {
	rules := Rules{}.withDefaults()
	return io.ReadAll(&conn{Conn: &tape{in: raw, piece: piece}, rules: rules})
}

const request = "POST /multe/123/pagamenti?stato=aperta&pagina=2 HTTP/1.1\r\nHost: api.comune.venezia.example\r\nUser-Agent: dime/1.0 " +
	"(web)\r\n" +
	"Accept: application/json\r\nAccept-Encoding: gzip, deflate, br\r\nAccept-Language: it-IT,it;q=0.9\r\nContent-Type: application/json\r\n" +
	"Authorization: Bearer eyJhbGciOiJFUzI1NiIsInR5cCI6ImF0K2p3dCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.c2lnbmF0dXJlc2lnbmF0dXJlc2lnbmF0dXJl\r\n" +
	"traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01\r\nX-Request-Id: 1234\r\nContent-Length: " +
	"17\r\n\r\n{\"importo\":12.50}"

func TestPassesUnchanged(t *testing.T) {
	chunks := "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;x=y\r\na\r\nA\r\n0123456789\r\n0\r\n\r\n"
	raw := request + chunks + request + "GET http://a:80/ HTTP/1.1\r\nHost: A:80\r\n\r\n" + "GET / HTTP/1.0\r\n\r\n" +
		"GET / HTTP/1.1\r\nHost: [::1]:8080\r\n\r\n"
	for _, piece := range []int{1, 2, 3, 100, 5000, len(raw)} {
		if got, err := through([]byte(raw), piece); err != nil || string(got) != raw {
			t.Errorf("pieces of %d: %v, found %q", piece, err, got)
		}
	}
}

func TestRefusalKeepsItsTurn(t *testing.T) {
	got, err := through([]byte("GET /1 HTTP/1.1\r\nHost: a\r\n\r\nGET /../2 HTTP/1.1\r\nHost: a\r\n\r\nGET /3 HTTP/1.1\r\nHost: a\r\n\r\n"),
		1000)
	if err != nil {
		t.Fatal(err)
	}
	in := bufio.NewReader(bytes.NewReader(got))
	first, err := http.ReadRequest(in)
	if err != nil || first.URL.Path != "/1" || RefusalOf(first) != nil {
		t.Fatalf("found %v, %v", first, err)
	}
	second, err := http.ReadRequest(in)
	if err != nil || RefusalOf(second) != errDots || !second.Close {
		t.Fatalf("found %v, %v", second, err)
	}
	if _, err := http.ReadRequest(in); !errors.Is(err, io.EOF) {
		t.Fatalf("found %v after a refusal", err)
	}
}

func TestRefusalsAreNumbered(t *testing.T) {
	for _, r := range refusals {
		req, err := http.ReadRequest(bufio.NewReader(bytes.NewReader(r.request())))
		if err != nil || RefusalOf(req) != r {
			t.Errorf("%v comes back as %v, %v", r, RefusalOf(req), err)
		}
	}
}

func TestListenerMakesRoom(t *testing.T) {
	inner, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	l := Listen(inner, Rules{MaxConns: 2, Trusted: func(a netip.Addr) bool { return a.IsLoopback() }})
	defer l.Close()
	var clients, servers []net.Conn
	accept := func() net.Conn {
		c, err := net.Dial("tcp", l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		clients = append(clients, c)
		s, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		servers = append(servers, s)
		return c
	}
	defer func() {
		for _, c := range append(clients, servers...) {
			c.Close()
		}
	}()
	_, second := accept(), accept()
	l.Track(servers[0], http.StateActive) // at work: not to be closed
	accept()
	if l.Open() != 2 {
		t.Errorf("found %d open", l.Open())
	}
	_ = second.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := second.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the idle connection was not closed: %v", err)
	}
	third := clients[2]
	l.Track(servers[0], http.StateIdle) // idle for less long than the third
	accept()
	_ = third.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := third.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the longest idle connection was not closed: %v", err)
	}
	l.Track(servers[0], http.StateActive)
	l.Track(servers[3], http.StateActive)
	full, err := net.Dial("tcp", l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	clients = append(clients, full)
	go func() { _, _ = l.Accept() }() // closes it, and goes on waiting until the listener ends
	_ = full.SetReadDeadline(time.Now().Add(time.Minute))
	if _, err := full.Read(make([]byte, 1)); !errors.Is(err, io.EOF) {
		t.Errorf("the connection that was too many was not closed: %v", err)
	}
	if !servers[0].(*conn).trusted {
		t.Error("the peer is not trusted")
	}
}

// FuzzDoor compares the door with net/http: whatever passes, net/http understands, with the same head and body.
func FuzzDoor(f *testing.F) {
	for _, seed := range []string{
		request, "GET / HTTP/1.1\r\nHost: a\r\nX_Y: 1\r\nX-Esb-Z: 2\r\n\r\n",
		"POST /a HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\n",
		"GET http://a/%41?b HTTP/1.1\r\nHost: a\r\n\r\n", "OPTIONS * HTTP/1.1\r\nHost: [::1]\r\n\r\n", "GET / HTTP/1.0\r\n\r\n",
	} {
		f.Add([]byte(seed), uint8(3))
	}
	f.Fuzz(func(t *testing.T, raw []byte, piece uint8) {
		whole, _ := through(bytes.Clone(raw), len(raw)+1)
		pieces, _ := through(bytes.Clone(raw), int(piece)+1)
		if !bytes.Equal(whole, pieces) {
			// What a broken body still lets out depends on when it was seen to be broken; heads do not.
			if !bytes.HasPrefix(whole, pieces) && !bytes.HasPrefix(pieces, whole) && !bytes.Contains(whole, []byte(refusedMethod)) {
				t.Fatalf("in pieces of %d:\n%q\nwhole:\n%q", int(piece)+1, pieces, whole)
			}
		}
		in := bufio.NewReader(bytes.NewReader(whole))
		for {
			if _, err := in.Peek(1); err != nil {
				return
			}
			req, err := http.ReadRequest(in)
			if err != nil {
				t.Fatalf("net/http does not read what passed: %v\n%q", err, whole)
			}
			if strings.Contains(req.URL.Path, "//") || strings.Contains(req.URL.Path, "/../") || strings.ContainsAny(req.URL.Path, "\\\x00;") &&
				!strings.Contains(strings.ToLower(req.RequestURI), "%3b") {
				t.Fatalf("the path %q passed", req.URL.Path)
			}
			if _, err := io.Copy(io.Discard, req.Body); err != nil {
				if strings.Contains(err.Error(), "unexpected EOF") {
					return // cut off
				}
				t.Fatalf("net/http does not read the body that passed: %v\n%q", err, whole)
			}
		}
	})
}

func BenchmarkCheckHead(b *testing.B) {
	end := strings.Index(request, "\r\n\r\n") + 4
	raw := []byte(request[:end])
	rules := Rules{}.withDefaults()
	b.SetBytes(int64(end))
	b.ReportAllocs()
	for b.Loop() {
		scanned := 0
		n, r := headEnd(raw, &scanned, rules)
		if r != nil {
			b.Fatal(r)
		}
		h := head{rules: rules}
		if _, r := h.check(raw[:n]); r != nil {
			b.Fatal(r)
		}
	}
}

// endless is a client that sends the same request again and again.
type endless struct{ net.Conn }

func (endless) Read(p []byte) (int, error) { return copy(p, request), nil }

func BenchmarkConn(b *testing.B) {
	c := &conn{Conn: endless{}, rules: Rules{}.withDefaults()}
	p := make([]byte, 4096)
	b.ReportAllocs()
	for b.Loop() {
		for left := len(request); left > 0; {
			n, err := c.Read(p)
			if err != nil {
				b.Fatal(err)
			}
			left -= n
		}
	}
}
