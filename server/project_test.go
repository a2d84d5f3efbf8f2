package server

import (
	"fmt"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/server/auth"
)

// TestFromProject: what fondaco.yaml says reaches server and schemes.
func TestFromProject(t *testing.T) {
	const file = `project: dime
server:
  listen: ${env.ADDRESS}
  console: 127.0.0.1:8081
  console_hosts: fondaco.example
  health: :8082
  cors: { origins: [https://dime.example] }
  limits: { body: 2MiB, headers: 32KiB, uri: 4KiB, connections: 50, time: 7s }
  trusted_proxies: [10.0.0.0/8]
  drain_delay: 2s
  grace: 9s
auth:
  cittadino:
    jwt:
      issuer: ${env.ISSUER}
      audience: [dime, app]
      keys: k.json
      levels: { L2: 2 }
`
	c := auth.JWT{Issuer: "https://login.example", Audiences: []string{"dime"}}
	mint, err := auth.NewMint(c)
	if err != nil {
		t.Fatal(err)
	}
	keys, err := mint.JWKS()
	if err != nil {
		t.Fatal(err)
	}
	files := fstest.MapFS{"fondaco.yaml": {Data: []byte(file)}, "k.json": {Data: keys}}
	var out diag.List
	p := project.Read(files, &out)
	if p == nil || out.Failed() {
		t.Fatal(out.Sorted())
	}
	lookup := func(space, name string) (string, bool, bool) {
		v, ok := map[string]string{"env ADDRESS": ":9090", "env ISSUER": "https://login.example"}[space+" "+name]
		return v, false, ok
	}
	got, err := ConfigOf(&p.Server, lookup)
	const want = "{:9090 127.0.0.1:8081 [fondaco.example] :8082 [https://dime.example] false [10.0.0.0/8] 2097152 32768 4096 50 7s 0s 0s 0s " +
		"16384 67108864 16777216 2s 9s}"
	if err != nil || fmt.Sprint(got) != want {
		t.Errorf("found    %v, %v\nexpected %s", got, err, want)
	}
	schemes, err := auth.Schemes(p.Auth, lookup, auth.Deps{FS: files})
	if err != nil || schemes["cittadino"] == nil {
		t.Errorf("found %v, %v", schemes, err)
	}
	nothing := func(string, string) (string, bool, bool) { return "", false, false }
	if _, err := ConfigOf(&p.Server, nothing); err == nil {
		t.Error("an address that is not set was taken")
	}
	if _, err := auth.Schemes(p.Auth, nothing, auth.Deps{FS: files}); err == nil {
		t.Error("an issuer that is not set was taken")
	}
}
