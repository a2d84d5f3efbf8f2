package server

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"strings"
	"testing"
	"time"
)

const host = "Host: api.example\r\n"

func get(target string) string { return "GET " + target + " HTTP/1.1\r\n" + host + "\r\n" }

func post(head, body string) string { return "POST /a HTTP/1.1\r\n" + host + head + "\r\n" + body }

const asJSON = "Content-Type: application/json\r\n"

func zip(b []byte) string {
	var out bytes.Buffer
	z := gzip.NewWriter(&out)
	_, _ = z.Write(b)
	_ = z.Close()
	return out.String()
}

func sized(head, body string) string {
	return post(asJSON+head+fmt.Sprintf("Content-Length: %d\r\n", len(body)), body)
}

// TestDoor sends what must not come in, byte by byte as it would come, one row and more for each of the catalogue.
func TestDoor(t *testing.T) {
	s := serve(t, Config{MaxBody: 64 << 10}, echo())
	chunkedHead := asJSON + "Transfer-Encoding: chunked\r\n"
	rows := []struct {
		id, raw string
		status  int
		close   bool
	}{
		{"H01 CL and TE", post(chunkedHead+"Content-Length: 4\r\n", "0\r\n\r\n"), 400, true},
		{"H01 TE and CL", post(asJSON+"Content-Length: 4\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, true},
		{"H02 two CL", post(asJSON+"Content-Length: 2\r\nContent-Length: 3\r\n", "{}"), 400, true},
		{"H03 same CL twice", post(asJSON+"Content-Length: 2\r\nContent-Length: 2\r\n", "{}"), 400, true},
		{"H04 +4", post(asJSON+"Content-Length: +4\r\n", "1234"), 400, true},
		{"H04 -1", post(asJSON+"Content-Length: -1\r\n", "1234"), 400, true},
		{"H04 4,4", post(asJSON+"Content-Length: 4,4\r\n", "1234"), 400, true},
		{"H04 2^63", post(asJSON+"Content-Length: 9223372036854775808\r\n", "1234"), 400, true},
		{"H04 empty", post(asJSON+"Content-Length:\r\n", "1234"), 400, true},
		{"two SOAPActions", post(asJSON+"Content-Length: 2\r\nSOAPAction: \"urn:a\"\r\nSOAPAction: \"urn:b\"\r\n", "{}"), 400, true},
		{"H05 xchunked", post(asJSON+"Transfer-Encoding: xchunked\r\n", "0\r\n\r\n"), 501, true},
		{"H05 chunked, chunked", post(asJSON+"Transfer-Encoding: chunked, chunked\r\n", "0\r\n\r\n"), 400, true},
		{"H05 tab inside", post(asJSON+"Transfer-Encoding: chu\tnked\r\n", "0\r\n\r\n"), 400, true},
		{"H05 twice", post(chunkedHead+"Transfer-Encoding: chunked\r\n", "0\r\n\r\n"), 400, true},
		{"H05 gzip, chunked", post(asJSON+"Transfer-Encoding: gzip, chunked\r\n", "0\r\n\r\n"), 400, true},
		{"H06 TE on 1.0", "POST /a HTTP/1.0\r\n" + host + chunkedHead + "\r\n0\r\n\r\n", 400, true},
		{"H07 bare LF", "GET /a HTTP/1.1\n" + host + "\r\n", 400, true},
		{"H07 bare LF in fields", "GET /a HTTP/1.1\r\nHost: api.example\nX: y\r\n\r\n", 400, true},
		{"H07 bare LF at the end", "GET /a HTTP/1.1\r\n" + host + "\n", 400, true},
		{"H07 bare CR", "GET /a HTTP/1.1\r\n" + host + "X: a\rb\r\n\r\n", 400, true},
		{"H08 obs-fold", "GET /a HTTP/1.1\r\n" + host + "X: a\r\n b\r\n\r\n", 400, true},
		{"H09 0x5", post(chunkedHead, "0x5\r\nabcde\r\n0\r\n\r\n"), 400, true},
		{"H09 overflow", post(chunkedHead, "10000000000000005\r\nabcde\r\n0\r\n\r\n"), 400, true},
		{"H09 bare LF", post(chunkedHead, "5\nabcde\r\n0\r\n\r\n"), 400, true},
		{"H09 no line end", post(chunkedHead, "5\r\nabcdeXX0\r\n\r\n"), 400, true},
		{"H09 huge extension", post(chunkedHead, "5;"+strings.Repeat("x", 10_000)+"\r\nabcde\r\n0\r\n\r\n"), 400, true},
		{"H09 empty size", post(chunkedHead, "\r\nabcde\r\n0\r\n\r\n"), 400, true},
		{"H11 space before colon", "GET /a HTTP/1.1\r\n" + host + "X : a\r\n\r\n", 400, true},
		{"H11 NUL", "GET /a HTTP/1.1\r\n" + host + "X: a\x00\r\n\r\n", 400, true},
		{"H11 0x7f", "GET /a HTTP/1.1\r\n" + host + "X: a\x7f\r\n\r\n", 400, true},
		{"H11 no colon", "GET /a HTTP/1.1\r\n" + host + "X\r\n\r\n", 400, true},
		{"H11 no name", "GET /a HTTP/1.1\r\n" + host + ": x\r\n\r\n", 400, true},
		{"H12 no Host", "GET /a HTTP/1.1\r\n\r\n", 400, true},
		{"H12 two Hosts", "GET /a HTTP/1.1\r\n" + host + host + "\r\n", 400, true},
		{"H12 bad Host", "GET /a HTTP/1.1\r\nHost: a/b@c\r\n\r\n", 400, true},
		{"H12 empty Host", "GET /a HTTP/1.1\r\nHost:\r\n\r\n", 400, true},
		{"H12 bad port", "GET /a HTTP/1.1\r\nHost: a:b\r\n\r\n", 400, true},
		{"H13 other host", get("http://evil.example/a"), 400, true},
		{"H13 same host", get("http://API.example/a"), 200, false},
		{"H17 dots", get("/a/../admin/x"), 400, true},
		{"H17 encoded dots", get("/a/%2e%2e/admin/x"), 400, true},
		{"H17 half encoded", get("/a/.%2E/admin/x"), 400, true},
		{"H17 one dot", get("/./admin/x"), 400, true},
		{"H17 last dots", get("/admin/.."), 400, true},
		{"H18 parameters", get("/a/..;x=1/admin/x"), 400, true},
		{"H18 semicolon", get("/admin;x"), 400, true},
		{"H19 %2F", get("/a%2f..%2fadmin/x"), 400, true},
		{"H19 %5C", get("/items/a%5Cb"), 400, true},
		{"H19 %252F", get("/items/a%252Fb"), 400, true},
		{"H19 backslash", get(`/a\..\admin`), 400, true},
		{"H20 %00", get("/items/a%00"), 400, true},
		{"H20 overlong", get("/items/%c0%af"), 400, true},
		{"H20 bad hex", get("/items/%zz"), 400, true},
		{"H20 cut", get("/items/%4"), 400, true},
		{"H20 raw high", get("/items/\xe8"), 400, true},
		{"H20 query %00", get("/a?x=%00"), 400, true},
		{"H21 //", get("//admin/x"), 400, true},
		{"H21 inner //", get("/admin//x"), 400, true},
		{"H21 case", get("/ADMIN/x"), 404, false},
		{"H21 dot at the end", get("/admin/x."), 404, false},
		{"H21 slash at the end", get("/admin/x/"), 404, false},
		{"H21 encoded letter is the same path", get("/%61dmin/x"), 418, false},
		{"H22 fragment", get("/a#frag"), 400, true},
		{"H23 long", get("/a?" + strings.Repeat("x", 64<<10)), 414, true},
		{"H23 9 KiB", get("/a?" + strings.Repeat("x", 9<<10)), 414, true},
		{"H24 10k fields", "GET /a HTTP/1.1\r\n" + host + strings.Repeat("X: y\r\n", 10_000) + "\r\n", 431, true},
		{"H24 101 fields", "GET /a HTTP/1.1\r\n" + host + strings.Repeat("X: y\r\n", 100) + "\r\n", 431, true},
		{"H24 1 MiB", "GET /a HTTP/1.1\r\n" + host + "X: " + strings.Repeat("y", 1<<20) + "\r\n\r\n", 431, true},
		{"H25 too long", sized("", strings.Repeat("x", 64<<10+1)), 413, true},
		{"H25 just fits", sized("", strings.Repeat("x", 64<<10)), 200, false},
		{"H25 endless chunks", post(chunkedHead, strings.Repeat("4000\r\n"+strings.Repeat("x", 0x4000)+"\r\n", 16)), 413, true},
		{"J11 1 M elements", sized("", "["+strings.Repeat("1,", 999_999)+"1]"), 413, true},
		{"J11 1 M keys", sized("", "{"+strings.Repeat(`"k":1,`, 999_999)+`"l":1}`), 413, true},
		{"H26 expect", post(asJSON+"Expect: 100-continue\r\nContent-Length: 10737418240\r\n", ""), 413, true},
		{"H26 other expectation", post(asJSON+"Expect: 200-ok\r\nContent-Length: 2\r\n", "{}"), 417, true},
		{"H27 bomb", sized("Content-Encoding: gzip\r\n", zip(make([]byte, 10<<20))), 413, true},
		{"H27 nested", sized("Content-Encoding: gzip,gzip,gzip\r\n", zip([]byte("{}"))), 415, false},
		{"H27 good", sized("Content-Encoding: gzip\r\n", zip([]byte("{}"))), 200, false},
		{"H28 unknown", sized("Content-Encoding: br\r\n", "{}"), 415, false},
		{"H28 lying", sized("Content-Encoding: gzip\r\n", "{}"), 400, false},
		{"H28 more after it", sized("Content-Encoding: gzip\r\n", zip([]byte("{}"))+"x"), 400, false},
		{"H35 HTTP/2 by prior knowledge", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", 505, true},
		{
			"H36 h2c upgrade", "GET /a HTTP/1.1\r\n" + host + "Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMA\r\n\r\n",
			200, false,
		},
		{"H37 TRACE", "TRACE /a HTTP/1.1\r\n" + host + "\r\n", 405, true},
		{"H37 CONNECT", "CONNECT api.example:443 HTTP/1.1\r\n" + host + "\r\n", 405, true},
		{"H37 unknown", "BREW /a HTTP/1.1\r\n" + host + "\r\n", 501, true},
		{"H37 the door's own", "REFUSED /1 HTTP/1.1\r\n" + host + "\r\n", 501, true},
		{"H37 other method", "DELETE /a HTTP/1.1\r\n" + host + "\r\n", 405, false},
		{"H38 GET with body", "GET /a HTTP/1.1\r\n" + host + "Content-Length: 2\r\n\r\n{}", 400, true},
		{"H39 ranges", "GET /a HTTP/1.1\r\n" + host + "Range: bytes=0-" + strings.Repeat(",0-", 1000) + "\r\n\r\n", 200, false},
		{"H40 10k parameters", get("/a?" + strings.Repeat("a&", 3000)), 400, true},
		{"H42 no type", post("Content-Length: 2\r\n", "{}"), 415, false},
		{"H42 text", post("Content-Type: text/plain\r\nContent-Length: 2\r\n", "{}"), 415, false},
		{"H42 utf-7", post("Content-Type: application/json;charset=utf-7\r\nContent-Length: 2\r\n", "{}"), 415, false},
		{"H42 utf-8", post("Content-Type: application/json; charset=UTF-8\r\nContent-Length: 2\r\n", "{}"), 200, false},
		{"H42 two types", post(asJSON+"Content-Type: text/plain\r\nContent-Length: 2\r\n", "{}"), 400, true},
		{"H43 multipart", post("Content-Type: multipart/form-data\r\nContent-Length: 2\r\n", "{}"), 415, false},
		{"H44 cookie 32 KiB", "GET /a HTTP/1.1\r\n" + host + "Cookie: a=" + strings.Repeat("x", 32<<10) + "\r\n\r\n", 431, true},
		{"H44 1,000 cookies", "GET /a HTTP/1.1\r\n" + host + "Cookie: " + strings.Repeat("a=1; ", 1000) + "\r\n\r\n", 431, true},
		{"H45 accept", "GET /a HTTP/1.1\r\n" + host + "Accept: " + strings.Repeat("text/html;q=0.1,", 200) + "\r\n\r\n", 406, false},
		{"H45 language", "GET /a HTTP/1.1\r\n" + host + "Accept-Language: " + strings.Repeat("it,", 2700) + "\r\n\r\n", 200, false},
		{"H46 empty key", sized("Idempotency-Key:\r\n", "{}"), 400, false},
		{"H46 10 KiB", sized("Idempotency-Key: "+strings.Repeat("k", 10<<10)+"\r\n", "{}"), 400, false},
		{"H46 CR LF", sized("Idempotency-Key: a\r\nb\r\n", "{}"), 400, true},
		{"H46 twice", sized("Idempotency-Key: a\r\nIdempotency-Key: b\r\n", "{}"), 400, true},
		{"H49 0", "GET /a HTTP/1.1\r\n" + host + "X-Request-Timeout: 0\r\n\r\n", 400, false},
		{"H49 -1", "GET /a HTTP/1.1\r\n" + host + "X-Request-Timeout: -1\r\n\r\n", 400, false},
		{"H49 NaN", "GET /a HTTP/1.1\r\n" + host + "X-Request-Timeout: NaN\r\n\r\n", 400, false},
		{"H49 1e9", "GET /a HTTP/1.1\r\n" + host + "X-Request-Timeout: 1e9\r\n\r\n", 400, false},
		{"H49 large", "GET /a HTTP/1.1\r\n" + host + "X-Request-Timeout: 1000000000\r\n\r\n", 200, false},
		{"H49 2.5", "GET /a HTTP/1.1\r\n" + host + "X-Request-Timeout: 2.5\r\n\r\n", 200, false},
		{"H50 websocket", "GET /a HTTP/1.1\r\n" + host + "Connection: Upgrade\r\nUpgrade: websocket\r\n\r\n", 400, true},
		{"H50 SSE", "GET /a HTTP/1.1\r\n" + host + "Accept: text/event-stream\r\n\r\n", 406, false},
		{"unread chunks", "POST /none HTTP/1.1\r\n" + host + chunkedHead + "\r\n3\r\nabc\r\n0\r\nX: y\r\n\r\n", 404, false},
		{"unread body", "POST /none HTTP/1.1\r\n" + host + "Content-Length: 5\r\n\r\nGET /", 404, false},
		{"a body that is no request", sized("", "GET /admin/x HTTP/1.1\r\n"+host+"\r\n"), 200, false},
		{"version", "GET /a HTTP/3.0\r\n" + host + "\r\n", 505, true},
		{"0.9", "GET /a\r\n\r\n", 400, true},
		{"nonsense", "\x16\x03\x01\x02\x00\x01\r\n\r\n", 400, true},
		{"empty line first", "\r\n" + get("/a"), 400, true},
		{"asterisk", "GET * HTTP/1.1\r\n" + host + "\r\n", 400, true},
		{"options asterisk", "OPTIONS * HTTP/1.1\r\n" + host + "\r\n", 204, false},
	}
	for _, row := range rows {
		t.Run(row.id, func(t *testing.T) {
			// A second request follows: it must be answered on its own, or not at all.
			got := talk(t, s.Addr(), row.raw+get("/items/next"), 2)
			if len(got) == 0 || got[0].status != row.status {
				t.Fatalf("answers %v, expected %d", got, row.status)
			}
			if closed := len(got) == 1; closed != row.close {
				t.Errorf("closed is %v, expected %v", closed, row.close)
			} else if !closed && (got[1].status != 200 || !strings.Contains(got[1].body, `"path":"next"`)) {
				t.Errorf("the second answer is %d %s", got[1].status, got[1].body)
			}
			if row.status >= 400 {
				checkProblem(t, got[0])
			}
		})
	}
}

// checkProblem checks that an answer is a problem of RFC 9457.
func checkProblem(t *testing.T, a answer) {
	t.Helper()
	var p struct {
		Type, Title string
		Status      int
		RequestID   string `json:"request_id"`
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("%q: %v", a.body, err)
	}
	if a.header.Get("Content-Type") != "application/problem+json" || p.Type != "about:blank" || p.Title == "" || p.Status != a.status ||
		p.RequestID == "" {
		t.Errorf("not a problem: %v %s", a.header, a.body)
	}
}

func TestDoorLeavesOut(t *testing.T) {
	s := serve(t, Config{}, echo())
	raw := "GET /a HTTP/1.1\r\nX_Real_IP: 1.2.3.4\r\nX-Forwarded-For: 1.2.3.4\r\nX-Esb-Route: x\r\n" + host +
		"x-http-method-override: DELETE\r\nX-Fondaco-User: root\r\nLong-Running-Action: http://evil\r\nX-Real-IP: 1.1.1.1\r\n\r\n"
	got := talk(t, s.Addr(), raw+raw+get("/a"), 3)
	if len(got) != 3 {
		t.Fatalf("found %d answers", len(got))
	}
	for _, a := range got {
		if a.body != `{"path":"","body":"","headers":""}` {
			t.Errorf("found %s", a.body)
		}
	}
	if console := fetch(t, s, "/metrics"); !strings.Contains(console.body, "fondaco_dropped_fields_total 14\n") {
		t.Error("dropped fields are not counted")
	}
}

// TestDoorPieces sends three requests with bodies and trailers octet by octet, and in one piece.
func TestDoorPieces(t *testing.T) {
	s := serve(t, Config{}, echo())
	raw := sized("", `{"a":1}`) +
		post(asJSON+"Transfer-Encoding: chunked\r\nTrailer: Host, Authorization\r\n",
			"3;name=value\r\n{\"b\r\n5\r\n\":22}\r\n0\r\nHost: evil\r\nAuthorization: Bearer x\r\n\r\n") +
		get("/items/%C3%A8")
	for _, size := range []int{1, 7, 64, len(raw)} {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		_ = c.SetDeadline(time.Now().Add(time.Minute))
		for at := 0; at < len(raw); at += size {
			if _, err := io.WriteString(c, raw[at:min(at+size, len(raw))]); err != nil {
				t.Fatal(err)
			}
		}
		got := hear(t, c, 3)
		c.Close()
		want := []string{
			`{"path":"","body":"{'a':1}","headers":""}`, `{"path":"","body":"{'b':22}","headers":""}`,
			`{"path":"è","body":"","headers":""}`,
		}
		for i, w := range want {
			if i >= len(got) || got[i].body != w {
				t.Fatalf("pieces of %d: answer %d of %d is %v, expected %s", size, i, len(got), got, w)
			}
		}
	}
}

// TestContinue: whoever expects 100 gets it before the body is sent, and only if the body is wanted.
func TestContinue(t *testing.T) {
	s := serve(t, Config{}, echo())
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(time.Minute))
	if _, err := io.WriteString(c, post(asJSON+"Expect: 100-Continue\r\nContent-Length: 2\r\n", "")); err != nil {
		t.Fatal(err)
	}
	if got := hear(t, c, 1); len(got) != 1 || got[0].status != 100 {
		t.Fatalf("found %v", got)
	}
	if _, err := io.WriteString(c, "{}"); err != nil {
		t.Fatal(err)
	}
	if got := hear(t, c, 1); len(got) != 1 || got[0].status != 200 {
		t.Fatalf("found %v", got)
	}
}

// TestDoorSlow: H29, H30, H31. A head, a body, a reader that take their time lose their connection.
func TestDoorSlow(t *testing.T) {
	c := Config{HeadTimeout: 100 * time.Millisecond, IdleTimeout: 5 * time.Second, WriteTimeout: 100 * time.Millisecond, MinRate: 1 << 20}
	s := serve(t, c, echo())
	for name, row := range map[string]struct {
		raw    string
		status int
	}{
		"H29 first head": {"GET /a HTTP/1.1\r\nHos", 0},
		"H29 later head": {get("/a") + "GET /a HTTP/1.1\r\nHos", 408},
		"H30 body":       {post(asJSON+"Content-Length: 10\r\n", "{"), 408},
		"H30 chunks":     {post(asJSON+"Transfer-Encoding: chunked\r\n", "1\r\n{\r\n"), 408},
	} {
		t.Run(name, func(t *testing.T) {
			began := time.Now()
			got := talk(t, s.Addr(), row.raw, 9)
			last := 0
			for _, a := range got {
				last = a.status
			}
			if last != row.status && last != 408 {
				t.Errorf("found %v, expected %d", got, row.status)
			}
			if took := time.Since(began); took > 30*time.Second {
				t.Errorf("closed after %v", took)
			}
		})
	}
}

// fetch reads a page of the console.
func fetch(t testing.TB, s *running, path string) answer {
	t.Helper()
	got := talk(t, s.ConsoleAddr(), "GET "+path+" HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n", 1)
	if len(got) != 1 {
		t.Fatalf("%s: no answer", path)
	}
	return got[0]
}
