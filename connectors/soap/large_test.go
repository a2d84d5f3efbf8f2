package soap

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/soap/xsd"
	"fondaco/transform"
)

// large makes a WSDL of some 1 MB with 600 operations, each with a type of its own for request and answer.
func large() []byte {
	var types, messages, entries, binding strings.Builder
	for i := range 600 {
		for _, which := range []string{"Richiesta", "Risposta"} {
			fmt.Fprintf(&types, "<x:element name=\"op%d%s\"><x:complexType><x:sequence>", i, which)
			for f := range 8 {
				fmt.Fprintf(&types, `<x:element name="campo%d" type="x:string" minOccurs="0"/>`, f)
			}
			fmt.Fprintf(&types, `<x:element name="voce" minOccurs="0" maxOccurs="unbounded" type="t:Voce%d"/></x:sequence></x:complexType></x:element>`, i%50)
			fmt.Fprintf(&messages, `<message name="op%d%s"><part name="p" element="t:op%d%s"/></message>`, i, which, i, which)
		}
		fmt.Fprintf(&entries, `<operation name="op%d"><input message="t:op%dRichiesta"/><output message="t:op%dRisposta"/></operation>`, i, i, i)
		fmt.Fprintf(&binding, `<operation name="op%d"><soap:operation soapAction="op%d"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation>`, i, i)
	}
	for i := range 50 {
		fmt.Fprintf(&types, `<x:complexType name="Voce%d"><x:sequence>`, i)
		for f := range 20 {
			fmt.Fprintf(&types, `<x:element name="valore%d" type="x:decimal"/>`, f)
		}
		fmt.Fprintf(&types, `<x:element name="figlia" type="t:Voce%d" minOccurs="0"/></x:sequence></x:complexType>`, (i+1)%50)
	}
	return []byte(`<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t">` +
		`<types><x:schema targetNamespace="urn:t">` + types.String() + `</x:schema></types>` + messages.String() + `<portType name="p">` +
		entries.String() + `</portType>` +
		`<binding name="b" type="t:p"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/>` + binding.String() +
		`</binding><service name="s"><port name="p" binding="t:b"/></service></definitions>`)
}

// loadLarge reads a connector with the first n operations of the large WSDL.
func loadLarge(wsdl []byte, n int) (*connectors.Connector, *diag.List) {
	var b strings.Builder
	b.WriteString("connector: grande\nversion: 1.0.0\nparams: { endpoint: { type: string } }\nsoap: { wsdl: s.wsdl, endpoint: " +
		"\"${param.endpoint}\" }\noperations:\n")
	for i := range n {
		fmt.Fprintf(&b, "  op%d: { effect: read }\n", i)
	}
	var out diag.List
	c := connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(b.String())}, "c/s.wsdl": {Data: wsdl}}, "c",
		connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
	return c, &out
}

// BenchmarkLoad reads a WSDL of 1 MB with 600 operations, all of them and one of them.
func BenchmarkLoad(b *testing.B) {
	wsdl := large()
	for _, n := range []int{600, 1} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			b.SetBytes(int64(len(wsdl)))
			for b.Loop() {
				if c, out := loadLarge(wsdl, n); out.Failed() || len(c.Operations) != n {
					b.Fatal(out.Sorted())
				}
			}
		})
	}
}

// TestLoad_reached: what a connector holds is bounded by what its operations reach, not by the size of the WSDL.
func TestLoad_reached(t *testing.T) {
	wsdl := large()
	if len(wsdl) < 1_000_000 {
		t.Fatalf("the WSDL has %d bytes, expected 1 MB", len(wsdl))
	}
	held := func(n int) uint64 {
		var before, after runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&before)
		c, out := loadLarge(wsdl, n)
		if out.Failed() {
			t.Fatal(out.Sorted()[0].Message)
		}
		for _, o := range c.Operations {
			p := o.Wire.(*op)
			versions["1.1"].reads(p.out, p.out.Type, nil)
		}
		runtime.GC()
		runtime.ReadMemStats(&after)
		runtime.KeepAlive(c)
		return after.HeapAlloc - min(before.HeapAlloc, after.HeapAlloc)
	}
	one, all := held(1), held(600)
	t.Logf("held after loading: %d KB for 1 operation, %d KB for 600", one>>10, all>>10)
	if one > all/4 {
		t.Errorf("one operation holds %d KB, all hold %d KB: the WSDL is kept", one>>10, all>>10)
	}
}

// TestLoad_capped holds row W03: documents of more than 50 MB together are a problem, before memory is used for them.
func TestLoad_capped(t *testing.T) {
	wsdl := string(large())
	wsdl = strings.Replace(wsdl, `<x:schema targetNamespace="urn:t">`,
		`<x:schema targetNamespace="urn:t"><x:include schemaLocation="more.xsd"/>`, 1)
	more := []byte(`<x:schema xmlns:x="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:t"><!--` +
		strings.Repeat(" ", xsd.MaxDocuments-500_000) + `--></x:schema>`)
	var out diag.List
	connectors.Load(fstest.MapFS{
		"c/connector.yaml": {Data: []byte("connector: grande\nversion: 1.0.0\nparams: { endpoint: { type: string } }\nsoap: { wsdl: s.wsdl, " +
			"endpoint: \"${param.endpoint}\" }\noperations:\n  op1: { effect: read }\n")},
		"c/s.wsdl": {Data: []byte(wsdl)}, "c/more.xsd": {Data: more},
	}, "c", connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
	if !out.Failed() || !strings.Contains(out.Sorted()[0].Message, "more than 52428800 bytes together") {
		t.Errorf("expected a problem, found %v", out.Sorted())
	}
}
