package routes_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"runtime"
	"strings"
	"testing"

	"fondaco/connectors/all"
	"fondaco/routes/trigger"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
)

// writers are the ways by which a small request may lead to a large writing: what refers to the same value many times,
// and texts and lists that expressions make.
var writers = map[string]string{
	"loop":       "{ $for: r in body.righe, nota: '${body.nota}', n: '${r}' }",
	"reference":  "${map(body.righe, body.nota)}",
	"records":    "${map(body.righe, {{a: #, b: body}})}",
	"nested":     "{ $for: a in body.righe, $item: { $for: b in body.righe, $item: '${b}' } }",
	"held":       "${map(body.righe, map(body.righe, {{a: 1, b: 2}}))}",
	"lists":      "${flatten(map(body.righe, body.righe))}",
	"holes":      "{ $for: r in body.righe, t: 'a${body.nota}b${body.nota}' }",
	"joined":     "${map(body.righe, join(map(body.righe, text(#)), body.nota[0:20]))}",
	"replaced":   "${map(body.righe, replace(body.nota, \"x\", body.nota[0:30]))}",
	"added":      "${map(body.righe, body.nota + body.nota)}",
	"padded":     "${map(body.righe, padLeft(\"a\", 1000000))}",
	"grouped":    "${map(body.righe, groupBy(body.righe, #))}",
	"merged":     "{ $for: r in body.righe, $item: { $merge: [{ a: '${body.nota}' }, { b: '${r}' }] } }",
	"conditions": "{ $for: r in body.righe, a: { $if: r >= 0, b: '${body.nota}' } }",
}

const postino = `
connector: postino
version: 1.0.0
title: Un sistema che riceve
params: { endpoint: { type: string, format: uri } }
rest: { endpoint: "${param.endpoint}" }
operations:
  carica:
    post: /carico
    effect: idempotent
    body: { type: object, required: [voci], properties: { voci: { type: array, items: { type: object, properties: { nota: { type: string } } } } } }
    answer: { type: object, properties: { ok: { type: boolean } } }
  cerca:
    get: /ricerca
    effect: read
    query: { parole: { type: array, items: { type: string } } }
    answer: { type: object, properties: { ok: { type: boolean } } }
samples: samples/
`

// hostile opens a project whose routes write what a small request makes large.
func hostile(t *testing.T) *City {
	t.Helper()
	const head = `
    http: POST /%[1]s
    auth: none
    body: { type: object, required: [nota, righe], properties: { nota: { type: string }, righe: { type: array, items: { type: integer } } } }
    steps: []
`
	var b strings.Builder
	b.WriteString("routes:\n")
	route := func(name, rest string) {
		fmt.Fprintf(&b, "  %[1]s:"+strings.TrimSuffix(head, "    steps: []\n")+"%[2]s", name, rest)
	}
	for name, body := range writers {
		route("answer-"+name, "    steps: []\n    respond: { body: "+quoted(body)+" }\n")
	}
	route("small", "    limits: { answer: 2KiB }\n    steps: []\n    respond: { body: '${body.nota}' }\n")
	route("large", "    limits: { answer: 64MiB }\n    steps: []\n    respond: { body: { $for: r in body.righe, nota: '${body.nota}' } }\n")
	route("plain", "    limits: { answer: 2KiB }\n    steps: []\n    respond: { content: text/plain, body: '${body.nota}' }\n")
	route("header", "    steps: []\n    respond: { headers: { X-Nota: '${body.nota}' }, body: '' }\n")
	route("sent", "    steps: [{ call: postino.carica, with: { voci: { $for: r in body.righe, nota: '${body.nota}' } } }]\n")
	route("caught", "    steps: [{ try: [{ call: postino.carica, with: { voci: { $for: r in body.righe, nota: '${body.nota}' } } }], "+
		"catch: { any: [] } }]\n")
	route("query", "    steps: [{ call: postino.cerca, with: { parole: { $for: r in body.righe, $item: '${body.nota}' } } }]\n")
	route("cached", "    steps: [{ call: postino.cerca, cache: 60s, with: { parole: { $for: r in body.righe, $item: '${body.nota}' } } }]\n")
	route("named", "    steps: [{ set: { v: '${map(body.righe, map(body.righe, {{a: 1, b: 2}}))}' } }]\n")
	route("fails", "    steps: [{ fail: { status: 400, detail: '${body.nota}' } }]\n")
	route("rounds", "    steps: [{ for_each: r in body.righe, max: 100000, steps: [{ set: { t: '${body.nota + body.nota}' } }] }]\n")
	a := Archive{Files: []File{
		{Name: "fondaco.yaml", Text: "project: prova\ntitle: Prova\nsystems:\n  postino: { connector: ./connectors/postino, params: { " +
			"endpoint: \"${env.POSTINO_URL}\" } }\n"},
		{Name: "connectors/postino/connector.yaml", Text: postino},
		{Name: "connectors/postino/samples/carica.yaml", Text: "- answer: { ok: true }\n"},
		{Name: "connectors/postino/samples/cerca.yaml", Text: "- answer: { ok: true }\n"},
		{Name: "routes/r.yaml", Text: b.String()},
	}}
	fsys := a.FS(Archive{})
	city, out, err := Open(t.Context(), Options{
		FS: fsys, Registry: all.Protocols,
		Env: func(name string) (string, bool) { return name, true },
	})
	if err != nil || city == nil {
		var text bytes.Buffer
		if out != nil {
			out.Print(&text, func(file string) []byte { b, _ := fsys.ReadFile(file); return b }, false)
		}
		t.Fatalf("%v\n%s", err, &text)
	}
	t.Cleanup(city.Close)
	return city
}

