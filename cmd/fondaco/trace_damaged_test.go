package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTraceFileDamaged: a file of traces that cannot be used holds up nothing: requests are accepted and done, the log says once why nothing
// is recorded, and fondaco trace says so.
func TestTraceFileDamaged(t *testing.T) {
	t.Parallel()
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}"))
	}))
	t.Cleanup(backend.Close)
	for name, spoil := range map[string]func(t *testing.T, file string){
		"garbage": func(t *testing.T, file string) {
			if err := os.WriteFile(file, []byte(strings.Repeat("no database ", 1000)), 0o600); err != nil {
				t.Fatal(err)
			}
		},
		"folder": func(t *testing.T, file string) {
			if err := os.MkdirAll(filepath.Join(file, "x"), 0o700); err != nil {
				t.Fatal(err)
			}
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			dir := written(t, officeProject)
			file := filepath.Join(dir, "data", "fondaco-traces.db")
			if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
				t.Fatal(err)
			}
			spoil(t, file)
			p := startProcess(t, dir, "ARCHIVE="+backend.URL)
			code, text, h := p.ask(http.MethodPost, "/files", `{"number":1}`)
			if code != http.StatusAccepted {
				t.Fatal(code, text)
			}
			eventually(t, func() string {
				if _, text, _ := p.ask(http.MethodGet, h.Get("Location"), ""); !strings.Contains(text, `"number":1`) {
					return text
				}
				return ""
			})
			if code, out, problems := command(t, dir, "trace", "x", "--console", p.console); !strings.Contains(out+problems, "records no traces") {
				t.Errorf("%d %s%s", code, out, problems)
			}
			p.end()
			if n := strings.Count(p.log.String(), "is not recorded"); n != 1 {
				t.Errorf("the log says %d times that nothing is recorded", n)
			}
		})
	}
}
