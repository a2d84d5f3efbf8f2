package routes_test

import (
	"net/http"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/store"
	"fondaco/store/sqlite"
)

const keptRoutes = `routes:
  legge:
    http: POST /legge
    auth: { scheme: cittadino }
    accept: async
    header: { x-ufficio: { type: string }, X-Righe: { type: array, items: { type: integer } } }
    body: { type: object, required: [a], properties: { a: { type: string } } }
    steps: []
    respond: { body: { a: "${body.a}", ufficio: "${header[\"x-ufficio\"] ?? \"nessuno\"}", righe: "${header[\"X-Righe\"] ?? []}", canale: "${user.channel ?? \"nessuno\"}" } }
  niente:
    http: POST /niente
    auth: { scheme: cittadino }
    accept: async
    steps:
      - respond: { body: { fatto: true } }
  tutto:
    http: POST /tutto
    auth: { scheme: cittadino }
    accept: async
    steps:
      - set: { chi: "${user}" }
    respond: { body: { soggetto: "${chi.subject}", cf: "${chi.fiscal_code}", livello: "${chi.level}" } }
`

// TestOnlyWhatIsReadIsKept: of the head and of the caller of an accepted request the message has what the route reads,
// and its work finds that.
func TestOnlyWhatIsReadIsKept(t *testing.T) {
	var out diag.List
	fsys := fstest.MapFS{"fondaco.yaml": {Data: []byte(laterProject)}, "routes/r.yaml": {Data: []byte(keptRoutes)}}
	p := routes.Compile(routes.Check(routes.Load(config.Source{FS: fsys}, connectors.Registry{}, &out), &out))
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	state, err := sqlite.Open(t.Context(), filepath.Join(t.TempDir(), "state.db"), sqlite.Options{Project: "prova"})
	if err != nil {
		t.Fatal(err)
	}
	defer state.Close()
	if err := p.Start(t.Context(), routes.Deps{Operations: state.Operations()}); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = p.Close(t.Context()) }()
	user := schema.RecordOf(trigger.UserType, schema.Text("the-subject"), schema.Text("RSSMRA80A01L736U"), schema.Int(2),
		schema.Text("the-channel"), schema.List([]schema.Value{schema.Text("the-role")}))
	all := []string{
		"the-subject", "RSSMRA80A01L736U", "the-channel", "the-role", "geheim", "the-agent", "the-office", "the-cookie",
		"the-token", "the-charset", "X-Api-Key", "User-Agent",
	}
	for route, row := range map[string]struct {
		body, want string
		kept       []string
	}{
		"legge":  {`{"a":"b"}`, `{"a":"b","ufficio":"the-office","righe":[1,2,3],"canale":"the-channel"}`, []string{"the-channel", "the-office"}},
		"niente": {"", `{"fatto":true}`, nil},
		"tutto": {
			"", `{"soggetto":"the-subject","cf":"RSSMRA80A01L736U","livello":2}`,
			[]string{"the-subject", "RSSMRA80A01L736U", "the-channel", "the-role"},
		},
	} {
		req := &trigger.Request{User: user, Body: []byte(row.body), Header: http.Header{
			"X-Api-Key": {"geheim"}, "User-Agent": {"the-agent"}, "X-Ufficio": {"the-office"}, "X-Righe": {"1,2", "3"}, "Cookie": {"a=the-cookie"},
			"Authorization": {"Bearer the-token"}, "Content-Type": {"application/json; x=the-charset"}, "Via": {"the-agent"},
		}}
		a, err := p.Route(route).Accept(t.Context(), route, req)
		if err != nil {
			t.Fatal(route, err)
		}
		for _, word := range all {
			if has, want := strings.Contains(string(a.Body), word), slices.Contains(row.kept, word); has != want {
				t.Errorf("%s: what is kept has %q: %v, expected %v\n%s", route, word, has, want, a.Body)
			}
		}
		if err := state.Operations().Create(t.Context(), store.Operation{
			ID: route, Route: route, State: store.Accepted, Created: time.Now(),
			Updated: time.Now(),
		}); err != nil {
			t.Fatal(err)
		}
		for _, c := range p.Consumers {
			if c.ID != route {
				continue
			}
			if err := c.Handle(t.Context(), messaging.Message{ID: route, Body: a.Body}); err != nil {
				t.Fatal(route, err)
			}
		}
		if op, err := state.Operations().Get(t.Context(), route); err != nil || op.State != store.Done || string(op.Answer.Body) != row.want {
			t.Errorf("%s: found %v %s %s", route, err, op.State, op.Answer.Body)
		}
	}
}
