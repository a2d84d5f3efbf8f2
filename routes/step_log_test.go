package routes_test

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"slices"
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/routes/trigger"
)

// logging compiles a file of routes over those of base.txtar, and returns what reads the lines that they have logged since.
func logging(t *testing.T, level slog.Level, files string) (*routes.Program, func() []map[string]any) {
	t.Helper()
	var out diag.List
	src := config.Source{FS: ParseArchive(files).FS(ParseArchive(read(t, "testdata/base.txtar"))), Env: func(string) (string, bool) {
		return "http://127.0.0.1:1", true
	}}
	typed := routes.Check(routes.Load(src, all.Protocols, &out), &out)
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	p := routes.Compile(typed)
	var written bytes.Buffer
	log := slog.New(slog.NewJSONHandler(&written, &slog.HandlerOptions{Level: level}))
	if err := p.Start(t.Context(), routes.Deps{Log: log}); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close(t.Context()) })
	written.Reset()
	return p, func() (lines []map[string]any) {
		for line := range strings.Lines(written.String()) {
			var fields map[string]any
			if err := json.Unmarshal([]byte(line), &fields); err != nil {
				t.Fatalf("%v: %s", err, line)
			}
			lines = append(lines, fields)
		}
		written.Reset()
		return lines
	}
}

const personBody = `{ type: object, required: [nome, anno, citta], properties: { nome: { type: string, personal: true },
      citta: { type: string }, anno: { type: integer }, eta: { type: integer, personal: true }, libero: {}, password: { type: string },
      figli: { type: array, items: { type: object, required: [cf],
        properties: { cf: { type: string, personal: true }, n: { type: integer } } } } } }`

// TestLog: a line has the route, the step, its place and the request's id, and shows nothing that is personal, secret or of
// no type, whatever was made of it.
func TestLog(t *testing.T) {
	p, lines := logging(t, slog.LevelInfo, `-- routes/r.yaml --
routes:
  scrivi:
    http: POST /scrivi
    auth: none
    body: `+personBody+`
    steps:
      - log: "${body.nome} di ${body.citta}, anno ${body.anno}"
        id: detto
        level: warn
        when: body.anno > 0
        fields:
          anno: ${body.anno}
          citta: ${body.citta}
          nome: ${upper(body.nome)}
          iniziale: ${body.nome[0:4]}
          saluto: ${"Ciao " + body.nome}
          scelto: "${body.anno > 0 ? body.nome : \"x\"}"
          testo: "di ${body.nome}"
          quanti: ${body.eta}
          libero: ${body.libero}
          password: ${body.password}
          figli: ${body.figli}
          figlio: { cf: "${(body.figli ?? [])[0]?.cf}", anno: "${body.anno}" }
          manca: "${body.figli == nil ? 1 : nil}"
      - log: Solo da sviluppatori
        level: debug
    respond: { status: 204 }
`)
	ctx := connectors.WithTrace(t.Context(), &connectors.Trace{RequestID: "R-1"})
	if _, err := p.Routes[0].Serve(ctx, &trigger.Request{
		Header: http.Header{"Content-Type": {"application/json"}},
		Body: []byte(`{"nome":"Ludovica","citta":"Borgo Ludovica","anno":2026,"eta":4217,"libero":{"x":"Ottavio"},"password":"qwerty",` +
			`"figli":[{"cf":"RSSLDV","n":3}]}`),
	}); err != nil {
		t.Fatal(err)
	}
	got := lines()
	if len(got) != 1 {
		t.Fatalf("%d lines: %v", len(got), got)
	}
	line := got[0]
	for name, want := range map[string]string{
		"level": "WARN", "msg": "*** di Borgo ***, anno 2026", "route": "scrivi", "step": "detto", "request_id": "R-1",
		"place": "routes/r.yaml:10:9",
	} {
		if line[name] != want {
			t.Errorf("%s: %v, expected %q", name, line[name], want)
		}
	}
	fields, _ := line["fields"].(map[string]any)
	want := map[string]any{
		"anno": 2026.0, "citta": "Borgo ***", "nome": "***", "iniziale": "***", "saluto": "***", "scelto": "***", "testo": "***", "quanti": "***",
		"libero": "***", "password": "***", "figli": `[{"cf":"***","n":3}]`, "figlio": `{"cf":"***","anno":2026}`,
	}
	for name, v := range want {
		if fields[name] != v {
			t.Errorf("field %s: %v, expected %v", name, fields[name], v)
		}
	}
	if len(fields) != len(want) {
		t.Errorf("fields %v", fields)
	}
}

