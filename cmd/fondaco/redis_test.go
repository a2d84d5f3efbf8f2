package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"fondaco/engine"
)

// TestProcessesShare: two processes with one Redis server and nothing else in common ask a system once, and count a caller
// together. Another version of the connector, another address and another key ask for themselves.
func TestProcessesShare(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	r.say(strings.Fields(strings.Replace(storageBlocks(t, "acl")[0], ">PASSWORD", ">pass/w@rd", 1))...) // as the guide says
	system, at := newDues(t)
	url := strings.Replace(r.patient(), "redis://", "redis://fondaco:pass%2Fw%40rd@", 1)
	one, two := port(t, at, url), port(t, at, url)
	get := func(p *process, path, want string, asked int64) {
		t.Helper()
		if code, body, _ := p.ask(http.MethodGet, path, ""); code != 200 || body != want || system.asked.Load() != asked {
			t.Errorf("%s: %d %s, asked %d times; expected %s after %d", path, code, body, system.asked.Load(), want, asked)
		}
	}
	get(one, "/dues/a", due("a", 1), 1)
	get(two, "/dues/a", due("a", 1), 1)
	get(two, "/dues/a", due("a", 1), 1)
	get(two, "/dues/b", due("b", 2), 2)
	get(one, "/dues/b", due("b", 2), 2)
	for i := range 60 { // whoever asks first, the other is not to ask
		p, q := one, two
		if i%2 == 1 {
			p, q = two, one
		}
		path := fmt.Sprint("/dues/c", i)
		_, first, _ := p.ask(http.MethodGet, path, "")
		if _, second, _ := q.ask(http.MethodGet, path, ""); second != first || !strings.Contains(first, "12345678901234567890.10") {
			t.Errorf("%s: one gave %s, the other %s", path, first, second)
		}
	}
	if n := system.asked.Load(); n != 62 {
		t.Errorf("the system was asked %d times for 62 answers", n)
	}
	var went atomic.Int64
	var all sync.WaitGroup
	for i := range 40 {
		all.Go(func() {
			p := one
			if i%2 == 1 {
				p = two
			}
			code, _, header := p.ask(http.MethodGet, "/counted", "")
			if code == 200 {
				went.Add(1)
			} else if code != 429 || header.Get("Retry-After") == "" || header.Get("X-RateLimit-Remaining") != "0" ||
				header.Get("X-RateLimit-Limit") != "10" {
				t.Errorf("%d %v", code, header)
			}
		})
	}
	all.Wait()
	if n := went.Load(); n != 10 {
		t.Errorf("%d calls of 40 went on two processes, 10 may", went.Load())
	}
	pay(t, one)
	_, _, first := one.ask(http.MethodPost, "/payments", `{"number":777}`, "Idempotency-Key", "shared-by-both-processes")
	code, body, second := two.ask(http.MethodPost, "/payments", `{"number":777}`, "Idempotency-Key", "shared-by-both-processes")
	if code != 202 || first.Get("Location") == "" || second.Get("Location") != first.Get("Location") {
		t.Errorf("a key that the other process has answered: %d %s %v, first %v", code, body, second, first)
	}
	if code, body, _ := two.ask(http.MethodPost, "/payments", `{"number":778}`, "Idempotency-Key", "shared-by-both-processes"); code != 202 {
		t.Errorf("another unknown caller's request under that key: %d %s", code, body)
	}
	for _, p := range []*process{one, two} {
		if code, status, detail := p.readiness("cache"); code != 200 || status != "pass" || p.metric("fondaco_cache_up") != "1" {
			t.Errorf("%d, the cache is %s: %s", code, status, detail)
		}
	}
	version := maps.Clone(portProject)
	version["connectors/dues/connector.yaml"] = strings.Replace(version["connectors/dues/connector.yaml"], "1.0.0", "1.0.1", 1)
	get(startProcess(t, written(t, version), "DUES="+at.URL, "FONDACO_SECRET_DUES=k3y-of-the-port", "CACHE="+url), "/dues/a", due("a", 63), 63)
	get(startProcess(t, written(t, portProject), "DUES="+at.URL, "FONDACO_SECRET_DUES=other", "CACHE="+url), "/dues/a", due("a", 64), 64)
	for _, key := range r.say("keys", "*") {
		if !strings.HasPrefix(key, "fondaco:port:") || strings.Contains(key, "k3y-of-the-port") || strings.Contains(key, "/dues") {
			t.Errorf("a key is called %s", key)
		}
		if ttl := r.say("pttl", key)[0]; strings.HasPrefix(ttl, "-") {
			t.Errorf("%s never ends", key)
		}
	}
	for _, p := range []*process{one, two} {
		if strings.Contains(p.log.String(), "pass/w") || strings.Contains(p.log.String(), "pass%2Fw") {
			t.Errorf("the password is in the log:\n%s", p.log.String())
		}
	}
}

