package soap

import (
	"context"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/scaffold"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
	"fondaco/transform"
)

// TestDoctype: a document type declaration is passed over to its end, whatever its comments hold; nothing in it is expanded.
func TestDoctype(t *testing.T) {
	const wsdl = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="` +
		xsd.Space + `" xmlns:t="urn:t" targetNamespace="urn:t">` +
		`<types><x:schema targetNamespace="urn:t"><x:element name="a" type="x:string"/></x:schema></types>` +
		`<message name="m"><part name="p" element="t:a"/></message><portType name="p"><operation name="op"><input message="t:m"/></operation></portType>` +
		`<binding name="b" type="t:p"><soap:binding/><operation name="op"/></binding><service name="s"><port name="p" binding="t:b"/></service></definitions>`
	for doctype, good := range map[string]bool{
		`<!DOCTYPE definitions [ <!-- the base URI's prefix --> <!ENTITY t "urn:t"> ]>`: true,
		`<!DOCTYPE definitions [ <!-- "one" ]> --> <?p it's ]> ?> <!ENTITY t "]>'"> ]>`: true,
		`<!DOCTYPE definitions PUBLIC "-//it's//EN" "http://127.0.0.1:1/x.dtd">`:        true,
		`<!DOCTYPE definitions [ <!-- never ended ]>`:                                   false,
	} {
		c, problems := loadWSDL(doctype+wsdl, "", "op: {}")
		if good && (len(problems) > 0 || c.Operation("op").Input.String() != "{value: text}") || !good && len(problems) == 0 {
			t.Errorf("%s: found %v", doctype, problems)
		}
	}
}

// TestBlankNamespaces: namespaces that are written with blanks around them, as a national registry's, name what they mean.
func TestBlankNamespaces(t *testing.T) {
	const wsdl = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="` +
		xsd.Space + `" xmlns:t=" urn:t " targetNamespace="urn:t ">` +
		`<types><x:schema targetNamespace=" urn:t" elementFormDefault="qualified"><x:element name="a"><x:complexType><x:sequence><x:element name="b" type="t:B"/></x:sequence></x:complexType></x:element><x:simpleType name="B"><x:restriction base="x:string"/></x:simpleType></x:schema></types>` +
		`<message name="m"><part name="p" element="t:a"/></message><portType name="p"><operation name="op"><input message="t:m"/><output message="t:m"/></operation></portType>` +
		`<binding name="b" type="t:p"><soap:binding/><operation name="op"><soap:operation soapAction="urn:op"/></operation></binding><service name="s"><port name="p" binding="t:b"/></service></definitions>`
	c, problems := loadWSDL(wsdl, "", "op: { effect: read }")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	if got, _ := read(t, c, `{"b":"x"}`, text(200, "text/xml", bodied("<b>x</b>"))); got != `{"b":"x"}` {
		t.Errorf("found %s", got)
	}
	h := offered(t, c, func(_ context.Context, _ *connectors.Operation, in schema.Value) (schema.Value, *connectors.SampleFault) {
		return in, nil
	})
	if _, answer := post(t, h, "text/xml", "urn:op", bodied("<b>x</b>")); !strings.Contains(answer, `xmlns:n0="urn:t"`) ||
		between(answer) != "<b>x</b>" {
		t.Errorf("served: found %s", answer)
	}
}

// TestBoundElsewhere: of a WSDL that has port types alone the problem names the file beside it that has their binding.
func TestBoundElsewhere(t *testing.T) {
	const head = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:t="urn:t" `
	abstract := head + `targetNamespace="urn:t"><message name="m"/><portType name="Anagrafe"><operation name="op"><input message="t:m"/></operation></portType></definitions>`
	concrete := head + `targetNamespace="urn:c" xmlns:c="urn:c"><import namespace="urn:t" location="abstract.wsdl"/><binding name="b" type="t:Anagrafe"><soap:binding/><operation name="op"/></binding><service name="s"><port name="p" binding="c:b"/></service></definitions>`
	files := fstest.MapFS{
		"c/connector.yaml": {Data: []byte("connector: prova\nversion: 1.0.0\nsoap: { wsdl: w/abstract.wsdl, endpoint: http://127.0.0.1/ " +
			"}\noperations:\n  op: {}\n")},
		"c/w/abstract.wsdl": {Data: []byte(abstract)}, "c/w/altro.wsdl": {Data: []byte(strings.Replace(concrete, "t:Anagrafe", "t:Altro", 1))},
		"c/w/concrete.wsdl": {Data: []byte(concrete)},
	}
	told := func() string {
		var out diag.List
		connectors.Load(files, "c", connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
		text := ""
		for _, p := range out.Sorted() {
			text += p.Message + "; " + p.Hint + "\n"
		}
		return text
	}
	if got, want := told(), "the WSDL has no port that speaks SOAP; it has the port type Anagrafe, whose binding lies in concrete.wsdl: "+
		"name that file, which imports this one\n"; got != want {
		t.Errorf("found %s\nexpected %s", got, want)
	}
	var out diag.List
	if x := Importer.Read(files, "c/w/abstract.wsdl", scaffold.Options{}, &out); x != nil || len(out.Sorted()) != 1 ||
		!strings.Contains(out.Sorted()[0].Hint, "concrete.wsdl") {
		t.Errorf("found %v", out.Sorted())
	}
	delete(files, "c/w/concrete.wsdl")
	if got, want := told(), "the WSDL has no port that speaks SOAP; it has the port type Anagrafe and no binding for it: the vendor has "+
		"another WSDL, with the binding and the service\n"; got != want {
		t.Errorf("found %s\nexpected %s", got, want)
	}
}
