package soap

import (
	"io"
	"mime"
	"net/http"
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/connectors/soap/xsd"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// styled loads a connector over a WSDL of testdata/styles, with every one of the operations.
func styled(t *testing.T, wsdl, more string, operations ...string) *connectors.Connector {
	t.Helper()
	data, err := os.ReadFile("testdata/styles/" + wsdl)
	if err != nil {
		t.Fatal(err)
	}
	text := "connector: prova\nversion: 1.0.0\nparams: { endpoint: { type: string } }\nsoap:\n  wsdl: s.wsdl\n  endpoint: ${param.endpoint}\n" + more + "operations:\n"
	for _, o := range operations {
		text += "  " + o + "\n"
	}
	var out diag.List
	c := connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}, "c/s.wsdl": {Data: data}}, "c", connectors.Registry{Protocol},
		transform.Constants{}, &out, diag.Pos{})
	for _, p := range out.Sorted() {
		if !p.Warning {
			t.Errorf("%s: %s %s", p.Pos, p.Message, p.Hint)
		}
	}
	if c == nil || t.Failed() {
		t.FailNow()
	}
	return c
}

// sent returns the envelope of a request without what all envelopes have.
func sent(t *testing.T, c *connectors.Connector, name, in string) string {
	t.Helper()
	o := c.Operation(name)
	p := o.Wire.(*op)
	data, err := versions[c.Wire.(*wire).soap].writes(p.in).append(nil, input(t, o, in), nil)
	if err != nil {
		return "error: " + err.Error()
	}
	_, inside, _ := strings.Cut(string(data), `xmlns:xsi="`+xsd.InstanceSpace+`"`)
	return strings.TrimSuffix(inside, "</soap:Envelope>")
}

const elencoIs = `{"numeri":["1","2"],"allegati":[{"nome":"a.pdf","pagine":3,"padre":{"nome":"b","pagine":1}}],"righe":[[1,2],[]]}`

