package main

import (
	"fmt"
	"strings"
)

// repeated makes a text of many pieces.
func repeated(n int, piece func(i int) string) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(piece(i))
	}
	return b.String()
}

// soapProject is a project with one system, whose WSDL has these schemas and whose operation returns the element Out.
func soapProject(types string, more map[string]string) map[string]string {
	files := map[string]string{
		"fondaco.yaml": "project: prova\nserver: { listen: 127.0.0.1:0 }\nsystems:\n  s: { connector: ./connectors/s, params: { endpoint: " +
			"\"http://127.0.0.1:9\" } }\n",
		"connectors/s/connector.yaml": "connector: s\nversion: 1.0.0\nparams: { endpoint: { type: string, format: uri } }\n" +
			"soap: { wsdl: s.wsdl, endpoint: \"${param.endpoint}\" }\noperations: { op: { operation: Op, effect: read } }\n",
		"routes/r.yaml": "routes:\n  r:\n    summary: prova\n    http: GET /r\n    auth: none\n    steps:\n      - call: s.op\n        as: " +
			"x\n    respond: { body: { x: \"${x}\" } }\n",
		"connectors/s/s.wsdl": `<definitions name="S" targetNamespace="urn:s" xmlns="http://schemas.xmlsoap.org/wsdl/" xmlns:soap="http://schemas.xmlsoap.org/wsdl/soap/" xmlns:wsdl="http://schemas.xmlsoap.org/wsdl/" xmlns:soapenc="http://schemas.xmlsoap.org/soap/encoding/" xmlns:xs="http://www.w3.org/2001/XMLSchema" xmlns:t="urn:s">
<types>` + types + `</types>
<message name="In"><part name="p" element="t:In"/></message><message name="Out"><part name="p" element="t:Out"/></message>
<portType name="P"><operation name="Op"><input message="t:In"/><output message="t:Out"/></operation></portType>
<binding name="B" type="t:P"><soap:binding transport="http://schemas.xmlsoap.org/soap/http"/><operation name="Op"><soap:operation soapAction="op"/><input><soap:body use="literal"/></input><output><soap:body use="literal"/></output></operation></binding>
<service name="S"><port name="P" binding="t:B"><soap:address location="http://127.0.0.1:9"/></port></service></definitions>`,
	}
	for name, text := range more {
		files["connectors/s/"+name] = text
	}
	return files
}

// ofSchema is a schema of the namespace of the service, with an element Out that has this content.
func ofSchema(out, rest string) string {
	return `<xs:schema targetNamespace="urn:s" elementFormDefault="qualified"><xs:element name="In"><xs:complexType/></xs:element><xs:element name="Out"><xs:complexType>` + out + `</xs:complexType></xs:element>` + rest + `</xs:schema>`
}

func inSequence(s string) string { return "<xs:sequence>" + s + "</xs:sequence>" }

const (
	hostileLeaf = `<xs:element name="e" type="xs:string"/>`
	exceeded    = "the schemas stand for more than 300000 nodes"
)

// doubled are definitions of which each is made of the next one twice; the last one is given.
func doubled(n int, one, last string) string {
	return repeated(n, func(i int) string {
		return strings.NewReplacer("NAME", fmt.Sprint("n", i), "NEXT", fmt.Sprint("t:n", i+1)).Replace(one)
	}) + strings.ReplaceAll(last, "NAME", fmt.Sprint("n", n))
}

