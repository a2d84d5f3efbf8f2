package routes_test

import (
	"fmt"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/routes"
)

// trivial is a project of n routes in files of 100, which call nothing.
func trivial(n int) fstest.MapFS {
	return filesOf(n, "project: prova\n", func(b *strings.Builder, i int) {
		fmt.Fprintf(b, "  r%d:\n    http: GET /settore%d/risorse%d/{id}\n    auth: none\n    steps: []\n    respond: { body: { id: "+
			"\"${path.id}\" } }\n", i, i%50, i)
	})
}

// typed is a project of n routes that call an operation of a system, with parameters and a mapping.
func typed(n int) fstest.MapFS {
	fsys := filesOf(n, "project: prova\nsystems:\n  verbali:\n    connector: ./connectors/verbali\n    params: { endpoint: "+
		"\"http://127.0.0.1:1\" }\n", func(b *strings.Builder, i int) {
		fmt.Fprintf(b, `  r%d:
    http: GET /multe%d/{anno}
    auth: none
    path: { anno: { type: integer } }
    query: { stato: { type: string, enum: [aperta, pagata], default: aperta } }
    steps:
      - call: verbali.elenco
        with: { anno: "${path.anno}" }
        as: verbali
    respond:
      body:
        multe:
          $for: v in verbali.voci
          $if: v.stato == query.stato
          numero: ${v.numero}
          importo: ${v.importo}
          pagabile: ${v.stato == "aperta" && v.iuv != nil}
`, i, i)
	})
	fsys["connectors/verbali/connector.yaml"] = &fstest.MapFile{Data: []byte(`connector: verbali
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  elenco:
    get: /verbali
    effect: read
    query: { anno: { type: integer } }
    answer:
      type: object
      required: [voci]
      properties:
        voci:
          type: array
          items:
            type: object
            required: [numero, stato, importo]
            properties:
              numero: { type: string }
              stato: { type: string, enum: [aperta, pagata, annullata] }
              importo: { type: number, format: decimal }
              iuv: { type: string }
              targa: { type: string }
              luogo: { type: string }
`)}
	return fsys
}

func filesOf(n int, project string, route func(*strings.Builder, int)) fstest.MapFS {
	fsys := fstest.MapFS{"fondaco.yaml": {Data: []byte(project)}}
	for first := 0; first < n; first += 100 {
		var b strings.Builder
		b.WriteString("routes:\n")
		for i := first; i < min(first+100, n); i++ {
			route(&b, i)
		}
		fsys[fmt.Sprintf("routes/%05d.yaml", first)] = &fstest.MapFile{Data: []byte(b.String())}
	}
	return fsys
}

// BenchmarkLoadProject measures what a project costs from its files to a program: 10,000 trivial routes load in less
// than a second, 1,000 that call a system in less than 150 ms and 70 MB.
func BenchmarkLoadProject(b *testing.B) {
	for _, c := range []struct {
		name string
		fsys fstest.MapFS
	}{
		{"trivial/1000", trivial(1_000)}, {"trivial/10000", trivial(10_000)}, {"typed/1000", typed(1_000)},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				var out diag.List
				t := routes.Check(routes.Load(config.Source{FS: c.fsys}, all.Protocols, &out), &out)
				if len(out.Sorted()) > 0 {
					b.Fatal(out.Sorted()[0])
				}
				routes.Compile(t)
			}
		})
	}
}
