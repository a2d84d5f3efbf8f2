package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"fondaco/engine"
	"fondaco/server/auth"
)

// cityLoad is how long the example city is under load: a few seconds, or what FONDACO_CITY_LOAD says, as 1m.
func cityLoad(t *testing.T) time.Duration {
	t.Helper()
	text := os.Getenv("FONDACO_CITY_LOAD")
	if text == "" {
		return 3 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil {
		t.Fatal("FONDACO_CITY_LOAD:", err)
	}
	return d
}

// cityMock plays the systems of a project in a process of its own, and returns where each is.
func cityMock(t *testing.T, dir string) map[string]string {
	t.Helper()
	var out, log watched
	c := exec.Command(os.Args[0], "simulate", dir)
	c.Env = append(os.Environ(), "FONDACO_TEST_COMMAND=1")
	c.Stdout, c.Stderr = &out, &log
	if err := c.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = c.Process.Signal(syscall.SIGTERM)
		if err := c.Wait(); err != nil {
			t.Errorf("the systems ended with %v\n%s", err, log.String())
		}
	})
	systems := regexp.MustCompile(`(?m)^    connector: `).FindAllString(read(t, dir, "fondaco.yaml"), -1)
	services := strings.Count(read(t, dir, "fondaco.yaml"), "\n    path: ")
	at := map[string]string{}
	eventually(t, func() string {
		for _, m := range regexp.MustCompile(`(?m)^(\S+) +(\w+://\S+)  .*$`).FindAllStringSubmatch(out.String(), -1) {
			at[m[1]] = m[2]
		}
		if len(at) != len(systems)-services {
			return fmt.Sprintf("%d systems of %d are played:\n%s%s", len(at), len(systems)-services, out.String(), log.String())
		}
		return ""
	})
	return at
}

// cityEnvironment says where the systems are, and their secrets.
func cityEnvironment(t *testing.T, dir string) (env []string) {
	t.Helper()
	project := read(t, dir, "fondaco.yaml")
	for name, place := range cityMock(t, dir) {
		m := regexp.MustCompile(`(?s)\n  ` + name + `:\n.*?\$\{env\.(\w+)\}`).FindStringSubmatch(project)
		if m == nil {
			t.Fatal("fondaco.yaml does not say where", name, "is")
		}
		env = append(env, m[1]+"="+place)
	}
	for _, m := range regexp.MustCompile(`\$\{secret\.([\w-]+)\}`).FindAllStringSubmatch(project, -1) {
		env = append(env, "FONDACO_SECRET_"+strings.ToUpper(strings.ReplaceAll(m[1], "-", "_"))+"=simulated")
	}
	return env
}

// cityToken makes the keys of the project's logins, and a token of a citizen.
func cityToken(t *testing.T, dir string) string {
	t.Helper()
	p, err := engine.OpenFolder(&engine.World{Env: func(string) (string, bool) { return "", false }, Dir: dir}, dir, "")
	if err != nil {
		t.Fatal(err)
	}
	defer p.Close()
	p.MadeUp(&engine.World{Env: func(string) (string, bool) { return "", false }})
	typed, err := p.Must(&engine.World{Stderr: os.Stderr})
	if err != nil {
		t.Fatal(err)
	}
	j, err := auth.JWTOf(typed.Model.Project.Auth[0].JWT, p.Source.Lookup)
	if err != nil {
		t.Fatal(err)
	}
	mint, err := auth.NewMint(j)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := mint.JWKS()
	if err != nil {
		t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, j.Keys)), 0o755); err != nil {
		t.Fatal(err)
	}
	rewrite(t, dir, j.Keys, string(keys))
	token, err := mint.Token(citizen, time.Now(), 24*time.Hour)
	if err != nil {
		t.Fatal(err)
	}
	return token
}

