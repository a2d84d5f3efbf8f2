package soap

import (
	"context"
	"strings"
	"testing"

	"fondaco/connectors"
	"fondaco/connectors/soap/wss"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
)

// TestNotFound: where a service is not found it is not there. That is never the answer that there is no data.
func TestNotFound(t *testing.T) {
	c := wired(t, encodedTypes, "")
	for status, want := range map[int]string{404: "unavailable: HTTP status 404", 410: "unavailable: HTTP status 410"} {
		if got, _ := read(t, c, `{"b":"x"}`, text(status, "text/html", "<html>not here</html>")); got != want {
			t.Errorf("found %s, expected %s", got, want)
		}
	}
	fault := envelope11(`<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault>`)
	if got, _ := read(t, c, `{"b":"x"}`, text(404, "text/xml", fault)); got != "refused: SOAP fault Client" {
		t.Errorf("a fault with 404: found %s", got)
	}
}

// headedWSDL has an operation whose binding declares two header entries, as that of Salesforce's login declares four.
const headedWSDL = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="` +
	xsd.Space + `" xmlns:t="urn:t" targetNamespace="urn:t">` +
	`<types><x:schema targetNamespace="urn:t" elementFormDefault="qualified"><x:element name="a"><x:complexType><x:sequence><x:element name="b" type="x:string"/></x:sequence></x:complexType></x:element>` +
	`<x:element name="Session"><x:complexType><x:sequence><x:element name="id" type="x:string"/></x:sequence></x:complexType></x:element><x:element name="Locale" type="x:string"/></x:schema></types>` +
	`<message name="m"><part name="p" element="t:a"/></message><message name="h"><part name="s" element="t:Session"/><part name="l" element="t:Locale"/></message>` +
	`<portType name="p"><operation name="op"><input message="t:m"/><output message="t:m"/></operation></portType>` +
	`<binding name="b" type="t:p"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="op"><soap:operation soapAction="urn:op"/>` +
	`<input><soap:header message="t:h" part="s" use="literal"/><soap:header message="t:h" part="l" use="literal"/><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>` +
	`<service name="s"><port name="p" binding="t:b"><soap:address location="http://127.0.0.1/"/></port></service></definitions>`

// TestHeaders_optional: what a binding declares for headers may be left out, by a caller and by those who call a service, unless
// the connector asks for it.
func TestHeaders_optional(t *testing.T) {
	c, problems := loadWSDL(headedWSDL, "", "op: { effect: read }")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got, want := c.Operation("op").Input.String(), "{b: text, header?: {Session?: record, Locale?: text}}"; got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
	if got := sent(t, c, "op", `{"b":"x"}`); strings.Contains(got, "Header") {
		t.Errorf("found %s", got)
	}
	if got := sent(t, c, "op", `{"b":"x","header":{"Locale":"it"}}`); !strings.Contains(got,
		"<soap:Header><n0:Locale>it</n0:Locale></soap:Header>") {
		t.Errorf("found %s", got)
	}
	if got := echoed(t, c, "text/xml", bodied("<b>x</b>")); got != "<b>x</b>" {
		t.Errorf("served: found %s", got)
	}
	c, problems = loadWSDL(headedWSDL, "", "op: { effect: read, required_headers: [Session] }")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got, want := c.Operation("op").Input.String(), "{b: text, header: {Session: record, Locale?: text}}"; got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
	if got, want := echoed(t, c, "text/xml", bodied("<b>x</b>")), "/header/Session: expected a record, found nothing"; got != want {
		t.Errorf("served: found %s, expected %s", got, want)
	}
	headed := strings.Replace(bodied("<b>x</b>"), "<s:Body>", `<s:Header><Session xmlns="urn:t"><id>1</id></Session></s:Header><s:Body>`, 1)
	if got := echoed(t, c, "text/xml", headed); got != "<b>x</b>" {
		t.Errorf("served: found %s", got)
	}
	_, problems = loadWSDL(headedWSDL, "", "op: { required_headers: [Sesion] }")
	if len(problems) != 1 || !strings.Contains(problems[0].Message, `declares no header entry "Sesion"`) ||
		!strings.Contains(problems[0].Message+problems[0].Hint, "Session") {
		t.Errorf("found %v", problems)
	}
}

