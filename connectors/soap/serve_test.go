package soap

import (
	"context"
	"encoding/base64"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"path"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/soap/wss"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// offered returns the server side of a connector whose parameters nobody must present.
func offered(t testing.TB, c *connectors.Connector, answer connectors.Answer) http.Handler {
	t.Helper()
	h, err := Protocol.Serve(c, &connectors.System{Name: "servizio", Connector: c}, answer, connectors.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	return h
}

func get(t *testing.T, h http.Handler, address string) (status int, body string) {
	t.Helper()
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, address, nil))
	return w.Code, w.Body.String()
}

// TestServe_describes takes the description from where it is served, as a caller would, with all that it names, and
// loads it: the operations are the same, and the address is the one that was asked.
func TestServe_describes(t *testing.T) {
	c := load(t, "connectors/pagopa-ente")
	h := offered(t, c, nil)
	const address = "http://comune.example/soap/pagopa"
	files := fstest.MapFS{}
	todo, done := []string{address + "?wsdl"}, map[string]bool{}
	catalog := ""
	for len(todo) > 0 {
		next := todo[0]
		todo = todo[1:]
		if done[next] {
			continue
		}
		done[next] = true
		status, text := get(t, h, next)
		if status != 200 {
			t.Fatalf("%s returns %d %s", next, status, text)
		}
		name := fmt.Sprintf("c/%d.xml", len(files))
		files[name] = &fstest.MapFile{Data: []byte(text)}
		catalog += fmt.Sprintf("    %q: %s\n", next, path.Base(name))
		for rest := text; ; {
			_, after, ok := strings.Cut(rest, `schemaLocation="`)
			if !ok {
				break
			}
			var said string
			said, rest, _ = strings.Cut(after, `"`)
			said = strings.ReplaceAll(said, "&amp;", "&")
			if u, err := url.Parse(said); err != nil || u.Host != "comune.example" || u.Path != "/soap/pagopa" {
				t.Errorf("%s names %s, which is not served here", next, said)
			}
			todo = append(todo, said)
		}
	}
	if len(done) != 3 {
		t.Errorf("the WSDL and its schemas are %d files, expected 3", len(done))
	}
	if text := string(files["c/0.xml"].Data); strings.Count(text, `location="`+address+`"`) != 1 {
		t.Errorf("the address is not in the WSDL: %s", text)
	}
	text := "connector: altrui\nversion: 1.0.0\nparams: { endpoint: { type: string } }\nsoap:\n  wsdl: 0.xml\n  endpoint: " +
		"${param.endpoint}\n  catalog:\n" + catalog + "operations:\n"
	for _, op := range c.Operations {
		text += "  " + op.Name + ": { effect: read, personal: ["
		for _, name := range op.Personal {
			text += name.Value + ", "
		}
		text += "] }\n"
	}
	files["c/connector.yaml"] = &fstest.MapFile{Data: []byte(text)}
	var out diag.List
	other := connectors.Load(files, "c", connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	for _, op := range c.Operations {
		if got := other.Operation(op.Name); !schema.Same(got.Input, op.Input) || !schema.Same(got.Output, op.Output) {
			t.Errorf("%s is described as %s → %s, expected %s → %s", op.Name, got.Input, got.Output, op.Input, op.Output)
		}
	}
}

// TestServe_documents: nothing but what the WSDL names is given out.
func TestServe_documents(t *testing.T) {
	h := offered(t, load(t, "connectors/pagopa-ente"), nil)
	for _, query := range []string{
		"", "?file=../connector.yaml", "?file=..%2F..%2F..%2Ffondaco.yaml", "?file=/etc/passwd", "?file=xsd",
		"?file=../SOURCE.txt", "?file=%00", "?xsd=1",
	} {
		if status, body := get(t, h, "http://comune.example/soap/pagopa"+query); status != 405 || !strings.Contains(body, "?wsdl") {
			t.Errorf("%q returns %d %s", query, status, body)
		}
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodPut, "http://comune.example/soap/pagopa", nil))
	if w.Code != 405 || w.Header().Get("Allow") != "GET, POST" {
		t.Errorf("PUT returns %d, Allow %q", w.Code, w.Header().Get("Allow"))
	}
}