// hostileXSD are schemas that stand for more than they look like.
func hostileXSD() []hostile {
	xsd := func(name, out, rest, want string) hostile {
		return hostile{"xsd " + name, soapProject(ofSchema(out, rest), nil), want}
	}
	group := func(name, kind, last, want string) hostile {
		twice := `<xs:group name="NAME"><xs:KIND><xs:group ref="NEXT"/><xs:group ref="NEXT"/></xs:KIND></xs:group>`
		return xsd(name, `<xs:group ref="t:n0"/>`, doubled(28, strings.ReplaceAll(twice, "KIND", kind), `<xs:group name="NAME">`+inSequence(last)+
			`</xs:group>`), want)
	}
	simple := `<xs:element name="o" type="t:n0"/>`
	pattern := func(name, p, want string) hostile {
		h := xsd("pattern "+name, inSequence(simple), `<xs:simpleType name="n0"><xs:restriction base="xs:string"><xs:pattern value="`+p+
			`"/></xs:restriction></xs:simpleType>`, "")
		h.want = want
		return h
	}
	elements := func(n int, more string) string {
		return repeated(n, func(i int) string { return fmt.Sprintf(`<xs:element name="e%d" type="xs:string"%s/>`, i, more) })
	}
	constants := func(prefix string) string {
		return `<xs:restriction base="xs:string">` + repeated(20_000,
			func(i int) string { return fmt.Sprintf(`<xs:enumeration value="%s%d"/>`, prefix, i) }) + `</xs:restriction>`
	}
	heads := repeated(2000, func(i int) string {
		return fmt.Sprintf(`<xs:element name="m%d" type="xs:string" substitutionGroup="t:n0"/>`, i)
	}) + `<xs:element name="n0" type="xs:string"/>`
	extend := func(how, n int, element string) string {
		one := `<xs:extension base="NEXT">` + element + `</xs:extension>`
		return doubled(n, `<xs:complexType name="NAME"><xs:complexContent>`+strings.Repeat(one, how)+`</xs:complexContent></xs:complexType>`,
			`<xs:complexType name="NAME"><xs:sequence/></xs:complexType>`)
	}
	list := []hostile{
		group("groups", "sequence", hostileLeaf, exceeded),
		group("groups in choices", "choice", hostileLeaf, exceeded),
		group("groups in all", "all", hostileLeaf, exceeded),
		group("empty groups", "sequence", "", exceeded),
		group("groups of a group of itself", "sequence", `<xs:group ref="t:n0"/>`, "the group is made of itself"),
		xsd("attribute groups", `<xs:attributeGroup ref="t:n0"/>`,
			doubled(28, `<xs:attributeGroup name="NAME"><xs:attributeGroup ref="NEXT"/><xs:attributeGroup ref="NEXT"/></xs:attributeGroup>`,
				`<xs:attributeGroup name="NAME"><xs:attribute name="a" type="xs:string"/></xs:attributeGroup>`), exceeded),
		xsd("extensions twice", inSequence(simple), extend(2, 28, ""), exceeded),
		xsd("a chain of extensions", inSequence(simple), extend(1, 5000, inSequence(hostileLeaf)), "the type is made of more than 64 others"),
		xsd("simple contents twice", inSequence(simple), doubled(28,
			`<xs:complexType name="NAME"><xs:simpleContent><xs:extension base="NEXT"/><xs:extension base="NEXT"/></xs:simpleContent></xs:complexType>`, `<xs:complexType name="NAME"><xs:simpleContent><xs:extension base="xs:string"/></xs:simpleContent></xs:complexType>`), exceeded),
		xsd("fields twice", inSequence(simple), doubled(28,
			`<xs:complexType name="NAME"><xs:sequence><xs:element name="a" type="NEXT"/><xs:element name="b" type="NEXT" nillable="true"/></xs:sequence></xs:complexType>`, `<xs:complexType name="NAME"><xs:sequence/></xs:complexType>`), ""),
		xsd("types within types", inSequence(simple), doubled(20_000,
			`<xs:complexType name="NAME"><xs:sequence><xs:element name="a" type="NEXT"/></xs:sequence></xs:complexType>`,
			`<xs:complexType name="NAME"/>`), "types stand within types more than 5000 deep"),
		xsd("100,000 sequences", strings.Repeat("<xs:sequence>", 100_000)+strings.Repeat("</xs:sequence>", 100_000), "",
			"nested deeper than 256"),
		xsd("a substitution group at 200 places", inSequence(strings.Repeat(`<xs:element ref="t:n0"/>`, 200)), heads, exceeded),
		xsd("a substitution group without an end", inSequence(`<xs:element ref="t:n0"/>`),
			`<xs:element name="n0" substitutionGroup="t:n1"/><xs:element name="n1" substitutionGroup="t:n0"/>`, ""),
		xsd("20,000 optional elements", inSequence(elements(20_000, ` minOccurs="0"`)), "", ""),
		xsd("20,000 choices, repeated", `<xs:choice maxOccurs="unbounded">`+elements(20_000, "")+`</xs:choice>`, "", ""),
		xsd("20,000 choices", `<xs:choice>`+elements(20_000, "")+`</xs:choice>`, "", ""),
		xsd("20,000 times one element", inSequence(strings.Repeat(hostileLeaf, 20_000)), "", ""),
		xsd("50,000 attributes", repeated(50_000, func(i int) string { return fmt.Sprintf(`<xs:attribute name="a%d"/>`, i) }), "", ""),
		xsd("occurrences", inSequence(`<xs:element name="o" type="t:n0" minOccurs="2000000000" maxOccurs="99999999999999999999999"/>`),
			doubled(10, `<xs:complexType name="NAME"><xs:sequence><xs:element name="a" type="NEXT" minOccurs="1000" maxOccurs="2000000000"/></xs:sequence></xs:complexType>`, `<xs:complexType name="NAME"/>`), ""),
		xsd("constants of a union", inSequence(simple), `<xs:simpleType name="n0"><xs:union><xs:simpleType>`+constants("a")+
			`</xs:simpleType><xs:simpleType>`+constants("b")+`</xs:simpleType></xs:union></xs:simpleType>`, ""),
		xsd("unions of unions", inSequence(simple), doubled(28, `<xs:simpleType name="NAME"><xs:union memberTypes="NEXT NEXT"/></xs:simpleType>`,
			`<xs:simpleType name="NAME"><xs:restriction base="xs:string"/></xs:simpleType>`), ""),
		xsd("text in pieces", `<xs:annotation><xs:documentation>`+strings.Repeat("<![CDATA[x]]>", 100_000)+`</xs:documentation></xs:annotation>`,
			"", ""),
		pattern("long", strings.Repeat("[", 300_000), ""),
		pattern("of large repetitions", strings.Repeat("(a{1000})", 2000), ""),
		pattern("of 60,000 branches", repeated(60_000, func(i int) string { return fmt.Sprintf("abc%d|", i) }), ""),
	}
	schema := func(inside string) string {
		return `<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema" targetNamespace="urn:s" xmlns:t="urn:s">` + inside + `</xs:schema>`
	}
	twice := `<xs:group name="g"><xs:sequence><xs:group ref="t:g"/><xs:group ref="t:g"/></xs:sequence></xs:group>`
	redefines, includes := map[string]string{}, map[string]string{}
	for i := range 28 {
		redefines[fmt.Sprintf("r%d.xsd", i)] = schema(fmt.Sprintf(`<xs:redefine schemaLocation="r%d.xsd"><xs:group name="h%d"><xs:sequence/></xs:group></xs:redefine>`, i+1, i))
		includes[fmt.Sprintf("r%d.xsd", i)] = schema(strings.Repeat(fmt.Sprintf(`<xs:include schemaLocation="r%d.xsd"/>`, i+1), 2))
	}
	redefines["r28.xsd"] = schema(twice)
	includes["r28.xsd"] = schema(`<xs:group name="g">` + inSequence(hostileLeaf) + `</xs:group>`)
	wide := strings.Replace(schema(elements(20_000, "")), ` targetNamespace="urn:s"`, "", 1)
	spaces := ofSchema("", "") + repeated(100, func(i int) string {
		return fmt.Sprintf(`<xs:schema targetNamespace="urn:n%d"><xs:include schemaLocation="wide.xsd"/></xs:schema>`, i)
	})
	start := `<xs:schema targetNamespace="urn:s">%s<xs:element name="In"><xs:complexType/></xs:element><xs:element name="Out"><xs:complexType><xs:group ref="t:g"/></xs:complexType></xs:element></xs:schema>`
	return append(list,
		hostile{
			"xsd redefinitions", soapProject(fmt.Sprintf(start, `<xs:redefine schemaLocation="r0.xsd"/>`), redefines),
			"the group is made of itself",
		},
		hostile{"xsd includes twice", soapProject(fmt.Sprintf(start, `<xs:include schemaLocation="r0.xsd"/>`), includes), ""},
		hostile{"xsd one file for 100 namespaces", soapProject(spaces, map[string]string{"wide.xsd": wide}), "define more than 250000 names"},
	)
}
