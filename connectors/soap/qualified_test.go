package soap

import (
	"strings"
	"testing"
)

// TestQualifiedNames: a name's prefix means what it is bound to where it stands, and goes out with its declaration.
func TestQualifiedNames(t *testing.T) {
	const ns = "urn:example:colori"
	types := complexA(`<x:sequence>` +
		`<x:element name="b" type="x:QName" minOccurs="0"/>` +
		`<x:element name="l" minOccurs="0"><x:simpleType><x:list itemType="x:QName"/></x:simpleType></x:element>` +
		`<x:element name="s" minOccurs="0"><x:complexType><x:simpleContent><x:extension base="x:QName"><x:attribute name="k" type="x:QName"/></x:extension></x:simpleContent></x:complexType></x:element>` +
		`<x:element name="e" minOccurs="0"><x:simpleType><x:restriction xmlns:c="` + ns + `" base="x:QName"><x:pattern value="c:.*"/><x:enumeration value="c:rosso"/><x:enumeration value="c:blu"/></x:restriction></x:simpleType></x:element>` +
		`<x:element xmlns:c="` + ns + `" name="d" type="x:QName" default="c:verde" minOccurs="0"/>` +
		`</x:sequence><x:attribute name="a" type="x:QName"/>`)
	c := wired(t, types, "")
	for _, x := range []struct{ inside, want string }{
		{`<b>nome</b>`, `{"b":"{urn:t}nome"}`}, // the message's default namespace
		{`<b xmlns:p="urn:p"> p:nome </b>`, `{"b":"{urn:p}nome"}`},
		{`<l xmlns:p="urn:p" xmlns:q="urn:q">p:uno q:due</l>`, `{"l":["{urn:p}uno","{urn:q}due"]}`},
		{`<s xmlns:p="urn:p" k="p:k">p:v</s>`, `{"s":{"value":"{urn:p}v","k":"{urn:p}k"}}`},
		{`<e xmlns:z="` + ns + `">z:rosso</e>`, `{"e":"{` + ns + `}rosso"}`},
		{`<d/>`, `{"d":"{` + ns + `}verde"}`},
		{`<b>p:nome</b>`, `invalid at /b: /b: expected a name whose prefix is bound to a namespace`},
		{`<l xmlns:p="urn:p">p:uno q:due</l>`, `invalid at /l/1: /l/1: expected a name whose prefix is bound to a namespace`},
	} {
		if got, _ := read(t, c, `{}`, text(200, "text/xml", bodied(x.inside))); !strings.HasPrefix(got, x.want) {
			t.Errorf("%s:\n found    %s\n expected %s", x.inside, got, x.want)
		}
	}
	if got, _ := read(t, c, `{}`, text(200, "text/xml", bodied(`<e xmlns:z="urn:altri">z:rosso</e>`))); !strings.HasPrefix(got, "invalid at /e") {
		t.Errorf("another namespace: %s", got)
	}
	for _, x := range []struct{ in, want string }{
		{`{"b":"{urn:p}nome"}`, `b xmlns:q="urn:p">q:nome<`},
		{`{"b":"nome"}`, `b>nome<`},
		{`{"b":"{urn:p?a=1&b=\"2\"}nome"}`, `b xmlns:q="urn:p?a=1&amp;b=&#34;2&#34;">q:nome<`},
		{`{"l":["{urn:p}uno","due","{urn:q}tre"]}`, `l xmlns:q0.="urn:p" xmlns:q2.="urn:q">q0.:uno due q2.:tre<`},
		{`{"s":{"value":"{urn:p}v","k":"{urn:p}k"}}`, `s xmlns:a0="urn:p" k="a0:k" xmlns:q="urn:p">q:v<`},
		{`{"a":"{urn:p}v","e":"{` + ns + `}blu"}`, ` xmlns:a0="urn:p" a="a0:v"`},
	} {
		if got := sent(t, c, "op", x.in); !strings.Contains(got, x.want) {
			t.Errorf("%s:\n found    %s\n expected %s", x.in, got, x.want)
		}
	}
	if got := sent(t, c, "op", `{"l":["uno","p:due"]}`); !strings.HasPrefix(got, "error: /l/1: expected a name of XML, as codice, or {urn:example}codice") {
		t.Errorf("found %s", got)
	}
}
