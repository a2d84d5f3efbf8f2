package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"regexp"
	"strings"
	"testing"
)

// evil is what a caller, a system or an operator may write, and what pages must show as text.
const evil = `"'><script>alert(1)</script><img src=x onerror=alert(2)>`

// pageProject is an office whose texts, and what callers send, end on the console's pages.
var pageProject = map[string]string{
	"fondaco.yaml": `project: office
title: "Office <script>alert(0)</script>"
language: en
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
systems:
  archive:
    connector: ./connectors/archive
    params: { endpoint: "${env.ARCHIVE}" }
    breaker: { failures: 1, open: 5m }
`,
	"connectors/archive/connector.yaml": `connector: archive
version: 1.0.0
title: "Archive <script>alert(0)</script>"
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  file:
    post: "/files"
    effect: once
    body: { type: object, properties: { name: { type: string } } }
    answer: { type: object, properties: {} }
`,
	"routes/files.yaml": `routes:
  file:
    http: POST /files
    summary: "Files <script>alert(0)</script>"
    auth: none
    accept: async
    work: { attempts: 3, backoff: 10ms..50ms, key: "${body.name}" }
    body: { type: object, required: [name], properties: { name: { type: string } } }
    steps:
      - call: archive.file
        with: { name: "${body.name}" }
    respond: { status: 201 }
`,
}

// page asks for a page of the console in English, as a browser does that was told its address.
func (p *process) page(path string) (int, string) {
	p.t.Helper()
	return p.askConsole(http.MethodGet, path, "Accept-Language", "en", "Sec-Fetch-Site", "none", "Sec-Fetch-Mode", "navigate")
}

// shows waits until a page has what it is to have.
func (p *process) shows(path string, texts ...string) (body string) {
	p.t.Helper()
	eventually(p.t, func() string {
		var code int
		if code, body = p.page(path); code != http.StatusOK {
			return fmt.Sprintf("%s: %d %s", path, code, body)
		}
		for _, text := range texts {
			if !strings.Contains(body, text) {
				return fmt.Sprintf("%s lacks %q\n%s\n%s", path, text, body, p.log.String())
			}
		}
		return ""
	})
	return body
}

// sendForm sends a form of the console's pages.
func (p *process) sendForm(path string, form url.Values, header ...string) (int, string) {
	p.t.Helper()
	code, body, _ := p.ask(http.MethodPost, p.console+path, form.Encode(), append([]string{
		"Content-Type", "application/x-www-form-urlencoded", "Accept-Language", "en", "Sec-Fetch-Site", "same-origin",
	}, header...)...)
	return code, body
}

var (
	hiddenField = regexp.MustCompile(`<input type="hidden" name="([a-z]+)" value="([^"]*)">`)
	pageLink    = regexp.MustCompile(`href="(/console/[^"#]*)"`)
)

// hiddenOf returns the hidden fields of a page's form.
func hiddenOf(page string) url.Values {
	form := url.Values{}
	for _, m := range hiddenField.FindAllStringSubmatch(page, -1) {
		form.Add(m[1], m[2])
	}
	return form
}

