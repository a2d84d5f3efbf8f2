package main

import (
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"testing"
)

// TestGuideIdentity: the project that docs/guide/identity.md shows draws its numbers.
func TestGuideIdentity(t *testing.T) {
	t.Parallel()
	page, err := os.ReadFile("../../docs/guide/identity.md")
	if err != nil {
		t.Fatal(err)
	}
	files := map[string]string{"connectors/register/connector.yaml": `connector: register
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  enter:
    put: /entries/{number}
    effect: idempotent
    path: { number: { type: integer } }
    body: { type: object, required: [code, title], properties: { code: { type: string }, title: { type: string } } }
    answer: { type: object, properties: {} }
`}
	for _, m := range regexp.MustCompile("(?s)<!-- file: (\\S+) -->\n```yaml\n(.*?)```").FindAllStringSubmatch(string(page), -1) {
		files[m[1]] = m[2]
	}
	if len(files) != 3 {
		t.Fatalf("the page shows %d files", len(files)-1)
	}
	var asked []string
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write([]byte("{}"))
	}))
	defer backend.Close()
	p := startProcess(t, written(t, files), "REGISTER="+backend.URL)
	for _, want := range []string{`{"code":"E-00001000"}`, `{"code":"E-00001001"}`} {
		if status, body, _ := p.ask(http.MethodPost, "/entries", `{"title":"x"}`); status != http.StatusCreated || body != want {
			t.Errorf("%d %s, expected %s", status, body, want)
		}
	}
	if len(asked) != 2 || asked[0] != "/entries/1" || asked[1] != "/entries/2" {
		t.Errorf("the system was asked %q", asked)
	}
}
