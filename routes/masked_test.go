package routes_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/routes"
)

const maskedRoutes = `routes:
  chiedi:
    http: POST /chiedi/{numero}
    auth: { scheme: cittadino }
    accept: async
    work: { key: "${user.fiscal_code}" }
    path: { numero: { type: string } }
    query: { email: { type: string, personal: true }, anno: { type: integer } }
    header: { X-Telefono: { type: string, personal: true } }
    body:
      type: object
      required: [titolo]
      properties:
        titolo: { type: string }
        nome: { type: string, personal: true }
        figli: { type: array, items: { type: object, required: [cf], properties: { cf: { type: string, personal: true }, eta: { type: integer } } } }
        indirizzo: { type: object, personal: true, properties: { via: { type: string } } }
        libero: {}
        scelta: { oneOf: [{ type: object, required: [a], additionalProperties: false, properties: { a: { type: string } } }, { type: object, required: [b], additionalProperties: false, properties: { b: { type: string, personal: true } } }] }
    steps:
      - publish: avvisi
        key: ${body.nome}
        event: { titolo: "${body.titolo}", nome: "${body.nome}", chi: "${user.fiscal_code}" }
    respond: { status: 204 }
  avvisa:
    topic: avvisi
    steps: []
`

const maskedTopics = `topics:
  avvisi:
    schema: { type: object, properties: { titolo: { type: string }, nome: { type: string, personal: true }, chi: { type: string, personal: true } } }
`

// TestMask: of the body of a message people see what its type describes and does not mark.
func TestMask(t *testing.T) {
	var out diag.List
	fsys := fstest.MapFS{"fondaco.yaml": {Data: []byte(laterProject + maskedTopics)}, "routes/r.yaml": {Data: []byte(maskedRoutes)}}
	p := routes.Compile(routes.Check(routes.Load(config.Source{FS: fsys}, connectors.Registry{}, &out), &out))
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	consumers := map[string]*routes.Consumer{}
	for _, c := range p.Consumers {
		consumers[c.ID] = c
	}
	request := `{"path":["K-77"],"query":"email=rosa%40posta.example&anno=2026","header":[["X-Telefono","041-1234567"],["Content-Type","application/json"]],"body":"BODY","user":{"subject":"soggetto-1","fiscal_code":"RSSMRA80A01L736X","channel":"web"}}`
	for name, c := range map[string]struct {
		consumer, body string
		shows, hides   []string
	}{
		"an accepted request": {
			"chiedi", withBody(request, `{"titolo":"Chiede RSSMRA80A01L736X","nome":"Rosa","figli":[{"cf":"BNCLRD15C10L736K","eta":11}],"indirizzo":{"via":"Calle Lunga"},"libero":{"segreto di":"Rosaria"},"scelta":{"b":"nascosto-b"},"ignoto":"sconosciuto"}`),
			[]string{`"numero": "K-77"`, `"anno": "2026"`, `"eta": 11`, `"channel": "web"`, "Chiede ***"},
			[]string{
				"RSSMRA80A01L736X", "Rosa", "BNCLRD15C10L736K", "Calle", "segreto", "nascosto-b", "sconosciuto", "ignoto", "rosa@", "041-",
				"soggetto-1",
			},
		},
		"of other kinds than its type": {
			"chiedi", withBody(request, `{"titolo":{"nome":"Rosa"},"figli":{"cf":"BNCLRD15C10L736K"},"scelta":{"a":"visibile","b":3}}`),
			[]string{"visibile"},
			[]string{"Rosa", "BNCLRD15C10L736K"},
		},
		"an accepted request whose body is none": {"chiedi", withBody(request, `Rosa <`), []string{"bytes"}, []string{"Rosa", "K-77"}},
		"an event": {
			"avvisa", `{"titolo":"Avviso a Rosa","nome":"Rosa","chi":"RSSMRA80A01L736X"}`,
			[]string{"Avviso a ***"},
			[]string{"Rosa", "RSSMRA"},
		},
		"an event that does not fit": {"avvisa", `["Rosa","RSSMRA80A01L736X"]`, nil, []string{"Rosa", "RSSMRA"}},
		"an event that is not JSON":  {"avvisa", `nome=Rosa`, []string{"9 bytes"}, []string{"Rosa"}},
		"an event with much that is not": {
			"avvisa", `{"x":[` + strings.Repeat(`"Rosaria",`, 2500) + `1],"titolo":"visibile Rosaria"}`,
			[]string{"bytes"},
			[]string{"Rosa", "visibile"},
		},
	} {
		m := consumers[c.consumer].Mask([]byte(c.body))
		for _, want := range c.shows {
			if !strings.Contains(m.Body, want) {
				t.Errorf("%s: it lacks %q:\n%s", name, want, m.Body)
			}
		}
		for _, never := range c.hides {
			if strings.Contains(m.Body, never) {
				t.Errorf("%s: it shows %q:\n%s", name, never, m.Body)
			}
		}
	}
	m := consumers["avvisa"].Mask([]byte(`{"titolo":"a","nome":"Rosa"}`))
	if got := m.Text("/notizie/Rosa"); got != "/notizie/***" {
		t.Errorf("a header is shown as %s", got)
	}
	for _, id := range []string{"chiedi", "avvisa"} {
		if c := consumers[id]; !c.PersonalKey || c.Mask([]byte(`{}`)).Key("RSSMRA80A01L736X") != "***" {
			t.Errorf("%s: its keys are shown", id)
		}
	}
	if u := routes.Untyped([]byte("Rosa")); strings.Contains(u.Body, "Rosa") || u.Key("Rosa") != "***" {
		t.Errorf("of no type: %s", u.Body)
	}
}

// withBody returns an accepted request as it is kept, with a body.
func withBody(request, body string) string {
	return strings.Replace(request, "BODY", base64.StdEncoding.EncodeToString([]byte(body)), 1)
}
