package redis

import (
	"bytes"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/store"
	"fondaco/store/memory"
)

func TestAddress(t *testing.T) {
	for _, url := range []string{"redis://:s3cret@127.0.0.1:port", "http://u:s3cret@127.0.0.1", "redis://u:s3cret@127.0.0.1/x", ""} {
		_, err := Open(Options{URL: url})
		if err == nil || err.Error() != "the address of Redis is not understood; expected redis://[user:password@]host:port[/number], or "+
			"rediss:// for TLS" {
			t.Errorf("%s: %v", url, err)
		}
	}
	c, err := Open(Options{URL: "redis://u:s3cret@127.0.0.1:1/2"})
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	err = c.Ping(t.Context())
	if err == nil || !strings.HasPrefix(err.Error(), "the Redis server 127.0.0.1:1 cannot be used, which costs time and nothing else; "+
		"start or repair it, it is tried again by itself: ") || strings.Contains(err.Error(), "s3cret") {
		t.Error(err)
	}
}

// TestTimeoutOfTheAddress: what the address says of how long a question may take is what it may take.
func TestTimeoutOfTheAddress(t *testing.T) {
	n := start(t)
	for options, right := range map[string]bool{"": false, "?read_timeout=30s": true} {
		c, err := Open(Options{URL: "redis://127.0.0.1:" + n.port + options, Project: "venezia"})
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
		eventually(t, "the server answers", func() bool { return c.Ping(t.Context()) == nil })
		n.say("client", "pause", "500")
		if err := c.Ping(t.Context()); (err == nil) != right {
			t.Errorf("%q: of a server that answers after half a second: %v", options, err)
		}
	}
}

func TestCache(t *testing.T) {
	n := start(t)
	c, other := n.client("venezia").Cache(), n.client("chioggia").Cache()
	node2 := n.client("venezia").Cache()
	body := bytes.Repeat([]byte("\x00\xff\r\n"), 5000)
	c.Set(t.Context(), "RSSMRA85T10A562S", body, time.Hour)
	c.Set(t.Context(), "empty", nil, time.Hour)
	c.Set(t.Context(), "soon", []byte("x"), 30*time.Millisecond)
	check := func(c store.Cache, key, want string, kept bool) {
		t.Helper()
		if v, found := c.Get(t.Context(), key); found != kept || string(v) != want {
			t.Errorf("%s: %d bytes, %v", key, len(v), found)
		}
	}
	check(c, "RSSMRA85T10A562S", string(body), true)
	check(node2, "RSSMRA85T10A562S", string(body), true)
	check(other, "RSSMRA85T10A562S", "", false)
	check(c, "empty", "", true)
	check(c, "absent", "", false)
	eventually(t, "a value's time is over", func() bool { _, found := c.Get(t.Context(), "soon"); return !found })
	if keys := fmt.Sprint(n.say("keys", "*")); strings.Contains(keys, "RSSMRA") || !strings.Contains(keys, "fondaco:venezia:c:") {
		t.Errorf("the keys on the server are %s", keys)
	}
	c.Delete(t.Context(), "empty")
	check(node2, "empty", "", false)
	c.Set(t.Context(), "large", make([]byte, 1<<20), time.Hour)
	check(c, "large", string(make([]byte, 1<<20)), true)
	c.Set(t.Context(), "large", make([]byte, 1<<20+1), time.Hour)
	check(c, "large", "", false) // and not the one before
	c.Set(t.Context(), "empty", []byte("y"), 0)
	check(c, "empty", "", false)
}

// What the server returns that is not what was set under the key is absent.
func TestLyingCache(t *testing.T) {
	n := start(t)
	client := n.client("venezia")
	now := time.Now()
	client.clock = func() time.Time { return now }
	c := client.Cache()
	a, b := client.key('c', "a"), client.key('c', "b")
	for name, lie := range map[string]func(){
		"garbage":       func() { n.say("set", a, "garbage of some length") },
		"short":         func() { n.say("set", a, "F") },
		"nothing":       func() { n.say("set", a, "") },
		"another type":  func() { n.say("del", a); n.say("lpush", a, "x") },
		"another key's": func() { n.say("copy", b, a, "replace") },
		"a bit turned":  func() { n.say("setbit", a, 8*header+3, 1-n.say("getbit", a, 8*header+3).(int64)) },
		"longer":        func() { n.say("append", a, "x") },
		"huge":          func() { n.say("setrange", a, 100<<20, "x") },
		"another end":   func() { n.say("setbit", a, 8*9-1, 1-n.say("getbit", a, 8*9-1).(int64)) },
	} {
		n.say("del", a)
		c.Set(t.Context(), "a", []byte("right"), time.Hour)
		c.Set(t.Context(), "b", []byte("wrong"), time.Hour)
		if v, found := c.Get(t.Context(), "a"); !found || string(v) != "right" {
			t.Errorf("before %s: %q, %v", name, v, found)
		}
		lie()
		if v, found := c.Get(t.Context(), "a"); found {
			t.Errorf("%s was believed: %q", name, v[:min(len(v), 30)])
		}
	}
	c.Set(t.Context(), "a", []byte("right"), time.Hour)
	n.say("persist", a) // as a replica that has not heard of its end
	now = now.Add(time.Hour)
	if _, found := c.Get(t.Context(), "a"); found {
		t.Error("a value was given after its end")
	}
}

