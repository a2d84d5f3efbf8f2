package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// flaky is a system that counts what it is asked, and can be broken.
type flaky struct {
	asked  atomic.Int64
	broken atomic.Bool
}

func (f *flaky) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	n := f.asked.Add(1)
	if f.broken.Load() && !strings.HasPrefix(r.URL.Path, "/warm") {
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = fmt.Fprintf(w, `{"n":%d}`, n)
}

// reloadProject is a project whose state lies among its routes: whatever it does, it writes into a folder that is read.
func reloadProject(t *testing.T, system string) string {
	t.Helper()
	return written(t, map[string]string{
		"fondaco.yaml": `project: prova
title: Prova
version: 1.0.0
server: { listen: 127.0.0.1:0, console: 127.0.0.1:0 }
systems:
  anagrafe:
    connector: ./connectors/anagrafe
    params: { endpoint: "` + system + `", token: "${secret.anagrafe}" }
    breaker: { failures: 2, open: 1h }
  caldo:
    connector: ./connectors/anagrafe
    params: { endpoint: "` + system + `/warm", token: "${secret.anagrafe}" }
storage: { state: routes/fondaco.db }
`,
		"connectors/anagrafe/connector.yaml": `connector: anagrafe
version: 1.0.0
params:
  endpoint: { type: string }
  token: { type: string, secret: true }
rest:
  endpoint: "${param.endpoint}"
  auth: { bearer: "${param.token}" }
operations:
  leggi:
    effect: read
    get: /leggi
    answer:
      type: object
      properties: { n: { type: integer } }
`,
		"routes/leggi.yaml": `routes:
  leggi:
    http: GET /leggi
    auth: none
    steps:
      - call: anagrafe.leggi
        as: letto
    respond: { body: { n: "${letto.n}" } }
  caldo:
    http: GET /caldo
    auth: none
    steps:
      - call: caldo.leggi
        cache: 1h
        as: letto
    respond: { body: { n: "${letto.n}" } }
  scrivi:
    http: POST /scrivi
    auth: none
    accept: async
    steps:
      - call: caldo.leggi
        as: letto
    respond: { body: { n: "${letto.n}" } }
`,
		"routes/altra.yaml": `routes:
  altra:
    http: GET /altra
    auth: none
    respond: { body: { versione: 0 } }
`,
		"secrets/anagrafe": "uno",
	})
}

// watching serves a project with its changes.
func watching(t *testing.T, dir string) *process {
	t.Helper()
	return startCommand(t, []string{"run", "--secrets", filepath.Join(dir, "secrets"), dir})
}

// reloads waits until there were as many reloads with a result, and no more.
func (p *process) reloads(result string, want int) {
	p.t.Helper()
	eventually(p.t, func() string {
		if got := p.metric(`fondaco_reloads_total{result="` + result + `"}`); got != fmt.Sprint(want) {
			return fmt.Sprintf("%s reloads %s, expected %d\n%s%s", got, result, want, p.out.String(), p.log.String())
		}
		return ""
	})
}

// hangUp asks for a look and waits for what it says. All that was done before has been looked at then.
func (p *process) hangUp(says string) {
	p.t.Helper()
	before := strings.Count(p.out.String(), says)
	if err := p.cmd.Process.Signal(syscall.SIGHUP); err != nil {
		p.t.Fatal(err)
	}
	eventually(p.t, func() string {
		if strings.Count(p.out.String(), says) == before {
			return "it does not say " + says + ":\n" + p.out.String() + p.log.String()
		}
		return ""
	})
}

