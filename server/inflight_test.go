package server

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"strconv"
	"strings"
	"testing"
	"time"

	"fondaco/routes"
	"fondaco/routes/trigger"
)

// TestInFlight: what one address, and all together, hold in bodies that have not ended is bounded, and is there again
// once they have gone.
func TestInFlight(t *testing.T) {
	const part = 200 << 10
	s := serve(t, Config{InFlight: 4 << 20, CallerShare: 1 << 20, Proxies: []netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}},
		Program{Routes: []*routes.Route{
			{
				ID: "a", Method: "POST", Path: "/a", Auth: open, HasBody: true,
				Serve: func(context.Context, *trigger.Request) (*trigger.Response, error) {
					return &trigger.Response{Status: 204}, nil
				},
			},
		}})
	// begin sends the beginning of a body, and returns the answer, if one comes before the rest.
	begin := func(from string) (net.Conn, func() int) {
		t.Helper()
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = c.Close() })
		forwarded := ""
		if from != "" {
			forwarded = "X-Forwarded-For: " + from + "\r\n"
		}
		head := "POST /a HTTP/1.1\r\n" + host + asJSON + forwarded + fmt.Sprintf("Content-Length: %d\r\n\r\n", part+1)
		_, _ = io.WriteString(c, head+strings.Repeat(" ", part)) // a refusal may come before the end
		return c, func() int {
			first := make([]byte, len("HTTP/1.1 429"))
			_ = c.SetReadDeadline(time.Now().Add(50 * time.Millisecond))
			if n, _ := io.ReadFull(c, first); n < len(first) {
				return 0
			}
			status, _ := strconv.Atoi(string(first[9:]))
			return status
		}
	}
	held := func() int64 {
		s.inFlight.mu.Lock()
		defer s.inFlight.mu.Unlock()
		return s.inFlight.used
	}
	until := func(what string, holds func() bool) {
		t.Helper()
		for end := time.Now().Add(time.Minute); !holds(); time.Sleep(5 * time.Millisecond) {
			if time.Now().After(end) {
				t.Fatalf("%s: %d bytes are held", what, held())
			}
		}
	}
	var open []net.Conn
	refused := map[int]int{}
	one := func(from string) {
		t.Helper()
		before := held()
		c, answered := begin(from)
		open = append(open, c)
		until("a body that has come", func() bool {
			if held() >= before+part {
				return true
			}
			if status := answered(); status != 0 {
				refused[status]++
				return true
			}
			return false
		})
	}
	for range 10 {
		one("203.0.113.7")
	}
	if refused[429] < 4 || refused[503] > 0 {
		t.Errorf("10 bodies of one address: refused %v", refused)
	}
	clear(refused)
	for i := range 30 {
		one(fmt.Sprintf("203.0.113.%d", 100+i))
	}
	if refused[503] < 5 || refused[429] > 0 || held() > 4<<20 {
		t.Errorf("30 bodies of 30 addresses: refused %v, %d bytes are held", refused, held())
	}
	for _, c := range open {
		_ = c.Close()
	}
	until("all have gone", func() bool { return held() == 0 })
	clear(refused)
	for range 10 {
		one("")
	}
	if len(refused) > 0 {
		t.Errorf("10 bodies of a proxy itself: refused %v", refused)
	}
}

// TestInFlight_large: a request alone is let in whatever its size.
func TestInFlight_large(t *testing.T) {
	f := newInFlight(1000, 100)
	for _, x := range []struct {
		caller string
		own, n int64
		want   full
	}{
		{"a", 0, 5000, notFull}, {"b", 0, 10, allFull}, {"a", 5000, 10, notFull}, {"a", 0, 10, allFull},
	} {
		if got := f.take(x.caller, x.own, x.n); got != x.want {
			t.Errorf("%+v: found %v", x, got)
		}
	}
	f.give("a", 5010)
	if f.used != 0 || len(f.by) != 0 {
		t.Errorf("%d bytes are left, of %v", f.used, f.by)
	}
	if f.take("b", 0, 90) != notFull || f.take("b", 0, 20) != callerFull || f.take("c", 0, 90) != notFull || f.take("", 0, 500) != notFull {
		t.Error("the shares are not kept apart")
	}
}

// TestInFlight_trickle: a body that comes more slowly than the least rate is cut off.
func TestInFlight_trickle(t *testing.T) {
	s := serve(t, Config{HeadTimeout: 200 * time.Millisecond, MinRate: 64 << 10}, Program{Routes: []*routes.Route{
		{ID: "a", Method: "POST", Path: "/a", Auth: open, HasBody: true, Serve: fails(nil)},
	}})
	c, err := net.Dial("tcp", s.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_, _ = io.WriteString(c, "POST /a HTTP/1.1\r\n"+host+asJSON+"Content-Length: 1000000\r\n\r\n")
	began := time.Now()
	go func() {
		for range 4000 { // 100 bytes every 10 ms: 10 kB a second
			if _, err := c.Write(make([]byte, 100)); err != nil {
				return
			}
			time.Sleep(10 * time.Millisecond) // the rate of a slow sender
		}
	}()
	_ = c.SetReadDeadline(time.Now().Add(35 * time.Second))
	got := hear(t, c, 1)
	if len(got) != 1 || got[0].status != http.StatusRequestTimeout {
		t.Errorf("found %v after %v, expected 408", got, time.Since(began))
	}
}

// TestInFlight_readers: large answers that nobody takes are booked as bodies are.
func TestInFlight_readers(t *testing.T) {
	body := make([]byte, 8<<20)
	s := serve(t, Config{InFlight: 20 << 20, CallerShare: 20 << 20}, Program{Routes: []*routes.Route{
		{ID: "a", Method: "GET", Path: "/a", Auth: open, Serve: func(context.Context, *trigger.Request) (*trigger.Response, error) {
			return &trigger.Response{Status: 200, ContentType: "application/octet-stream", Body: body}, nil
		}},
	}})
	busy := 0
	for range 6 {
		c, err := net.Dial("tcp", s.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		_, _ = io.WriteString(c, get("/a"))
		first := make([]byte, 12) // HTTP/1.1 503
		_ = c.SetReadDeadline(time.Now().Add(time.Minute))
		if _, err := io.ReadFull(c, first); err != nil {
			t.Fatal(err)
		}
		if strings.HasSuffix(string(first), "503") {
			busy++
		}
	}
	if busy != 4 {
		t.Errorf("%d of 6 readers were refused, expected 4", busy)
	}
}
