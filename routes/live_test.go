package routes_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"runtime"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/routes"
	"fondaco/routes/trigger"
)

const liveProject = `project: prova
title: Prova
systems:
  ufficio:
    connector: ./connectors/ufficio
    params: { endpoint: "${env.ENDPOINT}", secret: "${secret.ufficio}" }
    concurrency: 1
  lento:
    connector: ./connectors/ufficio
    params: { endpoint: "${env.ENDPOINT}", secret: "${secret.ufficio}" }
    rate: 1/h
`

const liveConnector = `connector: ufficio
version: 1.0.0
params: { endpoint: { type: string }, secret: { type: string, secret: true } }
rest:
  endpoint: ${param.endpoint}
  auth:
    oauth2: { token_url: "${param.endpoint}/token", client_id: fondaco, client_secret: "${param.secret}" }
session:
  login: entra
  with: { utente: prova }
  ticket: ${answer.biglietto}
  send: biglietto
operations:
  entra:
    post: /entra
    effect: idempotent
    body: { type: object, required: [utente], properties: { utente: { type: string } } }
    answer: { type: object, required: [biglietto], properties: { biglietto: { type: string } } }
  leggi:
    get: /leggi
    effect: read
    query: { biglietto: { type: string, required: true }, di: { type: string } }
    answer: { type: object, required: [n], properties: { n: { type: integer } } }
`

const liveRoutes = `routes:
  leggi:
    http: GET /leggi
    auth: none
    query: { di: { type: string } }
    steps:
      - call: ufficio.leggi
        with: { di: "${query.di}" }
        as: letto
    respond: { body: { n: "${letto.n}" } }
  tieni:
    http: GET /tieni
    auth: none
    query: { di: { type: string } }
    steps:
      - call: ufficio.leggi
        with: { di: "${query.di}" }
        cache: 1h
        as: letto
    respond: { body: { n: "${letto.n}" } }
  lento:
    http: GET /lento
    auth: none
    timeout: 2s
    steps:
      - { call: lento.leggi, as: letto }
    respond: { body: { n: "${letto.n}" } }
`

// office is a system that issues tokens and tickets, and counts them.
type office struct {
	*httptest.Server
	tokens, tickets, reads, conns atomic.Int64
	hold                          chan struct{} // a read of "hold" waits for it
	held                          chan struct{}
}

func newOffice(t *testing.T) *office {
	o := &office{hold: make(chan struct{}), held: make(chan struct{}, 1)}
	o.Server = httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var answer any
		switch r.URL.Path {
		case "/token":
			answer = map[string]any{"access_token": fmt.Sprint("t", o.tokens.Add(1)), "token_type": "Bearer", "expires_in": 3600}
		case "/entra":
			answer = map[string]any{"biglietto": fmt.Sprint("b", o.tickets.Add(1))}
		default:
			if r.URL.Query().Get("di") == "hold" {
				o.held <- struct{}{}
				<-o.hold
			}
			answer = map[string]any{"n": o.reads.Add(1)}
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(answer)
	}))
	o.Config.ConnState = func(_ net.Conn, s http.ConnState) {
		if s == http.StateNew {
			o.conns.Add(1)
		}
	}
	o.Start()
	t.Cleanup(o.Close)
	return o
}

// generation starts a program of the project with some text replaced.
func (o *office) generation(t testing.TB, live *routes.Live, secret string, replace ...string) *routes.Program {
	t.Helper()
	r := strings.NewReplacer(replace...)
	fsys := fstest.MapFS{}
	for name, text := range map[string]string{
		"fondaco.yaml": liveProject, "connectors/ufficio/connector.yaml": liveConnector,
		"routes/leggi.yaml": liveRoutes,
	} {
		fsys[name] = &fstest.MapFile{Data: []byte(r.Replace(text))}
	}
	var out diag.List
	typed := routes.Check(routes.Load(config.Source{
		FS: fsys, Env: func(string) (string, bool) { return o.URL, true },
		Secrets: func(string) (config.Secret, bool, error) { return config.NewSecret(secret), true, nil },
	}, all.Protocols, &out), &out)
	for _, p := range out.Sorted() {
		t.Fatalf("%s: %s %s", p.Pos, p.Message, p.Hint)
	}
	p := routes.Compile(typed)
	if err := p.Start(context.Background(), routes.Deps{Live: live}); err != nil {
		t.Fatal(err)
	}
	return p
}

// get asks a route of a program, and returns the answer's body or why there is none.
func get(p *routes.Program, route, query string) string {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	res, err := p.Route(route).Serve(ctx, &trigger.Request{Query: query, Header: http.Header{}})
	if err != nil {
		return err.Error()
	}
	defer res.Release()
	return string(res.Body)
}

