package soap

import (
	"strings"
	"testing"
)

// TestLexicalForms: what XML Schema lets a sender write is read, by a client and by a service, over a socket: any number of
// digits, the midnight that ends a day, whole numbers of any size, INF and NaN where null may stand. What is none of its forms is
// refused with its place.
func TestLexicalForms(t *testing.T) {
	const big = "123456789012345678901234567890"
	for _, x := range []struct{ of, text, json, xml string }{
		{`type="x:dateTime"`, "2026-01-31T10:00:00.1234567", `"2026-01-31T10:00:00.1234567"`, ""},
		{
			`type="x:dateTime"`, "2026-01-31T10:00:00.123456789012345+01:00", `"2026-01-31T10:00:00.123456789+01:00"`,
			"2026-01-31T10:00:00.123456789+01:00",
		},
		{`type="x:time"`, "10:00:00.1234567890123Z", `"10:00:00.123456789Z"`, "10:00:00.123456789Z"},
		{`type="x:dateTime"`, "2026-12-31T24:00:00", `"2027-01-01T00:00:00"`, "2027-01-01T00:00:00"},
		{`type="x:dateTime"`, "2024-02-28T24:00:00.000-05:00", `"2024-02-29T00:00:00-05:00"`, "2024-02-29T00:00:00-05:00"},
		{`type="x:time"`, "24:00:00", `"00:00:00"`, "00:00:00"},
		{`type="x:time"`, "24:00:00Z", `"00:00:00Z"`, "00:00:00Z"},
		{`type="x:dateTime"`, "2026-01-31T24:00:01", "", "/b: expected a date and time, as 2026-01-31T09:00:00+01:00"},
		{`type="x:dateTime"`, "2026-01-31T24:00:00.1", "", "/b: expected a date and time, as 2026-01-31T09:00:00+01:00"},
		{`type="x:dateTime"`, "9999-12-31T24:00:00", "", "/b: expected a date and time, as 2026-01-31T09:00:00+01:00"},
		{`type="x:dateTime"`, "2026-01-31T10:00:00.", "", "/b: expected a date and time, as 2026-01-31T09:00:00+01:00"},
		{`type="x:time"`, "24:30:00", "", "/b: expected a time, as 09:00:00"},
		{`type="x:integer"`, big, big, ""},
		{`type="x:integer"`, "-" + big, "-" + big, ""},
		{`type="x:integer"`, "+007", "7", "7"},
		{`type="x:integer"`, "1.0", "", "/b: expected a whole number"},
		{`type="x:positiveInteger"`, big, big, ""},
		{`type="x:positiveInteger"`, "0", "", "/b: expected at least 1"},
		{`type="x:negativeInteger"`, "-" + big, "-" + big, ""},
		{`type="x:nonNegativeInteger"`, big, big, ""},
		{`type="x:nonPositiveInteger"`, "1", "", "/b: expected at most 0"},
		{`type="t:twelve"`, "999999999999", "999999999999", ""},
		{`type="t:twelve"`, "1000000000000", "", "/b: expected at most 999999999999"},
		{`type="x:decimal"`, ".5", "0.5", "0.5"},
		{`type="x:decimal"`, "-5.", "-5", "-5"},
		{`type="x:double" nillable="true"`, "NaN", "null", `<b xsi:nil="true"/>`},
		{`type="x:double" nillable="true"`, " -INF ", "null", `<b xsi:nil="true"/>`},
		{`type="x:float" nillable="true"`, "INF", "null", `<b xsi:nil="true"/>`},
		{`type="x:float"`, "INF", "", "/b: expected a number: INF and NaN are none, and the type does not admit null"},
		{`type="x:double" minOccurs="0"`, "NaN", "", "/b: expected a number: INF and NaN are none, and the type does not admit null"},
		{`type="x:double"`, "1e5", "100000", "100000"},
		{`type="t:either"`, "ignota", `"ignota"`, ""},
		{`type="t:either"`, "2026-01-31", `"2026-01-31"`, ""},
		{`type="t:either"`, "A12", `"A12"`, ""},
		{`type="t:either"`, "mai", "", "/b: expected a value of one of the types of a union"},
		{`type="t:either"`, "2026-02-31", "", "/b: expected a value of one of the types of a union"},
		{`type="t:either"`, "A1", "", "/b: expected a value of one of the types of a union"},
		{`type="t:codes"`, "B", `"B"`, ""},
		{`type="t:codes"`, "C", "", "/b: expected a value of one of the types of a union"},
		{`type="t:any"`, "C", `"C"`, ""},
	} {
		t.Run(x.of+" "+x.text, func(t *testing.T) {
			c := wired(t, complexA(`<x:sequence><x:element name="b" `+x.of+`/></x:sequence>`)+
				`<x:simpleType name="twelve"><x:restriction base="x:integer"><x:totalDigits value="12"/></x:restriction></x:simpleType>`+
				`<x:simpleType name="either"><x:union memberTypes="x:date t:code"><x:simpleType><x:restriction base="x:token"><x:enumeration value="ignota"/></x:restriction></x:simpleType></x:union></x:simpleType>`+
				`<x:simpleType name="code"><x:restriction base="x:string"><x:pattern value="[A-Z][0-9]{2}"/></x:restriction></x:simpleType>`+
				`<x:simpleType name="codes"><x:union memberTypes="t:code t:b"/></x:simpleType><x:simpleType name="b"><x:restriction base="x:string"><x:pattern value="B"/></x:restriction></x:simpleType>`+
				`<x:simpleType name="any"><x:union memberTypes="x:date x:string"/></x:simpleType>`, "")
			message := bodied("<b>" + x.text + "</b>")
			in := `{"b":` + x.json + `}`
			want, echo := in, x.xml
			switch {
			case x.json == "":
				want, echo = "invalid at /b: "+x.xml, x.xml
			case x.xml == "":
				echo = "<b>" + x.text + "</b>"
			case !strings.HasPrefix(x.xml, "<"):
				echo = "<b>" + echo + "</b>"
			}
			if got := echoed(t, c, "text/xml", message); got != echo {
				t.Errorf("served: found %s, expected %s", got, echo)
			}
			if x.json == "" {
				v, ok := sample(c.Operation("op"))
				if !ok {
					t.Fatal("no sample")
				}
				in = asJSON(v)
			}
			if got, _ := read(t, c, in, text(200, "text/xml", message)); got != want {
				t.Errorf("called: found %s, expected %s", got, want)
			}
		})
	}
}

// TestLexicalTypes: whole numbers have 64 bits where their facets say so, and are decimals without a fraction where they do not.
func TestLexicalTypes(t *testing.T) {
	for facets, want := range map[string]string{
		``:                            "decimal",
		`<x:totalDigits value="18"/>`: "integer",
		`<x:totalDigits value="19"/>`: "decimal",
		`<x:minInclusive value="0"/>`: "decimal",
		`<x:minInclusive value="0"/><x:maxInclusive value="9223372036854775807"/>`: "integer",
		`<x:minInclusive value="0"/><x:maxInclusive value="9223372036854775808"/>`: "decimal",
	} {
		p := shape(t, complexA(`<x:sequence><x:element name="b"><x:simpleType><x:restriction base="x:integer">`+facets+
			`</x:restriction></x:simpleType></x:element></x:sequence>`), "")
		if got := p.in.Type.Fields[0].Type.Kind.String(); got != want {
			t.Errorf("%s: found %s, expected %s", facets, got, want)
		}
	}
}
