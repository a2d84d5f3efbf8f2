package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"fondaco/console"
)

// failing is a system whose operations answer as they are told: by path, an HTTP status, or a reset of the connection.
type failing struct {
	mu     sync.Mutex
	broken map[string]int // by beginning of the path; -1 for a reset
	asked  map[string]int
}

func (f *failing) set(path string, status int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.broken[path] = status
}

func (f *failing) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f.mu.Lock()
	f.asked[r.URL.Path]++
	status := 0
	for path, s := range f.broken {
		if strings.HasPrefix(r.URL.Path, path) {
			status = s
		}
	}
	f.mu.Unlock()
	switch {
	case status < 0:
		panic(http.ErrAbortHandler)
	case status > 0:
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{}")
}

// downOffice is a served office of three attempts whose system is f, with other words in its routes.
func downOffice(t *testing.T, f *failing, replace ...string) *process {
	backend := httptest.NewServer(f)
	t.Cleanup(backend.Close)
	files := map[string]string{}
	for name, text := range officeProject {
		files[name] = strings.NewReplacer(replace...).Replace(text)
	}
	return startProcess(t, written(t, files), "ARCHIVE="+backend.URL)
}

// filed has a request accepted.
func filed(t *testing.T, p *process, body string) {
	t.Helper()
	if code, text, _ := p.ask(http.MethodPost, "/files", body); code != http.StatusAccepted {
		t.Fatal(code, text)
	}
}

// account waits until a route's account is as expected.
func account(t *testing.T, p *process, route string, good func(console.Topic) bool) {
	t.Helper()
	eventually(t, func() string {
		code, out, problems := command(t, ".", "topics", "--format", "json", "--console", p.console)
		var rows []console.Topic
		if err := json.Unmarshal([]byte(out), &rows); code != exitOK || err != nil {
			return fmt.Sprint(code, problems, err)
		}
		for _, r := range rows {
			if r.Route == route && good(r) {
				return ""
			}
		}
		return out
	})
}

// TestDownIsNotDead: while a system resets connections, or one of its operations answers 503, 429 or 500 to all, messages
// wait for many times what their attempts would last; its other operations are called all the while; when it is back
// nothing was lost.
func TestDownIsNotDead(t *testing.T) {
	t.Parallel()
	for name, status := range map[string]int{"reset": -1, "503": 503, "502": 502, "429": 429, "500": 500, "401": 401} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := &failing{broken: map[string]int{"/notes/": status}, asked: map[string]int{}}
			p := downOffice(t, f)
			for n := range 2 {
				filed(t, p, fmt.Sprintf(`{"number":%d}`, n))
			}
			account(t, p, "file", func(r console.Topic) bool { return r.Done == 2 })
			eventually(t, func() string { // an attempt for each would have used up all six
				f.mu.Lock()
				defer f.mu.Unlock()
				total := 0
				for path, n := range f.asked {
					if strings.HasPrefix(path, "/notes/") {
						total += n
					}
				}
				if total < 9 {
					return fmt.Sprintf("the operation was asked %d times", total)
				}
				return ""
			})
			account(t, p, "note", func(r console.Topic) bool { return r.Dead == 0 && r.InFlight == 2 })
			f.set("/notes/", 0)
			account(t, p, "note", func(r console.Topic) bool { return r.Done == 2 && r.Dead == 0 })
		})
	}
}

// TestPoisonAmongHealthy: a message that a system answers with 500 while it answers the others well uses up its attempts.
func TestPoisonAmongHealthy(t *testing.T) {
	t.Parallel()
	f := &failing{broken: map[string]int{"/notes/7": 500}, asked: map[string]int{}}
	p := downOffice(t, f)
	number := 100
	filed(t, p, `{"number":7}`)
	account(t, p, "note", func(r console.Topic) bool {
		filed(t, p, fmt.Sprintf(`{"number":%d}`, number))
		number++
		return r.Dead == 1
	})
	_, out, _ := command(t, ".", "dead", "list", "--console", p.console)
	if !strings.Contains(out, "exhausted") {
		t.Error(out)
	}
}

// TestUnavailable: what waited for as long as it may is a letter with that reason.
func TestUnavailable(t *testing.T) {
	t.Parallel()
	f := &failing{broken: map[string]int{"/notes/": 503}, asked: map[string]int{}}
	p := downOffice(t, f, "work: { attempts: 3,", "work: { retry_for: 2s, attempts: 3,")
	filed(t, p, `{"number":1}`)
	account(t, p, "note", func(r console.Topic) bool { return r.Dead == 1 })
	_, out, _ := command(t, ".", "dead", "list", "--console", p.console)
	if !strings.Contains(out, "unavailable") || !strings.Contains(out, "it waited for 2s") {
		t.Error(out)
	}
}
