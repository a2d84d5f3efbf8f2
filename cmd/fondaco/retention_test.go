package main

import (
	"fmt"
	"io"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fondaco/engine"
	"fondaco/engine/storage"
)

// TestRetention: a result is let go when its route says, while its operation goes on to be told; then the operation.
func TestRetention(t *testing.T) {
	t.Parallel()
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(-1)
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	files := maps.Clone(officeProject)
	files["fondaco.yaml"] += "retention: { operations: 7d }\n"
	files["routes/files.yaml"] = strings.Replace(files["routes/files.yaml"], "    accept: async\n",
		"    accept: async\n    retention: { results: 1h }\n", 1)
	dir, env := written(t, files), "ARCHIVE="+backend.URL
	p := startProcess(t, dir, env)
	code, body, h := p.ask(http.MethodPost, "/files", `{"number":7}`)
	if code != http.StatusAccepted {
		t.Fatal(code, body)
	}
	path := h.Get("Location")
	eventually(t, func() string {
		if code, body, _ := p.ask(http.MethodGet, path+"/result", ""); code != http.StatusCreated || !strings.Contains(body, `{"number":7}`) {
			return fmt.Sprint(code, body)
		}
		return ""
	})
	later := func(d time.Duration) {
		t.Helper()
		p.end()
		w := &engine.World{
			Stdout: io.Discard, Stderr: io.Discard, Dir: dir, Now: time.Now,
			Env: func(name string) (string, bool) { return backend.URL, name == "ARCHIVE" },
		}
		f, err := engine.OpenFolder(w, ".", "")
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		typed, err := f.Must(w)
		if err != nil {
			t.Fatal(err)
		}
		s, err := storage.Open(t.Context(), f.Storing(typed), slog.New(slog.DiscardHandler))
		if err != nil {
			t.Fatal(err)
		}
		s.Take(typed, nil)
		s.SweepAt(t.Context(), time.Now().Add(d))
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		p = startProcess(t, dir, env)
	}
	later(30 * time.Minute)
	if code, body, _ := p.ask(http.MethodGet, path+"/result", ""); code != http.StatusCreated {
		t.Errorf("before its time the result is %d %s", code, body)
	}
	later(2 * time.Hour)
	if code, body, _ := p.ask(http.MethodGet, path+"/result", ""); code != http.StatusGone ||
		!strings.Contains(body, "The result has expired.") {
		t.Errorf("the result is %d %s", code, body)
	}
	direct := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	res, err := direct.Get(p.api + path)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		t.Errorf("the operation is %s", res.Status)
	}
	later(8 * 24 * time.Hour)
	if code, body, _ := p.ask(http.MethodGet, path, ""); code != http.StatusNotFound {
		t.Errorf("the operation is %d %s", code, body)
	}
}
