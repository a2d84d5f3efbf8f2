package routes_test

import (
	"fmt"
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/routes"
)

// TestStatuses says exactly which statuses a route can give, by what it is made of.
func TestStatuses(t *testing.T) {
	base := ParseArchive(read(t, "testdata/base.txtar"))
	for name, c := range map[string]struct{ route, statuses string }{
		"nothing": {`
    auth: none
    steps: []`, "204 400 500 504"},
		"a caller, a body, a rate": {`
    auth: { scheme: cittadino }
    rate: 1/s
    body: { type: string }
    steps: []
    respond: { body: ciao }`, "200 400 401 403 413 415 422 429 500 503 504"},
		"a parameter that takes any text": {`
    auth: none
    query: { a: { type: string } }
    steps: []`, "204 400 500 504"},
		"a parameter that does not": {`
    auth: none
    query: { a: { type: integer } }
    steps: []`, "204 400 422 500 504"},
		"a call that reads": {`
    auth: none
    steps:
      - call: sportello.persona
        with: { id: 1 }`, "204 400 404 409 422 500 502 503 504"},
		"all kinds caught": {`
    auth: none
    steps:
      - try:
          - call: sportello.persona
            with: { id: 1 }
        catch: { any: [] }`, "204 400 500 503 504"},
		"some kinds caught": {`
    auth: none
    steps:
      - call: sportello.persona
        with: { id: 1 }
        as: p
        catch: { not-found: null, conflict: null, refused: null }`, "204 400 500 502 503 504"},
		"an optional branch that decides": {`
    auth: none
    steps:
      - parallel:
          a:
            optional: true
            steps:
              - call: sportello.persona
                with: { id: 1 }
              - fail: { status: 418 }
    respond: { body: "${missing}" }`, "200 400 418 500 503 504"},
		"an Idempotency-Key": {`
    auth: none
    idempotency: "on"
    steps: []`, "204 400 409 422 500 503 504"},
		"a rule": {`
    auth: none
    query: { a: { type: string, required: true } }
    steps:
      - validate: [ { that: query.a != "x", field: a, detail: Non x. } ]
    respond: { status: 201, body: "${query.a}" }`, "201 400 422 500 504"},
		"a sub-route": {`
    auth: none
    steps:
      - route: sotto`, "204 400 410 500 504"},
	} {
		t.Run(name, func(t *testing.T) {
			off := "\n    idempotency: \"off\""
			if strings.Contains(c.route, "idempotency:") {
				off = ""
			}
			text := "routes:\n  sotto:\n    steps:\n      - fail: { status: 410 }\n  r:\n    http: POST /r" + off + c.route + "\n"
			a := Archive{Files: []File{{Name: "routes/r.yaml", Text: text}}}
			var out diag.List
			typed := routes.Check(routes.Load(config.Source{FS: a.FS(base)}, all.Protocols, &out), &out)
			if out.Failed() {
				t.Fatal(out.Sorted())
			}
			var statuses []string
			for _, r := range typed.Operations()[0].Responses {
				statuses = append(statuses, fmt.Sprint(r.Status))
			}
			if got := strings.Join(statuses, " "); got != c.statuses {
				t.Errorf("found    %s\nexpected %s", got, c.statuses)
			}
		})
	}
}

// TestOnlyWhatIsUsedIsDecoded looks at what is asked of each call.
func TestOnlyWhatIsUsedIsDecoded(t *testing.T) {
	base := ParseArchive(read(t, "testdata/base.txtar"))
	for name, c := range map[string]struct{ steps, body, want string }{
		"one field":             {"", "${p.nome}", "{nome: text}"},
		"asked for being there": {"", "${p.indirizzo != nil}", "{indirizzo?: {}}"},
		"through a set":         {"      - set: { q: \"${p.indirizzo}\" }\n", "${q?.cap}", "{indirizzo?: {via: text, cap?: text}}"},
		"in a condition":        {"      - fail: conflict\n        when: p.saldo < 0\n", "${p.id}", "{id: integer, saldo: decimal}"},
		"the whole": {"", "${p}", "{id: integer, nome: text, email?: text, nato?: date, saldo: decimal, indirizzo?: {via: text, " +
			"cap?: text}}"},
		"nothing": {"", "ciao", "{}"},
	} {
		t.Run(name, func(t *testing.T) {
			text := "routes:\n  r:\n    http: GET /r\n    auth: none\n    steps:\n      - call: sportello.persona\n        with: { id: 1 }\n     " +
				"   as: p\n" + c.steps +
				"    respond: { body: '" + c.body + "' }\n"
			a := Archive{Files: []File{{Name: "routes/r.yaml", Text: text}}}
			var out diag.List
			typed := routes.Check(routes.Load(config.Source{FS: a.FS(base)}, all.Protocols, &out), &out)
			if out.Failed() {
				t.Fatal(out.Sorted())
			}
			if got := typed.Routes[0].Calls[0].Output.String(); got != c.want {
				t.Errorf("found    %s\nexpected %s", got, c.want)
			}
		})
	}
}
