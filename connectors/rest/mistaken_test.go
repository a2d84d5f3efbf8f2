package rest

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

const printingConnector = `connector: sportello
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  stampa:
    get: /stampa
    effect: read
    answer: { type: string, format: binary }
    answer_content: application/pdf
    error: { type: object, required: [esito], properties: { esito: { type: string }, motivo: { type: string } } }
    fails:
      - { when: error.esito == "KO", as: not-found, detail: "${error.motivo ?? \"\"}" }
`

// TestMistaken: an answer of another media type than the success has, with a status that is one, is what the rules over error say,
// whether it is read or handed on; another one is invalid.
func TestMistaken(t *testing.T) {
	for _, x := range []struct{ contentType, body, want string }{
		{"application/pdf", "%PDF", "ok"},
		{"application/json", `{"esito":"KO","motivo":"Manca."}`, `not-found "Manca." {"esito":"KO","motivo":"Manca."}`},
		{"application/json", `{"esito":"OK"}`, `invalid "" <absent>`},
		{"application/json", `{"altro":1}`, `invalid "" <absent>`},
		{"application/json", `{"esito":"KO","motivo":"` + strings.Repeat("x", maxMistaken) + `"}`, `invalid "" <absent>`},
		{"text/html", `<html>`, `invalid "" <absent>`},
	} {
		for _, streamed := range []bool{false, true} {
			s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(printingConnector)}},
				http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { answering(200, x.contentType, x.body)(w) }))
			op := s.Connector.Operation("stampa")
			do, err := caller.Call(op, op.Output)
			if err != nil {
				t.Fatal(err)
			}
			ctx, h := context.Background(), &connectors.Handover{Operation: "stampa", Idle: time.Minute}
			if streamed {
				ctx = connectors.WithHandover(ctx, h)
			} else if len(x.body) > maxMistaken {
				continue // it is bounded by max_answer there
			}
			_, err = do(ctx, schema.Record(op.Input, schema.Slots(op.Input)))
			got := "ok"
			if f := connectors.AsFault(err); f != nil {
				got = shownFault(f)
			} else if streamed {
				if body, _ := io.ReadAll(h.Body); string(body) != x.body {
					t.Errorf("handed on %q", body)
				}
			}
			h.Close()
			if got != x.want {
				t.Errorf("%s %.60s, streamed %v: found %s, expected %s", x.contentType, x.body, streamed, got, x.want)
			}
		}
	}
}

func shownFault(f *connectors.Fault) string {
	body := "<absent>"
	if !f.Body.IsAbsent() {
		body = string(codec.AppendJSON(nil, f.Body))
	}
	return fmt.Sprintf("%s %q %s", f.Kind, f.Detail, body)
}
