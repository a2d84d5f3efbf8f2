package main

import (
	"strings"
	"testing"
)

// guidedArchive is a connector of files, with what stands beside its endpoint and under its operations.
func guidedArchive(beside, operations string) string {
	return `connector: archive
version: 1.0.0
params:
  endpoint: { type: string }
  access_key: { type: string, default: k }
  key_id: { type: string, default: k }
  secret_key: { type: string, secret: true, default: s }
  client_secret: { type: string, secret: true, default: s }
  secret: { type: string, secret: true, default: s }
rest:
  endpoint: ${param.endpoint}
` + shifted("  ", beside) + "operations:\n" + operations
}

// documents are its operations: a document is read, and stored.
const documents = `  document:
    get: /documents/{id}
    effect: read
    answer: { type: string, format: binary }
    answer_content: application/pdf
    answer_headers: { ETag: { type: string } }
  store:
    put: /documents/{id}
    effect: idempotent
    content: application/pdf
    body: { type: string, format: binary }
`

// photos is its operation that takes several files.
const photos = `  photos:
    post: /documents/{id}/photos
    effect: once
    content: multipart/form-data
    body:
      type: object
      required: [photos]
      properties:
        photos: { type: array, items: { type: string, format: binary } }
        caption: { type: string }
`

// loggedIn is an operation that returns a ticket, and the session that keeps it.
const loggedIn = `  entra:
    post: /entra
    effect: idempotent
    body: { type: object, properties: { nome: { type: string } } }
    answer: { type: object, required: [ticket], properties: { ticket: { type: string } } }
  elenco:
    get: /elenco
    effect: read
    query: { ticket: { type: string } }
    answer: { type: object, properties: {} }
session: { login: entra, with: { nome: "${param.key_id}" }, ticket: "${answer.ticket}", send: ticket }
`

func shifted(by, text string) string {
	var all strings.Builder
	for line := range strings.Lines(text) {
		all.WriteString(by + line)
	}
	return all.String()
}

// TestGuideRest: what docs/guide/rest.md shows of connectors and routes checks clean.
func TestGuideRest(t *testing.T) {
	t.Parallel()
	const project = `project: office
auth:
  citizen: { jwt: { issuer: https://login.city.example, audience: office, keys: "https://login.city.example/jwks" } }
systems:
  archive: { connector: ./connectors/archive, params: { endpoint: "http://127.0.0.1:1" } }
`
	const fetch = `routes:
  document:
    http: GET /documents/{id}
    auth: { scheme: citizen }
    steps:
      - call: archive.document
        with: { id: "${path.id}" }
        as: document
    respond: { status: 204 }
`
	check := func(text, connector, routes string) {
		t.Helper()
		files := map[string]string{
			"fondaco.yaml": project, "connectors/archive/connector.yaml": connector, "routes/a.yaml": routes,
			"connectors/archive/api.json": `{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{"/p/{numero}":{"get":{"operationId":"getPratica",` +
				`"parameters":[{"name":"numero","in":"path","required":true,"schema":{"type":"string"}}],"responses":{"200":{"description":"ok"}}}}}}`,
		}
		if code, out, problems := command(t, written(t, files), "check", "."); code != exitOK {
			t.Errorf("%s\n%d %s%s", text, code, out, problems)
		}
	}
	for _, text := range guideBlocks(t, "rest", "auth") {
		check(text, guidedArchive(text, documents), fetch)
	}
	for _, text := range guideBlocks(t, "rest", "stream") {
		check(text, guidedArchive("", documents), "routes:\n  document:\n    http: GET /documents/{id}\n    auth: none\n"+shifted("    ", text))
	}
	for _, text := range guideBlocks(t, "rest", "upload") {
		check(text, guidedArchive("", documents), "routes:\n"+shifted("  ", text))
	}
	for _, text := range guideBlocks(t, "rest", "files") {
		check(text, guidedArchive("", documents+photos), "routes:\n"+shifted("  ", text))
	}
	for _, text := range guideBlocks(t, "rest", "parts") {
		check(text, guidedArchive("", documents), "routes:\n"+shifted("  ", text))
	}
	none := "routes: { none: { http: GET /none, auth: none } }\n"
	for _, text := range guideBlocks(t, "rest", "operations") {
		check(text, guidedArchive("", strings.TrimPrefix(text, "operations:\n")+loggedIn), none)
	}
	for _, text := range guideBlocks(t, "rest", "lies") {
		check(text, guidedArchive("openapi: api.json\n", strings.TrimPrefix(text, "operations:\n")), none)
	}
	given := strings.NewReplacer("user: { type: string }", "user: { type: string, default: u }", "secret: true }", "secret: true, default: s }")
	for _, text := range guideBlocks(t, "rest", "connector") {
		check(text, given.Replace(text), none)
	}
}