const servedWSDL = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:s11="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:s12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t">
<types><x:schema targetNamespace="urn:t">
<x:element name="chiedi"><x:complexType><x:sequence><x:element name="n" type="x:int"/><x:element name="dati" type="x:base64Binary" minOccurs="0"/></x:sequence></x:complexType></x:element>
<x:element name="dice"><x:complexType><x:sequence><x:element name="lungo" type="x:int"/></x:sequence></x:complexType></x:element>
<x:element name="errore"><x:complexType><x:sequence><x:element name="numero" type="x:int"/></x:sequence></x:complexType></x:element>
</x:schema></types>
<message name="chiedi"><part name="p" element="t:chiedi"/></message><message name="dice"><part name="p" element="t:dice"/></message><message name="errore"><part name="p" element="t:errore"/></message>
<portType name="p"><operation name="chiedi"><input message="t:chiedi"/><output message="t:dice"/><fault name="errore" message="t:errore"/></operation></portType>
<binding name="b" type="t:p"><s11:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="chiedi"><s11:operation soapAction="urn:chiedi"/><input><s11:body use="literal"/></input><output><s11:body use="literal"/></output><fault name="errore"><s11:fault name="errore" use="literal"/></fault></operation></binding>
<binding name="b12" type="t:p"><s12:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="chiedi"><s12:operation soapAction="urn:chiedi"/><input><s12:body use="literal"/></input><output><s12:body use="literal"/></output><fault name="errore"><s12:fault name="errore" use="literal"/></fault></operation></binding>
<service name="s"><port name="p" binding="t:b"><s11:address location="http://a.example/"/></port><port name="p12" binding="t:b12"><s12:address location="http://a.example/"/></port></service>
</definitions>`

func loadServed(t testing.TB) *connectors.Connector {
	t.Helper()
	const text = "connector: c\nversion: 1.0.0\nparams: { endpoint: { type: string } }\nsoap: { wsdl: s.wsdl, endpoint: " +
		"\"${param.endpoint}\" }\noperations:\n  chiedi: { effect: read }\n"
	var out diag.List
	c := connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}, "c/s.wsdl": {Data: []byte(servedWSDL)}}, "c",
		connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	return c
}

// replied answers with the length of the data in base64, or for some numbers with faults.
func replied(_ context.Context, op *connectors.Operation, in schema.Value) (schema.Value, *connectors.SampleFault) {
	n := in.Get("n").Int()
	switch n {
	case 1:
		return schema.Value{}, &connectors.SampleFault{Code: "Client", Text: "mai sentito"}
	case 2:
		detail := schema.RecordOf(op.FaultDetail.Fields[0].Type, schema.Int(7))
		return schema.Value{}, &connectors.SampleFault{
			Code: "Client", Text: "uno & due",
			Detail: schema.MapOf(&schema.Map{Keys: []string{"errore"}, Values: []schema.Value{detail}}),
		}
	case 3:
		return schema.Value{}, &connectors.SampleFault{Code: "Server", Text: "chiuso"}
	}
	return schema.RecordOf(op.Output, schema.Int(int64(len(in.Get("dati").Str())))), nil
}

// TestServe speaks both versions on one address: the Content-Type says which, and faults are in the form and with the
// status of each.
func TestServe(t *testing.T) {
	h := offered(t, loadServed(t), replied)
	ask := func(version, n string) string {
		return `<e:Envelope xmlns:e="` + versions[version].space + `"><e:Body><t:chiedi xmlns:t="urn:t"><n>` + n +
			`</n></t:chiedi></e:Body></e:Envelope>`
	}
	headed := func(version, entries string) string {
		return strings.Replace(ask(version, "0"), "<e:Body>", "<e:Header>"+entries+"</e:Header><e:Body>", 1)
	}
	for _, x := range []struct {
		name, media, action, body string
		status                    int
		want                      string
	}{
		{"1.1", "text/xml", `"urn:chiedi"`, ask("1.1", "0"), 200, "<lungo>0</lungo>"},
		{"1.2", `application/soap+xml; action="urn:chiedi"`, "", ask("1.2", "0"), 200, "<lungo>0</lungo>"},
		{"1.2 without action", "application/soap+xml", "", ask("1.2", "0"), 200, "<lungo>0</lungo>"},
		{"the action of 1.2 is not the header of 1.1", "application/soap+xml", "urn:altro", ask("1.2", "0"), 200, "<lungo>0</lungo>"},
		{"X18 1.1", "text/xml", "urn:altro", ask("1.1", "0"), 400, "<faultcode>soap:Client</faultcode>"},
		{"X18 1.2", `application/soap+xml; action="urn:altro"`, "", ask("1.2", "0"), 400, "<soap:Value>soap:Sender</soap:Value>"},
		{"X17 1.2 as 1.1", "text/xml", "", ask("1.2", "0"), 500, "<faultcode>soap:VersionMismatch</faultcode>"},
		{"X17 1.1 as 1.2", "application/soap+xml", "", ask("1.1", "0"), 500, "<soap:Value>soap:VersionMismatch</soap:Value>"},
		{"schema 1.1", "text/xml", "", ask("1.1", "uno"), 500, "<faultcode>soap:Client</faultcode><faultstring>/n: expected"},
		{
			"schema 1.2", "application/soap+xml", "", ask("1.2", "uno"), 400,
			`<soap:Value>soap:Sender</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang="it">/n: expected`,
		},
		{
			"client's 1.1", "text/xml", "", ask("1.1", "1"), 500,
			"<faultcode>soap:Client</faultcode><faultstring>mai sentito</faultstring><detail></detail>",
		},
		{
			"client's 1.2", "application/soap+xml", "", ask("1.2", "1"), 400,
			`<soap:Value>soap:Sender</soap:Value></soap:Code><soap:Reason><soap:Text xml:lang="it">mai sentito</soap:Text></soap:Reason>`,
		},
		{
			"detail 1.1", "text/xml", "", ask("1.1", "2"), 500,
			`<faultstring>uno &amp; due</faultstring><detail><n0:errore><numero>7</numero></n0:errore></detail>`,
		},
		{"detail 1.2", "application/soap+xml", "", ask("1.2", "2"), 400, `<soap:Detail><n0:errore><numero>7</numero></n0:errore></soap:Detail>`},
		{"server's 1.1", "text/xml", "", ask("1.1", "3"), 500, "<faultcode>soap:Server</faultcode>"},
		{"server's 1.2", "application/soap+xml", "", ask("1.2", "3"), 500, "<soap:Value>soap:Receiver</soap:Value>"},
		{"no media", "", "", ask("1.1", "0"), 415, "expected the Content-Type text/xml; charset=utf-8 or application/soap+xml; charset=utf-8"},
		{
			"mandatory 1.1", "text/xml", "", headed("1.1", `<h:h xmlns:h="urn:h" e:mustUnderstand="1"/>`), 500,
			"<faultcode>soap:MustUnderstand</faultcode>",
		},
		{
			"mandatory 1.2", "application/soap+xml", "", headed("1.2",
				`<h:h xmlns:h="urn:h" e:mustUnderstand="true" e:role="http://www.w3.org/2003/05/soap-envelope/role/next"/>`), 500,
			"<soap:Value>soap:MustUnderstand</soap:Value>",
		},
		{
			"mandatory security", "text/xml", "", headed("1.1", `<h:Security xmlns:h="`+wss.SecuritySpace+`" e:mustUnderstand="1"/>`), 500,
			"<faultcode>soap:MustUnderstand</faultcode>",
		},
		{
			"mandatory for another", "text/xml", "", headed("1.1", `<h:h xmlns:h="urn:h" e:mustUnderstand="1" e:actor="urn:altro"/>`), 200,
			"<lungo>0</lungo>",
		},
		{"not mandatory", "text/xml", "", headed("1.1", `<h:h xmlns:h="urn:h" e:mustUnderstand="0"/><h:Security xmlns:h="`+wss.SecuritySpace+
			`"/>`), 200, "<lungo>0</lungo>"},
		{
			"X19 two headers", "text/xml", "", strings.Replace(headed("1.1", ""), "<e:Body>", "<e:Header/><e:Body>", 1), 500,
			"the envelope has not one Body, last",
		},
		{
			"X19 two bodies", "text/xml", "", strings.Replace(ask("1.1", "0"), "</e:Body>", "</e:Body><e:Body/>", 1), 500,
			"the envelope has not one Body, last",
		},
		{
			"X01 entity", "text/xml", "", `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>` + ask("1.1", "&x;"), 500,
			"a document type declaration, which is never read",
		},
		{"nothing", "text/xml", "", "", 500, "<faultcode>soap:Client</faultcode>"},
	} {
		t.Run(x.name, func(t *testing.T) {
			status, body := post(t, h, x.media, x.action, x.body)
			if status != x.status || !strings.Contains(body, x.want) {
				t.Errorf("got %d %s\nwant %d %s", status, body, x.status, x.want)
			}
		})
	}
}