// TestRedisIsAbsent: the engine starts without its server, says so once, and uses it when it comes.
func TestRedisIsAbsent(t *testing.T) {
	t.Parallel()
	r := startRedis(t)
	r.kill()
	_, at := newDues(t)
	began := time.Now()
	p := port(t, at, r.url())
	t.Logf("served after %s", time.Since(began))
	if code, status, detail := p.readiness("cache"); code != 200 || status != "warn" ||
		!strings.Contains(detail, "the Redis server "+r.wire.Addr().String()+" cannot be used") {
		t.Errorf("%d, the cache is %s: %s", code, status, detail)
	}
	if code, body, _ := p.ask(http.MethodGet, "/dues/a", ""); code != 200 || body != due("a", 1) {
		t.Errorf("%d %s", code, body)
	}
	r.run()
	used(t, p)
	p.log.tells("the cache cannot be used")
	if n := strings.Count(p.log.String(), "the cache cannot be used"); n != 1 {
		t.Errorf("it is told %d times\n%s", n, p.log.String())
	}
}

// TestBadCacheAddress: a text that is not an address is refused, and the message does not show it.
func TestBadCacheAddress(t *testing.T) {
	t.Parallel()
	for address, want := range map[string]string{
		"redis://:s3cret@h:port": "E104 storage.cache: found something else than memory and the address of a Redis server, expected " +
			"redis://[user:password@]host:port[/number], or rediss:// for TLS",
		"http://u:s3cret@h": "E104 storage.cache: found something else than memory and the address of a Redis server, expected " +
			"redis://[user:password@]host:port[/number], or rediss:// for TLS",
		"redis://u:s3cret@h/x": "E104 storage.cache: found something else than a number after the host and port, expected " +
			"redis://[user:password@]host:port[/number], or rediss:// for TLS",
	} {
		var out, problems watched
		env := func(name string) (string, bool) {
			return map[string]string{"CACHE": address, "DUES": "http://127.0.0.1:1", "FONDACO_SECRET_DUES": "k"}[name], true
		}
		dir := written(t, portProject)
		if code := run(t.Context(), &engine.World{
			Args: []string{"run", dir}, Env: env, Dir: dir, Stdout: &out, Stderr: &problems,
			Now: time.Now,
		}); code != exitFailed || !strings.Contains(problems.String(), want) || strings.Contains(problems.String(), "s3cret") {
			t.Errorf("%s: %d %s", address, code, problems.String())
		}
	}
}

// used waits until the process uses its server.
func used(t *testing.T, p *process) {
	t.Helper()
	eventually(t, func() string {
		if code, status, detail := p.readiness("cache"); code != 200 || status != "pass" || p.metric("fondaco_cache_up") != "1" {
			return fmt.Sprintf("%d, the cache is %s: %s", code, status, detail)
		}
		return ""
	})
}

// wrongs are what can be wrong with a server. Each begins it and returns the function that ends it; visible: health sees it.
var wrongs = map[string]struct {
	begin   func(r *redisServer) (end func())
	visible bool
}{
	"killed": {func(r *redisServer) func() { r.kill(); return r.run }, true},
	"hangs": {func(r *redisServer) func() {
		r.signal(syscall.SIGSTOP)
		return func() { r.signal(syscall.SIGCONT) }
	}, true},
	"slow by 2 s": {func(r *redisServer) func() {
		r.delay.Store(int64(2 * time.Second))
		return func() { r.delay.Store(0) }
	}, true},
	"a replica that only reads": {func(r *redisServer) func() {
		r.say("replicaof", "127.0.0.1", "1")
		return func() { r.say("replicaof", "no", "one") }
	}, true},
	"full": {func(r *redisServer) func() {
		r.say("config", "set", "maxmemory", "1mb", "maxmemory-policy", "noeviction")
		return func() { r.say("config", "set", "maxmemory", "0") }
	}, true},
	"emptied again and again": {func(r *redisServer) func() { return r.often(func() { r.say("flushall") }) }, false},
	"lying": {func(r *redisServer) func() {
		return r.often(func() {
			keys := r.say("keys", "fondaco:*")
			for i, key := range keys {
				switch i % 4 {
				case 0:
					r.say("set", key, "what another program has written here")
				case 1:
					_, _ = r.try("copy", keys[(i+1)%len(keys)], key, "replace")
				case 2:
					_, _ = r.try("setrange", key, "20", "\x00\xff")
				case 3:
					r.say("del", key)
					_, _ = r.try("lpush", key, "x") // unless the key was written again meanwhile
				}
			}
		})
	}, false},
}

