package routes_test

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"testing"
	"time"

	"fondaco/messaging"
	"fondaco/routes"
)

// uuidRoutes makes UUIDs wherever expressions stand; %[1]s and %[2]s are steps that a change of the project adds.
const uuidRoutes = `routes:
  lavora:
    topic: nuove
    steps:
      %[1]s
      - set: { a: "${uuid()}", b: ["${uuid()}", "${uuid()}"] }
      - publish: esiti
        event: { id: "${uuid()}", nomi: "${[a, b[0], b[1]]}" }
        when: uuid() != ""
      - publish: esiti
        event: { righe: { $for: r in message.data.righe, id: "${uuid()}", parti: "${map([1, 2], map([1, 2], uuid()))}" } }
      - for_each: r in message.data.righe
        concurrency: 3
        steps:
          - publish: esiti
            event: "${uuid()}"
      - repeat: { n: 1, id: "${uuid()}" }
        steps:
          - publish: esiti
            event: ["${id}", "${uuid()}"]
        next: { n: "${n + 1}", id: "${uuid()}" }
        until: n > 3
        max: 5
      - parallel:
          a: [ { publish: esiti, event: "${uuid()}" } ]
          b: [ { publish: esiti, event: "${uuid()}" } ]
      - route: dentro
        as: prima
      - route: dentro
        as: seconda
      - publish: esiti
        event: "${[prima, seconda]}"
      %[2]s
  dentro:
    steps: []
    respond: { body: "${uuid()}" }
`

var uuidForm = regexp.MustCompile(`[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}`)

// A message that is worked on again, with another clock and a changed project, makes the same UUIDs; no two places, rounds or messages
// share one.
func TestUUIDFollowsFromPlace(t *testing.T) {
	clock := time.Date(2026, 10, 25, 0, 30, 0, 0, time.UTC)
	attempt := func(id, before, after string) (made []string) {
		t.Helper()
		p := compiled(t, map[string]string{"fondaco.yaml": identityProject, "routes/r.yaml": fmt.Sprintf(uuidRoutes, before, after)})
		to := &recorded{}
		clock = clock.Add(time.Minute)
		if err := p.Start(t.Context(), routes.Deps{Topics: to, Now: func() time.Time { return clock }}); err != nil {
			t.Fatal(err)
		}
		defer p.Close(context.Background())
		m := messaging.Message{ID: id, Type: "nuove", Source: "/altri", Time: clock, Attempt: 1, Body: []byte(`{"righe":["r1","r2","r3"]}`)}
		if err := p.Consumers[0].Handle(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		for _, bodies := range to.ids {
			for _, body := range bodies {
				made = append(made, uuidForm.FindAllString(body, -1)...)
			}
		}
		slices.Sort(made)
		return made
	}
	first := attempt("m1", "", "")
	const expected = 4 + 3*5 + 3 + 3*2 + 2 + 2
	if len(first) != expected || len(slices.Compact(slices.Clone(first))) != expected {
		t.Fatalf("%d UUIDs, %d different ones, expected %d", len(first), len(slices.Compact(slices.Clone(first))), expected)
	}
	for _, change := range [][2]string{{}, {`- set: { z: "${uuid()}" }`, `- set: { y: "${uuid()}" }`}} {
		if again := attempt("m1", change[0], change[1]); !slices.Equal(again, first) {
			t.Errorf("after %q:\n%q\nfirst:\n%q", change, again, first)
		}
	}
	other := attempt("m2", "", "")
	if len(other) != expected || slices.ContainsFunc(other, func(id string) bool { return slices.Contains(first, id) }) {
		t.Errorf("another message: %q", other)
	}
}

// How often a repeat is typed until its types are known has no part in the UUIDs of its values.
func TestUUIDOfRepeatIsOfItsPlace(t *testing.T) {
	made := func(first string) string {
		p := compiled(t, map[string]string{"fondaco.yaml": identityProject, "routes/r.yaml": `routes:
  lavora:
    topic: nuove
    steps:
      - repeat: { id: ` + first + ` }
        steps: []
        next: { id: "${uuid()}" }
        until: id != ""
        max: 2
        as: fatto
      - publish: esiti
        event: ${fatto.id}
`})
		to := &recorded{}
		if err := p.Start(t.Context(), routes.Deps{Topics: to}); err != nil {
			t.Fatal(err)
		}
		defer p.Close(context.Background())
		m := messaging.Message{ID: "m", Type: "nuove", Source: "/altri", Time: time.Now(), Attempt: 1, Body: []byte(`{"righe":[]}`)}
		if err := p.Consumers[0].Handle(t.Context(), m); err != nil {
			t.Fatal(err)
		}
		return uuidForm.FindString(to.ids[to.list[0]][0])
	}
	if a, b := made(`"x"`), made(`"${message.id}"`); a == "" || a != b {
		t.Errorf("%q, %q", a, b)
	}
}
