package soap

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// wired loads a connector whose operation op takes and returns the element t:a of a schema of elements that are qualified.
func wired(t testing.TB, types, more string, operations ...string) *connectors.Connector {
	t.Helper()
	c, problems := wiredBadly(types, more, operations...)
	for _, p := range problems {
		if !p.Warning {
			t.Fatalf("%s: %s %s", p.Pos, p.Message, p.Hint)
		}
	}
	return c
}

func wiredBadly(types, more string, operations ...string) (*connectors.Connector, []diag.Problem) {
	wsdl := `<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:soap12="http://schemas.xmlsoap.org/wsdl/soap12/" xmlns:x="` + xsd.Space + `" xmlns:t="urn:t" targetNamespace="urn:t">` +
		`<types><x:schema targetNamespace="urn:t" elementFormDefault="qualified">` + types +
		`</x:schema></types><message name="m"><part name="p" element="t:a"/></message>` +
		`<portType name="p"><operation name="op"><input message="t:m"/><output message="t:m"/></operation></portType>` +
		`<binding name="b" type="t:p"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="op"><soap:operation soapAction="urn:op"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>` +
		`<service name="s"><port name="p" binding="t:b"><soap:address location="http://127.0.0.1/"/></port></service></definitions>`
	if operations == nil {
		operations = []string{"op: { effect: read }"}
	}
	return loadWSDL(wsdl, more, operations...)
}

// loadWSDL loads a connector over a WSDL, with lines under soap: and its operations.
func loadWSDL(wsdl, more string, operations ...string) (*connectors.Connector, []diag.Problem) {
	text := "connector: prova\nversion: 1.0.0\nparams: { endpoint: { type: string } }\nsoap:\n  wsdl: s.wsdl\n  endpoint: ${param.endpoint}\n" + more + "operations:\n  " + strings.Join(operations, "\n  ") + "\n"
	var out diag.List
	c := connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}, "c/s.wsdl": {Data: []byte(wsdl)}}, "c",
		connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
	return c, out.Sorted()
}

// bodied puts the content of t:a into an envelope of SOAP 1.1.
func bodied(inside string) string {
	return `<s:Envelope xmlns:s="` + soap11 + `" xmlns:xsi="` + xsd.InstanceSpace + `" xmlns:xsd="` + xsd.Space +
		`"><s:Body><a xmlns="urn:t">` + inside + `</a></s:Body></s:Envelope>`
}

// read returns what a client makes of an answer over a socket: its value in JSON, or the fault; and what was tolerated.
func read(t *testing.T, c *connectors.Connector, in string, h http.Handler) (got string, tolerated int64) {
	t.Helper()
	caller, s := against(t, c, h)
	got, err := call(t, c, caller, "op", in)
	if err != nil {
		got = strings.TrimPrefix(err.Error(), "prova.op: ")
	}
	return got, s.Tolerated()
}

// echoed returns what a service that answers with its input makes of a request: the answer's t:a without its namespaces, or the
// text of the fault.
func echoed(t *testing.T, c *connectors.Connector, media, request string) string {
	t.Helper()
	h := offered(t, c, func(_ context.Context, _ *connectors.Operation, in schema.Value) (schema.Value, *connectors.SampleFault) {
		return in, nil
	})
	_, answer := post(t, h, media, "urn:op", request)
	return between(answer)
}

// between returns what stands in the t:a or in the text of the fault of an envelope.
func between(envelope string) string {
	if _, after, ok := strings.Cut(envelope, "<faultstring>"); ok {
		text, _, _ := strings.Cut(after, "</faultstring>")
		return text
	}
	_, after, _ := strings.Cut(envelope, "<n0:a>")
	inside, _, _ := strings.Cut(after, "</n0:a>")
	return strings.NewReplacer("<n0:", "<", "</n0:", "</").Replace(inside)
}

// asJSON returns a value in JSON.
func asJSON(v schema.Value) string { return string(codec.AppendJSON(nil, v)) }