// TestEncoded_request: requests in SOAP encoding say the type of everything and the size of arrays.
func TestEncoded_request(t *testing.T) {
	c := styled(t, "docarea.wsdl", "", "Login: {}", "Elenco: {}")
	const spaces = ` xmlns:n0="http://protocollo.example/" xmlns:n1="http://www.w3.org/2001/XMLSchema"`
	if got, want := sent(t, c, "Login", `{"CodiceEnte":"L736","Username":"dime","UserPassword":"p"}`), spaces+
		`><soap:Body><n0:Login soap:encodingStyle="http://schemas.xmlsoap.org/soap/encoding/"><CodiceEnte xsi:type="n1:string">L736</CodiceEnte><Username xsi:type="n1:string">dime</Username><UserPassword xsi:type="n1:string">p</UserPassword></n0:Login></soap:Body>`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	got := sent(t, c, "Elenco", elencoIs)
	_, got, _ = strings.Cut(got, "encoding/\">")
	if want := `<numeri xsi:type="n2:Array" n2:arrayType="n1:string[2]"><voce xsi:type="n1:string">1</voce><voce xsi:type="n1:string">2</voce></numeri>` +
		`<allegati xsi:type="n2:Array" n2:arrayType="n3:Allegato[1]"><item xsi:type="n3:Allegato"><nome xsi:type="n1:string">a.pdf</nome><pagine xsi:type="n1:int">3</pagine><padre xsi:type="n3:Allegato"><nome xsi:type="n1:string">b</nome><pagine xsi:type="n1:int">1</pagine></padre></item></allegati>` +
		`<righe xsi:type="n2:Array" n2:arrayType="n1:int[][2]"><item xsi:type="n2:Array" n2:arrayType="n1:int[2]"><item xsi:type="n1:int">1</item><item xsi:type="n1:int">2</item></item><item xsi:type="n2:Array" n2:arrayType="n1:int[0]"></item></righe>` +
		`</n0:Elenco></soap:Body>`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// TestEncoded_answer: answers in SOAP encoding are read whatever their elements are called and wherever their values
// stand: in another namespace, out of order, null, or apart.
func TestEncoded_answer(t *testing.T) {
	c := styled(t, "docarea.wsdl", "", "Login: {}", "Elenco: {}")
	const begin = `<?xml version="1.0"?><e:Envelope xmlns:e="` + soap11 + `" xmlns:xsi="` + xsd.InstanceSpace + `" xmlns:xsd="` + xsd.Space +
		`" xmlns:enc="` + xsd.EncodingSpace + `"><e:Body>`
	for _, x := range []struct{ name, operation, body, want string }{
		{
			"as it is sent", "Login", `<ns1:LoginResponse xmlns:ns1="http://protocollo.example/"><return xsi:type="ns2:LoginRet" xmlns:ns2="http://protocollo.example"><strDST xsi:type="xsd:string">T1</strDST><IngErrNumber xsi:type="xsd:int">0</IngErrNumber><strErrString xsi:type="xsd:string"></strErrString></return></ns1:LoginResponse>`,
			`{"return":{"strDST":"T1","IngErrNumber":0,"strErrString":""}}`,
		},
		{
			"another root, other order, null", "Login", `<x><a:return xmlns:a="urn:a"><IngErrNumber xsi:type="xsd:int">-1</IngErrNumber><strErrString>no</strErrString><strDST xsi:nil="true"/><altro>1</altro></a:return></x>`,
			`{"return":{"IngErrNumber":-1,"strErrString":"no"}}`,
		},
		{
			"values apart", "Elenco", `<r><allegati enc:arrayType="xsd:anyType[2]" xsi:type="enc:Array"><item href="#id0"/><item href="#id1"/></allegati></r>` +
				`<multiRef id="id0" xsi:type="n:Allegato" xmlns:n="http://protocollo.example"><nome xsi:type="xsd:string">a &amp; b</nome><pagine href="#id2"/></multiRef>` +
				`<multiRef id="id1" xsi:type="n:Allegato" xmlns:n="http://protocollo.example"><nome xsi:type="xsd:string">c</nome><pagine href="#id2"/><padre href="#id0"/></multiRef><multiRef id="id2" xsi:type="xsd:int">7</multiRef>`,
			`{"allegati":[{"nome":"a & b","pagine":7},{"nome":"c","pagine":7,"padre":{"nome":"a & b","pagine":7}}],"righe":[]}`,
		},
		{
			"arrays of arrays", "Elenco", `<r><righe><a><b>1</b><c>2</c></a><a/></righe><nota>x</nota></r>`,
			`{"allegati":[],"righe":[[1,2],[]],"nota":"x"}`,
		},
		{"a value that is not there", "Elenco", `<r><allegati><item href="#id9"/></allegati></r>`, "invalid: " + errReference.Error()},
		{"values in a circle", "Elenco", `<r><allegati><item href="#id0"/></allegati></r><multiRef id="id0"><nome>x</nome><padre href="#id0"/></multiRef>`, "invalid: " + errReference.Error()},
		{
			"an invalid number", "Elenco", `<r><righe><a><b>1</b><c>due</c></a></righe></r>`,
			"invalid at /righe/0/1: /righe/0/1: expected a whole number",
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			in := elencoIs
			if x.operation == "Login" {
				in = `{"CodiceEnte":"L736","Username":"dime","UserPassword":"p"}`
			}
			got, f := answered(t, c, x.operation, in, text(200, "text/xml", begin+x.body+`</e:Body></e:Envelope>`))
			if f != nil {
				got = strings.TrimPrefix(f.Error(), "prova."+x.operation+": ")
			}
			if got != x.want {
				t.Errorf("got  %s\nwant %s", got, x.want)
			}
		})
	}
}

