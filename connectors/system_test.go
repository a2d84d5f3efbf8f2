package connectors_test

import (
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
)

// system reads one system of a project.
func system(t *testing.T, text string) (*connectors.System, string) {
	t.Helper()
	c, wrong := load(t, good)
	if wrong != "" {
		t.Fatal(wrong)
	}
	var out diag.List
	n := config.Parse("fondaco.yaml", []byte(text), &out)
	if n == nil {
		t.Fatal(problems(&out))
	}
	s := connectors.LoadSystem(n.Entries[0], func(dir string, _ diag.Pos) *connectors.Connector {
		if dir != "connectors/prova" {
			t.Errorf("asked for %q", dir)
		}
		return c
	}, nil, &out)
	return s, problems(&out)
}

func TestSystem(t *testing.T) {
	s, wrong := system(t, `
prova:
  connector: ./connectors/prova
  params:
    endpoint: http://127.0.0.1:1/${env.BASE}
    token: ${secret.prova}
`)
	if wrong != "" {
		t.Fatal(wrong)
	}
	ref := func(text string) config.Ref {
		return config.ParseRefs(config.Text{Value: text}, []string{"param", "env", "secret"}, new(diag.List))
	}
	if _, _, err := s.Resolve(ref("${param.token}")); err == nil ||
		err.Error() != `system prova, parameter "token": fondaco.yaml:6:12: ${secret.prova} is not set` {
		t.Error(err)
	}
	if _, _, err := s.Resolve(ref("${env.X}")); err == nil || err.Error() != `system prova: -: ${env.X} is not set` {
		t.Error(err)
	}
	s.Bind(func(space, name string) (string, bool, bool) {
		value, ok := map[string]string{"env.BASE": "v1", "secret.prova": "s3gr3t0"}[space+"."+name]
		return value, space == "secret", ok
	})
	for text, want := range map[string]string{
		"${param.endpoint}/x": "http://127.0.0.1:1/v1/x false", "Bearer ${param.token}": "Bearer s3gr3t0 true",
		"${param.canale}": "dime false", "[${param.livello}]": "[] false",
	} {
		got, secret, err := s.Resolve(ref(text))
		if err != nil || got+map[bool]string{true: " true", false: " false"}[secret] != want {
			t.Errorf("%s: found %s %t %v, expected %s", text, got, secret, err, want)
		}
	}
	s.Override("endpoint", "http://127.0.0.1:2")
	if got, _, _ := s.Resolve(ref("${param.endpoint}")); got != "http://127.0.0.1:2" {
		t.Error(got)
	}
}

func TestSystemProblems(t *testing.T) {
	for text, want := range map[string]string{
		"prova: { connector: ./connectors/prova, params: { endpoint: \"http://a.example\" } }":                                       "fondaco.yaml:1:1: E102 system prova: the parameter \"token\" of connector prova is not given = write it under params\n",
		"prova: { connector: ./connectors/prova, params: { endpoint: \"http://a.example\", token: abc } }":                           "fondaco.yaml:1:88: E106 token: a secret is written into the file = write ${secret.token}, and put the value into the secrets folder or FONDACO_SECRET_TOKEN\n",
		"prova: { connector: ./connectors/prova, params: { endpoint: \"http://a.example\", token: \"${secret.a}\", chanale: x } }":   "fondaco.yaml:1:103: E101 connector prova has no parameter \"chanale\" = did you mean \"canale\"?\n",
		"prova: { connector: ./connectors/prova, params: { endpoint: \"http://a.example\", token: \"${secret.a}\", livello: due } }": "fondaco.yaml:1:112: E104 livello: not a whole number of 64 bits\n",
		"prova: { connector: ./connectors/prova, params: { endpoint: \"http://a.example\", token: \"${secret.a}\", livello: 0 } }":   "fondaco.yaml:1:112: E104 livello: expected at least 1\n",
		"prova: { connector: ./connectors/prova, params: { endpoint: \"http://a.example\", token: \"${secret.a}\", livello: [1] } }": "fondaco.yaml:1:112: E103 found a list, expected text\n",
		"prova: { connectr: ./connectors/prova }": "fondaco.yaml:1:10: E101 unknown key \"connectr\" = did you mean \"connector\"?\n",
		"prova: { connector: ./connectors/prova, params: { endpoint: \"http://a.example\", token: \"${param.a}\" } }": "fondaco.yaml:1:89: E105 found ${param.a}, expected ${env.NAME} or ${secret.NAME}\n",
	} {
		if _, got := system(t, text); got != want {
			t.Errorf("%s\nfound    %s\nexpected %s", text, got, want)
		}
	}
}
