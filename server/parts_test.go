package server

import (
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"
)

// TestParts: a part that is needed takes the readiness with it, a hint only warns; both are told, and come back.
func TestParts(t *testing.T) {
	var state, cache error
	s, err := newServed(Config{}, Deps{Parts: []Part{
		{Name: "state", Health: func() error { return state }},
		{Name: "cache", Health: func() error { return cache }, Hint: true},
	}})
	if err != nil {
		t.Fatal(err)
	}
	console := s.consoleHandler()
	check := func(what string, status int, body string, metrics ...string) {
		t.Helper()
		w := httptest.NewRecorder()
		console.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/readyz", nil))
		if w.Code != status || w.Body.String() != body || s.Ready() != (status == 200) {
			t.Errorf("%s: %d %s", what, w.Code, w.Body)
		}
		w = httptest.NewRecorder()
		console.ServeHTTP(w, httptest.NewRequest(http.MethodGet, "http://localhost/metrics", nil))
		for _, line := range metrics {
			if !strings.Contains(w.Body.String(), "\n"+line+"\n") {
				t.Errorf("%s: no %s in %s", what, line, w.Body)
			}
		}
	}
	well := `"checks":{"cache":{"status":"pass"},"state":{"status":"pass"}}}`
	check("without a program", 503, `{"status":"fail",`+well)
	if err := s.Swap(echo()); err != nil {
		t.Fatal(err)
	}
	check("well", 200, `{"status":"pass",`+well, "fondaco_state_up 1", "fondaco_cache_up 1")
	cache = errors.New("no Redis")
	check("without a hint", 200, `{"status":"warn","checks":{"cache":{"status":"warn","detail":"no Redis"},"state":{"status":"pass"}}}`,
		"fondaco_state_up 1", "fondaco_cache_up 0")
	state = errors.New("the disk is full")
	check("without the state", 503, `{"status":"fail","checks":{"cache":{"status":"warn","detail":"no Redis"},"state":{"status":"fail","detail":"the disk is full"}}}`, "fondaco_state_up 0")
	state, cache = nil, nil
	check("again", 200, `{"status":"pass",`+well, "fondaco_state_up 1", "fondaco_cache_up 1")
}

// TestSettles: a server that has just started is not ready before it knows what requests are kept with, as others do; after ten seconds
// nobody does, and it is.
func TestSettles(t *testing.T) {
	for name, c := range map[string]struct {
		known time.Duration // after so long; 0: at once
		ready time.Duration
	}{"at once": {0, 0}, "soon": {3 * time.Second, 3 * time.Second}, "late": {time.Hour, settling}} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var secret atomic.Pointer[[]byte]
				s, err := newServed(Config{}, Deps{Topics: Topics{Secret: func() []byte {
					if b := secret.Load(); b != nil {
						return *b
					}
					return nil
				}}})
				if err != nil {
					t.Fatal(err)
				}
				if err := s.Swap(echo()); err != nil {
					t.Fatal(err)
				}
				s.began = time.Now()
				time.AfterFunc(c.known, func() { secret.Store(&[]byte{1}) })
				synctest.Wait()
				for after := time.Duration(0); after <= 20*time.Second; after += 500 * time.Millisecond {
					want := after >= c.ready
					w := httptest.NewRecorder()
					s.readiness(w)
					if s.Ready() != want || (w.Code == http.StatusOK) != want || strings.Contains(w.Body.String(), `"start":{"status":"fail"`) == want {
						t.Errorf("after %v: %v, %d %s, expected %v", after, s.Ready(), w.Code, w.Body, want)
					}
					time.Sleep(500 * time.Millisecond)
					synctest.Wait()
				}
			})
		})
	}
}