// TestReturnOfAnyName: in SOAP encoding the name of the return value says nothing (SOAP 1.1 §7.1).
func TestReturnOfAnyName(t *testing.T) {
	c := styled(t, "docarea.wsdl", "", "Login: {}", "Elenco: {}")
	const begin = `<e:Envelope xmlns:e="` + soap11 + `"><e:Body><r>`
	const end = `</r></e:Body></e:Envelope>`
	for body, want := range map[string]string{
		`<LoginResult><strDST>T1</strDST><IngErrNumber>0</IngErrNumber></LoginResult>`: `{"return":{"strDST":"T1","IngErrNumber":0}}`,
		`<return><strDST>T1</strDST></return>`:                                         `{"return":{"strDST":"T1"}}`,
	} {
		got, f := answered(t, c, "Login", `{"CodiceEnte":"L736","Username":"dime","UserPassword":"p"}`, text(200, "text/xml", begin+body+end))
		if f != nil || got != want {
			t.Errorf("found %s, %v; expected %s", got, f, want)
		}
	}
	got, f := answered(t, c, "Elenco", elencoIs, text(200, "text/xml", begin+`<result><item><nome>a</nome></item></result><nota>x</nota>`+end))
	if want := `{"allegati":[{"nome":"a"}],"righe":[],"nota":"x"}`; f != nil || got != want {
		t.Errorf("found %s, %v; expected %s", got, f, want)
	}
}

// TestFixed: what a schema fixes is filled in, sent, and held to, in both directions.
func TestFixed(t *testing.T) {
	types := complexA(`<x:sequence><x:element name="v" type="x:decimal" fixed="1.0"/><x:choice minOccurs="0"><x:element name="c" type="x:int"/><x:element name="d" type="x:int" fixed="7"/></x:choice></x:sequence><x:attribute name="at" type="x:string" fixed="IT" use="required"/><x:attribute name="o" type="x:int" fixed="3"/>`)
	c := wired(t, types, "")
	if got, want := sent(t, c, "op", `{}`), ` xmlns:n0="urn:t"><soap:Body><n0:a at="IT"><n0:v>1.0</n0:v></n0:a></soap:Body>`; got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
	for in, want := range map[string]string{
		`{"v":1.00,"d":7}`:  `<n0:v>1.00</n0:v><n0:d>7</n0:d></n0:a>`,
		`{"v":2}`:           `error: /v: expected the value that the schema fixes: "1.0"`,
		`{"v":1,"d":8}`:     `error: /d: expected the value that the schema fixes: "7"`,
		`{"v":1,"at":"FR"}`: `error: /at: expected the value that the schema fixes: "IT"`,
		`{"v":1,"o":4}`:     `error: /o: expected the value that the schema fixes: "3"`,
	} {
		if got := sent(t, c, "op", in); !strings.HasPrefix(got, want) && !strings.Contains(got, want) {
			t.Errorf("%s: found %s, expected %s", in, got, want)
		}
	}
	message := func(attribute, inside string) string {
		return strings.Replace(bodied(inside), `xmlns="urn:t"`, `xmlns="urn:t" `+attribute, 1)
	}
	for _, x := range []struct{ message, want string }{
		{message(`at="IT"`, `<v>1</v>`), `{"v":1,"at":"IT","o":3}`},
		{message(`at="IT"`, `<v/>`), `{"v":1.0,"at":"IT","o":3}`},
		{message(`at="IT"`, `<v>2</v>`), `invalid at /v: /v: expected the value that the schema fixes: "1.0"`},
		{message(`at="FR"`, `<v>1</v>`), `invalid at /at: /at: expected the value that the schema fixes: "IT"`},
	} {
		if got, _ := read(t, c, `{}`, text(200, "text/xml", x.message)); got != x.want {
			t.Errorf("found %s, expected %s", got, x.want)
		}
	}
	if got, want := echoed(t, c, "text/xml", message(`at="FR"`, `<v>1</v>`)),
		`/at: expected the value that the schema fixes: "IT"`; got != want {
		t.Errorf("served: found %s, expected %s", got, want)
	}
}

