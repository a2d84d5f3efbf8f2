package engine

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/openapi"
	"fondaco/routes"
)

// TestPages asks for the documents of the API by several at once: they are written for the first of them, and for all the same.
func TestPages(t *testing.T) {
	src := config.Source{FS: fstest.MapFS{
		"fondaco.yaml": {Data: []byte("project: prova\n")},
		"routes/a.yaml": {Data: []byte("routes:\n  saluto:\n    http: GET /saluti/{nome}\n    auth: none\n    steps: []\n    respond: { body: " +
			"{ nome: \"${path.nome}\" } }\n")},
	}}
	var out diag.List
	typed := routes.Check(routes.Load(src, all.Protocols, &out), &out)
	if out.Failed() {
		t.Fatal(out.Sorted()[0])
	}
	servers := []openapi.Server{{URL: "http://127.0.0.1:8080"}}
	pages, err := Pages(typed, src, servers)
	if err != nil {
		t.Fatal(err)
	}
	for path, version := range map[string]string{"/openapi.json": "3.0.3", "/openapi-3.1.json": "3.1.0"} {
		want, err := openapi.Write(typed.Info(servers), typed.Operations(), version)
		if err != nil {
			t.Fatal(err)
		}
		var asked sync.WaitGroup
		for range 4 {
			asked.Go(func() {
				w := httptest.NewRecorder()
				pages[path].ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
				if w.Code != http.StatusOK || w.Header().Get("Content-Type") != "application/json" || !bytes.Equal(w.Body.Bytes(), want) {
					t.Errorf("%s: status %d and %d bytes, expected 200 and the %d of the document", path, w.Code, w.Body.Len(), len(want))
				}
			})
		}
		asked.Wait()
	}
}
