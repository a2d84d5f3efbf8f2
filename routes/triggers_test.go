package routes_test

import (
	"strings"
	"testing"
	"time"

	"fondaco/routes"
)

// TestWorkUnsaid: of a route that says nothing of its work, what holds is shown.
func TestWorkUnsaid(t *testing.T) {
	typed := checked(t, Files(map[string]string{
		"fondaco.yaml":      "project: prova\ntitle: Prova\ntopics: { pratiche: { schema: { type: object } } }\n",
		"routes/letta.yaml": "routes: { letta: { topic: pratiche }, paziente: { topic: pratiche, work: { retry_for: 5h } } }\n",
	}))
	for i, longest := range []string{"3d", "5h"} {
		plan, most := typed.Topics[i].Model.Work()
		if plan.First != time.Second || plan.Max != 10*time.Minute || plan.Attempts != 10 || most != longest {
			t.Errorf("found %+v and %q, expected 10 attempts, pauses of 1s to 10m, and %q", plan, most, longest)
		}
	}
}

// TestTrigger: each route says what starts it, and those that nothing outside starts are no part of what is started.
func TestTrigger(t *testing.T) {
	typed := checked(t, Files(map[string]string{
		"fondaco.yaml": `
project: prova
title: Prova
auth:
  cittadino:
    jwt: { issuer: https://login.example, audience: prova, keys: keys.json, algorithms: [ES256] }
topics:
  pratiche: { schema: { type: object, properties: { id: { type: string } } } }
`,
		"routes/tutte.yaml": `
routes:
  chiesta: { http: GET /pratiche, auth: none, respond: { body: { ok: true } } }
  protetta: { http: GET /protetta, auth: { scheme: cittadino, level: 2, max_age: 15m, roles: [a, b] }, respond: { body: { ok: true } } }
  letta: { topic: pratiche }
  raccolta: { topic: pratiche, collect: { count: 3, within: 10m } }
  puntuale: { schedule: "30 6 * * *" }
  comune: { input: { type: integer } }
  vuota: { steps: [ { set: { x: 1 } } ] }
`,
	}))
	want := map[string]string{
		"chiesta":  "GET /pratiche; auth: none, anybody may call",
		"protetta": "GET /protetta; auth: cittadino, level 2, logged in within 15m, role a or b",
		"letta":    "works on the topic pratiche",
		"raccolta": "works on the topic pratiche; collect: a batch is whole with 3 messages, or 10m after the first",
		"puntuale": "starts by itself; schedule: 30 6 * * * Europe/Rome; " +
			"next 2026-01-15T06:30:00+01:00, 2026-01-16T06:30:00+01:00, 2026-01-17T06:30:00+01:00",
		"comune": "run by other routes; input: integer",
		"vuota":  "run by other routes",
	}
	now := time.Date(2026, 1, 15, 0, 0, 0, 0, time.UTC)
	seen := 0
	look := func(list []*routes.TypedRoute, sub bool) {
		for _, r := range list {
			seen++
			title, about := r.Trigger(now)
			if got := strings.Join(append([]string{title}, about...), "; "); got != want[r.Model.ID.Value] {
				t.Errorf("%s: found %q, expected %q", r.Model.ID.Value, got, want[r.Model.ID.Value])
			}
			if r.Model.Sub() != sub {
				t.Errorf("%s: Sub is %t", r.Model.ID.Value, r.Model.Sub())
			}
			if handles := strings.Contains("letta raccolta puntuale", r.Model.ID.Value); r.Model.Handles() != handles {
				t.Errorf("%s: Handles is %t", r.Model.ID.Value, r.Model.Handles())
			}
		}
	}
	look(typed.Started(), false)
	look(typed.Subs, true)
	if seen != len(want) {
		t.Errorf("found %d routes, expected %d", seen, len(want))
	}
}
