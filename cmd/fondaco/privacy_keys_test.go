package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fondaco/engine"
)

const keyedRoutes = `routes:
  direct:
    http: POST /direct
    auth: { scheme: citizen }
    body: { type: object, required: [number], properties: { number: { type: integer } } }
    steps:
      - call: archive.file
        with: { number: "${body.number}" }
    respond: { body: { direct: "${body.number}" } }
`

// TestPrivacyOfKeys: of a project that keeps nothing but answers under an Idempotency-Key a person's are found and erased, also after a
// restart, another's stay, and the other commands of operators say that there is nothing.
func TestPrivacyOfKeys(t *testing.T) {
	t.Parallel()
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(-1)
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	login := newLoginService(t)
	files := maps.Clone(officeProject)
	files["jwks.json"], files["routes/files.yaml"] = login.jwks(), keyedRoutes
	yaml := files["fondaco.yaml"]
	files["fondaco.yaml"] = strings.Replace(yaml[:strings.Index(yaml, "topics:\n")], "systems:\n",
		"auth:\n  citizen:\n    jwt: { issuer: https://login.example, audience: port, keys: jwks.json, claims: { fiscal_code: cf } }\nsystems:\n",
		1)
	dir := written(t, files)
	p := startProcess(t, dir, "ARCHIVE="+backend.URL)
	ask := func(citizen string, number, status int) {
		t.Helper()
		token := "Bearer " + login.token(t, map[string]any{"cf": "TINIT-" + citizen, "sub": "s-" + citizen})
		code, body, _ := p.ask(http.MethodPost, "/direct", fmt.Sprintf(`{"number":%d}`, number), "Authorization", token, "Idempotency-Key",
			fmt.Sprintf("a-key-that-nobody-guesses-%d", number))
		if code != status {
			t.Errorf("the request %d is answered %d %s, expected %d", number, code, body, status)
		}
	}
	privacy := func(word, citizen string) string {
		t.Helper()
		var out, problems bytes.Buffer
		w := &engine.World{
			Args: []string{"privacy", word, "--subject", "-", "--why", "she asks", "--console", p.console}, Dir: dir, Now: time.Now,
			Stdin: strings.NewReader(citizen), Stdout: &out, Stderr: &problems, Env: func(string) (string, bool) { return "", false },
		}
		if code := run(t.Context(), w); code != exitOK {
			t.Fatal(code, out.String(), problems.String())
		}
		return out.String()
	}
	if out := done(t, dir, "dead", "list", "--console", p.console); strings.Contains(out, "Error") {
		t.Error(out)
	}
	done(t, dir, "topics", "--console", p.console)
	ask(rosaCode, 1, http.StatusOK)
	ask(rosaCode, 2, http.StatusOK)
	ask(biceCode, 3, http.StatusOK)
	p.end()
	p = startProcess(t, dir, "ARCHIVE="+backend.URL)
	if out := privacy("export", rosaCode); !strings.Contains(out, `"answers": 2`) || !strings.Contains(out, `"direct": 1`) ||
		strings.Contains(out, `"direct": 3`) {
		t.Errorf("exported is %s", out)
	}
	if out := privacy("erase", rosaCode); !strings.Contains(out, "2 answers") {
		t.Errorf("erased is %s", out)
	}
	ask(rosaCode, 1, http.StatusGone)
	ask(biceCode, 3, http.StatusOK)
	system.mu.Lock()
	if system.kept["/files/1"] != 1 || system.kept["/files/3"] != 1 {
		t.Errorf("the system was given %v", system.kept)
	}
	system.mu.Unlock()
	if out := done(t, dir, "audit", "list", "--console", p.console); strings.Count(out, "privacy.erase") != 2 ||
		strings.Count(out, "privacy.export") != 1 {
		t.Errorf("the audit is %s", out)
	}
	if out := done(t, dir, "audit", "verify", "--console", p.console); !strings.Contains(out, "the audit is whole") {
		t.Error(out)
	}
}
