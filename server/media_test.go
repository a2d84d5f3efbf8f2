package server

import (
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"fondaco/config/diag"
	"fondaco/openapi"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/schema"
)

// TestMediaOfDocument: of every method, the media type of JSON bodies that the document has is what the door takes, and no other.
func TestMediaOfDocument(t *testing.T) {
	candidates := []string{"application/json", "application/merge-patch+json", "application/json-patch+json", "application/x+json", "text/plain"}
	for _, method := range trigger.Methods {
		if method == http.MethodGet {
			continue // it has no body
		}
		op := openapi.Operation{
			ID: "a", Method: method, Path: "/a", Body: schema.RecordType(schema.Field{Name: "n", Type: schema.TypeInt}), BodyRequired: true,
			Responses: []openapi.Response{{Status: 200}},
		}
		written, err := openapi.Write(openapi.Info{Title: "t", Version: "1.0.0"}, []openapi.Operation{op}, "3.1.0")
		if err != nil {
			t.Fatal(err)
		}
		var out diag.List
		doc := openapi.Read(written, "a.json", &out, diag.Pos{})
		if doc == nil || out.Failed() || doc.At(method+" /a") == nil {
			t.Fatalf("%s: the document cannot be read: %v", method, out)
		}
		said := doc.At(method + " /a").BodyType
		if !slices.Contains(candidates, said) {
			t.Errorf("%s: the document has %q", method, said)
		}
		s := newServer(t, Config{}, &routes.Route{
			ID: "a", Method: method, Path: "/a", Auth: open, HasBody: true, Serve: says(200, "application/json", "1"),
		})
		for _, media := range candidates {
			for _, written := range []string{media, strings.ToUpper(media) + "; charset=UTF-8"} {
				r := httptest.NewRequest(method, "/a", strings.NewReader(`{"n":1}`))
				r.Header.Set("Content-Type", written)
				w := httptest.NewRecorder()
				s.ServeHTTP(w, r)
				want := http.StatusUnsupportedMediaType
				if media == said {
					want = http.StatusOK
				}
				if w.Code != want {
					t.Errorf("%s with %s: found %d, expected %d; the document has %s", method, written, w.Code, want, said)
				}
				offered := ""
				if method == http.MethodPatch && want != http.StatusOK {
					offered = said
				}
				if got := w.Header().Get("Accept-Patch"); got != offered {
					t.Errorf("%s with %s: Accept-Patch is %q, expected %q", method, written, got, offered)
				}
			}
		}
	}
}
