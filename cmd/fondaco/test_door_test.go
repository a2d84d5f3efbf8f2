package main

import (
	"strings"
	"testing"
)

// TestProjectTestsGoThroughTheDoor: what the server refuses of callers it refuses of a project's tests, and what it answers is what they
// compare, but for the id of the request.
func TestProjectTestsGoThroughTheDoor(t *testing.T) {
	dir := written(t, map[string]string{
		"fondaco.yaml": `project: prova
server: { limits: { body: 1KiB } }
auth:
  cittadino:
    jwt: { issuer: https://login.example, audience: prova, keys: keys.json, algorithms: [ES256], claims: { subject: sub, level: acr, roles: roles } }
`,
		"keys.json": `{"keys":[]}`,
		"routes/r.yaml": `routes:
  atto:
    http: GET /atti/{numero}
    auth: none
    path: { numero: { type: string } }
    header: { X-Ente: { type: string } }
    respond: { body: { numero: "${path.numero}", ente: "${header[\"X-Ente\"]}" } }
  protocollo:
    http: GET /protocolli/{numero}/{parte}
    auth: none
    path: { numero: { type: string, maxLength: 10, encoded_slash: true }, parte: { type: string } }
    respond: { body: { numero: "${path.numero}", parte: "${path.parte}" } }
  nuovo:
    http: GET /atti/nuovo
    auth: none
    respond: { body: { nuovo: true } }
  deposita:
    http: POST /atti
    auth: { scheme: cittadino, level: 2, roles: [ufficio], max_age: 10m }
    body: { type: object, properties: { testo: { type: string } } }
    respond: { status: 201, body: { di: "${user.subject}" } }
  allega:
    http: POST /allegati
    auth: none
    accept: async
    body: { type: object, properties: { testo: { type: string } } }
    steps:
      - { fail: { status: 409, body: "${body.testo ?? \"-\"}", content: text/plain }, when: body.testo != nil }
    respond: { status: 201, body: fatto }
`,
		"tests/t.yaml": `tests:
  - { test: found, request: { path: /atti/12%C3%A8, headers: { X-Ente: Comune } }, answer: { body: { numero: 12è, ente: Comune } } }
  - { test: fixed before holes, request: { path: /atti/nuovo }, answer: { body: { nuovo: true } } }
  - { test: an encoded slash, request: { path: /atti/12%2F26 }, answer: { status: 400 } }
  - { test: a slash encoded twice, request: { path: /atti/12%252F26 }, answer: { status: 400 } }
  - { test: a slash in a value, request: { path: /protocolli/12%2f26%2FA/%C3%A8 }, answer: { body: { numero: 12/26/A, parte: è } } }
  - { test: a slash of a method that the path lacks, request: { method: PUT, path: /protocolli/12%2F26/1 }, answer: { status: 405 } }
  - { test: a value with slashes that is too long, request: { path: /protocolli/12%2F2612345678/1 }, answer: { status: 422 } }
  - { test: a slash where none is taken, request: { path: /protocolli/12%2F26/a%2Fb }, answer: { status: 400 } }
  - { test: a slash in a fixed segment, request: { path: /protocolli%2F12/26 }, answer: { status: 400 } }
  - { test: a slash under no route, request: { path: /altro%2F12 }, answer: { status: 400 } }
  - { test: a slash encoded twice in a value, request: { path: /protocolli/12%252F26/1 }, answer: { status: 400 } }
  - { test: a backslash in a value, request: { path: /protocolli/12%5C26/1 }, answer: { status: 400 } }
  - { test: a dot segment behind a slash, request: { path: /protocolli/12%2F../1 }, answer: { status: 400 } }
  - { test: a dot segment before a slash, request: { path: /protocolli/%2e%2F26/1 }, answer: { status: 400 } }
  - { test: an empty segment before a slash, request: { path: /protocolli/%2F26/1 }, answer: { status: 400 } }
  - { test: an empty segment behind a slash, request: { path: /protocolli/26%2F/1 }, answer: { status: 400 } }
  - { test: an empty segment at the end, request: { path: /protocolli/26/1%2F }, answer: { status: 400 } }
  - { test: a backslash, request: { path: /atti/12%5C26 }, answer: { status: 400 } }
  - { test: a dot segment, request: { path: /atti/%2e%2e }, answer: { status: 400 } }
  - { test: a letter that is not encoded, request: { path: "/atti/è" }, answer: { status: 400 } }
  - { test: an answer of another kind is asked for, request: { path: /atti/1, headers: { Accept: text/html } }, answer: { status: 406 } }
  - { test: a body that nobody reads, request: { path: /atti/1, body: {} }, answer: { status: 400 } }
  - { test: another header twice, request: { path: /atti/1, headers: { Content-Length: "0", content-length: "0" } }, answer: { status: 400 } }
  - { test: an unknown parameter, request: { path: "/atti/1?x=1" }, answer: { status: 400 } }
  - test: a method that the path does not answer
    request: { method: DELETE, path: /atti/nuovo }
    answer:
      status: 405
      headers: { allow: "GET, HEAD, OPTIONS" }
      body: { type: about:blank, title: Method Not Allowed, status: 405, detail: "..." }
  - test: no route
    request: { path: /altro }
    answer: { status: 404, body: { title: Not Found, request_id: "...", "...": "..." } }
  - { test: a caller, request: { method: POST, path: /atti, body: { testo: a } }, answer: { status: 201, body: { di: test } } }
  - { test: a low level, request: { method: POST, path: /atti, user: { level: 1 }, body: {} }, answer: { status: 401 } }
  - { test: another role, request: { method: POST, path: /atti, user: { roles: [] }, body: {} }, answer: { status: 403 } }
  - { test: a token in the query, request: { method: POST, path: "/atti?access_token=1", body: {} }, answer: { status: 400 } }
  - { test: another media type, request: { method: POST, path: /atti, headers: { Content-Type: text/xml }, body: {} }, answer: { status: 415 } }
  - { test: of no type that fits, request: { method: POST, path: /atti, body: { testo: 1 } }, answer: { status: 422 } }
  - { test: too large, request: { method: POST, path: /atti, body: { testo: "` + strings.Repeat("a", 1100) + `" } }, answer: { status: 413 } }
  - { test: what a request comes to, request: { method: POST, path: /allegati, headers: { Idempotency-Key: a1 }, body: {} }, answer: { status: 201, body: fatto } }
  - { test: a body in place of a problem, request: { method: POST, path: /allegati, body: { testo: "\"no\"" } }, answer: { status: 409, headers: { Content-Type: text/plain }, body: no } }
`,
	})
	code, out, errs := command(t, dir, "test", ".")
	if code != 0 || !strings.Contains(out, "35 passed, 0 failed") {
		t.Errorf("exit %d\n%s\n%s", code, out, errs)
	}
}
