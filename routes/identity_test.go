package routes_test

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/store"
	"fondaco/store/sqlite"
)

// recorded notes what is published, by id.
type recorded struct {
	mu   sync.Mutex
	ids  map[string][]string // the bodies under an id
	list []string            // the ids in their order
}

func (r *recorded) Publish(_ context.Context, topic string, m messaging.Message) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.ids == nil {
		r.ids = map[string][]string{}
	}
	r.ids[m.ID] = append(r.ids[m.ID], topic+" "+m.Key+" "+string(m.Body))
	r.list = append(r.list, m.ID)
	return nil
}

// compiled compiles a project without systems.
func compiled(t *testing.T, files map[string]string) *routes.Program {
	t.Helper()
	fsys := fstest.MapFS{}
	for name, text := range files {
		fsys[name] = &fstest.MapFile{Data: []byte(text)}
	}
	var out diag.List
	typed := routes.Check(routes.Load(config.Source{FS: fsys}, connectors.Registry{}, &out), &out)
	for _, p := range out.Sorted() {
		t.Errorf("%s: %s %s", p.Pos, p.Message, p.Hint)
	}
	if t.Failed() {
		t.FailNow()
	}
	return routes.Compile(typed)
}

func stateAt(t *testing.T, path string) *sqlite.Store {
	t.Helper()
	s, err := sqlite.Open(t.Context(), path, sqlite.Options{Project: "prova"})
	if err != nil {
		t.Fatal(err)
	}
	return s
}

const identityProject = `project: prova
title: Prova
sequences: { pratiche: { start: 40 } }
topics:
  nuove: { schema: { type: object, required: [righe], properties: { righe: { type: array, items: { type: string } } } } }
  esiti: { schema: {} }
`

// identityRoutes has steps before and after, where %s stands, to be added by a change of the project.
const identityRoutes = `routes:
  lavora:
    topic: nuove
    steps:
      %[1]s
      - set: { numero: "${sequence(\"pratiche\")}" }
      - publish: esiti
        event: { quando: "${now()}", numero: "${numero}", altro: "${sequence(\"pratiche\")}" }
      - publish: esiti
        event: { quando: "${now()}", secondo: true }
      - for_each: r in message.data.righe
        concurrency: 3
        steps:
          - for_each: n in [1, 2]
            steps:
              - publish: esiti
                event: { quando: "${now()}", riga: "${r}", n: "${n}", numero: "${sequence(\"pratiche\")}" }
      - parallel:
          a: [ { publish: esiti, event: { quando: "${now()}", ramo: a } } ]
          b: [ { publish: esiti, event: { quando: "${now()}", ramo: b } } ]
      - choose:
          - when: message.attempt > 0
            steps: [ { publish: esiti, event: { quando: "${now()}", scelta: 1 } } ]
      - route: dentro
        with: { x: "prima ${sequence(\"pratiche\")}" }
      - route: dentro
        with: { x: seconda }
      %[2]s
  dentro:
    input: { type: object, required: [x], properties: { x: { type: string } } }
    steps:
      - set: { numero: "${sequence(\"pratiche\")}" }
      - publish: esiti
        event: { quando: "${now()}", dentro: "${input.x}", numero: "${numero}" }
`