func quoted(s string) string {
	if strings.HasPrefix(s, "$") {
		return "'" + s + "'"
	}
	return s
}

// ask runs a route, and returns the problem that it ended with, nil for none.
func ask(t *testing.T, c *City, id, body string) (*trigger.Response, *trigger.Problem) {
	t.Helper()
	for _, r := range c.Program.Routes {
		if r.ID != id {
			continue
		}
		res, err := r.Serve(context.Background(), &trigger.Request{Body: []byte(body), Header: http.Header{"Content-Type": {"application/json"}}})
		var p *trigger.Problem
		if err != nil && !errors.As(err, &p) {
			t.Fatalf("%s: %v", id, err)
		}
		return res, p
	}
	t.Fatalf("no route %s", id)
	return nil, nil
}

// request returns a body with that many numbers, and a note of that many characters.
func request(numbers, note int) string {
	return `{"righe":[1` + strings.Repeat(",1", numbers-1) + `],"nota":"` + strings.Repeat("x", note) + `"}`
}

// TestWritten: what is written is bounded while it is written. A request of 30 kB whose answer would be 100 MB, or that
// makes as much in between, ends with 500 and the place of the route, and has not taken that much memory before.
func TestWritten(t *testing.T) {
	city := hostile(t)
	var paths []string
	for name := range writers {
		paths = append(paths, "answer-"+name)
	}
	for _, id := range append(paths, "sent", "caught", "query", "cached", "named") {
		t.Run(id, func(t *testing.T) {
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			res, p := ask(t, city, id, request(7500, 15_000))
			runtime.ReadMemStats(&after)
			res.Release()
			if p == nil || p.Status != 500 {
				t.Fatalf("found %v, expected 500", p)
			}
			var limit *codec.LimitError
			if !errors.As(p, &limit) && !errors.Is(p, expr.ErrRoom) && !errors.Is(p, expr.ErrBudget) {
				t.Errorf("found %v, expected a limit", p)
			}
			if !strings.Contains(p.Error(), "routes/r.yaml:") {
				t.Errorf("found %v, expected the place in the route", p)
			}
			// All that was allocated, garbage included: what is held at a time is less.
			if n := (after.TotalAlloc - before.TotalAlloc) >> 20; n > 150 {
				t.Errorf("%d MiB were allocated", n)
			}
		})
	}
}

// TestWritten_limits: a route says more or less than the default; what is below its limit is written.
func TestWritten_limits(t *testing.T) {
	city := hostile(t)
	for _, x := range []struct {
		id, body string
		status   int // 0 for an answer
	}{
		{"small", request(1, 1000), 0},
		{"small", request(1, 3000), 500},
		{"plain", request(1, 1000), 0},
		{"plain", request(1, 3000), 500},
		{"answer-loop", request(600, 15_000), 0},
		{"large", request(1000, 15_000), 0},
		{"sent", request(600, 15_000), 0},
		{"cached", request(60, 15_000), 0},
		{"header", request(1, 20_000), 500},
		{"rounds", request(3000, 15_000), 0}, // 90 MB of texts, one at a time
	} {
		res, p := ask(t, city, x.id, x.body)
		if p == nil && x.status != 0 || p != nil && p.Status != x.status {
			t.Errorf("%s, %d bytes: found %v, expected status %d", x.id, len(x.body), p, x.status)
		}
		res.Release()
	}
	_, p := ask(t, city, "fails", request(1, 100_000))
	if n := len(p.AppendJSON(nil)); n > 10_000 {
		t.Errorf("a problem of %d bytes", n)
	}
}
