package routes_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/routes"
)

// respondRoutes answer at their end and before.
const respondRoutes = `routes:
  r:
    http: GET /r/{n}
    auth: none
    summary: Il segno
    path: { n: { type: integer } }
    steps:
      - choose:
          - when: path.n == 0
            steps:
              - respond: { status: 303, headers: { Location: /r/1 } }
          - when: path.n < 0
            steps:
              - respond: { headers: { X-Segno: meno }, body: { segno: meno, n: "${path.n}" } }
          - when: path.n > 99
            steps:
              - respond: { status: 203, content: text/plain, body: troppo }
      - set: { segno: più }
    respond: { headers: { X-Segno: più, X-Fine: sì }, body: { segno: "${segno}" } }
  mai:
    http: GET /mai
    auth: none
    query: { a: { type: boolean, default: false } }
    steps:
      - choose:
          - when: query.a
            steps:
              - respond: { body: 1 }
          - otherwise:
              - fail: conflict
  problemi:
    http: GET /problemi/{n}
    auth: none
    path: { n: { type: integer } }
    steps:
      - fail: { status: "${path.n}", statuses: [409, 422], with: { rimasti: "${path.n}" } }
        when: path.n > 400
      - fail: { status: 409, with: { perche: tardi } }
        when: path.n == 1
  vecchi:
    http: GET /vecchi/{n}
    auth: none
    path: { n: { type: integer } }
    steps:
      - fail: { status: "${path.n}", statuses: [409, 422], body: { esito: "${path.n}" } }
        when: path.n > 400
      - fail: { status: 409, body: tardi, content: text/plain }
        when: path.n == 1
  dopo:
    http: POST /dopo
    auth: none
    accept: async
    body: { type: object, required: [n], properties: { n: { type: integer } } }
    steps:
      - fail: { status: 409, with: { rimasti: 3 } }
        when: body.n == 2
      - fail: { status: 410, body: "${text(body.n)}", content: text/plain }
        when: body.n == 3
      - respond: { status: 203, body: presto }
        when: body.n == 1
    respond: { status: 201, body: tardi }
  poi:
    http: POST /poi
    auth: none
    accept: async
    body: { type: object, required: [n], properties: { n: { type: integer } } }
    steps:
      - respond: { status: 203, body: presto }
        when: body.n == 1
    respond: { status: 201, headers: { X-Poi: a }, body: { n: "${body.n}" } }
  infine:
    http: POST /infine
    auth: none
    accept: async
    body: { type: object, required: [n], properties: { n: { type: integer } } }
    steps:
      - respond: { status: 203, body: { ok: true } }
        when: body.n == 1
    respond: { status: 201, body: fatto, content: text/plain }
`

// TestEachAnswerIsDescribed: the document has every status that a route answers with, and no other.
func TestEachAnswerIsDescribed(t *testing.T) {
	typed := checkedResponds(t)
	var found []string
	for _, op := range typed.Operations() {
		for _, r := range op.Responses {
			if r.Status >= 300 && r.Status != http.StatusSeeOther && r.Status != http.StatusConflict && r.Members == nil && r.Others == nil {
				continue
			}
			line := fmt.Sprintf("%s %d %s %v %s", op.ID, r.Status, r.Doc, r.Body, r.ContentType)
			if r.Members != nil {
				line = fmt.Sprintf("%s %d %v", op.ID, r.Status, r.Members)
			}
			for _, o := range r.Others {
				line += fmt.Sprintf(" %s %v", o.Type, o.Body)
			}
			for _, h := range r.Headers {
				line += fmt.Sprintf(" %s:%t", h.Name, h.Required)
			}
			found = append(found, line)
		}
	}
	got := strings.Join(found, "\n")
	for _, want := range []string{
		"r 200 Il segno {segno: \"meno\" or \"più\", n?: integer}  X-Segno:true X-Fine:false",
		"r 203  \"troppo\" text/plain",
		"r 303  nothing  Location:true",
		"mai 200  integer",
		"mai 409 ",
		"problemi 409 {rimasti?: integer, perche?: \"tardi\"}",
		"problemi 422 {rimasti?: integer}",
		"vecchi 409  {esito: integer} application/json text/plain \"tardi\"",
		"vecchi 422  nothing  application/json {esito: integer}",
		"dopo 409  nothing ",
		`esito-operazione 201 L'esito, come l'operazione lo descrive "tardi" or {n: integer}  text/plain "fatto" X-Poi:false`,
		"esito-operazione 409 {rimasti?: integer}",
		`esito-operazione 203 L'esito, come l'operazione lo descrive "presto" or {ok: boolean} `,
	} {
		if !strings.Contains(got, want) {
			t.Errorf("expected %q in\n%s", want, got)
		}
	}
	if strings.Contains(got, "mai 204") {
		t.Errorf("the end of the route mai is never reached:\n%s", got)
	}
}

func checkedResponds(t *testing.T) *routes.Typed {
	t.Helper()
	a := Archive{Files: []File{{Name: "routes/r.yaml", Text: respondRoutes}}}
	var out diag.List
	typed := routes.Check(routes.Load(config.Source{FS: a.FS(ParseArchive(read(t, "testdata/base.txtar")))}, all.Protocols, &out), &out)
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	return typed
}
