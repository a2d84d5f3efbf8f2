package routes_test

import (
	"path/filepath"
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

const laterProject = `project: prova
title: Prova
auth:
  cittadino:
    jwt: { issuer: https://login.example, audience: prova, keys: keys.json }
`

const laterRoutes = `routes:
  dopo:
    http: POST /dopo
    auth: { scheme: cittadino }
    accept: async
    steps: []
    respond: { body: { cf: "${user.fiscal_code}", canale: "${user.channel ?? \"nessuno\"}", ruoli: "${user.roles ?? [\"nessuno\"]}" } }
`

// TestAcceptedUser: what a token did not say is absent when an accepted request is worked on, and an empty text that an
// earlier version kept in the place of an absent claim is absent too.
func TestAcceptedUser(t *testing.T) {
	var out diag.List
	fsys := fstest.MapFS{"fondaco.yaml": {Data: []byte(laterProject)}, "routes/dopo.yaml": {Data: []byte(laterRoutes)}}
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
	work := func(id, record string) store.Operation {
		t.Helper()
		if err := state.Operations().Create(t.Context(), store.Operation{
			ID: id, Route: "dopo", State: store.Accepted, Created: time.Now(),
			Updated: time.Now(),
		}); err != nil {
			t.Fatal(err)
		}
		if err := p.Consumers[0].Handle(t.Context(), messaging.Message{ID: id, Body: []byte(record)}); err != nil {
			t.Fatal(err)
		}
		op, err := state.Operations().Get(t.Context(), id)
		if err != nil {
			t.Fatal(err)
		}
		return op
	}
	code := schema.Text("RSSMRA80A01L736U")
	for name, row := range map[string]struct {
		user schema.Value
		want string
	}{
		"all": {schema.RecordOf(trigger.UserType, schema.Text("s"), code, schema.Int(2), schema.Text("app"),
			schema.List([]schema.Value{schema.Text("capo")})), `{"cf":"RSSMRA80A01L736U","canale":"app","ruoli":["capo"]}`},
		"no channel": {
			schema.RecordOf(trigger.UserType, schema.Text("s"), code),
			`{"cf":"RSSMRA80A01L736U","canale":"nessuno","ruoli":["nessuno"]}`,
		},
	} {
		a, err := p.Route("dopo").Accept(t.Context(), name, &trigger.Request{User: row.user})
		if err != nil {
			t.Fatal(err)
		}
		if op := work(name, string(a.Body)); op.State != store.Done || string(op.Answer.Body) != row.want {
			t.Errorf("%s: found %s %s, expected %s", name, op.State, op.Answer.Body, row.want)
		}
	}
	const old = `{"path":[],"query":"","header":[["Accept","*/*"]],"body":"","user":{"subject":"s","fiscal_code":"CODE","level":0,"channel":"","roles":[]}}`
	if op := work("old", strings.Replace(old, "CODE", "RSSMRA80A01L736U", 1)); op.State != store.Done ||
		string(op.Answer.Body) != `{"cf":"RSSMRA80A01L736U","canale":"nessuno","ruoli":[]}` {
		t.Errorf("an old record: found %s %s", op.State, op.Answer.Body)
	}
	err = p.Consumers[0].Handle(t.Context(), messaging.Message{ID: "old and empty", Body: []byte(strings.Replace(old, "CODE", "", 1))})
	if err == nil || !strings.Contains(err.Error(), "unreadable: ") {
		t.Errorf("an old record with an empty code: %v", err)
	}
}
