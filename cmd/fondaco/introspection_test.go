package main

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// TestRevokedTokens: a token that the login service no longer calls active is refused by a running project, and while the
// service is away nobody is let in; nothing of the token and of the secret is in the output.
func TestRevokedTokens(t *testing.T) {
	t.Parallel()
	l := newLoginService(t)
	var answer atomic.Value
	answer.Store(`{"active":true}`)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if user, password, _ := r.BasicAuth(); user != "port" || password != "geheim-0815" || r.FormValue("token") == "" {
			w.WriteHeader(http.StatusUnauthorized)
			return
		}
		text, _ := answer.Load().(string)
		if text == "" {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = w.Write([]byte(text))
	}))
	defer service.Close()
	dir := written(t, map[string]string{
		"fondaco.yaml": `project: port
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
auth:
  citizen:
    jwt:
      issuer: https://login.example
      audience: port
      keys: jwks.json
      introspection: { endpoint: "` + service.URL + `/introspect", client_id: port, client_secret: "${secret.ask}", cache: 0s }
`,
		"jwks.json": l.jwks(),
		"routes/r.yaml": "routes:\n  chi: { http: GET /chi, auth: { scheme: citizen }, steps: [], respond: { body: { chi: " +
			"\"${user.subject}\" } } }\n",
	})
	p := startProcess(t, dir, "FONDACO_SECRET_ASK=geheim-0815")
	token := l.token(t, nil)
	for _, step := range []struct {
		says   string
		status int
		want   string
	}{
		{`{"active":true}`, 200, `"chi"`},
		{`{"active":false}`, 401, "The access token does not hold any longer."},
		{`{"active":true}`, 200, `"chi"`},
		{``, 503, "It cannot be found out now whether the access token still holds."},
		{`{"active":true}`, 200, `"chi"`},
	} {
		answer.Store(step.says)
		eventually(t, func() string { // after a question without an answer a second passes
			if code, body, _ := p.ask(http.MethodGet, "/chi", "", "Authorization", "Bearer "+token); code != step.status ||
				!strings.Contains(body, step.want) {
				return step.says + ": " + body
			}
			return ""
		})
	}
	if text := p.log.String() + p.out.String(); strings.Contains(text, token) || strings.Contains(text, "geheim-0815") {
		t.Errorf("the output shows the token or the secret: %s", text)
	}
}