// TestWrittenForms: what XML Schema has no form for is refused before it is sent, with its place; samples can be sent.
func TestWrittenForms(t *testing.T) {
	for _, x := range []struct{ of, good, bad string }{
		{"ID", "A1", "1A"},
		{"ID", "_x.y-z", "a:b"},
		{"IDREF", "è", "a b"},
		{"NCName", "n1", ""},
		{"Name", "a:b", "-a"},
		{"NMTOKEN", "-1", "a b c"},
		{"QName", "b", "x y"},
		{"QName", "b", ":b"},
		{"QName", "b", "a:b"},
		{"QName", "b", "{urn:x}"},
		{"QName", "b", "{}b"},
		{"language", "it-IT", "italiano_it"},
		{"gYear", "2026", "26"},
		{"gYear", "-0044+01:00", "2026-01"},
		{"gYearMonth", "2026-12Z", "2026-13"},
		{"gMonth", "--02", "02"},
		{"gMonthDay", "--02-29", "--02-30"},
		{"gDay", "---31", "31"},
		{"duration", "P1Y2M3DT4H5M6.7S", "P2W"},
		{"dateTime", "2026-01-31T10:00:00+14:00", "2026-01-31T10:00:00+14:30"},
		{"time", "23:59:59", "23:59:60"},
	} {
		for _, attribute := range []bool{false, true} {
			types := complexA(`<x:sequence><x:element name="b" type="x:` + x.of + `"/></x:sequence>`)
			if attribute {
				types = complexA(`<x:attribute name="b" type="x:` + x.of + `" use="required"/>`)
			}
			c := wired(t, types, "")
			if got := sent(t, c, "op", `{"b":"`+x.good+`"}`); strings.HasPrefix(got, "error") || !strings.Contains(got, x.good) {
				t.Errorf("%s: found %s", x.of, got)
			}
			if got := sent(t, c, "op", `{"b":"`+x.bad+`"}`); !strings.HasPrefix(got, "error: /b: expected ") {
				t.Errorf("%s: found %s", x.of, got)
			}
			if _, ok := sample(c.Operation("op")); !ok {
				t.Errorf("%s: no sample", x.of)
			}
		}
	}
	// who writes otherwise is read all the same
	c := wired(t, complexA(`<x:sequence><x:element name="b" type="x:ID"/></x:sequence>`), "")
	if got, _ := read(t, c, `{"b":"x"}`, text(200, "text/xml", bodied("<b>1A</b>"))); got != `{"b":"1A"}` {
		t.Errorf("found %s", got)
	}
}

// TestMediaType: parameters without the quotes that they need are read, and one that stands twice is not.
func TestMediaType(t *testing.T) {
	c := wired(t, encodedTypes, "")
	message := "------=_Part_1.2\r\nContent-Type: text/xml; charset=utf-8\r\nContent-Id: <root>\r\n\r\n" + bodied("<b>x</b>") +
		"\r\n------=_Part_1.2--\r\n"
	for media, want := range map[string]string{
		`multipart/related; boundary=----=_Part_1.2; type=text/xml; start=<root>`: `{"b":"x"}`,
		`Multipart/Related; type="text/xml"; boundary=----=_Part_1.2`:             `{"b":"x"}`,
		`multipart/related; boundary="----=_Part_1.2"; type="text/xml"`:           `{"b":"x"}`,
		`multipart/related; boundary=----=_Part_1.2; type=text/xml; boundary=x`:   "invalid: the answer is not SOAP by its Content-Type",
		`multipart/related; type=text/xml; boundary="----=_Part_1.2`:              "invalid: the answer is not SOAP by its Content-Type",
	} {
		if got, _ := read(t, c, `{"b":"x"}`, text(200, media, message)); got != want {
			t.Errorf("%s: found %s, expected %s", media, got, want)
		}
		served := echoed(t, c, media, message)
		if strings.HasPrefix(want, "{") && served != "<b>x</b>" {
			t.Errorf("%s: served: found %s", media, served)
		}
	}
}

// TestFault_otherVersion: who does not speak our version of SOAP says so in his own; an answer in it is no answer.
func TestFault_otherVersion(t *testing.T) {
	c := wired(t, encodedTypes, "")
	fault12 := `<s:Envelope xmlns:s="` + soap12 + `"><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code><s:Reason><s:Text xml:lang="it">no</s:Text></s:Reason></s:Fault></s:Body></s:Envelope>`
	for _, x := range []struct{ media, body, want string }{
		{"application/soap+xml", fault12, "refused: SOAP fault Sender"},
		{"application/soap+xml", strings.Replace(fault12, "s:Sender", "s:VersionMismatch", 1), "invalid: SOAP fault VersionMismatch"},
		{"application/soap+xml", strings.Replace(fault12, "s:Sender", "s:Receiver", 1), "unavailable: SOAP fault Receiver"},
	} {
		if got, _ := read(t, c, `{"b":"x"}`, text(500, x.media, x.body)); got != x.want {
			t.Errorf("found %s, expected %s", got, x.want)
		}
	}
	other := strings.Replace(bodied("<b>x</b>"), soap11, soap12, 1)
	if got, _ := read(t, c, `{"b":"x"}`, text(200, "application/soap+xml", other)); got != "invalid: "+errVersion.Error() {
		t.Errorf("an answer: found %s", got)
	}
}

