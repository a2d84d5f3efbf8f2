package rest

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors/simulate"
)

// pets is a document whose bodies are XML in all ways that the XML Object of OpenAPI has.
const pets = `{"openapi":"3.0.3","info":{"title":"Anagrafe canina","version":"1"},"paths":{
"/cani/{id}":{"put":{"operationId":"registra","parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
	"requestBody":{"required":true,"content":{"application/xml":{"schema":{"$ref":"#/components/schemas/Cane"}}}},
	"responses":{"200":{"description":"ok","content":{"application/xml":{"schema":{"$ref":"#/components/schemas/Cane"}}}},
		"204":{"description":"niente"},
		"409":{"description":"no","content":{"application/xml":{"schema":{"type":"object","required":["codice"],"properties":{"codice":{"type":"string"}}}}}}}}},
"/cani":{"get":{"operationId":"elenca","responses":{"200":{"description":"ok","content":{"text/xml":{"schema":{"type":"array","items":{"$ref":"#/components/schemas/Nota"}}}}}}}}},
"components":{"schemas":{
"Cane":{"type":"object","required":["nome","nato"],"xml":{"name":"cane","namespace":"urn:cani"},"properties":{
	"nome":{"type":"string"},"chip":{"type":"integer","xml":{"attribute":true}},"lang":{"type":"string","xml":{"attribute":true,"prefix":"c","namespace":"urn:c","name":"lingua"}},
	"nato":{"type":"string","format":"date"},"vivo":{"type":"boolean","nullable":true},"peso":{"type":"number","xml":{"prefix":"m","namespace":"urn:misure"}},
	"foto":{"type":"array","items":{"type":"string"},"xml":{"wrapped":true}},
	"note":{"type":"array","items":{"$ref":"#/components/schemas/Nota"},"xml":{"name":"annotazioni","wrapped":true}},
	"tag":{"type":"array","items":{"type":"string","xml":{"name":"etichetta"}},"xml":{"name":"ignorato"}},
	"padre":{"$ref":"#/components/schemas/Cane"},"id":{"type":"string","readOnly":true}}},
"Nota":{"type":"object","required":["testo"],"properties":{"testo":{"type":"string"}},"xml":{"name":"nota"}}}}}`

const petsConnector = `connector: anagrafe
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", openapi: api.json }
operations:
  registra: { effect: idempotent, fails: [{ when: error.codice == "DOPPIO", as: refused }] }
  elenca: { effect: read }
samples: samples
`

const pet = `{"id":"7","nome":"Fido <&> \"x\"","chip":12,"lang":"it\"","nato":"2020-02-29","vivo":true,"peso":4.50,"foto":["a","b"],"note":[{"testo":"buono"}],"tag":["x","y"],"padre":{"nome":"Rex","nato":"2015-01-01","tag":[]}}`

const petXML = `<?xml version="1.0" encoding="UTF-8"?><cane xmlns="urn:cani" chip="12" xmlns:c="urn:c" c:lingua="it&#34;">` +
	`<nome>Fido &lt;&amp;&gt; "x"</nome><nato>2020-02-29</nato><vivo>true</vivo><m:peso xmlns:m="urn:misure">4.50</m:peso>` +
	`<foto><foto>a</foto><foto>b</foto></foto><annotazioni><nota><testo>buono</testo></nota></annotazioni>` +
	`<etichetta>x</etichetta><etichetta>y</etichetta><cane><nome>Rex</nome><nato>2015-01-01</nato></cane></cane>`