// TestFollow_bounded: values that refer to each other do not make a message grow without end.
func TestFollow_bounded(t *testing.T) {
	b := `<e:Envelope xmlns:e="` + soap11 + `"><e:Body><r><a href="#i0"/></r>`
	for i := range 30 {
		b += `<m id="i` + itoa(i) + `">` + strings.Repeat(`<x href="#i`+itoa(i+1)+`"/>`, 10) + `</m>`
	}
	if _, err := follow([]byte(b + `<m id="i30">x</m></e:Body></e:Envelope>`)); err != errExpanded {
		t.Errorf("got %v", err)
	}
}

// TestStyles: what is sent comes back: every kind of message, over a real socket.
func TestStyles(t *testing.T) {
	all := []string{"chiedi: {}", "due: {}", "registra: {}", "carica: {}", "allega: {}", "spedisci: {}"}
	const soggetti = `{"soggetto":[{"xsi_type":"Persona","nome":"Marco","eta":70},{"xsi_type":"Impresa","nome":"Polo","partitaIva":"1","attiva":true}],"luogo":{"via":"Rio Alto"}}`
	big := strings.Repeat("QUJD", 400)
	for _, x := range []struct{ name, more, operation, in, want string }{
		{"several parts", "", "due", `{"uno":{"id":1},"due":{"numero":2}}`, ""},
		{"derived types", "", "registra", soggetti, strings.Replace(soggetti, `{"via"`, `{"xsi_type":"Luogo","via"`, 1)},
		{
			"a derived type of one that is not abstract", "", "registra",
			strings.Replace(soggetti, `{"via":"Rio Alto"`, `{"xsi_type":"Isola","via":"Rio Alto","vaporetto":"1"`, 1), "",
		},
		{"octets in the envelope", "", "carica", `{"nome":"x","contenuto":"` + big + `"}`, ""},
		{"octets beside the envelope", "  mtom: true\n", "carica", `{"nome":"x","contenuto":"` + big + `"}`, ""},
		{"few octets stay", "  mtom: true\n", "carica", `{"nome":"x","contenuto":"QUJD"}`, ""},
		{"swaRef", "", "allega", `{"documento":"` + big + `"}`, ""},
		{"an attached part", "", "spedisci", `{"id":5,"foto":"QUJD"}`, ""},
		{"no attached part", "", "spedisci", `{"id":5}`, ""},
		{"the same in SOAP encoding", "", "Elenco", elencoIs, strings.Replace(elencoIs, `"numeri":["1","2"],`, "", 1)},
	} {
		t.Run(x.name, func(t *testing.T) {
			wsdl, operations := "misto.wsdl", all
			if x.operation == "Elenco" {
				wsdl, operations = "docarea.wsdl", []string{"Elenco: {}"}
			}
			c := styled(t, wsdl, x.more, operations...)
			o := c.Operation(x.operation)
			s := system(c, "http://127.0.0.1:1")
			in := input(t, o, x.in)
			h, err := played(c, simulate.New(s, map[string][]*simulate.Case{x.operation: {{When: in, Sample: connectors.Sample{Answer: in}}}}))
			if err != nil {
				t.Fatal(err)
			}
			caller, _ := against(t, c, h)
			got, err := call(t, c, caller, x.operation, x.in)
			want := x.want
			if want == "" {
				want = x.in
			}
			if err != nil || got != want {
				t.Errorf("got  %s, %v\nwant %s", got, err, want)
			}
		})
	}
}

