package main

import (
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// recorder is a proxy that connects to nothing: it notes what it is asked for, and refuses.
type recorder struct {
	mu    sync.Mutex
	asked []string // method, target and login
}

func (p *recorder) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	login, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(r.Header.Get("Proxy-Authorization"), "Basic "))
	p.mu.Lock()
	defer p.mu.Unlock()
	p.asked = append(p.asked, strings.TrimSpace(r.Method+" "+r.RequestURI+" "+string(login)))
	w.WriteHeader(http.StatusForbidden)
}

func (p *recorder) all() []string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return slices.Clone(p.asked)
}

// connecting is a project that calls a system, fetches a token and fetches keys.
func connecting(network string, host string) map[string]string {
	return map[string]string{
		"fondaco.yaml": `project: prova
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
` + network + `
auth:
  cittadino: { jwt: { issuer: "https://login.example", audience: prova, keys: "https://` + host + `/keys.json" } }
systems:
  archive: { connector: ./connectors/archive, params: { endpoint: "http://` + host + `:8000/archive" } }
  tokens: { connector: ./connectors/tokens, params: { endpoint: "http://` + host + `:8000/tokens" } }
`,
		"connectors/archive/connector.yaml": `connector: archive
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  look: { get: /look, effect: read, answer: { type: object, properties: {} } }
`,
		"connectors/tokens/connector.yaml": `connector: tokens
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", auth: { oauth2: { token_url: "${param.endpoint}/token", client_id: us, client_secret: "${env.CLIENT}" } } }
operations:
  look: { get: /look, effect: read, answer: { type: object, properties: {} } }
`,
		"routes/r.yaml": `routes:
  archive: { http: GET /archive, auth: none, steps: [ { call: archive.look } ], respond: { body: { fatto: true } } }
  tokens: { http: GET /tokens, auth: none, steps: [ { call: tokens.look } ], respond: { body: { fatto: true } } }
  mio: { http: GET /mio, auth: { scheme: cittadino }, steps: [], respond: { body: { fatto: true } } }
`,
	}
}

// token is one whose key has to be fetched.
var token = "Bearer " + base64.RawURLEncoding.EncodeToString([]byte(`{"alg":"RS256","kid":"k","typ":"JWT"}`)) + "." +
	base64.RawURLEncoding.EncodeToString([]byte(`{"iss":"https://login.example","aud":"prova","sub":"s","exp":99999999999}`)) + "." +
	base64.RawURLEncoding.EncodeToString(make([]byte, 256))

// askAll has the project connect to all that it names.
func askAll(p *process) (status []int) {
	for _, path := range []string{"/archive", "/tokens", "/mio"} {
		code, _, _ := p.ask(http.MethodGet, path, "", "Authorization", token)
		status = append(status, code)
	}
	return status
}

// TestNoProxyOfTheEnvironment: what the environment says of proxies is nothing to the engine. The address is one that
// also_deny names, so that nothing is sent anywhere.
func TestNoProxyOfTheEnvironment(t *testing.T) {
	t.Parallel()
	proxy := &recorder{}
	s := httptest.NewServer(proxy)
	defer s.Close()
	p := startProcess(t, written(t, connecting("network: { also_deny: 240.0.0.0/4 }", "240.0.0.1")), "CLIENT=geheim",
		"HTTP_PROXY="+s.URL, "HTTPS_PROXY="+s.URL, "ALL_PROXY="+s.URL, "http_proxy="+s.URL, "https_proxy="+s.URL, "all_proxy="+s.URL, "NO_PROXY=",
		"no_proxy=")
	if got := askAll(p); !slices.Equal(got, []int{503, 503, 503}) {
		t.Errorf("found %v\n%s", got, p.log.String())
	}
	if asked := proxy.all(); len(asked) > 0 {
		t.Errorf("the proxy of the environment was asked for %v", asked)
	}
	eventually(t, func() string {
		if !p.log.tells("240.0.0.1 is in 240.0.0.0/4, which network.also_deny names") {
			return "the log does not say why: " + p.log.String()
		}
		return ""
	})
}

// TestProxyOfTheProject: calls, tokens and keys go by the proxy that the project names, with its login, and those of
// network.direct do not.
func TestProxyOfTheProject(t *testing.T) {
	t.Parallel()
	proxy := &recorder{}
	s := httptest.NewServer(proxy)
	defer s.Close()
	at := strings.Replace(s.URL, "http://", "http://dime:${secret.proxy}@", 1)
	dir := written(t, connecting(`network: { proxy: "`+at+`" }`, "sistemi.example"))
	p := startWatching(t, dir, "CLIENT=geheim", "FONDACO_SECRET_PROXY=a:b@c/d")
	askAll(p)
	want := []string{
		"CONNECT sistemi.example:443 dime:a:b@c/d", "GET http://sistemi.example:8000/archive/look dime:a:b@c/d",
		"POST http://sistemi.example:8000/tokens/token dime:a:b@c/d",
	}
	got := proxy.all()
	slices.Sort(got)
	if got = slices.Compact(got); !slices.Equal(got, want) {
		t.Errorf("the proxy was asked for\n%v, expected\n%v", got, want)
	}
	if text := p.log.String() + p.out.String(); strings.Contains(text, "a:b@c") || strings.Contains(text, "a%3Ab") {
		t.Errorf("the password is shown: %s", text)
	}
	// A change of the rules holds for what is open already.
	for name, text := range connecting(`network: { also_deny: 127.0.0.0/8, proxy: "`+at+`" }`, "sistemi.example") {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	eventually(t, func() string {
		before := len(proxy.all())
		if askAll(p); len(proxy.all()) == before && strings.Contains(p.out.String(), "changed") {
			return ""
		}
		return "the proxy is asked where nothing may be: " + p.out.String() + p.log.String()
	})
}

// TestNeverThere: systems, tokens and keys at addresses where no system may be are not connected to, by default.
func TestNeverThere(t *testing.T) {
	t.Parallel()
	for _, host := range []string{"169.254.169.254", "[::ffff:169.254.169.254]", "0.0.0.0", "224.0.0.1", "[64:ff9b::a9fe:a9fe]"} {
		p := startProcess(t, written(t, connecting("", host)), "CLIENT=geheim")
		if got := askAll(p); !slices.Equal(got, []int{503, 503, 503}) {
			t.Errorf("%s: found %v", host, got)
		}
		eventually(t, func() string {
			if strings.Count(p.log.String(), "nothing is connected to there") < 3 {
				return host + ": the log does not say why: " + p.log.String()
			}
			return ""
		})
		p.end()
	}
}

// TestNetworkNotKnown: a proxy that is not set keeps the process from starting: nothing goes past it.
func TestNetworkNotKnown(t *testing.T) {
	t.Parallel()
	dir := written(t, connecting(`network: { proxy: "${env.PROXY}" }`, "sistemi.example"))
	if err := startAlone(t, dir, map[string]string{"CLIENT": "geheim"}); err == nil ||
		!strings.Contains(err.Error(), "network.proxy: fondaco.yaml:3:20: ${env.PROXY} is not set") {
		t.Errorf("found %v", err)
	}
	if err := startAlone(t, dir, map[string]string{"CLIENT": "geheim", "PROXY": "ftp://x"}); err == nil ||
		!strings.Contains(err.Error(), "the address of the proxy is not understood") {
		t.Errorf("found %v", err)
	}
}
