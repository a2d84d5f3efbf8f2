package routes_test

import (
	"net/http"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/routes"
	"fondaco/routes/trigger"
)

// BenchmarkServe measures what an exchange costs beside its calls: parameters, steps and the answer.
func BenchmarkServe(b *testing.B) {
	for name, text := range map[string]string{
		"answer": `
routes:
  r:
    http: GET /r
    auth: none
    steps: []
    respond: { body: { ok: true } }
`,
		"parameters": `
routes:
  r:
    http: GET /r/{id}
    auth: none
    path: { id: { type: integer } }
    query: { a: { type: string }, n: { type: integer, default: 3 } }
    steps:
      - set: { doppio: "${path.id * 2}" }
    respond: { body: { id: "${path.id}", a: "${query.a}", doppio: "${doppio}" } }
`,
		"parallel": `
routes:
  r:
    http: GET /r
    auth: none
    steps:
      - parallel:
          a: [ { set: { x: "a" } } ]
          b: [ { set: { y: "b" } } ]
          c: [ { set: { z: "c" } } ]
    respond: { body: { x: "${x}", y: "${y}", z: "${z}" } }
`,
	} {
		b.Run(name, func(b *testing.B) {
			var out diag.List
			fsys := Files(map[string]string{"fondaco.yaml": "project: prova\n", "routes/r.yaml": text})
			typed := routes.Check(routes.Load(config.Source{FS: fsys}, all.Protocols, &out), &out)
			if out.Failed() {
				b.Fatal(out.Sorted())
			}
			p := routes.Compile(typed)
			if err := p.Start(b.Context(), routes.Deps{}); err != nil {
				b.Fatal(err)
			}
			defer func() { _ = p.Close(b.Context()) }()
			req := &trigger.Request{Path: []string{"21"}, Header: http.Header{}}
			if name == "parameters" {
				req.Query = "a=uno&n=7"
			}
			b.ReportAllocs()
			for b.Loop() {
				resp, err := p.Routes[0].Serve(b.Context(), req)
				if err != nil {
					b.Fatal(err)
				}
				resp.Release()
			}
		})
	}
}
