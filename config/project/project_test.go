package project_test

import (
	"os"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/config/project"
)

func TestExampleIsAProject(t *testing.T) {
	var out diag.List
	p := project.Read(os.DirFS("../../examples/dime"), &out)
	if out.Len() > 0 {
		var b strings.Builder
		out.Print(&b, nil, false)
		t.Fatal(b.String())
	}
	if p.Name.Value != "dime" || len(p.Systems) < 8 || p.Auth[0].JWT.Levels["https://www.spid.gov.it/SpidL2"] != 2 ||
		p.Auth[0].JWT.Audience[0].Text.Value != "dime" || p.Server.Limits.Body != 1<<20 {
		t.Errorf("found %+v", p)
	}
	if files := project.Files(os.DirFS("../../examples/dime"), &out); len(files.Routes) < 8 || files.Routes[0] != "routes/acqua.yaml" {
		t.Errorf("found %v", files)
	}
}

func TestProblemsOfTheProjectFile(t *testing.T) {
	for src, want := range map[string]string{
		"project: Dime\n": `fondaco.yaml:1:10: E104 found 'D' in the name "Dime", expected small letters, digits and -, a letter first`,
		"project: d\nserver:\n  limits: { body: 5 }\n": "fondaco.yaml:3:19: E104 body: found 5 without " +
			"a unit, expected a size as 64KiB or 1MiB",
		"project: d\nserver:\n  limits: { time: 0s }\n": "fondaco.yaml:3:19: E104 time: found 0s, " +
			"expected 1ms to 1h",
		"project: d\nserver:\n  limits: { time: -5s }\n": "fondaco.yaml:3:19: E104 time: found -5s, " +
			"expected 1ms to 1h",
		"project: d\nserver:\n  cors: { origins: dime }\n":     `fondaco.yaml:3:20: E104 origins: found "dime", expected an origin as https://dime.example, or "*"`,
		"project: d\nserver:\n  trusted_proxies: [10.0.0/8]\n": `fondaco.yaml:3:21: E104 trusted_proxies: found "10.0.0/8", expected an address or network as 10.0.0.0/8`,
		"project: d\nlisten: :80\n": `fondaco.yaml:2:1: E101 unknown key "listen"` +
			"\n" + `it belongs under "server:"`,
		"project: d\nserver:\n  systems: {}\n": `fondaco.yaml:3:3: E101 unknown key "systems" in "server"` + "\n" +
			`it is one level too deep: it belongs beside "server:", not under it`,
		"title: d\n": `fondaco.yaml:1:1: E102 missing "project"` +
			"\nThe project's name: small letters, digits and -.",
		"project: d\nauth: {a: {jwt: {issuer: i, audience: a, keys: k, algorithms: none}}}\n": `fondaco.yaml:2:63: E104 algorithms: found "none", expected one of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512, EdDSA`,
	} {
		var out diag.List
		project.Read(fstest.MapFS{"fondaco.yaml": {Data: []byte(src)}}, &out)
		var lines []string
		for _, p := range out.Sorted() {
			lines = append(lines, p.Pos.String()+": "+string(p.Code)+" "+p.Message)
			if p.Hint != "" {
				lines = append(lines, p.Hint)
			}
		}
		if got := strings.Join(lines, "\n"); got != want {
			t.Errorf("%s\ngave %s\nwant %s", src, got, want)
		}
	}
}
