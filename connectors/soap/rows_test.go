package soap

import (
	"io"
	"net/http"
	"strings"
	"testing"

	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
	"fondaco/transform/codec"
)

const tns = "http://polizialocale.comune.example/verbali"

// envelope11 puts a body into an envelope of SOAP 1.1.
func envelope11(body string) string {
	return `<?xml version="1.0" encoding="UTF-8"?><s:Envelope xmlns:s="` + soap11 + `" xmlns:xsi="` + xsd.InstanceSpace + `" xmlns:xsd="` +
		xsd.Space + `" xmlns:v="` + tns + `"><s:Header/><s:Body>` + body + `</s:Body></s:Envelope>`
}

// answered says what a call makes of an answer of the service.
func answered(t *testing.T, c *connectors.Connector, name, in string, h http.HandlerFunc) (string, *connectors.Fault) {
	t.Helper()
	caller, _ := against(t, c, h)
	got, err := call(t, c, caller, name, in)
	f := connectors.AsFault(err)
	if err != nil && f == nil {
		t.Errorf("the error is no fault: %v", err)
	}
	return got, f
}

func text(status int, media, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", media)
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const (
	elenco    = `{"codiceFiscale":"RSSMRA80A01L736U"}`
	esito     = `<v:esito><v:codice>0</v:codice></v:esito>`
	verbale   = `<v:verbale><v:numeroVerbale>1</v:numeroVerbale><v:dataAccertamento>2025-01-01T00:00:00</v:dataAccertamento><v:articolo>7</v:articolo><v:importo>42.00</v:importo><v:stato>aperto</v:stato></v:verbale>`
	verbaleIs = `{"numeroVerbale":"1","dataAccertamento":"2025-01-01T00:00:00+01:00","articolo":"7","importo":42.00,"stato":"aperto"}`
)

func response(inside string) string {
	return envelope11("<v:ElencoVerbaliResponse>" + inside + "</v:ElencoVerbaliResponse>")
}

// TestAnswers are the rows of bad and odd answers: X01 to X16, X25, X27, X30 of the catalogue.
func TestAnswers(t *testing.T) {
	c := load(t, "connectors/polizia-locale")
	const xml = "text/xml; charset=utf-8"
	deep := strings.Repeat("<a>", 70) + strings.Repeat("</a>", 70)
	for _, x := range []struct {
		name   string
		status int
		media  string
		body   string
		want   string // the value, or the fault
	}{
		{"good", 200, xml, response(esito + verbale), `{"esito":{"codice":"0"},"verbale":[` + verbaleIs + `]}`},
		{"X01 external entity", 200, xml, `<!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]>` +
			response(`<v:esito><v:codice>&x;</v:codice></v:esito>`), "invalid: at byte 0: a document type declaration, which is never read"},
		{
			"X03 laughs", 200, xml, `<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol2 "&lol;&lol;">]><lolz>&lol2;</lolz>`,
			"invalid: at byte 0: a document type declaration, which is never read",
		},
		{
			"X05 XInclude", 200, xml, response(`<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="http://127.0.0.1:1/x"/>` + esito),
			`{"esito":{"codice":"0"},"verbale":[]}`,
		},
		{"X06 depth", 200, xml, response(esito + "<x>" + deep + "</x>"), "invalid: at byte 523: nested deeper than 64"},
		{"X08 after the root", 200, xml, response(esito) + "<a/>", "invalid: at byte 388: a second root element"},
		{"X09 twice", 200, xml, response(esito + esito), "invalid at /esito: /esito: expected the element once"},
		{
			"X10 namespace", 200, xml, response(`<w:esito xmlns:w="urn:w"><w:codice>0</w:codice></w:esito>`),
			"invalid at /esito: /esito: expected the element in the namespace " + tns,
		},
		{"X10 no namespace", 200, xml, response(`<esito/>`), "invalid at /esito: /esito: expected the element in the namespace " + tns},
		{
			"X10 inside", 200, xml, response(`<v:esito><codice>0</codice></v:esito>`),
			"invalid at /esito/codice: /esito/codice: expected the element in the namespace " + tns,
		},
		{"order", 200, xml, response(verbale + esito), "invalid at /verbale: /verbale: expected the element elsewhere: here comes esito"},
		{
			"missing", 200, xml, response(esito + `<v:verbale><v:numeroVerbale>1</v:numeroVerbale></v:verbale>`),
			"invalid at /verbale/0/dataAccertamento: /verbale/0/dataAccertamento: expected a datetime, found nothing",
		},
		{
			"missing in the second", 200, xml, response(esito + verbale + `<v:verbale/>`),
			"invalid at /verbale/1/numeroVerbale: /verbale/1/numeroVerbale: expected text, found nothing",
		},
		{"unknown is passed over", 200, xml, response(esito + `<v:nuovo><a/></v:nuovo>` + verbale), `{"esito":{"codice":"0"},"verbale":[` +
			verbaleIs + `]}`},
		{"X12 comment", 200, xml, response(`<v:esito><v:codice>4<!-- -->04</v:codice></v:esito>`), "not-found"},
		{"X12 CDATA", 200, xml, response(`<v:esito><v:codice><![CDATA[0]]></v:codice><v:descrizione>a<![CDATA[<b>]]>&amp;c</v:descrizione></v:esito>`), `{"esito":{"codice":"0","descrizione":"a<b>&c"},"verbale":[]}`},
		{
			"X13 NUL", 200, xml, response(`<v:esito><v:codice>&#0;</v:codice></v:esito>`),
			"invalid: at byte 318: a reference to a character that XML does not have",
		},
		// the Content-Type decides (RFC 7303)
		{"X14 encoding", 200, xml, strings.Replace(response(esito), "UTF-8", "UTF-7", 1), `{"esito":{"codice":"0"},"verbale":[]}`},
		{"X14 UTF-7", 200, "text/xml", strings.Replace(response(esito), "UTF-8", "UTF-7", 1), "invalid: the charset utf-7 is not supported"},
		{"X14 Latin-1", 200, "text/xml", strings.Replace(response("<v:esito><v:codice>0</v:codice><v:descrizione>citt\xe0</v:descrizione></v:esito>"), "UTF-8", "ISO-8859-1", 1), `{"esito":{"codice":"0","descrizione":"città"},"verbale":[]}`},
		{"X15 HTML", 200, "text/html", "<html><body>Login</body></html>", "invalid: the answer is not SOAP by its Content-Type"},
		{"X15 HTML as XML", 200, xml, "<html><body>Login</body></html>", "invalid: the message is not a SOAP envelope"},
		{"HTML of a proxy", 502, "text/html", "<html>", "unavailable: HTTP status 502"},
		{
			"X16 fault with 200", 200, xml, envelope11(`<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault>`),
			"refused: SOAP fault Client",
		},
		{
			"X16 fault with 500", 500, xml, envelope11(`<s:Fault><faultcode>s:Server</faultcode><faultstring>no</faultstring></s:Fault>`),
			"unavailable: SOAP fault Server",
		},
		{"X16 declared fault", 500, xml, envelope11(`<s:Fault><faultcode>s:Server.Dati</faultcode><faultstring>no</faultstring><detail><v:ErroreServizio><v:codice>7</v:codice><v:messaggio>m</v:messaggio></v:ErroreServizio></detail></s:Fault>`), "refused: SOAP fault Server/Dati"},
		{"X16 answer with 500", 500, xml, response(esito), "unavailable: HTTP status 500"},
		{
			"X17 other version", 200, xml, strings.Replace(response(esito), soap11, soap12, 1),
			"invalid: the envelope is of another version of SOAP",
		},
		{
			"X19 two bodies", 200, xml, strings.Replace(response(esito), "</s:Envelope>", "<s:Body/></s:Envelope>", 1),
			"invalid: the envelope has not one Body, last",
		},
		{"X19 no body", 200, xml, `<s:Envelope xmlns:s="` + soap11 + `"/>`, "invalid: the envelope has not one Body, last"},
		{
			"X19 two headers", 200, xml, strings.Replace(response(esito), "<s:Header/>", "<s:Header/><s:Header/>", 1),
			"invalid: the envelope has not one Body, last",
		},
		{
			"two elements in the body", 200, xml, envelope11("<v:ElencoVerbaliResponse>" + esito + "</v:ElencoVerbaliResponse><v:a/>"),
			"invalid: the envelope has not one Body, last",
		},
		{
			"another element", 200, xml, envelope11("<v:DettaglioVerbaleResponse/>"),
			"invalid: the Body holds another element than the operation's",
		},
		{"empty body", 200, xml, envelope11(""), "invalid: the Body holds another element than the operation's"},
		{
			"X24 MTOM", 200, `multipart/related; boundary=b; type="application/xop+xml"`, "--b\r\n",
			"invalid: the message's parts cannot be separated",
		},
		{"X25 truncated", 200, xml, response(esito)[:310], "invalid: at byte 310: the tag does not end"},
		{
			"X27 nil", 200, xml, response(esito + strings.Replace(verbale, "</v:verbale>", `<v:iuv xsi:nil="true"/></v:verbale>`, 1)),
			`{"esito":{"codice":"0"},"verbale":[` + strings.Replace(verbaleIs, "}", `,"iuv":null}`, 1) + `]}`,
		},
		{
			"X27 nil where it may not be", 200, xml, response(`<v:esito xsi:nil="true"/>`),
			"invalid at /esito: /esito: expected a record, found null",
		},
		{
			"X27 nil with content", 200, xml, response(esito +
				strings.Replace(verbale, "</v:verbale>", `<v:iuv xsi:nil="1">x</v:iuv></v:verbale>`, 1)),
			"invalid at /verbale/0/iuv: /verbale/0/iuv: expected nothing, as xsi:nil says",
		},
		{
			"X27 derived type", 200, xml, response(esito + strings.Replace(verbale, "<v:verbale>", `<v:verbale xsi:type="v:VerbaleCompleto">`, 1)),
			`{"esito":{"codice":"0"},"verbale":[` + verbaleIs + `]}`,
		},
		{
			"X27 other type", 200, xml, response(esito + strings.Replace(verbale, "<v:verbale>", `<v:verbale xsi:type="v:Esito">`, 1)),
			"invalid at /verbale/0: /verbale/0: expected the type of the schema, and no other by xsi:type",
		},
		{
			"X27 same type", 200, xml, response(esito + strings.Replace(verbale, "<v:verbale>", `<v:verbale xsi:type="v:Verbale">`, 1)),
			`{"esito":{"codice":"0"},"verbale":[` + verbaleIs + `]}`,
		},
		{
			"X30 exponent", 200, xml, response(esito + strings.Replace(verbale, "42.00", "1E2", 1)),
			"invalid at /verbale/0/importo: /verbale/0/importo: expected a decimal number, as -12.50",
		},
		{"X30 sign", 200, xml, response(esito + strings.Replace(verbale, "42.00", "+1", 1)), `{"esito":{"codice":"0"},"verbale":[` +
			strings.Replace(verbaleIs, "42.00", "1", 1) + `]}`},
		{"X30 blanks", 200, xml, response(esito + strings.Replace(verbale, "42.00", "\n 1.5 ", 1)), `{"esito":{"codice":"0"},"verbale":[` +
			strings.Replace(verbaleIs, "42.00", "1.5", 1) + `]}`},
		{
			"X30 comma", 200, xml, response(esito + strings.Replace(verbale, "42.00", "1,50", 1)),
			"invalid at /verbale/0/importo: /verbale/0/importo: expected a decimal number, as -12.50",
		},
		{
			"X30 empty", 200, xml, response(esito + strings.Replace(verbale, "42.00", "", 1)),
			"invalid at /verbale/0/importo: /verbale/0/importo: expected a decimal number, as -12.50",
		},
		{
			"three digits", 200, xml, response(esito + strings.Replace(verbale, "42.00", "1.505", 1)),
			"invalid at /verbale/0/importo: /verbale/0/importo: expected at most 2 digits after the point",
		},
		{
			"not one of", 200, xml, response(esito + strings.Replace(verbale, "aperto", "chiuso", 1)),
			`invalid at /verbale/0/stato: /verbale/0/stato: expected "aperto" or "pagato" or "ricorso" or "archiviato"`,
		},
		{
			"no date", 200, xml, response(esito + strings.Replace(verbale, "2025-01-01T", "2025-02-30T", 1)),
			"invalid at /verbale/0/dataAccertamento: /verbale/0/dataAccertamento: expected a date and time, as 2026-01-31T09:00:00+01:00",
		},
		{"text among elements", 200, xml, response("x" + esito), "invalid: expected elements, found text"},
		{
			"element in a text", 200, xml, response(`<v:esito><v:codice><a/></v:codice></v:esito>`),
			"invalid at /esito/codice: /esito/codice: expected text, found an element",
		},
		{"not authorised", 401, xml, "", "unavailable: HTTP status 401"},
	} {
		t.Run(x.name, func(t *testing.T) {
			got, f := answered(t, c, "elencoVerbali", elenco, text(x.status, x.media, x.body))
			if f != nil {
				got = strings.TrimPrefix(f.Error(), "prova.elencoVerbali: ")
			}
			if got != x.want {
				t.Errorf("got  %s\nwant %s", got, x.want)
			}
		})
	}
}

// A value never becomes markup: rows X28 and X29.
func TestRequest_injection(t *testing.T) {
	c := load(t, "connectors/polizia-locale")
	o := c.Operation("dettaglioVerbale")
	for _, evil := range []string{`' or 1=1 or '`, `]]><v:x/>`, `</v:numeroVerbale><v:codiceFiscale>X`, "a&b<c>\"d\r\n\te", `&#60;`, "è€😀"} {
		in := schema.RecordOf(o.Input, schema.Text(evil), schema.Text("RSSMRA80A01L736U"))
		var got schema.Value
		h, err := played(c, simulate.New(nil, nil))
		if err != nil {
			t.Fatal(err)
		}
		sim := h.(*service).sides[0]
		data, err := versions["1.1"].writes(o.Wire.(*op).in).append(nil, in, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range sim.endpoints {
			if e.operation == o {
				got, _, err = e.request.read(data, true, nil)
			}
		}
		if err != nil || got.Get("numeroVerbale").Str() != evil {
			t.Errorf("%q came as %q, %v", evil, got.Get("numeroVerbale").Str(), err)
		}
	}
	caller, _ := serve(t, c)
	f, err := caller.Call(o, o.Output)
	if err != nil {
		t.Fatal(err)
	}
	_, err = f(t.Context(), schema.RecordOf(o.Input, schema.Text("a\x00b"), schema.Text("RSSMRA80A01L736U")))
	if err == nil || err.Error() != "prova.dettaglioVerbale: refused at /numeroVerbale: /numeroVerbale: expected text without control "+
		"characters: XML cannot hold them" || connectors.AsFault(err).Sent {
		t.Errorf("got %v", err)
	}
	_, err = f(t.Context(), schema.RecordOf(o.Input, schema.Value{}, schema.Text("RSSMRA80A01L736U")))
	if err == nil || err.Error() != "prova.dettaglioVerbale: refused at /numeroVerbale: /numeroVerbale: expected text, found nothing" {
		t.Errorf("got %v", err)
	}
}

// What a route does not want is passed over: a wrong value there does not harm, a wrong order does.
func TestCall_pruned(t *testing.T) {
	c := load(t, "connectors/polizia-locale")
	o := c.Operation("elencoVerbali")
	use := &schema.Use{}
	o.Reads(use)
	use.Field("verbale").Elem().Field("stato").All()
	want := schema.Prune(o.Output, use)
	caller, _ := against(t, c, text(200, "text/xml", response(esito+strings.Replace(verbale, "42.00", "1,50", 1))))
	f, err := caller.Call(o, want)
	if err != nil {
		t.Fatal(err)
	}
	v, err := f(t.Context(), input(t, o, elenco))
	if got := string(codec.AppendJSON(nil, v)); err != nil || got != `{"esito":{"codice":"0"},"verbale":[{"stato":"aperto"}]}` {
		t.Errorf("got %s, %v", got, err)
	}
}
