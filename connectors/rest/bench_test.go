package rest

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// answer10k is an answer of 10 KB: 93 things with four fields.
func answer10k() string {
	var b strings.Builder
	b.WriteString(`{"importo":12.50,"voci":[`)
	for i := range 93 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"numero":"V-2026-%06d","importo":%d.%02d,"stato":"aperta","luogo":"Cannaregio 41, Venezia (VE)"}`, i, i*7, i%100)
	}
	b.WriteString(`]}`)
	return b.String()
}

const benchConnector = `connector: banco
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  leggi:
    get: /cose/{id}
    effect: read
    answer:
      type: object
      properties:
        importo: { type: number }
        voci:
          type: array
          items: { type: object, properties: { numero: { type: string }, importo: { type: number }, stato: { type: string }, luogo: { type: string } } }
`

// BenchmarkCall is a whole call over loopback: ours against net/http with encoding/json, for answers of 10 KB.
func BenchmarkCall(b *testing.B) {
	answer := []byte(answer10k())
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header()["Content-Type"] = []string{"application/json"}
		_, _ = w.Write(answer)
	}))
	defer server.Close()
	b.Run("fondaco", func(b *testing.B) {
		s, caller := opened(b, benchConnector, server.URL)
		operation := s.Connector.Operations[0]
		do, err := caller.Call(operation, operation.Output)
		if err != nil {
			b.Fatal(err)
		}
		in := schema.RecordOf(operation.Input, schema.Text("7"))
		b.ReportAllocs()
		for b.Loop() {
			v, err := do(context.Background(), in)
			if err != nil || v.Field(1).Len() != 93 {
				b.Fatal(string(codec.AppendJSON(nil, v)), err)
			}
		}
	})
	b.Run("net-http", func(b *testing.B) {
		type thing struct {
			Numero  string      `json:"numero"`
			Importo json.Number `json:"importo"`
			Stato   string      `json:"stato"`
			Luogo   string      `json:"luogo"`
		}
		client := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: 64, DisableCompression: true}}
		defer client.CloseIdleConnections()
		b.ReportAllocs()
		for b.Loop() {
			req, err := http.NewRequestWithContext(context.Background(), http.MethodGet, server.URL+"/cose/7", nil)
			if err != nil {
				b.Fatal(err)
			}
			res, err := client.Do(req)
			if err != nil {
				b.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			_ = res.Body.Close()
			var got struct {
				Importo json.Number `json:"importo"`
				Voci    []thing     `json:"voci"`
			}
			if err != nil || json.Unmarshal(body, &got) != nil || len(got.Voci) != 93 {
				b.Fatal(err)
			}
		}
	})
}
