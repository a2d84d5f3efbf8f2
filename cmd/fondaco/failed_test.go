package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"
	"testing"

	"fondaco/console"
)

// balance is the row of a topic, whose account must hold at any moment.
func balance(t *testing.T, p *process, topic string) console.Topic {
	t.Helper()
	code, out, problems := command(t, t.TempDir(), "topics", "--format", "json", "--console", p.console)
	var rows []console.Topic
	if err := json.Unmarshal([]byte(out), &rows); code != exitOK || err != nil {
		t.Fatal(code, err, out, problems)
	}
	for _, r := range rows {
		if r.Accepted != r.Done+r.Failed+r.Dead+r.Cancelled+r.Discarded+r.Expired+r.Superseded+r.InFlight {
			t.Fatalf("the account does not hold: %+v", r)
		}
		if r.Topic == topic {
			return r
		}
	}
	return console.Topic{}
}

// TestRefusedRequests: an accepted request that a system refuses is failed: it is counted, kept as a letter, logged and
// measured by its cause, its caller is told, and it is done by a replay once the system is repaired. What the route itself
// answers is done.
func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	var mended atomic.Bool
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		status, _ := strconv.Atoi(strings.TrimPrefix(r.URL.Path, "/files/"))
		if status >= 400 && (!mended.Load() || status == 410) {
			w.WriteHeader(status)
		}
		_, _ = io.WriteString(w, `{}`)
	}))
	defer system.Close()
	d := &desk{heard: map[string][]hearing{}, answer: func(int, int) int { return 204 }}
	receiver := httptest.NewServer(d)
	defer receiver.Close()
	files := maps.Clone(officeProject)
	files["routes/files.yaml"] = strings.NewReplacer(
		"    accept: async\n", "    accept: async\n    reply_to: { allow: [\"${env.DESK}/ends/\"], attempts: 100, backoff: 20ms..200ms }\n",
		"    steps:\n      - call: archive.file\n", `    steps:
      - choose:
          - when: body.number == 418
            steps:
              - fail: { status: 418, title: "No file" }
          - when: body.number == 410
            steps:
              - try:
                  - call: archive.file
                    with: { number: "${body.number}" }
                catch:
                  not-found: []
                  refused: []
      - validate:
          - field: body.number
            that: body.number != 2
            detail: "two is none"
      - call: archive.file
        when: body.number != 410
`).Replace(files["routes/files.yaml"])
	o := &office{desk: d, at: receiver.URL, dir: written(t, files), env: []string{"ARCHIVE=" + system.URL, "DESK=" + receiver.URL}}
	o.process = startProcess(t, o.dir, o.env...)
	ids := map[int]string{}
	for _, n := range []int{1, 400, 404, 409, 422, 418, 2, 410} {
		ids[n] = o.file(n, o.url(n))
	}
	eventually(t, func() string {
		if r := balance(t, o.process, "fondaco.file"); r.Accepted != 8 || r.Done != 4 || r.Failed != 4 || r.Dead != 0 || r.InFlight != 0 {
			return fmt.Sprintf("%+v\n%s", r, o.log.String())
		}
		return ""
	})
	letters := o.letters(o.dir, "--route", "file")
	if len(letters) != 4 {
		t.Errorf("%d letters, expected 4", len(letters))
	}
	for n, want := range map[int]string{400: "422", 404: "404", 409: "409", 422: "422", 418: "418", 2: "422", 1: "201", 410: "201"} {
		if code, body, _ := o.ask(http.MethodGet, "/operations/"+ids[n]+"/result", ""); strconv.Itoa(code) != want {
			t.Errorf("the result of %d is %d %s, expected %s", n, code, body, want)
		}
		eventually(t, func() string {
			if heard := d.of(ids[n]); len(heard) != 1 {
				return fmt.Sprintf("the caller of %d was told %d times", n, len(heard))
			}
			return ""
		})
	}
	for metric, want := range map[string]string{
		`fondaco_messages_total{outcome="failed",route="file"}`:                               "4",
		`fondaco_messages_total{outcome="done",route="file"}`:                                 "4",
		`fondaco_letters_total{cause="archive.file not-found",reason="refused",route="file"}`: "1",
		`fondaco_letters_total{cause="archive.file conflict",reason="refused",route="file"}`:  "1",
		`fondaco_letters_total{cause="archive.file refused",reason="refused",route="file"}`:   "2",
		`fondaco_operation_answers_total{route="file",status="418"}`:                          "1",
		`fondaco_operation_answers_total{route="file",status="422"}`:                          "1",
		`fondaco_operation_answers_total{route="file",status="201"}`:                          "2",
	} {
		if got := o.metric(metric); got != want {
			t.Errorf("%s is %q, expected %s", metric, got, want)
		}
	}
	eventually(t, func() string {
		if log := o.log.String(); strings.Count(log, "a message has failed") != 4 || !strings.Contains(log, "archive.file conflict") {
			return "the log:\n" + log
		}
		return ""
	})
	mended.Store(true)
	if code, out, problems := command(t, o.dir, "dead", "replay", "--route", "file", "--why", "repaired", "--yes", "--console",
		o.console); code != exitOK || !strings.Contains(out, "replayed 4 letters") {
		t.Fatal(code, out, problems)
	}
	eventually(t, func() string {
		if r := balance(t, o.process, "fondaco.file"); r.Accepted != 8 || r.Done != 8 || r.Failed != 0 || r.InFlight != 0 {
			return fmt.Sprintf("%+v", r)
		}
		heard := d.of(ids[404])
		if code, _, _ := o.ask(http.MethodGet, "/operations/"+ids[404]+"/result", ""); code != 201 || len(heard) != 2 ||
			heard[0].header.Get("Idempotency-Key") == heard[1].header.Get("Idempotency-Key") {
			return fmt.Sprintf("after the replay the result is %d, and %d ends were told", code, len(heard))
		}
		return ""
	})
}