// TestServe_large: the server in front says how large a request may be; here more than what a simulator takes goes in.
func TestServe_large(t *testing.T) {
	const n = 12 << 20 // a multiple of 3
	body := `<e:Envelope xmlns:e="` + soap11 + `"><e:Body><t:chiedi xmlns:t="urn:t"><n>0</n><dati>` +
		base64.StdEncoding.EncodeToString(make([]byte, n)) + `</dati></t:chiedi></e:Body></e:Envelope>`
	if status, got := post(t, offered(t, loadServed(t), replied), "text/xml", "", body); status != 200 ||
		!strings.Contains(got, fmt.Sprintf("<lungo>%d</lungo>", n/3*4)) {
		t.Errorf("got %d %.300s", status, got)
	}
}

// TestServe_callers: with username_token callers present its user and password, and a nonce is taken once, from those who
// know the password.
func TestServe_callers(t *testing.T) {
	c := load(t, "connectors/polizia-locale")
	w := c.Wire.(*wire)
	w.digest = true
	asked := 0
	h, err := Protocol.Serve(c, system(c, "http://127.0.0.1:1"),
		func(_ context.Context, op *connectors.Operation, _ schema.Value) (schema.Value, *connectors.SampleFault) {
			asked++
			return schema.Value{}, &connectors.SampleFault{Code: "Server", Text: "chiuso"}
		}, connectors.Deps{})
	if err != nil {
		t.Fatal(err)
	}
	o := c.Operation("elencoVerbali")
	message := func(password string) string {
		who, err := w.security(system(c, "http://127.0.0.1:1"), nil)
		if err != nil {
			t.Fatal(err)
		}
		if password != "" {
			who.Password = password
		}
		data, err := versions["1.1"].writes(o.Wire.(*op).in).append(nil, input(t, o, elenco), who.Header())
		if err != nil {
			t.Fatal(err)
		}
		return string(data)
	}
	first, second := message(""), message("")
	stolen := message("altra")
	nonce := func(s string) string {
		_, s, _ = strings.Cut(s, "<wsse:Nonce")
		s, _, _ = strings.Cut(s, "</wsse:Nonce>")
		return s
	}
	taken := nonce(first)
	_, taken, _ = strings.Cut(taken, ">")
	// again is the first message with its nonce written otherwise, and another fiscal code in the body.
	again := func(nonce string) string {
		return strings.Replace(strings.Replace(first, taken, nonce, 1), "RSSMRA80A01L736U", "VRDLGU80A01L736X", 1)
	}
	bits := map[byte]string{'A': "B", 'Q': "R", 'g': "h", 'w': "x"}[taken[21]]
	for _, x := range []struct {
		name, body, want string
		asked            int
	}{
		{"right", first, "<faultstring>chiuso</faultstring>", 1},
		{"the same again", first, "FailedAuthentication", 1},
		{"a stranger with the nonce of another", strings.Replace(stolen, nonce(stolen), nonce(second), 1), "FailedAuthentication", 1},
		{"that other", second, "<faultstring>chiuso</faultstring>", 2},
		{"wrong password", message("altra"), "<faultstring>unknown caller</faultstring>", 2},
		{"another body", again(taken), "FailedAuthentication", 2},
		{"other unused bits", again(taken[:21] + bits + taken[22:]), "FailedAuthentication", 2},
		{"a newline", again(taken[:5] + "\n" + taken[5:]), "FailedAuthentication", 2},
		{"a newline after it", again(taken + "\n"), "FailedAuthentication", 2},
		{"a carriage return", again(taken[:5] + "&#13;" + taken[5:]), "FailedAuthentication", 2},
		{"blanks", again(" \t" + taken[:9] + "  " + taken[9:]), "FailedAuthentication", 2},
		{"a reference to a character", again(fmt.Sprintf("&#%d;", taken[0]) + taken[1:]), "FailedAuthentication", 2},
		{"CDATA", again("<![CDATA[" + taken + "]]>"), "FailedAuthentication", 2},
		{"a comment", again(taken[:3] + "<!-- -->" + taken[3:]), "FailedAuthentication", 2},
		{"no padding", again(strings.TrimRight(taken, "=")), "FailedAuthentication", 2},
		{"the alphabet of URLs", again(strings.NewReplacer("+", "-", "/", "_").Replace(taken)), "FailedAuthentication", 2},
		{"no nonce", again(""), "FailedAuthentication", 2},
		{
			"nobody", envelope11(`<v:ElencoVerbali><v:codiceFiscale>RSSMRA80A01L736U</v:codiceFiscale></v:ElencoVerbali>`), "FailedAuthentication",
			2,
		},
	} {
		if _, body := post(t, h, "text/xml", "", x.body); !strings.Contains(body, x.want) || asked != x.asked {
			t.Errorf("%s: got %s, asked %d times", x.name, body, asked)
		}
	}
}

