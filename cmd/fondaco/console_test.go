package main

import (
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// askConsole sends a request to the console with header fields, "Host" among them, and returns the status and the body.
func (p *process) askConsole(method, path string, header ...string) (int, string) {
	p.t.Helper()
	r, err := http.NewRequestWithContext(p.t.Context(), method, p.console+path, nil)
	if err != nil {
		p.t.Fatal(err)
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i] == "Host" {
			r.Host = header[i+1]
			continue
		}
		r.Header.Set(header[i], header[i+1])
	}
	res, err := slowly.Do(r)
	if err != nil {
		p.t.Fatal(err)
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		p.t.Fatal(err)
	}
	return res.StatusCode, string(b)
}

// withLetter starts the office with a dead letter, whose id it returns.
func withLetter(t *testing.T, server string) (p *process, dir, id string) {
	t.Helper()
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(14)
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	files := map[string]string{}
	for name, text := range officeProject {
		files[name] = strings.Replace(text, `server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }`, server, 1)
	}
	dir = written(t, files)
	p = startProcess(t, dir, "ARCHIVE="+backend.URL)
	if code, body, _ := p.ask(http.MethodPost, "/files", `{"number":14}`); code != http.StatusAccepted {
		t.Fatal(code, body)
	}
	eventually(t, func() string {
		_, list, problems := command(t, dir, "dead", "list", "--console", p.console)
		if lines := strings.Split(list, "\n"); strings.Contains(list, "\n1 letter") {
			id = strings.Fields(lines[1])[0]
			return ""
		}
		return list + problems
	})
	return p, dir, id
}