// TestHeaders: entries that the binding declares are fields of the value.
func TestHeaders(t *testing.T) {
	c := styled(t, "misto.wsdl", "", "chiedi: {}")
	if got, want := sent(t, c, "chiedi", `{"id":1,"header":{"intestazione":{"ente":"L736"}}}`),
		` xmlns:n0="urn:misto"><soap:Header><n0:intestazione><n0:ente>L736</n0:ente></n0:intestazione></soap:Header><soap:Body><n0:chiedi><n0:id>1</n0:id></n0:chiedi></soap:Body>`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	if got, want := c.Operation("chiedi").Output.String(), `{esito: text, header: {ricevuta?: record}}`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
	const body = `<e:Envelope xmlns:e="` + soap11 + `" xmlns="urn:misto"><e:Header><altro xmlns="urn:x"/><ricevuta><numero>9</numero></ricevuta></e:Header><e:Body><rispondi><esito>ok</esito></rispondi></e:Body></e:Envelope>`
	got, f := answered(t, c, "chiedi", `{"id":1,"header":{"intestazione":{"ente":"L736"}}}`, text(200, "text/xml", body))
	if want := `{"esito":"ok","header":{"ricevuta":{"numero":9}}}`; f != nil || got != want {
		t.Errorf("got %s, %v", got, f)
	}
	got, f = answered(t, c, "chiedi", `{"id":1,"header":{"intestazione":{"ente":"L736"}}}`,
		text(200, "text/xml", strings.Replace(body, "9", "nove", 1)))
	if f == nil || f.Error() != "prova.chiedi: invalid at /header/ricevuta/numero: /header/ricevuta/numero: expected a whole number" {
		t.Errorf("got %s, %v", got, f)
	}
}

// TestOverloaded: operations that share a name are told apart by the names of their inputs.
func TestOverloaded(t *testing.T) {
	c := styled(t, "misto.wsdl", "", "uno: { operation: avvisa(avvisaPerId), effect: once }",
		"tutti: { operation: avvisa(avvisaTutti), effect: once }")
	if got, want := c.Operation("uno").Input.String()+" "+c.Operation("tutti").Input.String(),
		"{id: integer} {documento: bytes}"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	var actions []string
	caller, _ := against(t, c, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		actions = append(actions, r.Header.Get("SOAPAction"))
		w.WriteHeader(http.StatusAccepted)
	}))
	for _, x := range [][2]string{{"uno", `{"id":1}`}, {"tutti", `{"documento":"QUJD"}`}} {
		if got, err := call(t, c, caller, x[0], x[1]); err != nil || got != "null" {
			t.Errorf("%s: got %s, %v", x[0], got, err)
		}
	}
	if !slices.Equal(actions, []string{`"avvisaPerId"`, `"avvisaTutti"`}) {
		t.Errorf("got %q", actions)
	}
}

// TestAttached_refused: rows X24: what an answer refers to is attached to it, or nothing is read.
func TestAttached_refused(t *testing.T) {
	c := styled(t, "misto.wsdl", "", "carica: {}")
	const media = `multipart/related; boundary=b; type="application/xop+xml"; start="<r>"`
	message := func(href, parts string) string {
		return "--b\r\nContent-Type: application/xop+xml; charset=UTF-8; type=\"text/xml\"\r\nContent-ID: <r>\r\n\r\n" +
			`<e:Envelope xmlns:e="` + soap11 + `"><e:Body><carica xmlns="urn:misto"><nome>x</nome><contenuto>` + href +
			`</contenuto></carica></e:Body></e:Envelope>` + "\r\n" + parts + "--b--\r\n"
	}
	const part = "--b\r\nContent-ID: <p@x>\r\nContent-Transfer-Encoding: base64\r\n\r\nQUJD\r\n"
	include := func(href string) string {
		return `<x:Include xmlns:x="http://www.w3.org/2004/08/xop/include" href="` + href + `"/>`
	}
	for _, x := range []struct{ name, body, want string }{
		{"as it must be", message(include("cid:p%40x"), part), `{"nome":"x","contenuto":"QUJD"}`},
		{
			"http", message(include("http://169.254.169.254/"), part),
			"invalid at /contenuto: /contenuto: expected an attachment that came with the message",
		},
		{
			"file", message(include("file:///etc/passwd"), part),
			"invalid at /contenuto: /contenuto: expected an attachment that came with the message",
		},
		{"not there", message(include("cid:q"), part), "invalid at /contenuto: /contenuto: expected an attachment that came with the message, " +
			"found nothing of that name"},
		{"two", message(include("cid:p@x")+include("cid:p@x"), part), "invalid at /contenuto: /contenuto: expected octets, found an element"},
		{
			"both", message("QUJD"+include("cid:p@x"), part),
			"invalid at /contenuto: /contenuto: expected octets, attached or in base64, found both",
		},
		{"another element", message("<b/>", part), "invalid at /contenuto: /contenuto: expected octets, found an element"},
		{"the same name twice", message(include("cid:p@x"), part+part), "invalid: " + errMultipart.Error()},
		{"no end", strings.TrimSuffix(message(include("cid:p@x"), part), "--b--\r\n"), "invalid: " + errMultipart.Error()},
		{"no root", strings.Replace(message("", part), "<r>", "<s>", 1), "invalid: " + errMultipart.Error()},
		{
			"a root that is no XML", strings.Replace(message("", part), "application/xop+xml", "text/html", 1),
			"invalid: the answer is not SOAP by its Content-Type",
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, f := answered(t, c, "carica", `{"nome":"x","contenuto":"QUJD"}`, text(200, media, x.body))
			if f != nil {
				got = strings.TrimPrefix(f.Error(), "prova.carica: ")
			}
			if got != x.want {
				t.Errorf("got  %s\nwant %s", got, x.want)
			}
		})
	}
}