// TestVersionMismatch: an envelope of a version that is not supported gets that fault, in a version that is, with those that are.
func TestVersionMismatch(t *testing.T) {
	c := wired(t, encodedTypes, "")
	h := offered(t, c, func(context.Context, *connectors.Operation, schema.Value) (schema.Value, *connectors.SampleFault) {
		return schema.Null, nil
	})
	for _, space := range []string{soap12, "urn:soap2"} {
		for _, media := range []string{"text/xml", "application/soap+xml"} {
			status, answer := post(t, h, media, "", strings.Replace(bodied("<b>x</b>"), soap11, space, 1))
			if status != 500 || !strings.Contains(answer, "<faultcode>soap:VersionMismatch</faultcode>") ||
				!strings.Contains(answer, `<soap:Header><u:Upgrade xmlns:u="`+soap12+`"><u:SupportedEnvelope qname="q:Envelope" xmlns:q="`+soap11+
					`"/></u:Upgrade></soap:Header>`) {
				t.Errorf("%s as %s: found %d %s", space, media, status, answer)
			}
		}
	}
}

// TestMandatoryAnswer: an answer with a header entry that must be understood, and is not, is not understood.
func TestMandatoryAnswer(t *testing.T) {
	headed := func(entry string) string {
		return strings.Replace(bodied("<b>x</b>"), "<s:Body>", "<s:Header>"+entry+"</s:Header><s:Body>", 1)
	}
	strict, tolerant := wired(t, encodedTypes, ""), wired(t, encodedTypes, "  tolerant: true\n")
	stamped := wired(t, encodedTypes, "  timestamp: true\n")
	const good, bad = `{"b":"x"}`, "invalid: a header entry that must be understood is not: "
	for _, x := range []struct {
		c           *connectors.Connector
		entry, want string
		counted     int64
	}{
		{strict, `<q:Quota xmlns:q="urn:q">1</q:Quota>`, good, 0},
		{strict, `<q:Quota xmlns:q="urn:q" s:mustUnderstand="0">1</q:Quota>`, good, 0},
		{strict, `<q:Quota xmlns:q="urn:q" s:mustUnderstand="1">1</q:Quota>`, bad + "Quota", 0},
		{strict, `<q:Quota xmlns:q="urn:q" s:mustUnderstand="1" s:actor="urn:proxy">1</q:Quota>`, good, 0},
		{tolerant, `<q:Quota xmlns:q="urn:q" s:mustUnderstand="1">1</q:Quota>`, good, 1},
		{strict, `<w:Security xmlns:w="` + wss.SecuritySpace + `" s:mustUnderstand="1"/>`, bad + "Security", 0},
		{stamped, `<w:Security xmlns:w="` + wss.SecuritySpace + `" s:mustUnderstand="1"/>`, good, 0},
	} {
		if got, n := read(t, x.c, good, text(200, "text/xml", headed(x.entry))); got != x.want || n != x.counted {
			t.Errorf("%s: found %s, counted %d; expected %s, %d", x.entry, got, n, x.want, x.counted)
		}
	}
	fault := strings.Replace(headed(`<q:Quota xmlns:q="urn:q" s:mustUnderstand="1">1</q:Quota>`), `<a xmlns="urn:t"><b>x</b></a>`,
		`<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault>`, 1)
	if got, _ := read(t, strict, good, text(500, "text/xml", fault)); got != "refused: SOAP fault Client" {
		t.Errorf("a fault: found %s", got)
	}
}

// TestReferences_many: 90,000 values that stand apart, one for all or one for each, are put where they belong.
func TestReferences_many(t *testing.T) {
	const n = 90_000
	c := styled(t, "docarea.wsdl", "", "Elenco: {}")
	const begin = `<e:Envelope xmlns:e="` + soap11 + `" xmlns:xsi="` + xsd.InstanceSpace + `" xmlns:xsd="` + xsd.Space +
		`"><e:Body><r><righe><a>`
	for _, each := range []bool{false, true} {
		var items, values strings.Builder
		for i := range n {
			id := 0
			if each {
				id = i
			}
			items.WriteString(`<i href="#` + itoa(id) + `"/>`)
			if i <= id {
				values.WriteString(`<multiRef id="` + itoa(id) + `" xsi:type="xsd:int">7</multiRef>`)
			}
		}
		got, f := answered(t, c, "Elenco", elencoIs, text(200, "text/xml", begin+items.String()+`</a></righe></r>`+values.String()+
			`</e:Body></e:Envelope>`))
		if want := `{"allegati":[],"righe":[[7` + strings.Repeat(",7", n-1) + `]]}`; f != nil || got != want {
			t.Errorf("each %v: found %.200s, %v", each, got, f)
		}
	}
}