// TestLive: the token, the ticket, the connection, the rate, the occupied slots and the kept answers of a system are the
// next program's too where its definition is the same, and are not where it differs.
func TestLive(t *testing.T) {
	o := newOffice(t)
	live := routes.NewLive(nil)
	defer live.Close()
	was := o.generation(t, live, "s1")
	close1 := func(p *routes.Program) {
		t.Helper()
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
	}
	counts := func() string {
		return fmt.Sprintf("%d tokens %d tickets %d connections", o.tokens.Load(), o.tickets.Load(), o.conns.Load())
	}
	get(was, "leggi", "di=a")
	kept := get(was, "tieni", "di=a")
	if got := get(was, "lento", ""); !strings.HasPrefix(got, `{"n":`) {
		t.Fatal(got)
	}
	first := counts()

	edited := []string{"GET /leggi", "GET /letture", "title: Prova", "title: Prove", "version: 1.0.0", "version: 1.0.0 # anything"}
	now := o.generation(t, live, "s1", edited...)
	close1(was)
	get(now, "leggi", "di=b")
	if got := counts(); got != first {
		t.Errorf("%s, expected %s", got, first)
	}
	if got := get(now, "tieni", "di=a"); got != kept {
		t.Errorf("kept %s, expected %s", got, kept)
	}
	if got := get(now, "lento", ""); !strings.Contains(got, "503") {
		t.Errorf("the rate was forgotten: %s", got)
	}

	// A slot that is taken by a program that is replaced is taken for the next one.
	done := make(chan string)
	go func() { done <- get(now, "leggi", "di=hold") }()
	<-o.held
	next := o.generation(t, live, "s1")
	beside := make(chan string)
	reads := o.reads.Load()
	go func() { beside <- get(next, "leggi", "di=b") }()
	select {
	case got := <-beside:
		t.Errorf("two calls at once: %s", got)
	case <-time.After(100 * time.Millisecond): // long enough for a call that does not wait
	}
	if o.reads.Load() != reads {
		t.Error("the bulkhead let a second call through")
	}
	close(o.hold)
	<-done
	<-beside
	close1(now)

	// A system that no route calls for a while is the same afterwards.
	without := o.generation(t, live, "s1", "ufficio.leggi", "lento.leggi")
	close1(next)
	again := o.generation(t, live, "s1")
	close1(without)
	before := counts()
	if got := get(again, "tieni", "di=a"); got != kept {
		t.Errorf("kept %s, expected %s, by a system that no route called for a while", got, kept)
	}

	for i, change := range []struct {
		secret  string
		replace []string
	}{
		{"s2", nil},
		{"s2", []string{"concurrency: 1", "concurrency: 2"}},
		{"s2", []string{"client_id: fondaco", "client_id: altro"}},
	} {
		changed := o.generation(t, live, change.secret, change.replace...)
		close1(again)
		again = changed
		tokens, tickets := o.tokens.Load(), o.tickets.Load()
		if got := get(changed, "tieni", "di=a"); got == kept || o.tokens.Load() != tokens+1 || o.tickets.Load() != tickets+1 {
			t.Errorf("%d: another definition is not another system: %s, %s before, %s", i, got, before, counts())
		} else {
			kept = got
		}
	}
	close1(again)
}

// TestLiveThousand: a thousand programs, one after the other, leave no goroutine, no connection and no memory behind.
func TestLiveThousand(t *testing.T) {
	o := newOffice(t)
	live := routes.NewLive(nil)
	defer live.Close()
	reload := func(n int, was *routes.Program) *routes.Program {
		p := o.generation(t, live, fmt.Sprint("s", n/3), "title: Prova", fmt.Sprint("title: Prova ", n))
		if was != nil {
			if err := was.Close(context.Background()); err != nil {
				t.Error(err)
			}
		}
		if got := get(p, "tieni", fmt.Sprint("di=", n%10)); !strings.HasPrefix(got, `{"n":`) {
			t.Fatal(got)
		}
		return p
	}
	measure := func() (goroutines int, heap uint64, files int) {
		for range 3 {
			runtime.GC()
		}
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		entries, _ := os.ReadDir("/proc/self/fd")
		return runtime.NumGoroutine(), m.HeapAlloc, len(entries)
	}
	var p *routes.Program
	for n := range 100 {
		p = reload(n, p)
	}
	goroutines, heap, files := measure()
	for n := range 1000 {
		p = reload(100+n, p)
	}
	g, h, f := measure()
	t.Logf("goroutines %d, then %d; heap %d, then %d; files %d, then %d", goroutines, g, heap, h, files, f)
	if g > goroutines+10 || f > files+10 || h > heap+8<<20 {
		t.Errorf("goroutines %d, then %d; heap %d, then %d; files %d, then %d", goroutines, g, heap, h, files, f)
	}
	if err := p.Close(context.Background()); err != nil {
		t.Error(err)
	}
}