// TestXML: a body as it is written, octet by octet, and answers as they are read.
func TestXML(t *testing.T) {
	files := fstest.MapFS{"c/connector.yaml": {Data: []byte(petsConnector)}, "c/api.json": {Data: []byte(pets)}}
	server := &recorder{}
	s, caller := behind(t, files, server)
	const short = `{"id":"7","nome":"Rex","nato":"2015-01-01"}`
	for _, x := range []struct{ operation, in, contentType, answer, want string }{
		{
			"registra", pet, "application/xml", `<cane xmlns="urn:cani" chip="3"><altro><b/></altro><nome>Rex</nome><nato> 2015-01-01
</nato><vivo>1</vivo><foto/><etichetta>a</etichetta><id>9</id><etichetta>b</etichetta><p:peso xmlns:p="urn:misure">1.0</p:peso><cane><nome/><nato>2014-01-01</nato></cane></cane>`,
			`{"nome":"Rex","chip":3,"nato":"2015-01-01","vivo":true,"peso":1.0,"foto":[],"tag":["a","b"],"padre":{"nome":"","nato":"2014-01-01"},"id":"9"}`,
		},
		{
			"registra", short, "application/xml", `<cane><nome><![CDATA[a<b]]></nome><nato>2015-01-01</nato><vivo xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:nil="true"/></cane>`,
			`{"nome":"a<b","nato":"2015-01-01","vivo":null}`,
		},
		{"registra", short, "application/xml", "<?xml version=\"1.0\" " +
			"encoding=\"ISO-8859-1\"?><cane><nome>Niccol\xf2</nome><nato>2015-01-01</nato></cane>", `{"nome":"Niccolò","nato":"2015-01-01"}`},
		{
			"registra", short, "text/xml; charset=iso-8859-15",
			"<?xml version=\"1.0\" encoding=\"UTF-8\"?><cane><nome>\xa4</nome><nato>2015-01-01</nato></cane>", `{"nome":"€","nato":"2015-01-01"}`,
		},
		{"registra", short, "text/xml; charset=utf-8", `<?xml version="1.0" encoding="ISO-8859-1"?><cane><nome>Niccolò</nome><nato>2015-01-01</nato></cane>`, `{"nome":"Niccolò","nato":"2015-01-01"}`},
		{"registra", short, "application/xml", `<gatto><nome>x</nome></gatto>`, "invalid"},
		{"registra", short, "application/xml", `<cane><nome>x</nome></cane>`, "invalid 200 /nato"},
		{"registra", short, "application/xml", `<cane><nome>x</nome><nato>ieri</nato></cane>`, "invalid 200 /nato"},
		{"registra", short, "application/xml", `<cane><nome>x</nome><nome>y</nome><nato>2015-01-01</nato></cane>`, "invalid 200 /nome"},
		{
			"registra", short, "application/xml", `<cane><nome>x</nome><nato>2015-01-01</nato><annotazioni><nota/></annotazioni></cane>`,
			"invalid 200 /note/0/testo",
		},
		{"registra", short, "application/xml", `<cane><nome>x</nome><nato>2015-01-01</nato></cane><cane/>`, "invalid"},
		{"registra", short, "application/json", `{"nome":"x"}`, "invalid"},
		{"elenca", `{}`, "text/xml", `<cani><nota><testo>a</testo></nota><nota><testo>b</testo></nota></cani>`, `[{"testo":"a"},{"testo":"b"}]`},
		{"elenca", `{}`, "application/xml", `<cani/>`, `[]`},
	} {
		server.reply = answering(200, x.contentType, x.answer)
		got := call(t, s, caller, x.operation, x.in)
		if got != x.want && !(strings.HasPrefix(x.want, "invalid") && strings.HasPrefix(got, x.want)) {
			t.Errorf("%s\nfound    %s\nexpected %s", x.answer, got, x.want)
		}
		if x.in == pet && (server.got.body != petXML || server.got.contentType != "application/xml" || server.got.accept != "application/xml") {
			t.Errorf("found    %s\nexpected %s\n%+v", server.got.body, petXML, server.got)
		}
	}
	server.reply = answering(409, "application/xml", `<errore><codice>DOPPIO</codice></errore>`)
	if got := call(t, s, caller, "registra", short); !strings.HasPrefix(got, "refused") {
		t.Errorf("found %s", got)
	}
	if got := call(t, s, caller, "registra", "{\"id\":\"7\",\"nome\":\"\\u0001\",\"nato\":\"2015-01-01\"}"); !strings.HasPrefix(got,
		"refused") {
		t.Errorf("found %s", got)
	}
}

// TestXMLSimulated: the simulator reads and writes the same XML, and holds it to the schema.
func TestXMLSimulated(t *testing.T) {
	s, caller := system(t, fstest.MapFS{
		"c/connector.yaml": {Data: []byte(petsConnector)}, "c/api.json": {Data: []byte(pets)},
		"c/samples/registra.yaml": {Data: []byte(`- when: { id: "7", chip: 12, tag: [x, y] }
  answer: { nome: Rex, nato: "2015-01-01", foto: [], note: [{ testo: a }, { testo: b }], chip: 4, id: "9" }
`)},
		"c/samples/elenca.yaml": {Data: []byte("- answer: [{ testo: a }, { testo: \"<b>\" }]\n")},
	}, "c")
	for _, x := range [][3]string{
		{"registra", pet, `{"nome":"Rex","chip":4,"nato":"2015-01-01","foto":[],"note":[{"testo":"a"},{"testo":"b"}],"id":"9"}`},
		{"elenca", `{}`, `[{"testo":"a"},{"testo":"<b>"}]`},
	} {
		if got := call(t, s, caller, x[0], x[1]); got != x[2] {
			t.Errorf("found    %s\nexpected %s", got, x[2])
		}
	}
	var out diag.List
	handler, err := played(s.Connector, simulate.New(s, simulate.LoadSamples(s.Connector, &out)))
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]int{
		strings.Replace(petXML, `chip="12"`, `chip="13"`, 1):         http.StatusNotImplemented,
		`<cane><nome>x</nome></cane>`:                                http.StatusBadRequest,
		`<cane><nome>x</nome><nato>2015-01-01</nato><altro/></cane>`: http.StatusBadRequest,
		`<cane>x<nome>x</nome><nato>2015-01-01</nato></cane>`:        http.StatusBadRequest,
		`<!DOCTYPE cane [<!ENTITY a "b">]><cane/>`:                   http.StatusBadRequest,
	} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPut, "http://x/cani/7", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/xml")
		w := &answered{header: http.Header{}}
		handler.ServeHTTP(w, r)
		if w.status != want {
			t.Errorf("%s: found %d %s, expected %d", body, w.status, w.body.String(), want)
		}
	}
}