func local(t testing.TB) store.Limiter {
	l, err := memory.NewLimiter(1000)
	if err != nil {
		t.Fatal(err)
	}
	return l
}

func TestLimiter(t *testing.T) {
	n := start(t)
	nodes := []store.Limiter{n.client("venezia").Limiter(local(t)), n.client("venezia").Limiter(local(t))}
	rate := store.Rate{Count: 100, Per: 24 * time.Hour}
	var went atomic.Int64
	var all sync.WaitGroup
	for i := range 20 {
		all.Go(func() {
			for range 20 {
				if nodes[i%2].Allow(t.Context(), "k", rate).OK {
					went.Add(1)
				}
			}
		})
	}
	all.Wait()
	if went.Load() != 100 {
		t.Errorf("%d requests went on two nodes, 100 may", went.Load())
	}
	v := nodes[0].Allow(t.Context(), "k", rate)
	if v.OK || v.Remaining != 0 || v.After < 14*time.Minute || v.After > 864*time.Second || v.Reset < 23*time.Hour || v.Reset > 24*time.Hour {
		t.Errorf("the next: %+v", v)
	}
	if v := nodes[1].Allow(t.Context(), "k", store.Rate{Count: 100, Per: 24 * time.Hour, Burst: 2}); !v.OK || v.Remaining != 1 {
		t.Errorf("the key with another rate: %+v", v)
	}
	quick := store.Rate{Count: 100, Per: time.Second, Burst: 1}
	if v := nodes[0].Allow(t.Context(), "q", quick); !v.OK {
		t.Errorf("%+v", v)
	}
	eventually(t, "the next may go", func() bool { return nodes[1].Allow(t.Context(), "q", quick).OK })
}

// A filled rate that a server's clock, or somebody, has put far into the future is not believed beyond its span.
func TestLyingLimiter(t *testing.T) {
	n := start(t)
	c := n.client("venezia")
	l := c.Limiter(local(t))
	rate := store.Rate{Count: 10, Per: 100 * time.Millisecond}
	name := c.key('l', "k", "10ms", "100ms")
	for _, lie := range [][]any{
		{"set", name, "99999999999999999"},
		{"set", name, "1e300"},
		{"set", name, "-5"},
		{"set", name, "many"},
		{"set", name, "nan"},
	} {
		n.say(lie...)
		eventually(t, fmt.Sprint("a request goes after ", lie[2:]), func() bool { return l.Allow(t.Context(), "k", rate).OK })
		if ttl := n.say("pttl", name).(int64); ttl > 200 {
			t.Errorf("after %v the key is kept for %d ms", lie[2:], ttl)
		}
	}
	n.say("del", name)
	n.say("lpush", name, "x")
	if v := l.Allow(t.Context(), "k", rate); !v.OK {
		t.Errorf("a key of another type: %+v", v)
	}
}

// P11: whatever is wrong with the server, questions are short, limits hold on each node, and it is used again afterwards.
func TestServerFails(t *testing.T) {
	for name, begin := range ways {
		t.Run(name, func(t *testing.T) {
			n := start(t)
			client := n.hasty("venezia")
			c, l := client.Cache(), client.Limiter(local(t))
			rate := store.Rate{Count: 50, Per: 24 * time.Hour}
			c.Set(t.Context(), "a", []byte("right"), time.Hour)
			l.Allow(t.Context(), "k", rate)
			end := begin(n)
			began, went := time.Now(), 0
			for i := range 200 {
				c.Set(t.Context(), fmt.Sprint(i), []byte("right"), time.Hour)
				if v, found := c.Get(t.Context(), "a"); found && string(v) != "right" {
					t.Errorf("the cache gave %q", v)
				}
				if l.Allow(t.Context(), "k", rate).OK {
					went++
				}
			}
			if took := time.Since(began); took > 15*time.Second {
				t.Errorf("600 questions took %v", took)
			}
			if went < 49 || went > 100 { // those of the server, and those of this node alone
				t.Errorf("%d requests went, 50 may", went)
			}
			end()
			heals(t, client)
			eventually(t, "the cache keeps what it is given", func() bool {
				c.Set(t.Context(), "after", []byte("right"), time.Hour)
				_, found := c.Get(t.Context(), "after")
				return found
			})
		})
	}
}
