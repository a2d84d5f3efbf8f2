package soap

import (
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/soap/wsdl"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// shape compiles the element t:a of a schema as an operation's input and output.
func shape(t testing.TB, types, more string) *op {
	t.Helper()
	c := &connectors.Connector{Dir: ".", FS: fstest.MapFS{"more.xsd": {Data: []byte(more)}, "s.wsdl": {Data: []byte(
		`<definitions xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:x="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:t" targetNamespace="urn:t"><types><x:schema targetNamespace="urn:t" elementFormDefault="qualified">` + types +
			`</x:schema></types><message name="in"><part name="p" element="t:a"/></message><portType name="p"><operation name="op"><input message="t:in"/><output message="t:in"/></operation></portType>` +
			`<binding name="b" type="t:p"><soap:binding/><operation name="op"/></binding><service name="s"><port name="p" binding="t:b"/></service></definitions>`)}}}
	w := &wire{}
	w.wsdl.Value = "s.wsdl"
	c.Wire = w
	c.Operations = []*connectors.Operation{{Name: "op"}}
	var out diag.List
	Protocol.Describe(c, &out)
	for _, p := range out.Sorted() {
		t.Errorf("%s: %s", p.Pos, p.Message)
	}
	p := c.Operations[0].Wire.(*op)
	if p.in == nil || p.out == nil {
		t.FailNow()
	}
	return p
}

func complexA(inside string) string {
	return `<x:element name="a"><x:complexType>` + inside + `</x:complexType></x:element>`
}

// TestContent writes values, compares the XML, and reads it back. Where the value is none, the error is compared.
func TestContent(t *testing.T) {
	const sequence, end = `<x:sequence>`, `</x:sequence>`
	b, c, d := `<x:element name="b" type="x:string"/>`, `<x:element name="c" type="x:int"/>`,
		`<x:element name="d" type="x:boolean" minOccurs="0"/>`
	for _, x := range []struct{ name, types, more, value, xml string }{
		{"choice", complexA(`<x:choice>` + b + c + `</x:choice>`), "", `{"c":1}`, `<n0:a><n0:c>1</n0:c></n0:a>`},
		{
			"choice of two", complexA(`<x:choice>` + b + c + `</x:choice>`), "", `{"b":"x","c":1}`,
			`/c: expected nothing here: the schema has no place for it beside the rest`,
		},
		{"choice of none", complexA(`<x:choice>` + b + c + `</x:choice>`), "", `{}`, `expected one of b, c, found nothing`},
		{"optional group", complexA(sequence + d + `<x:sequence minOccurs="0">` + b + c + end + end), "", `{}`, `<n0:a></n0:a>`},
		{
			"half of a group", complexA(sequence + d + `<x:sequence minOccurs="0">` + b + c + end + end), "", `{"b":"x"}`,
			`/c: expected an integer, found nothing`,
		},
		{
			"repeated group", complexA(`<x:sequence maxOccurs="unbounded">` + b + c + end), "", `{"items":[{"b":"x","c":1},{"b":"y","c":2}]}`,
			`<n0:a><n0:b>x</n0:b><n0:c>1</n0:c><n0:b>y</n0:b><n0:c>2</n0:c></n0:a>`,
		},
		{
			"repeated choice", complexA(`<x:choice minOccurs="0" maxOccurs="unbounded">` + b + c + `</x:choice>`), "",
			`{"items":[{"b":"x"},{"c":1},{"c":2}]}`, `<n0:a><n0:b>x</n0:b><n0:c>1</n0:c><n0:c>2</n0:c></n0:a>`,
		},
		{
			"same name twice", complexA(sequence + b + c + b + end), "", `{"b":["x","y"],"c":1}`,
			`<n0:a><n0:b>x</n0:b><n0:c>1</n0:c><n0:b>y</n0:b></n0:a>`,
		},
		{"all", complexA(`<x:all>` + b + c + d + `</x:all>`), "", `{"b":"x","c":1}`, `<n0:a><n0:b>x</n0:b><n0:c>1</n0:c></n0:a>`},
		{
			"group by name", complexA(`<x:group ref="t:g"/>`) + `<x:group name="g">` + sequence + b + end + `</x:group>`, "", `{"b":"x"}`,
			`<n0:a><n0:b>x</n0:b></n0:a>`,
		},
		{
			"attributes", complexA(sequence+b+end+`<x:attribute name="b" type="x:date"/><x:attributeGroup ref="t:g"/>`) +
				`<x:attributeGroup name="g"><x:attribute name="e" use="required" fixed="1"/></x:attributeGroup>`, "",
			`{"b":"x","b_attribute":"2026-01-31","e":"1"}`, `<n0:a b="2026-01-31" e="1"><n0:b>x</n0:b></n0:a>`,
		},
		{
			"unqualified", complexA(sequence + `<x:element name="b" form="unqualified" type="x:string"/>` + end), "", `{"b":"x"}`,
			`<n0:a><b>x</b></n0:a>`,
		},
		{"simple element", `<x:element name="a" type="x:decimal"/>`, "", `{"value":1.50}`, `<n0:a>1.50</n0:a>`},
		{
			"list", complexA(sequence + `<x:element name="b"><x:simpleType><x:list itemType="x:int"/></x:simpleType></x:element>` + end), "",
			`{"b":[1,2]}`, `<n0:a><n0:b>1 2</n0:b></n0:a>`,
		},
		{
			"hexadecimal", complexA(sequence + `<x:element name="b" type="x:hexBinary"/>` + end), "", `{"b":"AQL/"}`,
			`<n0:a><n0:b>0102FF</n0:b></n0:a>`,
		},
		{
			"unsigned long", complexA(sequence + `<x:element name="b" type="x:unsignedLong"/>` + end), "", `{"b":18446744073709551615}`,
			`<n0:a><n0:b>18446744073709551615</n0:b></n0:a>`,
		},
		{
			"anything", complexA(sequence + `<x:element name="b"/>` + end), "", `{"b":"<x xmlns=\"urn:x\" y=\"1\">z</x>"}`,
			`<n0:a><n0:b><x xmlns="urn:x" y="1">z</x></n0:b></n0:a>`,
		},
		{
			"anything that closes", complexA(sequence + `<x:element name="b"/>` + end), "", `{"b":"</n0:b><evil/><n0:b>"}`,
			`/b: expected text that is well-formed XML inside of an element`,
		},
		{
			"wildcard", complexA(sequence + b + `<x:any namespace="##other" processContents="lax"/>` + end), "",
			`{"b":"x","any":"<y xmlns=\"urn:y\"></y>"}`, `<n0:a><n0:b>x</n0:b><y xmlns="urn:y"></y></n0:a>`,
		},
		{"chameleon", `<x:include schemaLocation="more.xsd"/>`, `<x:schema xmlns:x="` + xsd.Space + `" elementFormDefault="qualified">` +
			complexA(sequence+`<x:element name="b" type="T"/>`+end) +
			`<x:simpleType name="T"><x:restriction base="x:string"/></x:simpleType></x:schema>`, `{"b":"x"}`, `<n0:a><n0:b>x</n0:b></n0:a>`},
		{
			"import", `<x:import namespace="urn:m" schemaLocation="more.xsd"/>` + complexA(sequence+`<x:element xmlns:m="urn:m" ref="m:b"/>`+end),
			`<x:schema xmlns:x="` + xsd.Space + `" targetNamespace="urn:m"><x:element name="b" type="x:int" nillable="true"/></x:schema>`,
			`{"b":null}`, `<n0:a><n1:b xsi:nil="true"/></n0:a>`,
		},
		{"substitution", complexA(sequence+`<x:element ref="t:h"/>`+end) +
			`<x:element name="h" type="x:string" abstract="true"/><x:element name="i" substitutionGroup="t:h"/><x:element name="j" substitutionGroup="t:i" type="x:string"/>`, "", `{"j":"x"}`, `<n0:a><n0:j>x</n0:j></n0:a>`},
		{
			"restriction of content", complexA(`<x:complexContent><x:restriction base="t:B">`+sequence+b+end+`</x:restriction></x:complexContent>`) +
				`<x:complexType name="B">` + sequence + b + d + end + `<x:attribute name="e"/></x:complexType>`, "", `{"b":"x","e":"y"}`,
			`<n0:a e="y"><n0:b>x</n0:b></n0:a>`,
		},
		{
			"recursive", complexA(sequence+`<x:element name="n" type="t:N"/>`+end) + `<x:complexType name="N">` + sequence +
				`<x:element name="v" type="x:int"/><x:element name="n" type="t:N" minOccurs="0" nillable="true"/>` + end + `</x:complexType>`, "",
			`{"n":{"v":1,"n":{"v":2,"n":null}}}`, `<n0:a><n0:n><n0:v>1</n0:v><n0:n><n0:v>2</n0:v><n0:n xsi:nil="true"/></n0:n></n0:n></n0:a>`,
		},
		{"union", complexA(sequence + `<x:element name="b"><x:simpleType><x:union memberTypes="x:int x:string"/></x:simpleType></x:element>` +
			end), "", `{"b":"x"}`, `<n0:a><n0:b>x</n0:b></n0:a>`},
	} {
		t.Run(x.name, func(t *testing.T) {
			p := shape(t, x.types, x.more)
			v, err := codec.CompileJSON(p.in.Type, codec.JSONOptions{}).Decode([]byte(x.value))
			if err != nil {
				t.Fatal(err)
			}
			data, err := versions["1.1"].writes(p.in).append(nil, v, nil)
			if err != nil {
				if err.Error() != x.xml {
					t.Errorf("got  %v\nwant %s", err, x.xml)
				}
				return
			}
			_, got, _ := strings.Cut(string(data), "<soap:Body>")
			got, _, _ = strings.Cut(got, "</soap:Body>")
			if got != x.xml {
				t.Errorf("got  %s\nwant %s", got, x.xml)
			}
			again, _, err := versions["1.1"].reads(p.in, p.in.Type, nil).read(data, true, nil)
			if err != nil || !schema.Equal(v, again) {
				t.Errorf("came back as %s, %v", codec.AppendJSON(nil, again), err)
			}
		})
	}
}

// TestDefaults: what an answer leaves out, and the schema sets, is there.
func TestDefaults(t *testing.T) {
	p := shape(t, complexA(`<x:sequence><x:element name="b" type="x:int" default="7"/></x:sequence><x:attribute name="c" default="z"/>`), "")
	v, _, err := versions["1.1"].reads(p.out, p.out.Type, nil).
		read([]byte(`<s:Envelope xmlns:s="`+soap11+`"><s:Body><a xmlns="urn:t"><b/></a></s:Body></s:Envelope>`), false, nil)
	if got := string(codec.AppendJSON(nil, v)); err != nil || got != `{"b":7,"c":"z"}` {
		t.Errorf("got %s, %v", got, err)
	}
}

// FuzzRead reads whatever comes: it never panics, and what it reads it can write and read again.
func FuzzRead(f *testing.F) {
	p := shape(f, complexA(`<x:sequence><x:element name="b" type="x:decimal" minOccurs="0" nillable="true"/><x:choice maxOccurs="unbounded" minOccurs="0"><x:element name="c" type="x:dateTime"/><x:element name="d"/></x:choice><x:any namespace="##other" minOccurs="0"/></x:sequence><x:attribute name="e" type="x:boolean"/>`), "")
	envelope := func(s string) []byte {
		return []byte(`<s:Envelope xmlns:s="` + soap11 + `" xmlns:xsi="` + xsd.InstanceSpace + `"><s:Body>` + s + `</s:Body></s:Envelope>`)
	}
	f.Add([]byte(envelope(`<a xmlns="urn:t" e="1"><b>+1.50</b><c>2026-01-31T00:00:00Z</c><d>x<y z="1"/></d><q xmlns="urn:q"><r/></q></a>`)))
	f.Add([]byte(envelope(`<a xmlns="urn:t"><b xsi:nil="true"/></a>`)))
	f.Add([]byte(envelope(`<s:Fault><faultcode>s:Server.X</faultcode><faultstring>t</faultstring><detail><a xmlns="urn:t"/></detail></s:Fault>`)))
	m := versions["1.1"].reads(p.out, p.out.Type, []wsdl.Fault{{Name: p.out.Root, Plan: p.out.Plan}})
	w := versions["1.1"].writes(p.out)
	f.Fuzz(func(t *testing.T, data []byte) {
		v, fault, err := m.read(data, true, nil)
		if err != nil || fault != nil {
			return
		}
		again, err := w.append(nil, v, nil)
		if err != nil {
			t.Fatalf("%s cannot be written: %v", codec.AppendJSON(nil, v), err)
		}
		back, _, err := m.read(again, true, nil)
		if err != nil || !schema.Equal(v, back) {
			t.Fatalf("%s came back as %s, %v", codec.AppendJSON(nil, v), codec.AppendJSON(nil, back), err)
		}
	})
}
