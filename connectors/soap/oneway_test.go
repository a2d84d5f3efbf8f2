package soap

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
)

// oneWayWSDL has an operation without an output, and one whose output is an empty message.
const oneWayWSDL = `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="` +
	xsd.Space + `" xmlns:t="urn:t" targetNamespace="urn:t">` +
	`<types><x:schema targetNamespace="urn:t"><x:element name="a" type="x:string"/><x:element name="c" type="x:string"/></x:schema></types>` +
	`<message name="m"><part name="p" element="t:a"/></message><message name="n"><part name="p" element="t:c"/></message><message name="e"/>` +
	`<portType name="p"><operation name="told"><input message="t:m"/></operation><operation name="done"><input message="t:n"/><output message="t:e"/></operation></portType>` +
	`<binding name="b" type="t:p"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="told"><soap:operation soapAction="urn:told"/><input><soap:body use="literal"/></input></operation>` +
	`<operation name="done"><soap:operation soapAction="urn:done"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>` +
	`<service name="s"><port name="p" binding="t:b"><soap:address location="http://127.0.0.1/"/></port></service></definitions>`

// TestOneWay: what has no output is answered by a bare 202, from a simulator and from a service; an empty output is an envelope.
func TestOneWay(t *testing.T) {
	c, problems := loadWSDL(oneWayWSDL, "", "told: { effect: once }", "done: { effect: once }")
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	simulated, err := played(c, simulate.New(nil, map[string][]*simulate.Case{"told": {{}}, "done": {{}}}))
	if err != nil {
		t.Fatal(err)
	}
	served := offered(t, c, func(context.Context, *connectors.Operation, schema.Value) (schema.Value, *connectors.SampleFault) {
		return schema.Null, nil
	})
	for name, h := range map[string]http.Handler{"simulated": simulated, "served": served} {
		ask := func(element string) *httptest.ResponseRecorder {
			r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(`<s:Envelope xmlns:s="`+soap11+`"><s:Body><`+element+
				` xmlns="urn:t">x</`+element+`></s:Body></s:Envelope>`))
			r.Header.Set("Content-Type", "text/xml")
			w := httptest.NewRecorder()
			h.ServeHTTP(w, r)
			return w
		}
		if w := ask("a"); w.Code != 202 || w.Body.Len() > 0 || w.Header().Get("Content-Type") != "" {
			t.Errorf("%s: found %d %v %s", name, w.Code, w.Header(), w.Body)
		}
		if w := ask("c"); w.Code != 200 || !strings.Contains(w.Body.String(), "<soap:Body></soap:Body>") {
			t.Errorf("%s, empty output: found %d %s", name, w.Code, w.Body)
		}
		caller, _ := against(t, c, h)
		for _, operation := range []string{"told", "done"} {
			if got, err := call(t, c, caller, operation, `{"value":"x"}`); err != nil || got != "null" && got != "{}" {
				t.Errorf("%s.%s: found %s, %v", name, operation, got, err)
			}
		}
	}
}

// TestRaw: XML that is handed on as text keeps the namespaces that its values use, wherever they were declared.
func TestRaw(t *testing.T) {
	c := wired(t, complexA(`<x:sequence><x:any namespace="##other" processContents="lax" maxOccurs="unbounded"/></x:sequence>`), "")
	for _, x := range []struct{ in, any string }{
		{`<q:v xmlns:q="urn:q" xsi:type="xsd:int">5</q:v>`, `<v xmlns="urn:q" xmlns:xsd="` + xsd.Space + `" xmlns:aaa="` + xsd.InstanceSpace +
			`" aaa:type="xsd:int">5</v>`},
		{`<q:v xmlns:q="urn:q"><q:n>q:Foo</q:n></q:v>`, `<v xmlns="urn:q"><n xmlns:q="urn:q">q:Foo</n></v>`},
		{
			`<q:v xmlns:q="urn:q" xmlns:p="urn:p"><q:n xmlns:p="urn:p2" of="p:x">p:y/p:z</q:n>p:w</q:v>`,
			`<v xmlns="urn:q" xmlns:p="urn:p"><n xmlns:p="urn:p2" of="p:x">p:y/p:z</n>p:w</v>`,
		},
		{`<v xmlns="urn:q" xsi:type="T"/>`, `<v xmlns="urn:q" xmlns:aaa="` + xsd.InstanceSpace + `" aaa:type="T"></v>`},
		{`<q:v xmlns:q="urn:q" xmlns="urn:d" xsi:type="T"/>`, `<v xmlns="urn:q" xmlns:aaa="urn:d" xmlns:aba="` + xsd.InstanceSpace +
			`" aba:type="aaa:T"></v>`},
		{`<q:v xmlns:q="urn:q" xmlns:aa="urn:aa" q:w="aa:x"/>`, `<v xmlns="urn:q" xmlns:aa="urn:aa" xmlns:aaa="urn:q" aaa:w="aa:x"></v>`},
		{
			`<q:v xmlns:q="urn:q">http://a.example/b:c 10:30 q: :q unbound:x</q:v>`,
			`<v xmlns="urn:q">http://a.example/b:c 10:30 q: :q unbound:x</v>`,
		},
	} {
		caller, _ := against(t, c, text(200, "text/xml", bodied(x.in)))
		o := c.Operation("op")
		f, err := caller.Call(o, o.Output)
		if err != nil {
			t.Fatal(err)
		}
		v, err := f(t.Context(), schema.RecordOf(o.Input, schema.Text(`<v xmlns="urn:q"/>`)))
		if got := v.Get("any").Str(); err != nil || got != x.any {
			t.Errorf("found    %s, %v\nexpected %s", got, err, x.any)
		}
		if got := echoed(t, c, "text/xml", bodied(x.in)); got != x.any {
			t.Errorf("served: found %s\nexpected %s", got, x.any)
		}
	}
}

// TestMixed: content of text and elements keeps the attributes of its element (WS-Notification's Topic and its Dialect).
func TestMixed(t *testing.T) {
	c := wired(t, complexA(`<x:sequence><x:element name="Topic" type="t:Expression"/><x:element name="p" minOccurs="0"><x:complexType mixed="true"><x:sequence><x:any minOccurs="0"/></x:sequence></x:complexType></x:element></x:sequence>`)+
		`<x:complexType name="Expression" mixed="true"><x:sequence><x:any minOccurs="0" maxOccurs="1" processContents="lax"/></x:sequence><x:attribute name="Dialect" type="x:anyURI" use="required"/><x:anyAttribute/></x:complexType>`, "")
	if got, want := c.Operation("op").Input.String(), "{Topic: {value: text, Dialect: text}, p?: text}"; got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
	inside := `<Topic Dialect="urn:concrete">tns1:Foo <x xmlns="urn:x"></x> &amp; b</Topic>`
	want := `{"Topic":{"value":"tns1:Foo <x xmlns=\"urn:x\"></x> &amp; b","Dialect":"urn:concrete"}}`
	if got, _ := read(t, c, want, text(200, "text/xml", bodied(inside))); got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
	if got := echoed(t, c, "text/xml", bodied(inside)); got != inside {
		t.Errorf("served: found %s, expected %s", got, inside)
	}
	if got, want := sent(t, c, "op", `{"Topic":{"value":"</x>","Dialect":"u"}}`),
		"error: /Topic/value: expected text that is well-formed XML inside of an element"; got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
	if got, want := echoed(t, c, "text/xml", bodied(`<Topic>x</Topic>`)),
		"/Topic/Dialect: expected the attribute Dialect, found nothing"; got != want {
		t.Errorf("served: found %s, expected %s", got, want)
	}
}
