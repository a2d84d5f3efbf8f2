package rest

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/mask"
	"fondaco/transform"
)

const signed = `connector: crm
version: 1.0.0
params:
  endpoint: { type: string }
  chiave: { type: string, secret: true, default: "uzvJfB4u3N0Jy4T7NZ75MDVcr8zSTInedJtkgcu46YW4XByzNJjxBdtjUkdJPBtbmHhIDi6pcl8jsasjlTMtDQ==" }
rest:
  endpoint: "${param.endpoint}"
  headers: { Date: "Tue, 20 Apr 2021 02:07:55 GMT" }
  sign:
    values:
      covered: '("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"'
      base: |-
        "date": ${headers["date"] ?? ""}
        "@authority": ${"example.com"}
        "content-type": ${headers["content-type"] ?? ""}
        "@signature-params": ${covered}
    headers:
      Signature-Input: "sig-b25=${covered}"
      Signature: 'sig-b25=:${base64(hmac("SHA-256", bytes(param.chiave), base))}:'
      X-Webhook: '${hex(hmac("SHA-256", "k", octets(path, ".", body)))}'
operations:
  invia: { post: "/foo", body: { type: object, properties: { hello: { type: string } } } }
`

// TestSignVectors: a recipe makes the signature of RFC 9421, appendix B.2.5, and signs octets of the body.
func TestSignVectors(t *testing.T) {
	var got http.Header
	s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(signed)}},
		http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r.Header
			w.WriteHeader(http.StatusNoContent)
		}))
	call(t, s, caller, "invia", `{"hello":"world"}`)
	for name, want := range map[string]string{
		"Signature-Input": `sig-b25=("date" "@authority" "content-type");created=1618884473;keyid="test-shared-secret"`,
		"Signature":       "sig-b25=:pxcQw6G3AjtMBQjwo8XzkZf/bws5LelbaMk5rGIGtE8=:",
		"X-Webhook":       "9d8df8c66e0ae52e9f7860e6c523a9170fcc641f4baaeaaedb706cad7528edb7",
	} {
		if got.Get(name) != want {
			t.Errorf("%s: found %s, expected %s", name, got.Get(name), want)
		}
	}
	var shown strings.Builder
	for _, f := range mask.New(s.Connector, true).Header(got) {
		shown.WriteString(f[0] + ": " + f[1] + "\n")
	}
	if strings.Contains(shown.String(), "pxcQw6G3") || !strings.Contains(shown.String(), "X-Webhook: ***") {
		t.Errorf("signatures are shown:\n%s", shown.String())
	}
}

// TestSignSimulated: the simulator asks for signatures: AWS's are verified, those of a recipe must be there.
func TestSignSimulated(t *testing.T) {
	aws := `{ endpoint: "${param.endpoint}", auth: { aws: { access_key: AK, secret_key: "${param.chiave}", region: eu-south-1, service: execute-api } } }`
	recipe := `{ endpoint: "${param.endpoint}", sign: { headers: { X-Firma: "${hex(hmac(\"SHA-512\", param.chiave, method + path + query + nonce))}" }, query: { istante: "${text(epochSeconds(now()))}" } } }`
	for _, wire := range []string{aws, recipe} {
		s, caller := system(t, fstest.MapFS{
			"c/connector.yaml":     {Data: []byte(strings.Replace(guarded, `{ endpoint: "${param.endpoint}", auth: AUTH }`, wire, 1))},
			"c/samples/leggi.yaml": {Data: []byte("- answer: { n: 1 }\n")},
		}, "c")
		if got := call(t, s, caller, "leggi", `{"id":"a b/è","lingua":"it"}`); got != `{"n":1}` {
			t.Errorf("found %s", got)
		}
		endpoint, _, err := s.Param("endpoint")
		if err != nil {
			t.Fatal(err)
		}
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, endpoint+"/atti/1", nil)
		res, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		if _ = res.Body.Close(); res.StatusCode != http.StatusUnauthorized {
			t.Errorf("found %d of a stranger", res.StatusCode)
		}
	}
}

// TestSignProblems: what a recipe cannot do is told when the connector is read.
func TestSignProblems(t *testing.T) {
	for sign, want := range map[string]string{
		`{ headers: { X-Firma: "${param.chive}" } }`:                            "chive",
		`{ headers: { X-Firma: "${hmac(\"SHA-256\", param.chiave, body)}" } }`:  "X-Firma",
		`{ headers: { X-Firma: "${hex(hmac(\"MD4\", param.chiave, body))}" } }`: "SHA-256",
		`{ values: { body: "a" }, headers: { X-Firma: "${hex(body)}" } }`:       `the name "body" is taken already`,
		`{ headers: { Authorization: "a" } }`:                                   "given by auth.bearer already",
		`{ headers: { Content-Length: "1" } }`:                                  "transport's own",
		`{ headers: { X-Firma: "${headers[\"x-a\"]}" } }`:                       "nil",
	} {
		var out diag.List
		text := strings.Replace(guarded, `auth: AUTH`, `auth: { bearer: "${param.chiave}" }, sign: `+sign, 1)
		connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(strings.Replace(text, "samples: samples\n", "", 1))}}, "c", registry, transform.Constants{}, &out,
			diag.Pos{})
		if all := out.Sorted(); len(all) != 1 || !strings.Contains(all[0].Message+all[0].Hint, want) {
			t.Errorf("%s: found %s, expected %s", sign, problems(&out), want)
		}
	}
}