// TestLogNeverFails: a value that cannot be computed is told in its place, and the exchange goes on; no value stands in it.
func TestLogNeverFails(t *testing.T) {
	p, lines := logging(t, slog.LevelInfo, `-- routes/r.yaml --
routes:
  r:
    http: GET /r/{n}
    auth: none
    path: { n: { type: string } }
    steps:
      - log: "numero ${number(path.n)}, cioè ${path.n}"
        fields: { doppio: "${number(path.n) * 2}", n: "${path.n}" }
    respond: { body: "${path.n}" }
`)
	resp, err := p.Routes[0].Serve(t.Context(), &trigger.Request{Path: []string{"quattro"}})
	if err != nil || string(resp.Body) != `"quattro"` {
		t.Fatal(resp, err)
	}
	line := lines()[0]
	if msg, _ := line["msg"].(string); !strings.HasPrefix(msg, "numero (not computed: routes/r.yaml:7:") ||
		!strings.HasSuffix(msg, "), cioè quattro") {
		t.Errorf("%q", msg)
	}
	fields, _ := line["fields"].(map[string]any)
	if s, _ := fields["doppio"].(string); !strings.HasPrefix(s, "(not computed: routes/r.yaml:8:") || strings.Contains(s, "quattro") {
		t.Errorf("%q", s)
	}
	if fields["n"] != "quattro" {
		t.Error(fields)
	}
}

// TestLogIsBounded: a line has 8 KiB of text at most, and more personal values than can be looked for hide the whole.
func TestLogIsBounded(t *testing.T) {
	p, lines := logging(t, slog.LevelInfo, `-- routes/r.yaml --
routes:
  r:
    http: POST /r
    auth: none
    body:
      type: object
      required: [testo, nomi]
      properties: { testo: { type: string }, nomi: { type: array, items: { type: string, personal: true } } }
    steps:
      - log: "prima ${body.testo}"
        fields: { testo: "${body.testo}", nomi: "${body.nomi}" }
      - log: "${len(body.testo)}"
        when: body.testo == ""
    respond: { status: 204 }
`)
	serve := func(body string) string {
		t.Helper()
		if _, err := p.Routes[0].Serve(t.Context(), &trigger.Request{
			Header: http.Header{"Content-Type": {"application/json"}}, Body: []byte(body),
		}); err != nil {
			t.Fatal(err)
		}
		got := lines()
		text, err := json.Marshal(got[0])
		if err != nil || len(got) != 1 {
			t.Fatal(err, got)
		}
		return string(text)
	}
	long := serve(`{"testo":"` + strings.Repeat("è", 100_000) + `","nomi":[]}`)
	if !strings.Contains(long, "è... (") || !strings.Contains(long, " of 200006 bytes)") || len(long) > 9<<10 ||
		strings.ContainsRune(long, '\uFFFD') {
		t.Errorf("%d bytes: %.200s", len(long), long)
	}
	names := slices.Repeat([]string{`"Ludovica"`}, 2001)
	many := serve(`{"testo":"Ludovica","nomi":[` + strings.Join(names, ",") + `]}`)
	if strings.Contains(many, "Ludovica") || !strings.Contains(many, "not shown: more than 2000 values") {
		t.Errorf("%.200s", many)
	}
}

// TestLogOfMessages: a route that a topic triggers logs with the id of the request that it all began with.
func TestLogOfMessages(t *testing.T) {
	p, lines := logging(t, slog.LevelDebug, `-- fondaco.yaml --
project: prova
title: Prova
topics:
  pratiche:
    schema: { type: object, required: [id], properties: { id: { type: string }, chi: { type: string, personal: true } } }
-- routes/r.yaml --
routes:
  leggi:
    topic: pratiche
    steps:
      - for_each: n in [1, 2]
        steps:
          - log: "${message.data.id}, prova ${message.attempt}, giro ${n}"
            level: debug
            fields: { chi: "${message.data.chi}" }
`)
	m := messaging.Message{ID: "1", Body: []byte(`{"id":"P-1","chi":"Ludovica"}`), Attempt: 2, Key: "K", Source: "/x", Type: "t"}
	if err := p.Consumers[0].Handle(connectors.WithTrace(t.Context(), routes.TraceOfMessage(m)), m); err != nil {
		t.Fatal(err)
	}
	got := lines()
	if len(got) != 2 || got[1]["msg"] != "P-1, prova 2, giro 2" || got[1]["level"] != "DEBUG" || got[1]["route"] != "leggi" ||
		got[1]["request_id"] != routes.TraceOfMessage(m).RequestID || got[1]["fields"].(map[string]any)["chi"] != "***" {
		t.Errorf("%v", got)
	}
}
