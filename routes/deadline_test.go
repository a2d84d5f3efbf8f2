package routes_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/routes"
	"fondaco/routes/trigger"
)

// serving compiles routes over the system of base.txtar, which handler plays.
func serving(t *testing.T, text string, handler http.HandlerFunc) *routes.Program {
	t.Helper()
	return playing(t, "-- routes/r.yaml --\n"+text, handler)
}

// playing compiles the files of an archive, over those of base.txtar; the environment has handler's address under every name.
func playing(t *testing.T, archive string, handler http.HandlerFunc) *routes.Program {
	t.Helper()
	system := httptest.NewServer(handler)
	t.Cleanup(system.Close)
	a := ParseArchive(archive)
	var out diag.List
	src := config.Source{FS: a.FS(ParseArchive(read(t, "testdata/base.txtar"))), Env: func(string) (string, bool) { return system.URL, true }}
	typed := routes.Check(routes.Load(src, all.Protocols, &out), &out)
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	p := routes.Compile(typed)
	if err := p.Start(t.Context(), routes.Deps{}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return p
}

const twoCalls = `
routes:
  r:
    http: GET /r
    auth: none
    timeout: 200ms
    steps:
      - call: sportello.persona
        with: { id: 1 }
        as: p
      - call: sportello.pratiche
        with: { id: 1 }
        as: lista
    respond: { body: "${p.nome}" }
`

// TestDeadline is the promise that no call starts after the caller's deadline, that a call under way is cancelled on
// the wire, and that the answer comes then.
func TestDeadline(t *testing.T) {
	var calls atomic.Int32
	cancelled := make(chan time.Time, 1)
	p := serving(t, twoCalls, func(_ http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		<-r.Context().Done()
		cancelled <- time.Now()
	})
	began := time.Now()
	_, err := p.Routes[0].Serve(t.Context(), &trigger.Request{Header: http.Header{}})
	took := time.Since(began)
	var problem *trigger.Problem
	if !errors.As(err, &problem) || problem.Status != 504 {
		t.Fatal(err)
	}
	if took < 200*time.Millisecond || took > 5*time.Second {
		t.Errorf("the answer came after %s", took)
	}
	if late := (<-cancelled).Sub(began); late > 5*time.Second {
		t.Errorf("the system saw the end after %s", late)
	}
	if calls.Load() != 1 {
		t.Errorf("%d calls", calls.Load())
	}
}

// TestCallerGoesAway is the same for a caller who leaves.
func TestCallerGoesAway(t *testing.T) {
	arrived, cancelled := make(chan struct{}), make(chan struct{})
	p := serving(t, strings.Replace(twoCalls, "200ms", "20s", 1), func(_ http.ResponseWriter, r *http.Request) {
		close(arrived)
		<-r.Context().Done()
		close(cancelled)
	})
	ctx, leave := context.WithCancel(t.Context())
	go func() {
		<-arrived
		leave()
	}()
	_, err := p.Routes[0].Serve(ctx, &trigger.Request{Header: http.Header{}})
	var problem *trigger.Problem
	if !errors.As(err, &problem) || problem.Status != routes.StatusCanceled {
		t.Error(err)
	}
	<-cancelled
}

// TestNoCrossTalk sends many requests at a time through branches, loops and sub-routes: each gets its own answer.
func TestNoCrossTalk(t *testing.T) {
	p := serving(t, `
routes:
  nome:
    input: { type: object, required: [id], properties: { id: { type: integer } } }
    steps:
      - call: sportello.persona
        with: { id: "${input.id}" }
        as: p
    respond: { body: "${p.nome}" }
  r:
    http: GET /r/{id}
    auth: none
    path: { id: { type: integer } }
    steps:
      - parallel:
          uno:
            - call: sportello.persona
              with: { id: "${path.id}" }
              as: a
          due:
            - route: nome
              with: { id: "${path.id}" }
              as: b
          tre:
            - for_each: i in [path.id, path.id, path.id]
              concurrency: 3
              steps:
                - route: nome
                  with: { id: "${i}" }
                  as: c
              collect: ${c}
              as: c
    respond: { body: "${a.nome} ${b} ${join(c, \" \")}" }
`, func(w http.ResponseWriter, r *http.Request) {
		id := strings.TrimPrefix(r.URL.Path, "/persone/")
		w.Header().Set("Content-Type", "application/json")
		_, _ = io.WriteString(w, `{"id": `+id+`, "nome": "n`+id+`", "saldo": 0}`)
	})
	var wait sync.WaitGroup
	for worker := range 8 {
		wait.Add(1)
		go func() {
			defer wait.Done()
			for i := range 40 {
				id := fmt.Sprint(worker*1000 + i)
				resp, err := p.Routes[0].Serve(t.Context(), &trigger.Request{Path: []string{id}, Header: http.Header{}})
				if err != nil {
					t.Error(err)
					return
				}
				want := `"` + strings.Repeat("n"+id+" ", 4) + "n" + id + `"`
				if string(resp.Body) != want {
					t.Errorf("found %s, expected %s", resp.Body, want)
				}
				resp.Release()
			}
		}()
	}
	wait.Wait()
}
