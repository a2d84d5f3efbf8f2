package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fondaco/console"
)

// searched posts what is typed into the page Search, as a browser does.
func (p *process) searched(find string, head ...string) (int, string) {
	p.t.Helper()
	code, body, _ := p.ask(http.MethodPost, p.console+"/console/search", "find="+find, append([]string{
		"Accept-Language", "en", "Sec-Fetch-Site", "same-origin", "Content-Type", "application/x-www-form-urlencoded",
	}, head...)...)
	return code, body
}

// TestSearchPage: the story of an operation is found by its id and by that of its request, over all hops, each with its place and outcome;
// pages of operations and letters lead there; what is typed stays text, and other sites cannot ask.
func TestSearchPage(t *testing.T) {
	t.Parallel()
	backend := httptest.NewServer(&sayingArchive{seen: map[string]int{}})
	t.Cleanup(backend.Close)
	files := maps.Clone(officeProject)
	maps.Copy(files, storyFiles)
	p := startProcess(t, written(t, files), "ARCHIVE="+backend.URL)
	code, text, h := p.ask(http.MethodPost, "/files/here", `{"number":1,"name":"one"}`, "X-Request-Id", "desk-4711")
	if code != http.StatusAccepted {
		t.Fatal(code, text)
	}
	id := strings.TrimPrefix(h.Get("Location"), "/operations/")
	shows := func(find string, texts ...string) {
		t.Helper()
		eventually(t, func() string {
			code, body := p.searched(find)
			for _, text := range texts {
				if code != http.StatusOK || !strings.Contains(body, text) {
					return fmt.Sprintf("%s: %d lacks %q\n%s", find, code, text, body)
				}
			}
			if strings.Contains(body, "?outcome") || strings.Contains(body, "?hop") || len(body) > 50_000 {
				return body
			}
			return ""
		})
	}
	whole := []string{
		`<strong>Accepted request</strong> <a href="/console/routes/file">file</a>`, `<strong>Message</strong> <a href="/console/routes/note">note</a>`,
		"routes/files.yaml:10:15", "archive.file", `<span class="state waits">waits for a system</span>`, `<span class="state done">done</span>`,
		"unavailable", `<svg class="bar" aria-hidden="true"`, `href="/console/operations?id=` + id,
	}
	shows(id, whole...)
	shows("desk-4711", whole...)
	p.shows("/console/operations?state=done", `<a href="/console/search?find=`+id+`">`)
	p.shows("/console/search?find="+id, whole...)
	p.shows("/console/search", "Id of a request")
	shows("%3Cscript%3Ealert(1)%3C/script%3E", "&lt;script&gt;alert(1)", "Nothing is recorded under this id")
	if code, _ := p.searched(id, "Sec-Fetch-Site", "cross-site"); code != http.StatusForbidden {
		t.Errorf("another site's question: %d", code)
	}
	if code, body := p.searched(strings.Repeat("x", 600)); code != http.StatusUnprocessableEntity {
		t.Errorf("%d %s", code, body)
	}

	code, text, h = p.ask(http.MethodPost, "/files/13", `{"number":13,"name":"two"}`)
	if code != http.StatusAccepted {
		t.Fatal(code, text)
	}
	dead := strings.TrimPrefix(h.Get("Location"), "/operations/")
	shows(dead, `href="/console/dead/letter?id=`, `<span class="state failed">`)
}

// TestSearchOff: without traces the page says so.
func TestSearchOff(t *testing.T) {
	t.Parallel()
	files := maps.Clone(officeProject)
	files["fondaco.yaml"] += "traces: off\n"
	p := startProcess(t, written(t, files), "ARCHIVE=http://127.0.0.1:1")
	if code, body := p.searched("x"); code != http.StatusOK || !strings.Contains(body, "records nothing") {
		t.Errorf("%d %s", code, body)
	}
	if code, body := p.askConsole(http.MethodGet, console.TracesPath+"?find=x"); code != http.StatusOK || !strings.Contains(body, `"recorded":false`) {
		t.Errorf("%d %s", code, body)
	}
}
