package soap

import (
	"errors"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// Requests that a service must refuse: rows X17, X18 and the schema, on the simulator.
func TestSimulate_refuses(t *testing.T) {
	c := load(t, "connectors/polizia-locale")
	h, err := played(c, simulate.New(nil, nil))
	if err != nil {
		t.Fatal(err)
	}
	good := envelope11(`<v:ElencoVerbali><v:codiceFiscale>RSSMRA80A01L736U</v:codiceFiscale></v:ElencoVerbali>`)
	for _, x := range []struct {
		name, media, action, body string
		status                    int
		want                      string
	}{
		{"X17 media", "application/soap+xml", "", good, 415, "expected the Content-Type text/xml; charset=utf-8"},
		{
			"X18 action", "text/xml", `"` + tns + `/DettaglioVerbale"`, good, 400,
			"<faultstring>the SOAPAction is not that of the element in the Body</faultstring>",
		},
		{"X17 version", "text/xml", "", strings.ReplaceAll(good, soap11, soap12), 500, "<faultcode>soap:VersionMismatch</faultcode>"},
		{"no operation", "text/xml", "", envelope11("<v:Altro/>"), 500, "<faultstring>no operation has this element in its Body</faultstring>"},
		{
			"unknown element", "text/xml", "", strings.Replace(good, "</v:ElencoVerbali>", "<v:x/></v:ElencoVerbali>", 1), 500,
			"<faultstring>/x: expected no such element</faultstring>",
		},
		{
			"pattern", "text/xml", "", strings.Replace(good, "RSSMRA80A01L736U", "rssmra", 1), 500,
			"<faultstring>/codiceFiscale: expected text of the form ^(?:[A-Z0-9]{16})$</faultstring>",
		},
		{"no sample", "text/xml", "", good, 500, "<faultstring>no sample of elencoVerbali fits this input</faultstring>"},
	} {
		t.Run(x.name, func(t *testing.T) {
			status, body := post(t, h, x.media, x.action, x.body)
			if status != x.status || !strings.Contains(body, x.want) {
				t.Errorf("got %d %s\nwant %d %s", status, body, x.status, x.want)
			}
		})
	}
}

// Both versions and all of WS-Security, there and back.
func TestVersionsAndSecurity(t *testing.T) {
	for _, x := range []struct {
		version           string
		digest, timestamp bool
	}{{"1.1", true, false}, {"1.2", false, true}, {"1.2", true, true}} {
		c := load(t, "connectors/polizia-locale")
		w := c.Wire.(*wire)
		w.version, w.digest, w.timestamp = x.version, x.digest, x.timestamp
		var out diag.List
		Protocol.Describe(c, &out)
		if out.Failed() || w.soap != x.version {
			t.Fatalf("%v", out.Sorted())
		}
		caller, s := serve(t, c)
		got, err := call(t, c, caller, "elencoVerbali", `{"codiceFiscale":"VRDGPP80A01L736X"}`)
		if err != nil || got != `{"esito":{"codice":"0"},"verbale":[]}` {
			t.Errorf("%v: got %s, %v", x, got, err)
		}
		// a message of an hour ago is not accepted
		if !x.timestamp && !x.digest {
			continue
		}
		h, err := played(c, simulate.New(s, nil))
		if err != nil {
			t.Fatal(err)
		}
		old, err := w.security(s, func() time.Time { return time.Now().Add(-time.Hour) })
		if err != nil {
			t.Fatal(err)
		}
		o := c.Operation("elencoVerbali")
		data, err := versions[x.version].writes(o.Wire.(*op).in).append(nil, input(t, o, elenco), old.Header())
		if err != nil {
			t.Fatal(err)
		}
		if status, body := post(t, h, versions[x.version].media, "", string(data)); status != versions[x.version].status("Client") ||
			!strings.Contains(body, "FailedAuthentication") {
			t.Errorf("%v: got %d %s", x, status, body)
		}
	}
}

// TestFault_detail shows what a caller learns from a fault.
func TestFault_detail(t *testing.T) {
	c := load(t, "connectors/polizia-locale")
	for _, v := range []string{"1.1", "1.2"} {
		c.Wire.(*wire).version = v
		var out diag.List
		Protocol.Describe(c, &out)
		detail := schema.MapOf(&schema.Map{Keys: []string{"ErroreServizio"}, Values: []schema.Value{
			schema.MapOf(&schema.Map{Keys: []string{"codice", "messaggio"}, Values: []schema.Value{schema.Int(9), schema.Text("giù & chiuso")}}),
		}})
		h, err := played(c, simulate.New(nil, map[string][]*simulate.Case{
			"elencoVerbali": {{Sample: connectors.Sample{Fault: &connectors.SampleFault{Code: "Server", Text: "servizio chiuso", Detail: detail}}}},
		}))
		if err != nil {
			t.Fatal(err)
		}
		caller, _ := against(t, c, h)
		_, err = call(t, c, caller, "elencoVerbali", elenco)
		var f *Fault
		if !errors.As(err, &f) || f.Text != "servizio chiuso" ||
			string(codec.AppendJSON(nil, f.Detail)) != `{"ErroreServizio":{"codice":9,"messaggio":"giù & chiuso"}}` {
			t.Errorf("%s: got %v %q %s", v, err, f.Text, codec.AppendJSON(nil, f.Detail))
		}
		if k := connectors.AsFault(err).Kind; k != connectors.Refused {
			t.Errorf("%s: got %s", v, k)
		}
	}
}

// TestDescribe_refuses are the rows of bad schemas: W01, W02, W04, W05, W06, and what else contradicts itself.
func TestDescribe_refuses(t *testing.T) {
	wsdl := func(types string) string {
		return `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t"><types><x:schema targetNamespace="urn:t">` + types +
			`</x:schema></types><message name="in"><part name="p" element="t:a"/></message><portType name="p"><operation name="op"><input message="t:in"/></operation><operation name="due"><input message="t:in"/></operation></portType>` +
			`<binding name="b" type="t:p"><soap:binding/><operation name="op"><soap:operation soapAction="x"/></operation><operation name="due"><soap:operation soapAction="x"/></operation></binding>` +
			`<service name="s"><port name="p" binding="t:b"/></service></definitions>`
	}
	for _, x := range []struct {
		name, types, more, operation string
		want                         string
	}{
		{
			"W01 address", `<x:import namespace="urn:x" schemaLocation="http://169.254.169.254/x.xsd"/><x:element name="a" type="x:string"/>`, "",
			"op", "the schema lies at an address, and addresses are never fetched",
		},
		{
			"W01 file", `<x:include schemaLocation="file:///etc/passwd"/><x:element name="a" type="x:string"/>`, "", "op",
			"the schema lies at an address, and addresses are never fetched",
		},
		{
			"W01 outside", `<x:include schemaLocation="../../../etc/passwd"/><x:element name="a" type="x:string"/>`, "", "op",
			`"../../etc/passwd" is not a file of the project: expected a path inside of its folder, with slashes and without ..`,
		},
		{
			"W02 circular files", `<x:include schemaLocation="more.xsd"/>`,
			`<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t"><x:include schemaLocation="more.xsd"/><x:element name="a" type="x:string"/></x:schema>`, "op", "",
		},
		{"W02 circular types", `<x:element name="a" type="t:c"/><x:complexType name="c"><x:complexContent><x:extension base="t:c"/></x:complexContent></x:complexType>`, "", "op", "the type is made of itself"},
		{"W02 circular groups", `<x:element name="a" type="t:c"/><x:complexType name="c"><x:group ref="t:g"/></x:complexType><x:group name="g"><x:sequence><x:group ref="t:g"/></x:sequence></x:group>`, "", "op", "the group is made of itself"},
		{"W02 recursion is fine", `<x:element name="a" type="t:c"/><x:complexType name="c"><x:sequence><x:element name="c" type="t:c" minOccurs="0" nillable="true"/></x:sequence></x:complexType>`, "", "op", ""},
		{"W04 pattern", `<x:element name="a"><x:simpleType><x:restriction base="x:string"><x:pattern value="(a+)+$"/></x:restriction></x:simpleType></x:element>`, "", "op", ""},
		{
			"W05 two operations", `<x:element name="a" type="x:string"/>`, "", "op due",
			"the operations op and due of the WSDL have the same SOAPAction and the same element: no service can distinguish them",
		},
		{"W06 many", `<x:element name="a"><x:complexType><x:sequence maxOccurs="1000000000"><x:element name="b" type="x:int" maxOccurs="1000000000"/></x:sequence></x:complexType></x:element>`, "", "op", ""},
		{"no element", `<x:element name="A" type="x:string"/>`, "", "op", "no schema defines the element {urn:t}a"},
		{"no type", `<x:element name="a" type="t:b"/>`, "", "op", "no schema defines the type {urn:t}b"},
		{"no operation", `<x:element name="a" type="x:string"/>`, "", "ops", `the port p of the WSDL has no operation "ops"`},
		{"no XML", `<x:element name="a">`, "", "op", "the document is not XML that can be read: an end tag whose name is not its start's"},
	} {
		t.Run(x.name, func(t *testing.T) {
			c := &connectors.Connector{Dir: "c", FS: fstest.MapFS{"c/s.wsdl": {Data: []byte(wsdl(x.types))}, "c/more.xsd": {Data: []byte(x.more)}}}
			w := &wire{}
			w.wsdl.Value = "s.wsdl"
			c.Wire = w
			for _, name := range strings.Fields(x.operation) {
				c.Operations = append(c.Operations, &connectors.Operation{Name: name})
			}
			var out diag.List
			Protocol.Describe(c, &out)
			got := ""
			for _, p := range out.Sorted() {
				if got == "" {
					got = p.Message
				}
			}
			if got != x.want {
				t.Errorf("got  %s\nwant %s", got, x.want)
			}
		})
	}
}