// TestMTOM_wire: what is sent is as MTOM wants it.
func TestMTOM_wire(t *testing.T) {
	c := styled(t, "misto.wsdl", "  mtom: true\n", "carica: {}")
	caller, _ := against(t, c, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		media, params, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
		if err != nil || media != "multipart/related" || params["type"] != "application/xop+xml" || params["start-info"] != "text/xml" ||
			params["start"] != "<root@fondaco>" {
			t.Errorf("Content-Type: %s", r.Header.Get("Content-Type"))
		}
		data, _ := io.ReadAll(r.Body)
		in, err := unpack(r.Header.Get("Content-Type"), data, "")
		if err != nil || len(in.parts) != 1 || strings.Contains(string(in.envelope), "QUJDQUJD") {
			t.Errorf("got %s, %v", in.envelope, err)
		}
		w.WriteHeader(http.StatusInternalServerError)
	}))
	_, _ = call(t, c, caller, "carica", `{"nome":"x","contenuto":"`+strings.Repeat("QUJD", 400)+`"}`)
}

// TestTolerant: an answer that is not as its schema says is read as far as it can be, where the connector wants it.
func TestTolerant(t *testing.T) {
	const body = `<e:Envelope xmlns:e="` + soap11 + `"><e:Body><registra xmlns="urn:altro"><luogo><altro/><via>A</via><via>B</via></luogo><soggetto xmlns:i="` + xsd.InstanceSpace + `" xmlns:m="urn:misto" i:type="m:Persona"><eta>7</eta></soggetto></registra></e:Body></e:Envelope>`
	in := `{"soggetto":[{"xsi_type":"Persona","nome":"x","eta":1}],"luogo":{"via":"x"}}`
	strict := styled(t, "misto.wsdl", "", "registra: {}")
	if _, f := answered(t, strict, "registra", in, text(200, "text/xml", body)); f == nil || f.Kind != connectors.Invalid {
		t.Errorf("got %v", f)
	}
	c := styled(t, "misto.wsdl", "  tolerant: true\n", "registra: {}")
	caller, s := against(t, c, text(200, "text/xml", body))
	v, err := caller.Call(c.Operation("registra"), c.Operation("registra").Output)
	if err != nil {
		t.Fatal(err)
	}
	got, err := v(t.Context(), input(t, c.Operation("registra"), in))
	if want := `{"soggetto":[{"xsi_type":"Persona","eta":7}],"luogo":{"xsi_type":"Luogo","via":"A"}}`; err != nil ||
		string(codec.AppendJSON(nil, got)) != want {
		t.Errorf("got %s, %v", codec.AppendJSON(nil, got), err)
	}
	if n := s.Tolerated(); n < 5 {
		t.Errorf("%d deviations were counted", n)
	}
}
