package engine

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"unicode"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors/all"
	"fondaco/openapi/texts"
	"fondaco/routes"
)

// allTexts is a project whose documents have every text that Fondaco writes by itself. What the project says is in neither language.
var allTexts = map[string]string{
	"fondaco.yaml": `project: xxx
server: { public_url: "https://api.comune.example/v1" }
auth:
  web: { jwt: { issuer: "https://xxx.example", audience: xxx, keys: keys.json, algorithms: [RS256], claims: { subject: sub } } }
  xxx-key: { api_key: { callers: none.yaml } }
  xxx-name: { basic: { callers: none.yaml } }
storage: { topics: "kafka://u:${secret.kafka}@kafka-1:9092" }
systems: { archivio: { connector: ./connectors/archivio, params: { endpoint: "${env.ARCHIVIO_URL}" } } }
topics: { xxx: { schema: { type: object, properties: { xxx: { type: string } } } } }
`,
	"keys.json": `{"keys":[]}`,
	"none.yaml": "callers: {}\n",
	"connectors/archivio/connector.yaml": `connector: archivio
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  scarica: { get: /atto, effect: read, answer: { type: string, format: binary }, answer_content: application/pdf }
`,
	"routes/a.yaml": `routes:
  xxx-atto:
    http: GET /xxx/{xxx}
    path: { xxx: { type: string, encoded_slash: true } }
    auth: { scheme: web }
    rate: 10/m
    steps:
      - call: archivio.scarica
        as: atto
    respond: { stream: atto }
  xxx-a:
    http: GET /xxx-letto
    auth: { scheme: web }
    steps: []
    respond: { etag: true, body: { xxx: true } }
  xxx-xxx:
    http: PUT /xxx-letto
    auth: { scheme: web }
    steps:
      - if_match: xxx
  xxx-crea:
    http: POST /xxx
    auth: { scheme: web }
    body: { type: object, properties: { xxx: { type: string } } }
    steps:
      - publish: xxx
        event: { xxx: "${body.xxx}" }
    respond: { status: 201, body: { xxx: "${body.xxx}" } }
  xxx-poi:
    http: POST /xxx-poi
    auth: { scheme: web }
    accept: async
    reply_to: { allow: ["https://xxx.example/"] }
    body: { type: object, properties: { xxx: { type: string } } }
    steps: []
    respond: { status: 201, body: { xxx: "${body.xxx}" } }
`,
}

// TestDocumentsSpeakOneLanguage walks the documents and the page of a project in each language, and in none: what Fondaco writes by
// itself is all in that language, and every text of the table is tried.
func TestDocumentsSpeakOneLanguage(t *testing.T) {
	for line, language := range map[string]texts.Language{"": "it", "language: it\n": "it", "language: en\n": "en"} {
		other := texts.Language("it")
		if language == "it" {
			other = "en"
		}
		foreign := wordsOf(other.All())
		for word := range wordsOf(language.All()) {
			delete(foreign, word)
		}
		found, page := documentsOf(t, line)
		for _, text := range found {
			for word := range wordsOf([]string{text}) {
				if foreign[word] {
					t.Errorf("%q: %q is not %s, for %q", line, text, language, word)
				}
			}
		}
		for key := range texts.Count {
			text := language.Text(key)
			// A server without an address, and a status without a name, are of no project.
			if key != texts.ThisServer && key != texts.OtherStatus &&
				!slices.ContainsFunc(found, func(s string) bool { return strings.Contains(s, text) }) {
				t.Errorf("%q: %q is nowhere in the documents", line, text)
			}
		}
		if !strings.Contains(page, `<html lang="`+string(language)+`">`) {
			t.Errorf("%q: the page of the documents is not %s: %.80s", line, language, page)
		}
	}
}

// documentsOf returns the texts of the documents of allTexts with a line more, and the page that shows them.
func documentsOf(t *testing.T, line string) (found []string, page string) {
	t.Helper()
	files := fstest.MapFS{}
	for name, content := range allTexts {
		files[name] = &fstest.MapFile{Data: []byte(content)}
	}
	files["fondaco.yaml"] = &fstest.MapFile{Data: []byte(allTexts["fondaco.yaml"] + line)}
	src := config.Source{FS: files, Env: func(name string) (string, bool) { return "http://127.0.0.1:1", name == "ARCHIVIO_URL" }}
	var out diag.List
	typed := routes.Check(routes.Load(src, all.Protocols, &out), &out)
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	pages, err := Pages(typed, src, ServersOf(typed, src, "127.0.0.1:8080", false))
	if err != nil {
		t.Fatal(err)
	}
	get := func(path string) []byte {
		w := httptest.NewRecorder()
		pages[path].ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
		return w.Body.Bytes()
	}
	for _, path := range []string{"/openapi.json", "/openapi-3.1.json", AsyncAPIPath} {
		var doc any
		if err := json.Unmarshal(get(path), &doc); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		found = append(found, textsIn(doc, line != "")...)
	}
	return found, string(get("/docs/"))
}

// textsIn lists what a document says to people; examples too only if asked, as problems of a project without a language are English.
func textsIn(doc any, examples bool) (all []string) {
	switch v := doc.(type) {
	case map[string]any:
		for name, value := range v {
			if name == "example" && !examples {
				continue
			}
			text, is := value.(string)
			if is && slices.Contains([]string{"description", "summary", "title", "x-summary"}, name) {
				all = append(all, text)
				continue
			}
			if tags, is := value.([]any); is && name == "tags" {
				for _, tag := range tags {
					if text, is := tag.(string); is {
						all = append(all, text)
					}
				}
			}
			all = append(all, textsIn(value, examples)...)
		}
	case []any:
		for _, value := range v {
			all = append(all, textsIn(value, examples)...)
		}
	}
	return all
}

func wordsOf(list []string) map[string]bool {
	all := map[string]bool{}
	for _, text := range list {
		for _, word := range strings.FieldsFunc(text, func(r rune) bool { return !unicode.IsLetter(r) }) {
			all[word] = true
		}
	}
	return all
}