// A message that is worked on again, by another process with another clock and a changed project, has the same ids of
// what it publishes and the same numbers; no two effects share one, nor do two messages.
func TestIdentityFollowsFromPlace(t *testing.T) {
	path := filepath.Join(t.TempDir(), "state.db")
	clock := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	bodies := map[string]map[string]bool{} // without the moment, by id
	attempt := func(id, before, after string) []string {
		t.Helper()
		state := stateAt(t, path)
		defer state.Close()
		p := compiled(t, map[string]string{"fondaco.yaml": identityProject, "routes/r.yaml": fmt.Sprintf(identityRoutes, before, after)})
		to := &recorded{}
		clock = clock.Add(time.Minute)
		if err := p.Start(t.Context(), routes.Deps{
			Topics: to, Sequences: state.Sequences(),
			Now: func() time.Time { return clock },
		}); err != nil {
			t.Fatal(err)
		}
		defer p.Close(context.Background())
		m := messaging.Message{ID: id, Type: "nuove", Source: "/altri", Time: clock, Attempt: 1, Body: []byte(`{"righe":["r1","r2","r3"]}`)}
		if err := p.Consumers[0].Handle(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		for id, list := range to.ids {
			if len(list) != 1 {
				t.Errorf("one id for %q", list)
			}
			_, rest, _ := strings.Cut(list[0], `Z"`)
			if bodies[id] == nil {
				bodies[id] = map[string]bool{}
			}
			bodies[id][rest] = true
		}
		return slices.Sorted(maps.Keys(to.ids))
	}
	const published = 2 + 3*2 + 2 + 1 + 2
	first := attempt("m1", "", "")
	if len(first) != published {
		t.Fatalf("%d ids, expected %d", len(first), published)
	}
	for range 3 {
		if again := attempt("m1", "", ""); !slices.Equal(again, first) {
			t.Errorf("worked on again:\n%q\nfirst:\n%q", again, first)
		}
	}
	changed := attempt("m1", `- parallel: { prima: [ { publish: nuove, event: { righe: [] } } ] }`,
		"- parallel: { z: [ { set: { ancora: 1 } } ] }")
	changed = slices.DeleteFunc(changed, func(id string) bool { return bodies[id][""] }) // the new step's own
	if !slices.Equal(changed, first) {
		t.Errorf("after a change:\n%q\nfirst:\n%q", changed, first)
	}
	for id, list := range bodies {
		if len(list) != 1 {
			t.Errorf("the numbers of %s changed: %v", id, slices.Collect(maps.Keys(list)))
		}
	}
	if other := attempt("m2", "", ""); len(other) != published ||
		slices.ContainsFunc(other, func(id string) bool { return slices.Contains(first, id) }) {
		t.Errorf("another message: %q", other)
	}
	numbers := map[string]bool{}
	for _, list := range bodies {
		for body := range list {
			for _, field := range []string{`"numero":`, `"altro":`} {
				if _, rest, found := strings.Cut(body, field); found {
					n := rest[:strings.IndexAny(rest, ",}")]
					if numbers[n] {
						t.Errorf("the number %s is used twice", n)
					}
					numbers[n] = true
				}
			}
		}
	}
	if len(numbers) != 2*(1+1+6+2) {
		t.Errorf("%d numbers: %v", len(numbers), numbers)
	}
}

// The id of a step goes with it, wherever it stands.
func TestIdentityOfANamedStep(t *testing.T) {
	id := func(text string) string {
		p := compiled(t, map[string]string{
			"fondaco.yaml":  identityProject,
			"routes/r.yaml": "routes:\n  lavora:\n    topic: nuove\n    steps:\n" + text,
		})
		to := &recorded{}
		if err := p.Start(t.Context(), routes.Deps{Topics: to}); err != nil {
			t.Fatal(err)
		}
		defer p.Close(context.Background())
		if err := p.Consumers[0].Handle(t.Context(), messaging.Message{
			ID: "m", Type: "nuove", Source: "/altri", Time: time.Now(), Attempt: 1,
			Body: []byte(`{"righe":[]}`),
		}); err != nil {
			t.Fatal(err)
		}
		return to.list[0]
	}
	const step = `{ id: avviso, for_each: "n in [1]", steps: [ { publish: esiti, event: { a: 1 } } ] }`
	top, within := id("      - "+step+"\n"), id("      - parallel:\n          a: [ "+step+" ]\n")
	if top != within {
		t.Errorf("%s at the top, %s in a branch", top, within)
	}
	if id("      - parallel:\n          a: [ { publish: esiti, event: { a: 1 } } ]\n") == id("      - { publish: esiti, event: { a: 1 } }\n") {
		t.Error("a step without an id has the same identity in two places")
	}
	if given := id("      - { publish: esiti, id: picco, event: { a: 1 } }\n"); given != "picco" {
		t.Errorf("the id that the route sets for an event became %s", given)
	}
}

// failing draws nothing.
type failing struct{ err error }

func (f failing) Draw(context.Context, store.Draw, time.Time) (int64, error) { return 0, f.err }

// Without a number nothing is done: a caller gets 503, a message waits and no attempt is counted.
func TestNoNumberNoEffect(t *testing.T) {
	p := compiled(t, map[string]string{"fondaco.yaml": identityProject, "routes/r.yaml": `routes:
  subito:
    http: POST /pratiche
    auth: none
    steps: [ { publish: esiti, event: { n: "${sequence(\"pratiche\")}" } } ]
  dopo:
    topic: nuove
    steps: [ { publish: esiti, event: { n: "${sequence(\"pratiche\")}" } } ]
`})
	to := &recorded{}
	if err := p.Start(t.Context(), routes.Deps{Topics: to, Sequences: failing{store.ErrFull}}); err != nil {
		t.Fatal(err)
	}
	defer p.Close(context.Background())
	_, err := p.Route("subito").Serve(t.Context(), &trigger.Request{Header: map[string][]string{}})
	var problem *trigger.Problem
	if !errors.As(err, &problem) || problem.Status != 503 || problem.RetryAfter == 0 {
		t.Errorf("the caller gets %v", err)
	}
	err = p.Consumers[0].Handle(t.Context(), messaging.Message{
		ID: "m", Type: "nuove", Source: "/altri", Time: time.Now(), Attempt: 1,
		Body: []byte(`{"righe":[]}`),
	})
	var retry *messaging.Retry
	if !errors.As(err, &retry) || retry.Counts {
		t.Errorf("the message gets %v", err)
	}
	if len(to.list) != 0 {
		t.Errorf("published: %v", to.ids)
	}
}