// TestConsolePages: a system refuses, and the first page says which letters died; an operator finds the letter, replays it, sees it
// done, and the history tells who it was. A system breaks, and the first page says which, since when, why, and whom it touches.
func TestConsolePages(t *testing.T) {
	t.Parallel()
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(14)
	backend := httptest.NewServer(system)
	defer backend.Close()
	dir := written(t, officeProject)
	p := startProcess(t, dir, "ARCHIVE="+backend.URL)
	p.shows("/console/", "Nothing is wrong.", "Routes in service: 2; systems: 1.")
	if code, _ := p.page("/"); code != http.StatusOK { // it leads there
		t.Errorf("/: %d", code)
	}
	p.shows("/console/routes", "POST /files", "archive")
	p.shows("/console/routes/file", "archive.file", "routes/files.yaml:2:3", "the system says no", "<svg")
	p.shows("/console/systems", "archive", ">ok<")
	if code, body := p.page("/console/routes/fil"); code != http.StatusNotFound || !strings.Contains(body, "is not in service") {
		t.Errorf("a route that is not there: %d %s", code, body)
	}

	if code, body, _ := p.ask(http.MethodPost, "/files", `{"number":14}`); code != http.StatusAccepted {
		t.Fatal(code, body)
	}
	now := p.shows("/console/", "One open problem", "Dead letters: 1, refused by a system")
	where := regexp.MustCompile(`/console/dead/cause\?[^"]*`).FindString(now)
	where = strings.ReplaceAll(where, "&amp;", "&")
	cause := p.shows(where, "Dead letters waiting: 1", "The route calls no operation that has its effect each time")
	letter := regexp.MustCompile(`/console/dead/letter\?id=[^"]*`).FindString(cause)
	p.shows(letter, "note", "died", "422")
	form := hiddenOf(cause)
	if code, body := p.sendForm("/console/dead/replay", form); code != http.StatusUnprocessableEntity || !strings.Contains(body, "who") {
		t.Errorf("a replay by nobody: %d %s", code, body)
	}
	form.Set("who", "anna")
	form.Set("why", "the archive is repaired")
	for _, site := range []string{"cross-site", "same-site"} {
		if code, body := p.sendForm("/console/dead/replay", form, "Sec-Fetch-Site", site); code != http.StatusForbidden {
			t.Errorf("a form of another site (%s): %d %s", site, code, body)
		}
	}
	if code, body := p.sendForm("/console/dead/replay", form, "Sec-Fetch-Site", "", "Origin", "http://evil.example"); code != http.StatusForbidden {
		t.Errorf("a form of another origin: %d %s", code, body)
	}
	if code, body := p.page("/console/dead/replay?" + form.Encode()); code == http.StatusOK {
		t.Errorf("a link replays: %d %s", code, body)
	}
	other := url.Values{}
	for name, values := range form {
		other[name] = values
	}
	other.Set("expect", "2")
	if code, body := p.sendForm("/console/dead/replay", other); code != http.StatusUnprocessableEntity || !strings.Contains(body, "count them again") {
		t.Errorf("a replay of others than were counted: %d %s", code, body)
	}
	p.shows(letter, "waiting")
	system.refuses.Store(-1)
	if code, body := p.sendForm("/console/dead/replay", form); code != http.StatusOK || !strings.Contains(body, "Replayed: 1") {
		t.Fatalf("the replay: %d %s", code, body)
	}
	p.shows(letter, "replayed by anna: the archive is repaired", "done")
	p.shows("/console/", "Nothing is wrong.")
	p.shows("/console/operations?state=done", "201")
	p.shows("/console/topics", "note")

	system.down.Store(true)
	for n := range 4 {
		if code, body, _ := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, 20+n)); code != http.StatusAccepted {
			t.Fatal(code, body)
		}
	}
	broken := p.shows("/console/", "The circuit breaker of the operation archive.file is open", "archive.file: unavailable", "since <time",
		`<a href="/console/routes/file">`, "Messages waiting: 4, for archive.file<")
	if n := strings.Count(broken, "</span> Messages waiting"); n != 1 {
		t.Errorf("what waits is on the page %d times\n%s", n, broken)
	}
	p.shows("/console/waiting", "archive", "file")
	p.shows("/console/systems", "breaker open")
	system.down.Store(false)
	p.shows("/console/", "Nothing is wrong.")
}

// TestConsoleReleases: a change that is refused is on the first page, with its place, until the files are right; releases tell both.
func TestConsoleReleases(t *testing.T) {
	t.Parallel()
	dir := written(t, officeProject)
	p := startWatching(t, dir, "ARCHIVE=http://127.0.0.1:9")
	p.shows("/console/releases", "In service; routes: 2, systems: 1", "Start")
	routes := officeProject["routes/files.yaml"]
	overwrite(t, dir, map[string]string{"routes/files.yaml": strings.Replace(routes, "archive.note", "archive.not", 1)})
	p.shows("/console/", "The last change of the project was refused", "routes/files.yaml:18:")
	p.shows("/console/releases", "Refused", "routes/files.yaml:18:")
	overwrite(t, dir, map[string]string{"routes/files.yaml": routes + "  more:\n    http: GET /more\n    auth: none\n    steps: []\n"})
	p.shows("/console/", "Nothing is wrong.", "Routes in service: 3; systems: 1.")
	p.shows("/console/releases", "In service; routes: 3, systems: 1", "Refused")
	p.shows("/console/routes/more", "GET /more")
}

