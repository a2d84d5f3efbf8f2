package engine

import (
	"context"
	"crypto/ed25519"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"fondaco/config/diag"
	"fondaco/store/postgres"
	"fondaco/store/postgres/postgrestest"
)

// statelessProject has routes that need no state, with what stands around them, and beside them what writes the state all the time.
var statelessProject = map[string]string{
	"fondaco.yaml": `project: stateless
title: What needs no state
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
auth:
  client:
    jwt: { issuer: https://login.example, audience: stateless, keys: keys.json, algorithms: [EdDSA] }
systems:
  desk: { connector: ./connectors/desk, params: { endpoint: "${env.DESK}" }, timeout: 1m, concurrency: 64 }
storage: { state: "${env.STATE}", topics: embedded, cache: memory }
`,
	"connectors/desk/connector.yaml": `connector: desk
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  read: { get: /notes, effect: read, answer: { type: object, properties: {} } }
  note: { put: /notes, effect: idempotent, answer: { type: object, properties: {} } }
`,
	"routes/all.yaml": `routes:
  plain:
    http: GET /plain
    auth: none
    steps: [{ call: desk.read }]
    respond: { status: 204 }
  kept:
    http: GET /kept
    auth: none
    steps: [{ call: desk.read, cache: 60s }]
    respond: { status: 204 }
  mine:
    http: GET /mine
    auth: { scheme: client }
    rate: 1000000/s
    steps: [{ call: desk.read }]
    respond: { status: 204 }
  both:
    http: GET /both
    auth: none
    steps:
      - parallel:
          left: { steps: [{ call: desk.read }] }
          right: { steps: [{ call: desk.read }] }
    respond: { status: 204 }
  made:
    http: POST /made
    auth: none
    body: { type: object, properties: {} }
    steps: [{ call: desk.note }]
    respond: { status: 204 }
  order:
    http: POST /orders
    auth: none
    accept: async
    body: { type: object, properties: {} }
    steps: [{ call: desk.note }]
    respond: { status: 204 }
  tick:
    schedule: { every: 1s, misfire: skip }
    steps: [{ call: desk.note }]
`,
}

// TestStatelessBesideHangingState: while no statement of the database ends, requests of routes that need no state are answered, also with a
// token, a rate and a cache, and so are documents, probes and metrics; none of them ever waits for the database.
func TestStatelessBesideHangingState(t *testing.T) {
	database := postgrestest.New(t)
	desk := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}"))
	}))
	defer desk.Close()
	at, token := serveStateless(t, database, desk.URL)

	ask := func(method, url, token string) int {
		r, err := http.NewRequestWithContext(t.Context(), method, url, http.NoBody)
		if err == nil && method == http.MethodPost {
			r, err = http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("{}"))
		}
		if err != nil {
			t.Error(err)
			return 0
		}
		if method == http.MethodPost {
			r.Header.Set("Content-Type", "application/json")
		}
		if token != "" {
			r.Header.Set("Authorization", "Bearer "+token)
		}
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Errorf("%s %s: %v", method, url, err)
			return 0
		}
		defer res.Body.Close()
		text, _ := io.ReadAll(res.Body)
		if res.StatusCode >= 500 {
			t.Logf("%s %s is answered %d %.300s", method, url, res.StatusCode, text)
		}
		return res.StatusCode
	}
	api, console := "http://"+at.API, "http://"+at.Console
	if code := ask(http.MethodPost, api+"/orders", ""); code != http.StatusAccepted {
		t.Fatalf("an order is answered %d, expected 202", code)
	}
	database.Signal(syscall.SIGSTOP)
	defer database.Signal(syscall.SIGCONT)
	defer http.DefaultClient.CloseIdleConnections()

	w := watchWaits()
	var clients sync.WaitGroup
	for range 4 {
		clients.Go(func() {
			for range 25 {
				for _, x := range []struct {
					method, url, token string
					code               int
				}{
					{http.MethodGet, api + "/plain", "", http.StatusNoContent},
					{http.MethodGet, api + "/kept", "", http.StatusNoContent},
					{http.MethodGet, api + "/mine", token, http.StatusNoContent},
					{http.MethodGet, api + "/mine", "", http.StatusUnauthorized},
					{http.MethodGet, api + "/both", "", http.StatusNoContent},
					{http.MethodPost, api + "/made", "", http.StatusNoContent},
					{http.MethodGet, api + "/nowhere", "", http.StatusNotFound},
					{http.MethodGet, api + "/openapi.json", "", http.StatusOK},
					{http.MethodGet, console + "/readyz", "", http.StatusOK},
					{http.MethodGet, console + "/metrics", "", http.StatusOK},
				} {
					if code := ask(x.method, x.url, x.token); code != x.code {
						t.Errorf("%s %s is answered %d, expected %d", x.method, x.url, code, x.code)
					}
				}
			}
		})
	}
	clients.Wait()
	if stack := w.end(); stack != "" {
		t.Errorf("a request that needs no state waits for the database:\n%s", stack)
	}

	// What must be kept is not, and is seen to wait, if not while another is tried in its place.
	for seen := ""; seen == ""; seen = w.end() {
		w = watchWaits()
		if code := ask(http.MethodPost, api+"/orders", ""); code != http.StatusServiceUnavailable {
			t.Fatalf("an order that cannot be kept is answered %d, expected 503", code)
		}
	}
}

