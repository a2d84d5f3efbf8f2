package routes_test

import (
	"log/slog"
	"net/http"
	"testing"

	"fondaco/routes/trigger"
)

// TestJSONTextIsMasked: a text that holds something personal, or something that no type describes, is personal as a whole, and so is what is
// read from a personal text.
func TestJSONTextIsMasked(t *testing.T) {
	p, lines := logging(t, slog.LevelInfo, `-- schemas/nota.yaml --
{ type: object, required: [a], properties: { a: { type: string } } }
-- routes/r.yaml --
routes:
  scrive:
    http: POST /scrive
    auth: none
    body: `+personBody+`
    steps:
      - log: ${toJSON(body)}
      - log: "${toJSON({figli: body.figli})}"
      - log: "${toJSON([{libero: body.libero}])}"
      - log: ${fromJSON(body.nome, "schemas/nota.yaml").a}
      - log: "${toJSON({anno: body.anno})}"
`)
	_, err := p.Routes[0].Serve(t.Context(), &trigger.Request{
		Header: http.Header{"Content-Type": {"application/json"}},
		Body:   []byte(`{"nome":"{\"a\":\"Ada\"}","anno":1980,"citta":"Venezia","libero":"x","figli":[{"cf":"y"}]}`),
	})
	if err != nil {
		t.Fatal(err)
	}
	written := lines()
	want := []string{"***", "***", "***", "***", `{"anno":1980}`}
	if len(written) != len(want) {
		t.Fatalf("%d lines: %v", len(written), written)
	}
	for i, w := range want {
		if written[i]["msg"] != w {
			t.Errorf("line %d: %q, expected %q", i, written[i]["msg"], w)
		}
	}
}
