package main

import (
	"bufio"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// loginService is a login service that signs whatever it is given.
type loginService struct{ key *ecdsa.PrivateKey }

func newLoginService(t *testing.T) *loginService {
	t.Helper()
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		t.Fatal(err)
	}
	return &loginService{key}
}

func (l *loginService) jwks() string {
	point, err := l.key.PublicKey.Bytes() // 4, X, Y
	if err != nil {
		panic(err)
	}
	octets := base64.RawURLEncoding.EncodeToString
	return fmt.Sprintf(`{"keys":[{"kty":"EC","crv":"P-256","kid":"k","use":"sig","x":%q,"y":%q}]}`, octets(point[1:33]), octets(point[33:]))
}

// token signs the claims of a citizen, with others in their places; one that is missing is left out.
func (l *loginService) token(t *testing.T, with map[string]any) string {
	t.Helper()
	claims := map[string]any{
		"iss": "https://login.example", "aud": "port", "sub": "s-1", "iat": time.Now().Unix(), "exp": time.Now().Add(time.Hour).Unix(),
		"cf": "TINIT-RSSMRA80A01L736U", "jti": rand.Text(),
	}
	maps.Copy(claims, with)
	maps.DeleteFunc(claims, func(_ string, v any) bool { return v == missing })
	payload, err := json.Marshal(claims)
	if err != nil {
		t.Fatal(err)
	}
	octets := base64.RawURLEncoding.EncodeToString
	signed := octets([]byte(`{"alg":"ES256","kid":"k","typ":"at+jwt"}`)) + "." + octets(payload)
	sum := sha256.Sum256([]byte(signed))
	r, s, err := ecdsa.Sign(rand.Reader, l.key, sum[:])
	if err != nil {
		t.Fatal(err)
	}
	return signed + "." + octets(append(r.FillBytes(make([]byte, 32)), s.FillBytes(make([]byte, 32))...))
}

const missing = "(left out)"

var duesProject = map[string]string{
	"fondaco.yaml": `project: port
title: A port
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
auth:
  citizen:
    jwt: { issuer: https://login.example, audience: port, keys: jwks.json, claims: { fiscal_code: cf } }
systems:
  dues:
    connector: ./connectors/dues
    params: { endpoint: "${env.DUES}" }
`,
	"connectors/dues/connector.yaml": `connector: dues
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  due:
    get: /dues
    effect: read
    query: { q: { type: string, required: true } }
    answer: { type: object, required: [of], properties: { of: { type: string } } }
`,
	"routes/dues.yaml": `routes:
  due:
    http: GET /due
    auth: { scheme: citizen }
    steps:
      - call: dues.due
        with: { q: "${user.fiscal_code}" }
        as: due
        cache: 60s
    respond: { body: { of: "${due.of}" } }
  later:
    http: POST /later
    auth: { scheme: citizen }
    accept: async
    steps:
      - call: dues.due
        with: { q: "${user.fiscal_code}" }
        as: due
    respond: { body: { of: "${due.of}", channel: "${user.channel ?? \"none\"}" } }
`,
}