// serveStateless serves the project until the test ends, and returns where, and a token of a client.
func serveStateless(t *testing.T, database *postgrestest.Server, desk string) (at Addresses, token string) {
	t.Helper()
	if err := database.Say("create role fondaco login"); err != nil {
		t.Fatal(err)
	}
	state := database.Address("fondaco", "postgres")
	if _, err := postgres.Migrate(t.Context(), database.Address("postgres", "postgres"), postgres.Migration{
		Project: "stateless", Schema: "stateless", Role: "fondaco",
	}); err != nil {
		t.Fatal(err)
	}
	keys, token := signedToken(t)
	dir := t.TempDir()
	for name, text := range statelessProject {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, name)), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "keys.json"), keys, 0o600); err != nil {
		t.Fatal(err)
	}
	env := map[string]string{"DESK": desk, "STATE": state}
	w := &World{
		Env: func(name string) (string, bool) { v, ok := env[name]; return v, ok }, Dir: dir, Stdout: io.Discard, Stderr: io.Discard,
		Now: time.Now,
	}
	folder, err := OpenFolder(w, dir, "")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(folder.Close)
	var out diag.List
	typed, reading := folder.read(&out)
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	s := &Serving{World: w, Folder: folder, Reading: reading, Log: slog.New(slog.NewJSONHandler(&discarded{}, nil))}
	ctx, cancel := context.WithCancel(context.WithoutCancel(t.Context()))
	served, ended := make(chan Addresses, 1), make(chan error, 1)
	go func() { ended <- s.Run(ctx, typed, Flags{Still: true}, func(at Addresses) { served <- at }) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
	})
	select {
	case at = <-served:
	case err := <-ended:
		ended <- nil
		t.Fatal(err)
	}
	return at, token
}

// discarded takes lines of a log, which are made as for a file.
type discarded struct{}

func (discarded) Write(line []byte) (int, error) { return len(line), nil }

// signedToken makes the keys of a login service, and a token that it has signed.
func signedToken(t *testing.T) (keys []byte, token string) {
	t.Helper()
	public, private, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	text := base64.RawURLEncoding.EncodeToString
	keys, err = json.Marshal(map[string]any{"keys": []map[string]string{
		{"kty": "OKP", "crv": "Ed25519", "alg": "EdDSA", "use": "sig", "kid": "k", "x": text(public)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	now := time.Now()
	signed := text([]byte(`{"alg":"EdDSA","typ":"at+jwt","kid":"k"}`)) + "." + text(fmt.Appendf(nil,
		`{"iss":"https://login.example","aud":"stateless","sub":"client","iat":%d,"exp":%d}`, now.Unix(), now.Add(time.Hour).Unix()))
	return keys, signed + "." + text(ed25519.Sign(private, []byte(signed)))
}

// waits looks for goroutines of requests that wait for the database. A wait for one that hangs takes seconds.
type waits struct {
	halt  chan struct{}
	ended chan struct{}
	seen  string // the stack of the first
}

func watchWaits() *waits {
	w := &waits{halt: make(chan struct{}), ended: make(chan struct{})}
	go func() {
		defer close(w.ended)
		buf := make([]byte, 4<<20)
		for w.seen == "" {
			for stack := range strings.SplitSeq(string(buf[:runtime.Stack(buf, true)]), "\n\n") {
				request := strings.Contains(stack, "net/http.(*conn).serve(") || strings.Contains(stack, "created by fondaco/routes.")
				if request && strings.Contains(stack, "fondaco/store/postgres.") {
					w.seen = stack
				}
			}
			select {
			case <-w.halt:
				return
			case <-time.After(50 * time.Millisecond):
			}
		}
	}()
	return w
}

// end stops looking, and returns the stack of a request that waited; "" if none did.
func (w *waits) end() string {
	close(w.halt)
	<-w.ended
	return w.seen
}