// TestConsolePagesShowText: what callers, systems and operators wrote is text on every page, and no page lets anything of another place in.
func TestConsolePagesShowText(t *testing.T) {
	t.Parallel()
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/problem+json")
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = fmt.Fprintf(w, `{"title":%q,"detail":%q}`, evil, evil)
	}))
	defer backend.Close()
	dir := written(t, pageProject)
	p := startProcess(t, dir, "ARCHIVE="+backend.URL)
	body := fmt.Sprintf(`{"name":%q}`, evil)
	if code, answer, _ := p.ask(http.MethodPost, "/files", body, "traceparent", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
		"X-Request-Id", evil); code != http.StatusAccepted {
		t.Fatal(code, answer)
	}
	p.shows("/console/", "Dead letters: 1")
	cause := p.shows("/console/dead/cause?route=file", "Mind that the route calls operations")
	form := hiddenOf(cause)
	form.Set("who", evil)
	form.Set("why", evil)
	if code, page := p.sendForm("/console/dead/replay", form); code != http.StatusOK {
		t.Fatalf("the replay: %d %s", code, page)
	}
	p.shows("/console/operations?state=failed", "failed")
	q := "?" + url.Values{
		"q": {evil}, "state": {"waiting"}, "route": {evil}, "reason": {evil}, "topic": {evil}, "group": {evil}, "after": {""},
	}.Encode()
	seen := map[string]bool{}
	todo := []string{
		"/console/", "/console/routes" + q, "/console/systems" + q, "/console/topics" + q, "/console/waiting" + q, "/console/dead" + q,
		"/console/dead/cause" + q, "/console/dead/cause?after=" + url.QueryEscape(evil), "/console/dead/cause?state=" + url.QueryEscape(evil),
		"/console/operations?id=" + url.QueryEscape(evil), "/console/operations?state=" + url.QueryEscape(evil), "/console/dead/letter" + q,
		"/console/dead/letter?id=" + url.QueryEscape(evil), "/console/routes/" + url.PathEscape(strings.ReplaceAll(evil, "/", "")), "/console/dead/cause?route=file&state=all",
		"/console/audit?before=" + url.QueryEscape(evil),
	}
	for len(todo) > 0 {
		path := todo[0]
		todo = todo[1:]
		if seen[path] || strings.HasPrefix(path, "/console/assets/") {
			continue
		}
		seen[path] = true
		res, page, header := p.ask(http.MethodGet, p.console+path, "")
		if res >= http.StatusInternalServerError && !strings.Contains(path, "after=") {
			t.Errorf("%s: %d %s", path, res, page)
		}
		lower := strings.ToLower(page)
		if strings.Contains(lower, "<script>") || strings.Contains(lower, "<img") || strings.Contains(page, "ZgotmplZ") || regexp.MustCompile(`\son[a-z]+=|style=|<style|javascript:`).MatchString(withoutText(lower)) {
			t.Errorf("%s:\n%s", path, page)
		}
		if csp := header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'self';") || strings.Contains(csp, "unsafe") {
			t.Errorf("%s: the policy is %q", path, csp)
		}
		if len(page) > 50_000 {
			t.Errorf("%s has %d bytes", path, len(page))
		}
		for _, m := range pageLink.FindAllStringSubmatch(page, -1) {
			todo = append(todo, strings.ReplaceAll(m[1], "&amp;", "&"))
		}
	}
	if len(seen) < 25 {
		t.Errorf("only %d pages were looked at", len(seen))
	}
	if code, page := p.sendForm("/console/dead/discard", hiddenOf(p.shows("/console/dead/cause?route=file"))); code != http.StatusUnprocessableEntity {
		t.Errorf("a discard by nobody: %d %s", code, page)
	}
}

// withoutText is a page's markup: without what stands between elements, and in the values of attributes.
func withoutText(page string) string {
	page = regexp.MustCompile(`"[^"]*"`).ReplaceAllString(page, `""`)
	return regexp.MustCompile(`>[^<]*<`).ReplaceAllString(page, "><")
}
