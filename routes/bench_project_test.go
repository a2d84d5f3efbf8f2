package routes_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"os"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/routes"
	"fondaco/routes/trigger"
)

// TestServe runs a small project from its files to an answer, with a system on loopback.
func TestServe(t *testing.T) {
	system := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		switch r.URL.Path {
		case "/small":
			_, _ = w.Write([]byte(`{"id":1,"nome":"x","attivo":true,"quota":12.50,"aggiornato":"2026-01-15T09:00:00+01:00","note":""}`))
		case "/large":
			_, _ = w.Write([]byte(`{"codice":"C","titolo":"T","ente":"E","ufficio":"U","emesso":"2026-01-15","scade":"2026-01-16","stato":"aperto","versione":1,"totale":3.50,"note":"",
				"voci":[{"id":1,"codice":"a","descrizione":"d","quantita":1,"importo":1.10,"attivo":true},{"id":2,"codice":"b","descrizione":"d","quantita":1,"importo":2.20,"attivo":false}]}`))
		}
	}))
	defer system.Close()
	var out diag.List
	src := config.Source{FS: os.DirFS("../bench/project"), Env: func(string) (string, bool) { return system.URL, true }}
	m := routes.Load(src, all.Protocols, &out)
	typed := routes.Check(m, &out)
	for _, p := range out.Sorted() {
		t.Errorf("%s: %s %s (%s)", p.Pos, p.Code, p.Message, p.Hint)
	}
	if t.Failed() {
		return
	}
	program := routes.Compile(typed)
	if err := program.Start(context.Background(), routes.Deps{}); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = program.Close(context.Background()) }()
	for id, want := range map[string]string{
		"w1": `{"id":1,"nome":"x","attivo":true,"quota":12.50,"aggiornato":"2026-01-15T09:00:00+01:00","note":""}`,
		"w2": `{"code":"C","title":"T","body":"E","office":"U","issued":"2026-01-15","expires":"2026-01-16","state":"aperto","version":1,"total":3.50,"notes":"",` +
			`"items":[{"number":1,"code":"a","description":"d","quantity":1,"amount":1.10}],"count":1,"total_items":1.10}`,
	} {
		res, err := program.Route(id).Serve(context.Background(), &trigger.Request{Header: http.Header{}})
		if err != nil {
			t.Errorf("%s: %v", id, err)
			continue
		}
		if string(res.Body) != want || res.Status != 200 {
			t.Errorf("%s: %d %s\nexpected %s", id, res.Status, res.Body, want)
		}
	}
	res, err := program.Route("w4").Serve(context.Background(), &trigger.Request{Header: http.Header{}})
	if err != nil || len(res.Body) < 300 {
		t.Errorf("w4: %v %s", err, res.Body)
	}
	system.Close()
	_, err = program.Route("w1").Serve(context.Background(), &trigger.Request{Header: http.Header{}})
	var p *trigger.Problem
	if !errors.As(err, &p) || p.Status != 503 {
		t.Errorf("with the system down: %v", err)
	}
}