// TestUnreadableRequests: requests that wait while a field of their body becomes required are failed with that cause, are
// not lost, and are done by a replay once it is optional again; one that was cancelled counts as that.
func TestUnreadableRequests(t *testing.T) {
	t.Parallel()
	var down atomic.Bool
	down.Store(true)
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if down.Load() {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, `{}`)
	}))
	defer system.Close()
	dir := written(t, officeProject)
	p := startProcess(t, dir, "ARCHIVE="+system.URL)
	var ids []string
	for n := range 3 {
		code, body, h := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, n))
		if code != 202 {
			t.Fatal(code, body)
		}
		ids = append(ids, strings.TrimPrefix(h.Get("Location"), "/operations/"))
	}
	eventually(t, func() string {
		if r := balance(t, p, "fondaco.file"); r.InFlight != 3 {
			return fmt.Sprintf("%+v", r)
		}
		return ""
	})
	p.end()
	route := filepath.Join(dir, "routes", "files.yaml")
	change := func(from, to string) {
		t.Helper()
		text, err := os.ReadFile(route)
		if err == nil {
			err = os.WriteFile(route, []byte(strings.Replace(string(text), from, to, 1)), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	const before, after = "body: { type: object, required: [number], properties: {",
		"body: { type: object, required: [number, office], properties: { office: { type: string },"
	change(before, after)
	down.Store(false)
	p = startProcess(t, dir, "ARCHIVE="+system.URL)
	eventually(t, func() string {
		if r := balance(t, p, "fondaco.file"); r.Accepted != 3 || r.Failed != 3 || r.Done != 0 || r.InFlight != 0 {
			return fmt.Sprintf("%+v\n%s", r, p.log.String())
		}
		return ""
	})
	for _, id := range ids {
		if code, body, _ := p.ask(http.MethodGet, "/operations/"+id+"/result", ""); code != 422 ||
			!strings.Contains(body, "changed after the request had been accepted") || !strings.Contains(body, "office") {
			t.Errorf("the result is %d %s", code, body)
		}
	}
	if n := p.metric(`fondaco_letters_total{cause="",reason="unreadable",route="file"}`); n != "3" {
		t.Errorf("the metric says %q\n%s", n, p.log.String())
	}
	_, list, _ := command(t, dir, "dead", "list", "--reason", "unreadable", "--console", p.console)
	if strings.Count(list, "unreadable") < 3 {
		t.Error(list)
	}
	p.end()
	change(after, before)
	p = startProcess(t, dir, "ARCHIVE="+system.URL)
	if code, out, problems := command(t, dir, "dead", "replay", "--route", "file", "--why", "repaired", "--yes", "--console",
		p.console); code != exitOK || !strings.Contains(out, "replayed 3 letters") {
		t.Fatal(code, out, problems)
	}
	eventually(t, func() string {
		if r := balance(t, p, "fondaco.file"); r.Accepted != 3 || r.Done != 3 || r.Failed != 0 {
			return fmt.Sprintf("%+v", r)
		}
		return ""
	})
}