// FuzzServe looks for a request that makes the service panic, or answer a fault that is not well-formed.
func FuzzServe(f *testing.F) {
	for _, version := range []string{"1.1", "1.2"} {
		for _, n := range []string{"0", "1", "2", "3", "uno", ""} {
			f.Add(versions[version].media, "urn:chiedi", `<e:Envelope xmlns:e="`+versions[version].space+`"><e:Body><t:chiedi xmlns:t="urn:t"><n>`+n+
				`</n></t:chiedi></e:Body></e:Envelope>`)
		}
	}
	f.Add(`multipart/related; type="application/xop+xml"; boundary=b`, "", "--b\r\nContent-Type: application/xop+xml\r\n\r\n<a/>\r\n--b--")
	h := offered(f, loadServed(f), replied)
	f.Fuzz(func(t *testing.T, media, action, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", media)
		r.Header.Set("SOAPAction", action)
		w := httptest.NewRecorder()
		h.ServeHTTP(w, r)
		if w.Code == http.StatusUnsupportedMediaType {
			return
		}
		if w.Code != 200 && w.Code != 400 && w.Code != 500 {
			t.Errorf("the status is %d", w.Code)
		}
		scan := codec.NewXMLScanner(w.Body.Bytes(), codec.XMLOptions{})
		for {
			kind, err := scan.Next()
			if err != nil {
				t.Fatalf("the answer is not well-formed: %v: %s", err, w.Body)
			}
			if kind == codec.XMLEOF {
				return
			}
		}
	})
}

// BenchmarkServe is one small request, from its bytes to those of the answer.
func BenchmarkServe(b *testing.B) {
	h := offered(b, loadServed(b), replied)
	body := `<e:Envelope xmlns:e="` + soap11 + `"><e:Body><t:chiedi xmlns:t="urn:t"><n>0</n><dati>aGVsbG8=</dati></t:chiedi></e:Body></e:Envelope>`
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "text/xml")
		w := httptest.NewRecorder()
		if h.ServeHTTP(w, r); w.Code != 200 {
			b.Fatal(w.Code, w.Body)
		}
	}
}