// rewrite replaces a file in one step, so that nobody sees a half of it, however slow the machine is.
func rewrite(t *testing.T, dir, name, content string) {
	t.Helper()
	file := filepath.Join(dir, name)
	if err := os.WriteFile(file+"~", []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	if err := os.Rename(file+"~", file); err != nil {
		t.Fatal(err)
	}
}

func read(t *testing.T, dir, name string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(dir, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

const unchanged = "nothing has changed."

// TestReloadByContent: a project with its state among its routes works and is touched without a reload; a change is taken
// up once, with a line that names its files; one that cannot be taken up is refused, and taken back without a reload.
func TestReloadByContent(t *testing.T) {
	t.Parallel()
	backend := httptest.NewServer(&flaky{})
	defer backend.Close()
	dir := reloadProject(t, backend.URL)
	p := watching(t, dir)
	for i := range 20 {
		if code, body, _ := p.ask(http.MethodPost, "/scrivi", ""); code != http.StatusAccepted {
			t.Fatal(code, body)
		}
		rewrite(t, dir, "fondaco.log", fmt.Sprint(i))
		rewrite(t, dir, "routes/altra.yaml", read(t, dir, "routes/altra.yaml"))
	}
	if err := os.Chtimes(filepath.Join(dir, "fondaco.yaml"), time.Time{}, time.Now()); err != nil {
		t.Fatal(err)
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "routes/pipe"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.hangUp(unchanged)
	p.reloads("done", 0)

	rewrite(t, dir, "routes/altra.yaml", strings.Replace(read(t, dir, "routes/altra.yaml"), "versione: 0", "versione: 1", 1))
	p.reloads("done", 1)
	if _, body, _ := p.ask(http.MethodGet, "/altra", ""); body != `{"versione":1}` {
		t.Error("the change was not taken up:", body)
	}
	if !p.log.tells(`"msg":"reloaded","files":["routes/altra.yaml"]`) {
		t.Error("the log does not name the file:", p.log.String())
	}
	good := read(t, dir, "routes/altra.yaml")
	rewrite(t, dir, "routes/altra.yaml", "routes: [\n")
	p.reloads("refused", 1)
	rewrite(t, dir, "routes/altra.yaml", good)
	p.again(1)
	rewrite(t, dir, "secrets/anagrafe", "due")
	p.reloads("done", 2)
	if !p.log.tells(`"files":["secret anagrafe"]`) {
		t.Error("the log does not name the secret:", p.log.String())
	}
	if err := syscall.Mkfifo(filepath.Join(dir, "routes/pipe.yaml"), 0o600); err != nil {
		t.Fatal(err)
	}
	p.reloads("refused", 2)
	if !p.log.tells("routes/pipe.yaml: E003 routes/pipe.yaml is a device, pipe or socket") {
		t.Error("the pipe is not told:", p.log.String())
	}
	if !p.log.tells(`"files":["routes/pipe.yaml"]`) {
		t.Error("the log does not name the pipe:", p.log.String())
	}
	if code, out, problems := command(t, dir, "check"); code != exitFailed ||
		!strings.Contains(problems, "is a device, pipe or socket, expected a file") {
		t.Error("check with a pipe:", code, out, problems)
	}
	if err := os.Remove(filepath.Join(dir, "routes/pipe.yaml")); err != nil {
		t.Fatal(err)
	}
	p.again(2)
	p.hangUp(unchanged)
	p.reloads("done", 2)
	p.reloads("refused", 2)
}

// again waits until it was told n times that changes were taken back.
func (p *process) again(n int) {
	p.t.Helper()
	eventually(p.t, func() string {
		if strings.Count(p.out.String(), "the files are again as those of the program in service.") < n {
			return p.out.String() + p.log.String()
		}
		return ""
	})
}

// TestReloadKeepsSystems: a breaker that is open stays open and an answer that is kept stays kept while other files
// change; a change of the system itself, or of its secret, begins anew.
func TestReloadKeepsSystems(t *testing.T) {
	t.Parallel()
	system := &flaky{}
	backend := httptest.NewServer(system)
	defer backend.Close()
	dir := reloadProject(t, backend.URL)
	p := watching(t, dir)
	done := 0
	change := func(name, from, to string) {
		t.Helper()
		old := read(t, dir, name)
		if !strings.Contains(old, from) {
			t.Fatal(name, "does not hold", from)
		}
		rewrite(t, dir, name, strings.Replace(old, from, to, 1))
		done++
		p.reloads("done", done)
	}
	get := func(path string) (int, string) {
		t.Helper()
		code, body, _ := p.ask(http.MethodGet, path, "")
		return code, body
	}
	asks := func(path string) int64 {
		before := system.asked.Load()
		get(path)
		return system.asked.Load() - before
	}
	_, warm := get("/caldo")
	system.broken.Store(true)
	for range 2 {
		if code, _ := get("/leggi"); code != http.StatusServiceUnavailable && code != http.StatusBadGateway {
			t.Fatal("a broken system gave", code)
		}
	}
	if n := asks("/leggi"); n != 0 {
		t.Fatal("the breaker is not open: asked", n)
	}
	system.broken.Store(false)
	for i, edit := range [][3]string{
		{"routes/altra.yaml", "versione: 0", "versione: 1"},
		{"routes/leggi.yaml", "GET /leggi\n", "GET /leggi\n    summary: Legge\n"},
		{"fondaco.yaml", "title: Prova", "title: Altro"},
		{"fondaco.yaml", "/warm\", token", "/warm\",   token"},
		{"connectors/anagrafe/connector.yaml", "version: 1.0.0\n", "version: 1.0.0 # a comment\n"},
	} {
		change(edit[0], edit[1], edit[2])
		if n := asks("/leggi"); n != 0 {
			t.Errorf("%d: the breaker did not outlive a change of %s: asked %d", i, edit[0], n)
		}
		if n := asks("/caldo"); n != 0 {
			t.Errorf("%d: what was kept did not outlive a change of %s: asked %d", i, edit[0], n)
		}
		if _, body := get("/caldo"); body != warm {
			t.Errorf("%d: %s, expected %s", i, body, warm)
		}
	}
	change("fondaco.yaml", "open: 1h", "open: 30m")
	if asks("/leggi") != 1 || asks("/caldo") != 0 {
		t.Error("a change of one system's policies does not begin that one anew, and it alone")
	}
	change("secrets/anagrafe", "uno", "due")
	if asks("/caldo") != 1 || asks("/caldo") != 0 {
		t.Error("another secret does not begin anew, once")
	}
}
