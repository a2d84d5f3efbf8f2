package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/console"
	"fondaco/engine"
)

// TestSystemsMeasured: how long the calls of a system took, and how they failed, is in the API, on the pages and in fondaco top; what failed
// of accepted requests is counted by fondaco operations.
func TestSystemsMeasured(t *testing.T) {
	t.Parallel()
	var status atomic.Int64
	status.Store(http.StatusOK)
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		time.Sleep(15 * time.Millisecond) // what is measured
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(int(status.Load()))
		_, _ = w.Write([]byte("{}"))
	}))
	defer backend.Close()
	project := maps.Clone(officeProject)
	project["routes/now.yaml"] = `routes:
  now:
    http: POST /now
    auth: none
    steps:
      - call: archive.note
        with: { number: 1 }
    respond: { body: {} }
`
	dir := written(t, project)
	p := startProcess(t, dir, "ARCHIVE="+backend.URL)
	accepts := func(number int) {
		t.Helper()
		if code, body, _ := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, number)); code != http.StatusAccepted {
			t.Fatal(code, body)
		}
	}
	operation := func(name string) (s console.System, o console.SystemOperation) {
		t.Helper()
		_, body := p.askConsole(http.MethodGet, console.SystemsPath)
		var all []console.System
		if err := json.Unmarshal([]byte(body), &all); err != nil || len(all) != 1 {
			t.Fatal(err, body)
		}
		for _, o = range all[0].Operations {
			if o.Operation == name {
				return all[0], o
			}
		}
		return all[0], console.SystemOperation{}
	}
	for n := range 5 {
		accepts(n)
	}
	eventually(t, func() string {
		s, o := operation("file")
		_, note := operation("note")
		if o.Hour.Attempts != 5 || note.Hour.Attempts != 5 || o.Hour.Failed != 0 || s.Hour.Attempts != 10 || s.Week.Attempts != 10 ||
			s.State != "closed" {
			return fmt.Sprintf("%+v %+v", s, o)
		}
		// The answer takes 15 ms at least: no half of the attempts is below 10 ms.
		if o.Hour.P50 < 10 || o.Hour.P95 < o.Hour.P50 || o.Hour.P99 < o.Hour.P95 || o.Hour.From.IsZero() {
			return fmt.Sprintf("%+v", o)
		}
		return ""
	})
	p.shows("/console/systems", `href="/console/systems/archive"`, "Last hour", "p95")
	p.shows("/console/systems/archive", "Operations that are called", "<strong>file</strong>", `<svg class="spark"`,
		"5 attempts, 0 failed, 5 attempts a column at most", "p50 / p95 / p99:")
	if code, body := p.page("/console/systems/archives"); code != http.StatusNotFound || !strings.Contains(body, "is not in the project") {
		t.Errorf("%d %s", code, body)
	}
	status.Store(http.StatusUnprocessableEntity)
	accepts(5)
	p.shows("/console/systems/archive", "1 failed", "refused 1", `<path class="bad"`)
	if body := p.shows("/console/systems/archive"); len(body) > 50_000 {
		t.Errorf("the page has %d bytes", len(body))
	}
	tells := func(want string, args ...string) {
		t.Helper()
		eventually(t, func() string {
			code, out, errs := command(t, dir, append(args, "--console", p.console)...)
			if code != exitOK || !regexp.MustCompile(want).MatchString(out) {
				return fmt.Sprintf("%v: exit %d, expected %s in\n%s%s", args, code, want, out, errs)
			}
			return ""
		})
	}
	tells(`archive +closed +- +11 +1 +0 +\S+ms +\S+ms +\S+ms +refused 1`, "top", "--once")
	tells(`file +working +- +0 +0 +0 +1 +-`, "top", "--once")
	tells(`^failed +route +cause +first +last\n1 +file +refused +\d`, "operations", "--causes")
	tells(`(?m)^\S+ +file +failed +422 `, "operations")
	tells(`^operation +route +state +status +accepted +changed\n$`, "operations", "--route", "note")
	tells(`(?s)^(\S+ +file +done[^\n]+\n|operation [^\n]+\n){3}$`, "operations", "--state", "done", "--limit", "2")
	tells(`"state": ?"failed"`, "operations", "--format", "json")
	if code, _, errs := command(t, dir, "operations", "--state", "lost", "--console", p.console); code == exitOK || !strings.Contains(errs, "expected") {
		t.Errorf("exit %d: %s", code, errs)
	}
	status.Store(http.StatusServiceUnavailable)
	for n := range 3 {
		accepts(10 + n)
	}
	tells(`archive +(open|trying|partly) +\d+s +`, "top", "--once")
	tells(`file +\S+ +\d+s +3 +\d+ +0 +1 +archive`, "top", "--once")
	eventually(t, func() string { // its breaker opens, and calls are withheld: no attempts, and none that failed
		code, body, _ := p.ask(http.MethodPost, "/now", "")
		_, o := operation("note")
		if code < 500 || o.Hour.Withheld < 3 {
			return fmt.Sprintf("%d %s %+v", code, body, o)
		}
		if h := o.Hour; h.Failed > h.Attempts || h.Calls < h.Withheld {
			t.Fatalf("%+v", h)
		}
		return ""
	})
	eventually(t, func() string {
		for _, line := range []string{`"msg":"started","project":"office"`, `"msg":"a breaker has opened: calls are withheld","system":"archive"`} {
			if !p.log.tells(line) {
				return "expected " + line + " in:\n" + p.log.String()
			}
		}
		return ""
	})
	p.shows("/console/systems/archive", "calls withheld", "attempts <span")
	p.shows("/console/systems", "calls withheld")
}

// TestTop: a table goes over the one before on a screen alone, not into a file; a console that knows no systems is named.
func TestTop(t *testing.T) {
	t.Parallel()
	var asked atomic.Int64
	none := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		asked.Add(1)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("[]"))
	}))
	defer none.Close()
	for _, screen := range []bool{true, false} {
		asked.Store(0)
		var out, errs bytes.Buffer
		w := &engine.World{
			Args: []string{"top", "--console", none.URL}, Env: func(string) (string, bool) { return "", false }, Dir: ".", Stdout: &out, Stderr: &errs,
			Now: time.Now, Screen: screen, Terminal: !screen,
		}
		ctx, stop := context.WithCancel(t.Context())
		ended := make(chan struct{})
		go func() { defer close(ended); run(ctx, w) }()
		eventually(t, func() string {
			if asked.Load() < 3 {
				return "it asks once"
			}
			return ""
		})
		stop()
		<-ended
		if strings.Contains(out.String(), topClears) != screen || !strings.Contains(out.String(), "attempts/h") {
			t.Errorf("screen %v: %q", screen, out.String())
		}
	}
	other := httptest.NewServer(http.NotFoundHandler())
	defer other.Close()
	if code, _, errs := command(t, ".", "top", "--once", "--console", other.URL); code != exitFailed || !strings.Contains(errs, console.SystemsPath) {
		t.Errorf("%d %s", code, errs)
	}
}