// raw sends a request over a socket and returns the status and the body of the answer.
func raw(t *testing.T, api, request string) (int, string) {
	t.Helper()
	c, err := net.Dial("tcp", strings.TrimPrefix(api, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	_ = c.SetDeadline(time.Now().Add(30 * time.Second))
	if _, err := io.WriteString(c, request); err != nil {
		t.Fatal(err)
	}
	res, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res.StatusCode, string(body)
}

// TestHostileClaims: a caller whose token does not say the fiscal code, in whichever way, is answered 403 and nothing is
// called; nothing of it is ever the empty code, neither for the system nor for the cache.
func TestHostileClaims(t *testing.T) {
	t.Parallel()
	var calls atomic.Int64
	var empty atomic.Bool
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		calls.Add(1)
		if r.URL.Query().Get("q") == "" {
			empty.Store(true)
		}
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"of": r.URL.Query().Get("q")})
	}))
	t.Cleanup(backend.Close)
	l := newLoginService(t)
	files := maps.Clone(duesProject)
	files["jwks.json"] = l.jwks()
	right := startProcess(t, written(t, files), "DUES="+backend.URL)
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "fiscal_code: cf", "fiscal_code: fc", 1)
	misspelt := startProcess(t, written(t, files), "DUES="+backend.URL)

	try := func(p *process, name string, claims map[string]any, status int, detail string) {
		t.Helper()
		for _, line := range []string{"GET /due", "POST /later"} {
			before := calls.Load()
			code, body := raw(t, p.api, line+" HTTP/1.1\r\nHost: port\r\nConnection: close\r\nContent-Length: 0\r\nAuthorization: Bearer "+
				l.token(t, claims)+"\r\n\r\n")
			if code != status || !strings.Contains(body, detail) {
				t.Errorf("%s, %s: found %d %s, expected %d %s", name, line, code, body, status, detail)
			}
			if n := calls.Load() - before; n != 0 {
				t.Errorf("%s, %s: the system was called %d times", name, line, n)
			}
		}
	}
	unsaid := func(field string) string {
		return "The token does not say the caller's " + field + ", which this operation needs."
	}
	for name, value := range map[string]any{
		"not there": missing, "null": nil, "empty": "", "blank": "   ", "tab": "\t", "prefix alone": "TINIT-", "number": 12345678901,
		"true": true,
		"list": []string{"RSSMRA80A01L736U"}, "empty list": []string{}, "object": map[string]string{"value": "RSSMRA80A01L736U"},
		"empty object": map[string]string{},
	} {
		try(right, "fiscal code "+name, map[string]any{"cf": value}, 403, unsaid("fiscal_code"))
		try(right, "subject "+name, map[string]any{"sub": map[bool]any{true: missing, false: value}[name == "prefix alone"]}, 403,
			unsaid("subject"))
	}
	try(misspelt, "the name of the claim is misspelt", nil, 403, unsaid("fiscal_code"))
	try(right, "malformed", map[string]any{"cf": "RSSMRA80A01L736X"}, 401, "The access token is not valid.")

	code, body, _ := right.ask(http.MethodGet, "/due", "", "Authorization", "Bearer "+l.token(t, nil))
	if code != 200 || body != `{"of":"RSSMRA80A01L736U"}` || calls.Load() != 1 {
		t.Errorf("a citizen: found %d %s after %d calls", code, body, calls.Load())
	}
	bearer := "Bearer " + l.token(t, nil)
	code, _, head := right.ask(http.MethodPost, "/later", "", "Authorization", bearer)
	if code != 202 {
		t.Fatalf("a citizen, later: found %d", code)
	}
	eventually(t, func() string {
		if _, body, _ := right.ask(http.MethodGet, head.Get("Location")+"/result", "", "Authorization",
			bearer); body != `{"of":"RSSMRA80A01L736U","channel":"none"}` {
			return "the result is " + body
		}
		return ""
	})
	if empty.Load() {
		t.Error("the system was asked for the empty code")
	}
}

// TestKeysOfAnAddress: a process that could not have the keys when the first token came has them seconds later, and one that
// had them has them after a reload while their address does not answer.
func TestKeysOfAnAddress(t *testing.T) {
	t.Parallel()
	l := newLoginService(t)
	var down atomic.Bool
	down.Store(true)
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if down.Load() {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		_, _ = io.WriteString(w, l.jwks())
	}))
	t.Cleanup(service.Close)
	files := map[string]string{
		"fondaco.yaml": `project: port
title: A port
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
auth:
  citizen:
    jwt: { issuer: https://login.example, audience: port, keys: "${env.KEYS}", keys_max_age: 2h, claims: { fiscal_code: cf } }
`,
		"routes/me.yaml": "routes:\n  me:\n    http: GET /me\n    auth: { scheme: citizen }\n    steps: []\n    respond: { body: { code: " +
			"\"${user.fiscal_code}\" } }\n",
	}
	dir := written(t, files)
	p := startWatching(t, dir, "KEYS="+service.URL)
	ask := func() int {
		code, _, _ := p.ask(http.MethodGet, "/me", "", "Authorization", "Bearer "+l.token(t, nil))
		return code
	}
	if code := ask(); code != 503 {
		t.Errorf("without keys: %d", code)
	}
	down.Store(false)
	begin := time.Now()
	eventually(t, func() string {
		if code := ask(); code != 200 {
			return fmt.Sprint("with keys: ", code)
		}
		return ""
	})
	if took := time.Since(begin); took > 30*time.Second {
		t.Errorf("the keys were had after %v", took)
	}
	down.Store(true)
	changed := strings.Replace(files["routes/me.yaml"], "steps: []", "summary: changed\n    steps: []", 1)
	if err := os.WriteFile(filepath.Join(dir, "routes/me.yaml"), []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() string {
		if !p.log.tells(`"msg":"reloaded"`) {
			return "the change is not taken up: " + p.out.String() + p.log.String()
		}
		return ""
	})
	if code := ask(); code != 200 {
		t.Errorf("after a reload, while the keys cannot be had: %d", code)
	}
}