// TestCityByDefault runs the example city as it is shipped, with its state where it lies by default, inside the project,
// and its systems in another process, under load: nothing is reloaded, memory does not grow, and all that was accepted is
// done. FONDACO_CITY_LOAD says for how long.
func TestCityByDefault(t *testing.T) {
	t.Parallel()
	load := cityLoad(t)
	dir := filepath.Join(t.TempDir(), "dime")
	if err := os.CopyFS(dir, os.DirFS("../../examples/dime")); err != nil {
		t.Fatal(err)
	}
	token := cityToken(t, dir)
	p := startCommand(t, []string{"run", "--listen", "127.0.0.1:0", "--console", "127.0.0.1:0", "--health", "127.0.0.1:0", dir},
		cityEnvironment(t, dir)...)
	eventually(t, func() string {
		found := regexp.MustCompile(`probes and metrics on (http://\S+)`).FindStringSubmatch(p.out.String())
		if found == nil {
			return "it does not say where its probes are: " + p.out.String()
		}
		p.probes = found[1]
		return ""
	})
	number := func(metric string) float64 {
		t.Helper()
		n, err := strconv.ParseFloat(p.metric(metric), 64)
		if err != nil {
			t.Fatalf("%s: %v", metric, err)
		}
		return n
	}
	if _, err := os.Stat(filepath.Join(dir, "data", "fondaco.db")); err != nil {
		t.Fatal("the state does not lie in the project:", err)
	}
	paths := []string{"/maree/livelli", "/maree/previsioni", "/maree/vento", "/multe", "/acqua/utenze", "/area/cronologia", "/home", "/atti"}
	var asked, failed, accepted atomic.Int64
	drive := func(d time.Duration) {
		var all sync.WaitGroup
		until := time.Now().Add(d)
		for w := range 4 {
			all.Go(func() {
				for i := w * 25; time.Now().Before(until); i++ {
					path, method, body := paths[i%len(paths)], http.MethodGet, ""
					if i%100 == 0 { // fewer than can be worked on: none waits in the end
						path, method = "/segnalazioni", http.MethodPost
						body = fmt.Sprintf(`{"titolo":"Lampione spento %d-%d","categoria":"decoro","posizione":{"lat":45.43,"lon":12.33}}`, w, i)
					}
					code, answer, _ := p.ask(method, path, body, "Authorization", "Bearer "+token)
					switch asked.Add(1); {
					case code == http.StatusAccepted:
						accepted.Add(1)
					case code == http.StatusTooManyRequests: // the citizen's own limit
					case (code == 0 || code >= 400) && failed.Add(1) <= 3:
						t.Errorf("%s %s: %d %s", method, path, code, answer)
					}
				}
			})
		}
		all.Wait()
	}
	// What the process holds on to. Its resident memory goes up and down with the garbage that is not collected yet.
	held := func() float64 {
		t.Helper()
		if code, body, _ := p.ask(http.MethodGet, p.console+"/debug/pprof/heap?gc=1", ""); code != http.StatusOK {
			t.Fatal("heap:", code, body)
		}
		return number("go_memstats_heap_alloc_bytes")
	}
	drive(load / 3)
	began, goroutines := held(), number("go_goroutines")
	drive(load - load/3)
	p.hangUp(unchanged) // a look, after all that was done
	ended := held()
	t.Logf("%d requests, %d accepted; memory held %.1f MB, then %.1f MB; resident %.1f MB; goroutines %v, then %v",
		asked.Load(), accepted.Load(), began/1e6, ended/1e6, number("process_resident_memory_bytes")/1e6, goroutines, number("go_goroutines"))
	p.reloads("done", 0)
	p.reloads("refused", 0)
	if got := p.metric("fondaco_programs_total"); got != "1" {
		t.Error("programs taken into service:", got)
	}
	if ended > began*1.2+4e6 {
		t.Errorf("the memory that is held grew from %.1f MB to %.1f MB", began/1e6, ended/1e6)
	}
	if now := number("go_goroutines"); now > goroutines+50 {
		t.Errorf("goroutines grew from %v to %v", goroutines, now)
	}
	if accepted.Load() == 0 || failed.Load() > 0 {
		t.Errorf("%d of %d requests failed, %d were accepted", failed.Load(), asked.Load(), accepted.Load())
	}
	eventually(t, func() string { // what was accepted is worked on, though more slowly than it came
		if n := p.metric(`fondaco_messages_total{outcome="done",route="segnala"}`); n != fmt.Sprint(accepted.Load()) {
			return fmt.Sprintf("%s of %d accepted requests are done, %s dead", n, accepted.Load(),
				p.metric(`fondaco_messages_total{outcome="dead",route="segnala"}`))
		}
		return ""
	})
}