// often does something to the server again and again until it is told to stop.
func (r *redisServer) often(do func()) (stop func()) {
	done := make(chan struct{})
	var all sync.WaitGroup
	all.Go(func() {
		for {
			select {
			case <-done:
				return
			case <-time.After(2 * time.Millisecond):
				do()
			}
		}
	})
	return func() {
		close(done)
		all.Wait()
	}
}

// took returns how long each of n requests took, sorted.
func took(n int, ask func(i int)) []time.Duration {
	all := make([]time.Duration, n)
	for i := range all {
		began := time.Now()
		ask(i)
		all[i] = time.Since(began)
	}
	slices.Sort(all)
	return all
}

// TestRedisFails: P11 on a real server and a real process. Whatever is wrong with the server: what does not use it is as
// quick as before, what uses it answers right and in bounded time, rates hold by the process's own count, no accepted request
// is lost or done twice; the readiness stays, health and one line of the log tell of it, and it is used again afterwards. Only its own parts
// run at the same time, since they compare times.
func TestRedisFails(t *testing.T) {
	for name, wrong := range wrongs {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := startRedis(t)
			system, at := newDues(t)
			p := port(t, at, r.url())
			used(t, p)
			now := func(int) {
				if code, body, _ := p.ask(http.MethodGet, "/now/a", ""); code != 200 || body != `{"amount":12345678901234567890.10}` {
					t.Errorf("now: %d %s", code, body)
				}
			}
			took(50, now)
			before := took(300, now)
			if name == "full" { // up to the brim
				for i := 0; i < 40; i++ {
					r.say("set", fmt.Sprint("of another program ", i), strings.Repeat("x", 50_000))
				}
			}
			end := wrong.begin(r)
			began := time.Now()
			cached := took(60, func(i int) {
				ship := fmt.Sprint("s", i%20)
				if code, body, _ := p.ask(http.MethodGet, "/dues/"+ship, ""); code != 200 ||
					!strings.HasPrefix(body, due(ship, 0)[:len(due(ship, 0))-2]) {
					t.Errorf("%s: %d %s", ship, code, body)
				}
			})
			if all := time.Since(began); all > time.Minute || cached[len(cached)-1] > 20*time.Second {
				t.Errorf("60 answers took %s, the slowest %s", all, cached[len(cached)-1])
			}
			went := 0
			took(30, func(int) {
				switch code, body, _ := p.ask(http.MethodGet, "/counted", ""); code {
				case 200:
					went++
				case 429:
				default:
					t.Errorf("counted: %d %s", code, body)
				}
			})
			if went < 10 || wrong.visible && went > 20 { // 10 by the server's count, and 10 by the process's own
				t.Errorf("%d calls of 30 went, 10 may", went)
			}
			after := took(300, now)
			for range 20 { // another process may have taken the machine for a while
				if after[150] <= 2*before[150]+5*time.Millisecond {
					break
				}
				after = took(300, now)
			}
			t.Logf("what does not use it took %s, %s at the 99th percentile; then %s, %s; cached answers took %s, %s at most",
				before[150], before[297], after[150], after[297], cached[30], cached[59])
			if after[150] > 2*before[150]+5*time.Millisecond {
				t.Errorf("what does not use the server took %s, and %s before", after[150], before[150])
			}
			pay(t, p)
			if wrong.visible {
				eventually(t, func() string {
					code, status, detail := p.readiness("cache")
					if code != 200 {
						t.Errorf("the readiness went: %d", code)
					}
					if status != "warn" || !strings.Contains(detail, "cannot be used") || p.metric("fondaco_cache_up") != "0" {
						return fmt.Sprintf("the cache is %s: %s", status, detail)
					}
					return ""
				})
			}
			end()
			if name == "full" {
				r.say("flushall")
			}
			used(t, p)
			// Once, not once a request; on a machine so busy that the server seems away once more, once more.
			eventually(t, func() string {
				told, again := strings.Count(p.log.String(), "the cache cannot be used"), strings.Count(p.log.String(), "the cache is used")
				if wrong.visible && (told < 1 || told > 3) || told != again {
					return fmt.Sprintf("told %d times that it is not used, and %d times that it is", told, again)
				}
				return ""
			})
			eventually(t, func() string { return system.paidOnce(40) })
			p.end()
			if wrong := system.paidOnce(40); wrong != "" {
				t.Error(wrong)
			}
		})
	}
}
