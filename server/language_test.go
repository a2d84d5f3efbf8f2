package server

import (
	"fmt"
	"testing"

	"fondaco/connectors"
	"fondaco/routes"
	"fondaco/routes/trigger"
)

// TestProblemsInItalian holds that what the server answers itself, what a route made of a fault, and what was kept are told in the
// project's language, that what the project wrote stays, and that logs go on in English.
func TestProblemsInItalian(t *testing.T) {
	s, err := newServed(Config{}, Deps{})
	if err != nil {
		t.Fatal(err)
	}
	down := fmt.Errorf("a step: %w", &connectors.Fault{System: "veritas", Operation: "letture", Kind: connectors.Unavailable})
	own := &trigger.Problem{Status: 409, Title: "Multa non pagabile", Detail: "La multa è già pagata."}
	err = s.Swap(Program{Language: "it", Routes: []*routes.Route{
		{ID: "a", Method: "GET", Path: "/a", Auth: open, Serve: fails(down)},
		{ID: "b", Method: "GET", Path: "/b", Auth: open, Serve: fails(own)},
	}})
	if err != nil {
		t.Fatal(err)
	}
	for path, want := range map[string]string{
		"/a":     `503 {"type":"about:blank","title":"Servizio non disponibile","status":503,"detail":"Un sistema necessario al servizio non è disponibile.","request_id":"r-1"}`,
		"/b":     `409 {"type":"about:blank","title":"Multa non pagabile","status":409,"detail":"La multa è già pagata.","request_id":"r-1"}`,
		"/nulla": `404 {"type":"about:blank","title":"Non trovato","status":404,"detail":"A questo indirizzo non c'è nulla.","request_id":"r-1"}`,
	} {
		w := ask(s.Server, "GET", path, "X-Request-Id", "r-1")
		if got := fmt.Sprintf("%d %s", w.Code, w.Body); got != want {
			t.Errorf("%s\nfound    %s\nexpected %s", path, got, want)
		}
	}
	v := &visit{s: s.Server, language: s.spoken()}
	if v.language != "it" {
		t.Errorf("before a program is known the language is %q", v.language)
	}
	kept := routes.StoredProblem(&trigger.Problem{
		Status: 500, Title: "Not done",
		Detail: "The request could not be done. It is kept, and looked at by the service.",
	})
	if got := string(v.language.Stored(kept.Body)); got != `{"type":"about:blank","title":"Richiesta non eseguita","status":500,"detail":"La richiesta non è stata eseguita. È conservata e sarà esaminata dal servizio."}` {
		t.Error(got)
	}
}
