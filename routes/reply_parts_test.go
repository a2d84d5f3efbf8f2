package routes_test

import (
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"slices"
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/openapi"
	"fondaco/routes"
)

const partsRoutes = `routes:
  fascicolo:
    http: GET /fascicolo
    auth: none
    query: { nota: { type: string } }
    steps: []
    respond:
      content: multipart/form-data
      body:
        scheda: { numero: 7 }
        nota: ${query.nota}
        tag: [uno, due]
        atto: { content: "${octets(\"%PDF\")}", name: "atto.pdf", type: application/pdf }
        foto: [{ content: "${octets(\"a\")}" }, { content: "${octets(\"b\")}" }]
  misto:
    http: GET /misto
    auth: none
    steps: []
    respond: { content: multipart/mixed, body: { nota: perché, atto: "${octets(\"%PDF\")}" } }
  dopo:
    http: POST /dopo
    auth: none
    accept: async
    reply_to: { allow: ["https://vicino.example/"] }
    body: { type: object, properties: { a: { type: string } } }
    steps: []
    respond: { content: multipart/mixed, body: { atto: { content: "${octets(\"%PDF\")}", type: application/pdf } } }
`

const partsProject = "project: prova\ntitle: Prova\nversion: 1.0.0\n"

// checkedParts checks a project with routes that answer in several parts.
func checkedParts(t *testing.T, files ...File) (*routes.Typed, *diag.List) {
	t.Helper()
	a := Archive{Files: append([]File{{Name: "fondaco.yaml", Text: partsProject}, {Name: "routes/r.yaml", Text: partsRoutes}}, files...)}
	var out diag.List
	return routes.Check(routes.Load(config.Source{FS: a.FS(Archive{})}, all.Protocols, &out), &out), &out
}

// TestPartsAsOthersReadThem: the standard library reads an answer's parts by their names, with their types, and each answer has a boundary
// of its own.
func TestPartsAsOthersReadThem(t *testing.T) {
	a := Archive{Files: []File{{Name: "fondaco.yaml", Text: partsProject}, {Name: "routes/r.yaml", Text: partsRoutes}}}
	city, out, err := Open(t.Context(), Options{FS: a.FS(Archive{}), Registry: all.Protocols})
	if err != nil || city == nil {
		t.Fatal(err, out.Sorted())
	}
	defer city.Close()
	boundaries := map[string]bool{}
	for path, want := range map[string][]string{
		"/fascicolo?nota=a%22b": {
			`scheda||application/json|{"numero":7}`, `nota|||a"b`, "tag|||uno", "tag|||due",
			"atto|atto.pdf|application/pdf|%PDF", "foto|foto|application/octet-stream|a", "foto|foto|application/octet-stream|b",
		},
		"/fascicolo": {
			`scheda||application/json|{"numero":7}`, "tag|||uno", "tag|||due",
			"atto|atto.pdf|application/pdf|%PDF", "foto|foto|application/octet-stream|a", "foto|foto|application/octet-stream|b",
		},
		"/misto": {"nota||text/plain; charset=utf-8|perché", "atto|atto|application/octet-stream|%PDF"},
	} {
		answer := city.Do(t.Context(), Request{Method: http.MethodGet, Path: path})
		media, params, err := mime.ParseMediaType(answer.Header.Get("Content-Type"))
		if err != nil || answer.Status != 200 || boundaries[params["boundary"]] {
			t.Fatalf("%s: %d %s %v", path, answer.Status, answer.Header, err)
		}
		boundaries[params["boundary"]] = true
		if strings.HasSuffix(path, "misto") != (media == "multipart/mixed") {
			t.Errorf("%s: found %s", path, media)
		}
		var got []string
		for r := multipart.NewReader(strings.NewReader(answer.Body), params["boundary"]); ; {
			part, err := r.NextPart()
			if err == io.EOF {
				break
			}
			if err != nil {
				t.Fatal(path, err)
			}
			content, _ := io.ReadAll(part)
			got = append(got, strings.Join([]string{part.FormName(), part.FileName(), part.Header.Get("Content-Type"), string(content)}, "|"))
		}
		if !slices.Equal(got, want) {
			t.Errorf("%s:\nfound    %q\nexpected %q", path, got, want)
		}
	}
}

// TestPartsInTheDocument: the document says the parts of an answer in both versions, and of what is told to the caller later; read again, it
// is fulfilled by the routes that it was written of.
func TestPartsInTheDocument(t *testing.T) {
	typed, out := checkedParts(t)
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	for version, file := range map[string]string{"3.0.3": `"format": "binary"`, "3.1.0": `"contentMediaType": "application/pdf"`} {
		b, err := openapi.Write(typed.Info(nil), typed.Operations(), version)
		if err != nil {
			t.Fatal(err)
		}
		if n := strings.Count(string(b), file); n < 2 {
			t.Errorf("%s has %s %d times:\n%s", version, file, n, b)
		}
		if strings.Contains(string(b), `"byte"`) || strings.Contains(string(b), "base64") {
			t.Errorf("%s says base64", version)
		}
		again, problems := checkedParts(t, File{Name: "contract.json", Text: string(b)},
			File{Name: "fondaco.yaml", Text: partsProject + "contract: contract.json\n"})
		if problems.Failed() || again == nil {
			t.Errorf("%s: the document is not fulfilled by what it was written of: %v", version, problems.Sorted())
		}
		other := strings.ReplaceAll(string(b), "multipart/mixed", "application/json")
		if _, problems = checkedParts(t, File{Name: "contract.json", Text: other},
			File{Name: "fondaco.yaml", Text: partsProject + "contract: contract.json\n"}); !problems.Failed() {
			t.Errorf("%s: JSON is fulfilled by parts", version)
		}
	}
}
