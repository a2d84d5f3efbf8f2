package connectors_test

import (
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/all"
	"fondaco/transform"
)

// TestFingerprint: systems may share answers that ask the same connector, with the same parameters, and no others.
func TestFingerprint(t *testing.T) {
	const connector = "connector: c\nversion: 1.0.0\nparams:\n  endpoint: { type: string, required: true }\n  key: { type: string, secret: " +
		"true }\nrest:\n  endpoint: ${param.endpoint}\noperations:\n  o: { get: /o, effect: read, answer: { type: string } }\nsamples: esempi/\n"
	print := func(files map[string]string, system, secret string) (sum [32]byte) {
		t.Helper()
		fsys := fstest.MapFS{"connectors/c/connector.yaml": {Data: []byte(connector)}, "other.yaml": {Data: []byte(secret + system)}}
		for name, text := range files {
			fsys[name] = &fstest.MapFile{Data: []byte(text)}
		}
		var out diag.List
		n := config.Parse("fondaco.yaml", []byte("prova:\n  connector: ./connectors/c\n  params: { endpoint: "+system+
			", key: \"${secret.k}\" }\n"), &out)
		s := connectors.LoadSystem(n.Entries[0], func(string, diag.Pos) *connectors.Connector {
			return connectors.Load(fsys, "connectors/c", all.Protocols, transform.Constants{}, &out, diag.Pos{})
		}, nil, &out)
		if s == nil || out.Failed() {
			t.Fatal(out.Sorted()[0].Message)
		}
		s.Bind(func(space, name string) (string, bool, bool) { return secret, true, true })
		sum, err := s.Fingerprint()
		if err != nil {
			t.Fatal(err)
		}
		return sum
	}
	first := print(nil, "http://a", "k1")
	for name, c := range map[string]struct {
		sum  [32]byte
		same bool
	}{
		"again":           {print(nil, "http://a", "k1"), true},
		"another sample":  {print(map[string]string{"connectors/c/esempi/o.json": "{}"}, "http://a", "k1"), true},
		"another address": {print(nil, "http://b", "k1"), false},
		"another secret":  {print(nil, "http://a", "k2"), false},
		"no secret":       {print(nil, "http://a", ""), false},
		"an unread file":  {print(map[string]string{"connectors/c/types.xsd": "x"}, "http://a", "k1"), true},
		"another version": {print(map[string]string{"connectors/c/connector.yaml": strings.Replace(connector, "1.0.0", "1.0.1", 1)}, "http://a",
			"k1"), false},
		"another question": {print(map[string]string{"connectors/c/connector.yaml": strings.Replace(connector, "get: /o", "get: /v2/o", 1)},
			"http://a", "k1"), false},
	} {
		if (c.sum == first) != c.same {
			t.Errorf("%s: the same fingerprint is %v", name, !c.same)
		}
	}
}
