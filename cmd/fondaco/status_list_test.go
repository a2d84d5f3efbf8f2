package main

import (
	"bytes"
	"compress/zlib"
	"crypto/ecdsa"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// statuses signs a status list of one bit each (draft-ietf-oauth-status-list §5.1), good for a second.
func (l *loginService) statuses(t *testing.T, uri string, octets []byte) string {
	t.Helper()
	var packed bytes.Buffer
	z := zlib.NewWriter(&packed)
	_, _ = z.Write(octets)
	_ = z.Close()
	text := base64.RawURLEncoding.EncodeToString
	payload, err := json.Marshal(map[string]any{
		"sub": uri, "iat": time.Now().Unix(), "ttl": 1,
		"status_list": map[string]any{"bits": 1, "lst": text(packed.Bytes())},
	})
	if err != nil {
		t.Fatal(err)
	}
	signed := text([]byte(`{"alg":"ES256","kid":"k","typ":"statuslist+jwt"}`)) + "." + text(payload)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, l.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + text(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

// TestTokensOfAStatusList: a token that its status list calls invalid is refused by a running project, others are not, and
// while the list cannot be had nobody is let in.
func TestTokensOfAStatusList(t *testing.T) {
	t.Parallel()
	l := newLoginService(t)
	var answer atomic.Value
	answer.Store("")
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		text, _ := answer.Load().(string)
		if text == "" || r.URL.Path != "/lists/7" {
			w.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		_, _ = w.Write([]byte(text))
	}))
	defer service.Close()
	uri := service.URL + "/lists/7"
	dir := written(t, map[string]string{
		"fondaco.yaml": `project: port
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
auth:
  citizen:
    jwt:
      issuer: https://login.example
      audience: port
      keys: jwks.json
      status_list: { uri: "` + service.URL + `/lists/" }
`,
		"jwks.json": l.jwks(),
		"routes/r.yaml": "routes:\n  chi: { http: GET /chi, auth: { scheme: citizen }, steps: [], respond: { body: { chi: " +
			"\"${user.subject}\" } } }\n",
	})
	p := startProcess(t, dir)
	token := func(idx int) string {
		return l.token(t, map[string]any{"status": map[string]any{"status_list": map[string]any{"idx": idx, "uri": uri}}})
	}
	tokens := []string{token(0), token(1), l.token(t, nil)}
	for _, step := range []struct {
		list   string
		status [3]int
		want   string // in the answer to the first
	}{
		{l.statuses(t, uri, []byte{0}), [3]int{200, 200, 401}, `"chi"`},
		{l.statuses(t, uri, []byte{1}), [3]int{401, 200, 401}, "The access token does not hold any longer."},
		{"", [3]int{503, 503, 401}, "It cannot be found out now whether the access token still holds."},
		{l.statuses(t, uri, []byte{2}), [3]int{200, 401, 401}, `"chi"`},
	} {
		answer.Store(step.list)
		for i, token := range tokens {
			eventually(t, func() string { // the list of before is used for a second
				code, body, _ := p.ask(http.MethodGet, "/chi", "", "Authorization", "Bearer "+token)
				if code != step.status[i] || i == 0 && !strings.Contains(body, step.want) {
					return body
				}
				return ""
			})
		}
	}
	if text := p.log.String() + p.out.String(); strings.Contains(text, tokens[0]) {
		t.Errorf("the output shows a token: %s", text)
	}
}