// TestConsoleRefusesForeignHosts: a page whose name resolves to this machine neither reads letters nor discards them; the
// names that the project lists, and the commands, are answered.
func TestConsoleRefusesForeignHosts(t *testing.T) {
	t.Parallel()
	p, dir, id := withLetter(t, `server: { listen: "127.0.0.1:0", console: "127.0.0.1:0", console_hosts: [Fondaco.comune.example, 10.1.2.3] }`)
	_, port, _ := net.SplitHostPort(strings.TrimPrefix(p.console, "http://"))
	paths := []string{
		"/admin/topics", "/admin/dead", "/admin/dead/letter?body=true&id=" + id, "/metrics", "/readyz", "/livez",
		"/debug/pprof/", "/nowhere", "/", "/console/", "/console/dead", "/console/assets/console.css",
	}
	for _, host := range []string{
		"evil.example", "evil.example:" + port, "localhost.evil.example", "127.0.0.1.evil.example",
		"fondaco.comune.example.evil.example", "comune.example", "192.0.2.1", "0.0.0.0", "[::]", "[::ffff:192.0.2.1]:80", "127.1",
		"localhost@evil.example",
	} {
		for _, path := range paths {
			code, body := p.askConsole(http.MethodGet, path, "Host", host)
			if (code != http.StatusMisdirectedRequest && code != http.StatusBadRequest) || strings.Contains(body, id) ||
				strings.Contains(body, "14") {
				t.Errorf("GET %s for %s: found %d %s", path, host, code, body)
			}
		}
		for _, path := range []string{"/admin/dead/discard", "/admin/dead/replay"} {
			if code, body := p.askConsole(http.MethodPost, path+"?who=x&id="+id, "Host", host, "Origin", "http://"+host, "Sec-Fetch-Site",
				"same-origin"); code != http.StatusMisdirectedRequest && code != http.StatusBadRequest {
				t.Errorf("POST %s for %s: found %d %s", path, host, code, body)
			}
		}
	}
	for _, host := range []string{
		"localhost", "LOCALHOST:9", "localhost.", "127.0.0.1", "127.3.2.1:80", "[::1]", "[::1]:80",
		"[::ffff:127.0.0.1]", "fondaco.comune.example", "FONDACO.comune.example:443", "10.1.2.3",
	} {
		if code, body := p.askConsole(http.MethodGet, "/admin/dead", "Host", host); code != http.StatusOK || !strings.Contains(body, id) {
			t.Errorf("GET for %s: found %d %s", host, code, body)
		}
	}
	raw, err := net.Dial("tcp", strings.TrimPrefix(p.console, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer raw.Close()
	_, _ = io.WriteString(raw, "GET /admin/dead HTTP/1.0\r\n\r\n")
	if answer, err := io.ReadAll(raw); err != nil || !strings.Contains(string(answer), " 421 ") {
		t.Errorf("without a Host: found %v %s", err, answer)
	}
	if _, list, _ := command(t, dir, "dead", "list", "--console", p.console); !strings.Contains(list, "waiting") {
		t.Errorf("the letter does not wait any more: %s", list)
	}
	code, _, problems := command(t, dir, "dead", "list", "--console", "http://evil.localhost:"+port)
	if code == exitOK || (!strings.Contains(problems, "server.console_hosts") && !strings.Contains(problems, "no such host")) {
		t.Errorf("the command for another Host: exit code %d, %s", code, problems)
	}
}

// TestConsoleRefusesOtherSites: a page of another site changes nothing at the console and has it do no work; a person
// who follows a link gets there, and so do the commands.
func TestConsoleRefusesOtherSites(t *testing.T) {
	t.Parallel()
	p, dir, id := withLetter(t, `server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }`)
	own := strings.TrimPrefix(p.console, "http://")
	for _, header := range [][]string{
		{"Origin", "https://evil.example"},
		{"Origin", "null"},
		{"Origin", "http://localhost:3000"},
		{"Origin", "http://" + own + ".evil.example"},
		{"Sec-Fetch-Site", "cross-site"},
		{"Sec-Fetch-Site", "same-site"},
		{"Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode", "navigate", "Origin", "https://evil.example"},
		{"Sec-Fetch-Site", "cross-site", "Origin", "http://" + own},
	} {
		for _, path := range []string{"/admin/dead/discard", "/admin/dead/replay", "/simulators/archive/stop"} {
			if code, body := p.askConsole(http.MethodPost, path+"?who=x&id="+id, header...); code != http.StatusForbidden {
				t.Errorf("POST %s with %v: found %d %s", path, header, code, body)
			}
		}
	}
	for _, path := range []string{"/debug/pprof/profile?seconds=1", "/debug/pprof/heap", "/admin/dead"} {
		if code, body := p.askConsole(http.MethodGet, path, "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode",
			"no-cors"); code != http.StatusForbidden {
			t.Errorf("GET %s as an image of another site: found %d %s", path, code, body)
		}
	}
	if _, list, _ := command(t, dir, "dead", "list", "--console", p.console); !strings.Contains(list, "waiting") {
		t.Errorf("the letter does not wait any more: %s", list)
	}
	if code, body := p.askConsole(http.MethodGet, "/admin/dead", "Sec-Fetch-Site", "cross-site", "Sec-Fetch-Mode",
		"navigate"); code != http.StatusOK {
		t.Errorf("a link: found %d %s", code, body)
	}
	if code, body := p.askConsole(http.MethodPost, "/admin/dead/discard?who=anna&expect=1&id="+id, "Sec-Fetch-Site", "same-origin", "Origin",
		p.console); code != http.StatusOK {
		t.Errorf("the console's own page: found %d %s", code, body)
	}
	if code, out, problems := command(t, dir, "dead", "list", "--state", "discarded", "--console", p.console); code != exitOK ||
		!strings.Contains(out, id) {
		t.Errorf("exit code %d\n%s%s", code, out, problems)
	}
}

// TestProbesHaveTheirOwnListener: with server.health the probes and the metrics are there, under any Host, and nothing
// else; the console no longer has them.
func TestProbesHaveTheirOwnListener(t *testing.T) {
	t.Parallel()
	p, _, _ := withLetter(t, `server: { listen: "127.0.0.1:0", console: "127.0.0.1:0", health: ":0" }`)
	found := regexp.MustCompile(`probes and metrics on (http://\S+)`).FindStringSubmatch(p.out.String())
	if found == nil {
		t.Fatalf("it does not say where the probes are: %s", p.out.String())
	}
	ask := func(base, path string) int {
		at := &process{t: t, console: base}
		code, _ := at.askConsole(http.MethodGet, path, "Host", map[bool]string{true: "10.0.3.4:8082", false: "localhost"}[base == found[1]])
		return code
	}
	for _, path := range []string{"/livez", "/readyz", "/metrics"} {
		if code := ask(found[1], path); code != http.StatusOK {
			t.Errorf("%s of the probes: found %d", path, code)
		}
		for _, base := range []string{p.console, p.api} {
			if code := ask(base, path); code != http.StatusNotFound {
				t.Errorf("%s of %s: found %d", path, base, code)
			}
		}
	}
	for _, path := range []string{"/debug/pprof/", "/debug/pprof/heap", "/admin/dead", "/admin/topics", "/files", "/", "/openapi.json"} {
		if code := ask(found[1], path); code != http.StatusNotFound {
			t.Errorf("%s of the probes: found %d", path, code)
		}
	}
	if code := ask(p.console, "/debug/pprof/"); code != http.StatusOK {
		t.Errorf("profiles are not at the console: %d", code)
	}
}
