package rest

import (
	"strings"
	"testing"
	"testing/fstest"
)

// bundle is a connector whose answers have several parts.
var bundle = strings.ReplaceAll(`connector: fascicoli
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  misto: { get: /misto, effect: read, answer_content: multipart/mixed, answer: TYPE }
  legato: { get: /legato, effect: read, answer_content: multipart/related, answer: TYPE }
  modulo: { get: /modulo, effect: read, answer_content: multipart/form-data, answer: TYPE }
samples: samples
`, "TYPE", `{ type: object, required: [scheda, atto], properties: {
    scheda: { type: object, required: [numero], properties: { numero: { type: integer } } },
    atto: { type: string, format: binary }, allegati: { type: array, items: { type: string, format: binary } } } }`)

const (
	cardPart  = "\r\n\r\n{\"numero\":7}\r\n"
	actPart   = "\r\nContent-Type: application/pdf\r\n\r\n%PDF\x00\r\n"
	twoByName = "--B\r\nContent-Disposition: attachment; name=scheda" + cardPart + "--B\r\nContent-Disposition: attachment; name=atto; filename=a.pdf" +
		actPart + "--B--\r\n"
)

// TestMultipartAnswers: the parts of an answer are told by their names, their Content-ID, or their place.
func TestMultipartAnswers(t *testing.T) {
	const act = `"atto":{"content":"JVBERgA="`
	for _, c := range []struct{ operation, media, body, want string }{
		{
			"modulo", "multipart/form-data; boundary=B", strings.ReplaceAll(twoByName, "attachment", "form-data"),
			`{"scheda":{"numero":7},` + act + `,"name":"a.pdf","type":"application/pdf"}}`,
		},
		{
			"misto", `multipart/mixed; boundary="B"`, "preamble\r\n" + twoByName + "epilogue",
			`{"scheda":{"numero":7},` + act + `,"name":"a.pdf","type":"application/pdf"}}`,
		},
		{
			"misto", "multipart/mixed; boundary=B", "--B\r\nContent-Type: application/json" + cardPart + "--B" + actPart + "--B" + actPart + "--B--",
			`{"scheda":{"numero":7},` + act + `,"type":"application/pdf"},"allegati":[{"content":"JVBERgA=","type":"application/pdf"}]}`,
		},
		{
			"legato", `multipart/related; type="application/json"; boundary=B`,
			"--B\r\nContent-ID: <atto>\r\nContent-Transfer-Encoding: base64\r\n\r\nJVBE\r\nRgA=\r\n--B\r\nContent-ID: <scheda>" + cardPart + "--B--\r\n",
			`{"scheda":{"numero":7},` + act + `}}`,
		},
		{
			"legato", "multipart/related; boundary=B", "--B" + cardPart + "--B\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n%P=\r\nDF=00\r\n--B--\r\n",
			`{"scheda":{"numero":7},` + act + `}}`,
		},
		{"misto", "multipart/mixed; boundary=B", "--B" + cardPart + "--B--", "invalid 200 /atto "},
		{"misto", "multipart/mixed; boundary=B", "--B\r\n\r\n{\"numero\":\"x\"}\r\n--B" + actPart + "--B--", "invalid 200 /scheda/numero "},
		{"misto", "multipart/mixed; boundary=B", "--B" + cardPart + "--B\r\n\r\n%PDF", "invalid 200  "},
		{"misto", "multipart/mixed", twoByName, "invalid 200  "},
		{"misto", "multipart/related; boundary=B", twoByName, "invalid 200  "},
	} {
		server := &recorder{reply: answering(200, c.media, c.body)}
		s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(bundle)}}, server)
		got := call(t, s, caller, c.operation, `{}`)
		if got != c.want && (strings.HasPrefix(c.want, "{") || !strings.Contains(got, c.want)) {
			t.Errorf("%s of %s, %q:\nfound    %s\nexpected %s", c.operation, c.media, c.body, got, c.want)
		}
	}
}

// TestMultipartAnswersSimulated: what a simulator answers is read, and samples are made of the types.
func TestMultipartAnswersSimulated(t *testing.T) {
	s, caller := system(t, fstest.MapFS{
		"c/connector.yaml":      {Data: []byte(bundle)},
		"c/samples/misto.yaml":  {Data: []byte("- answer: { scheda: { numero: 7 }, atto: { content: JVBERgA=, name: a.pdf } }\n")},
		"c/samples/modulo.yaml": {Data: []byte("- answer: { scheda: { numero: 7 }, atto: { content: JVBERgA=, name: a.pdf } }\n")},
	}, "c")
	for _, operation := range []string{"misto", "modulo"} {
		want := `{"scheda":{"numero":7},"atto":{"content":"JVBERgA=","name":"a.pdf","type":"application/octet-stream"}}`
		if got := call(t, s, caller, operation, `{}`); got != want {
			t.Errorf("%s: found %s", operation, got)
		}
	}
}
