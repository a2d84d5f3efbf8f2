package soap

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"testing"
)

// Values of every built-in type: the least of each, the greatest, and what is odd; in the order of the peer's schema.
const (
	leastValues = `{"string":"","normalizedString":"","token":"","language":"it","Name":"_","NCName":"n","NMTOKEN":"1","words":["a"],"anyURI":"","QName":"nome",` +
		`"boolean":false,"decimal":-99999999999999999999.0000000001,"integer":-9223372036854775808,"nonPositiveInteger":-9223372036854775808,"negativeInteger":-9223372036854775808,` +
		`"nonNegativeInteger":0,"positiveInteger":1,"long":-9223372036854775808,"int":-2147483648,"short":-32768,"byte":-128,` +
		`"unsignedLong":0,"unsignedInt":0,"unsignedShort":0,"unsignedByte":0,"float":-1.5,"double":-1e-300,` +
		`"dateTime":"0001-01-01T00:00:00Z","date":"0001-01-01","time":"00:00:00","gYear":"0001","gYearMonth":"0001-01","gMonth":"--01","gMonthDay":"--01-01","gDay":"---01",` +
		`"duration":"PT0S","base64Binary":"","hexBinary":"","colour":"RED","numbers":[],"nothing":null,"holes":[null],"count":-2147483648,"label":"","since":"0001-01-01T00:00:00Z"}`
	greatestValues = `{"string":"  è 😀 <&>\"'\t\n]]>  ","normalizedString":"  a  b ","token":"a b","language":"sr-Latn-RS","Name":"a:b.c-d·e","NCName":"ñ.1","NMTOKEN":"-.:1","words":["uno","due","è"],"anyURI":"http://a.example/è?x=1&y=%20#f","QName":"{urn:fondaco:altro}nome",` +
		`"boolean":true,"decimal":12345678901234567890.12345678901234567890,"integer":9223372036854775807,"nonPositiveInteger":0,"negativeInteger":-1,` +
		`"nonNegativeInteger":9223372036854775807,"positiveInteger":9223372036854775807,"long":9223372036854775807,"int":2147483647,"short":32767,"byte":127,` +
		`"unsignedLong":18446744073709551615,"unsignedInt":4294967295,"unsignedShort":65535,"unsignedByte":255,"float":0.25,"double":1.7976931348623157e308,` +
		`"dateTime":"9999-12-31T23:59:59.999999999+14:00","date":"9999-12-31","time":"23:59:59.999","gYear":"9999","gYearMonth":"9999-12","gMonth":"--12","gMonthDay":"--12-31","gDay":"---31",` +
		`"duration":"P1Y2M3DT4H5M6.789S","base64Binary":"AP/+//8A","hexBinary":"AP//","colour":"BLUE","numbers":[-2147483648,0,2147483647],"nothing":"","holes":[1,null,3],"count":2147483647,"label":" a b\n\"<&>'è ","since":"2026-11-23T10:00:00.5-05:00"}`
)

const (
	person = `{"xsi_type":"Person","name":"Ada","id":"1","age":36,"contact":[{"value":"a@b.it","kind":"mail"},null,{"value":"","kind":"none"}],"children":{"child":[{"name":"Bea","id":"2","contact":[]}]},"card":{"value":"CA123","kind":"cie"}}`
	branch = `{"xsi_type":"Branch","name":"Filiale","id":"3","vat":"01234567890","head":{"xsi_type":"Company","name":"Capo","id":"4","vat":"0"}}`
)

// TestPeerJava: JAX-WS, which checks what it gets by its own schema, understands us, and we understand it.
func TestPeerJava(t *testing.T) {
	p := jaxws(t)
	wrapped := func(name, v string) string { return `{"` + name + `":` + v + `}` }
	t.Run("bare", func(t *testing.T) {
		p.exchanges(t, "/bare", "", []exchange{
			{"least", "echo", leastValues, ""},
			{"greatest", "echo", greatestValues, ""},
			{"more than 64 bits", "echo", `{"integer":123456789012345678901234567890,"nonPositiveInteger":-123456789012345678901234567890,"negativeInteger":-123456789012345678901234567890,"nonNegativeInteger":123456789012345678901234567890,"positiveInteger":123456789012345678901234567890,"nothing":null,"holes":[]}`, ""},
			{"nothing", "echo", `{}`, `{"nothing":null,"holes":[]}`},
			{"person", "know", person, ""},
			{"branch", "know", branch, ""},
			{
				"header", "greet", `{"value":"Ada","header":{"ticket":{"session":"è","calls":1}}}`,
				`{"value":"ciao Ada è","header":{"ticket":{"session":"è","calls":2}}}`,
			},
		})
	})
	t.Run("wrapped", func(t *testing.T) {
		p.exchanges(t, "/wrapped", "", []exchange{
			{"least", "echo", wrapped("values", leastValues), wrapped("return", leastValues)},
			{"greatest", "echo", wrapped("values", greatestValues), wrapped("return", greatestValues)},
			{"none", "echo", `{}`, `{}`},
			{"list", "turn", `{"subject":[` + person + `,` + branch + `]}`, `{"return":[` + branch + `,` + person + `]}`},
			{"no list", "turn", `{"subject":[]}`, `{"return":[]}`},
			{"two answers", "divide", `{"a":-7,"b":2}`, `{"quotient":-3,"rest":-1}`},
			{"an undeclared fault", "divide", `{"a":1,"b":0}`, `unknown: Server "/ by zero"`},
			{
				"a fault with a detail", "refuse", `{"code":7,"about":` + branch + `}`,
				`refused: Server "not today" {"refusal":{"code":7,"reason":["no <key>","è tardi"],"about":` + branch + `}}`,
			},
			{"one way", "note", `{"text":"prendi nota"}`, "null"},
			{"no parameters", "noted", `{}`, `{"return":"prendi nota"}`},
			{
				"header", "greet", `{"name":"Ada","header":{"ticket":{"session":"s","calls":1}}}`,
				`{"return":"ciao Ada s","header":{"ticket":{"session":"s","calls":2}}}`,
			},
		})
	})
	t.Run("soap 1.2", func(t *testing.T) {
		p.exchanges(t, "/wrapped12", "", []exchange{
			{"least", "echo12", wrapped("values", leastValues), wrapped("return", leastValues)},
			{"greatest", "echo12", wrapped("values", greatestValues), wrapped("return", greatestValues)},
			{
				"a fault with a detail", "refuse12", `{"code":7,"about":` + branch + `}`,
				`refused: Receiver "not today" {"refusal":{"code":7,"reason":[],"about":` + branch + `}}`,
			},
		})
	})
	t.Run("rpc", func(t *testing.T) {
		p.exchanges(t, "/rpc", "", []exchange{
			{"least", "echo", wrapped("values", leastValues), wrapped("return", leastValues)},
			{"greatest", "echo", wrapped("values", greatestValues), wrapped("return", greatestValues)},
			{"person", "know", wrapped("subject", person), wrapped("return", person)},
			{"branch", "know", wrapped("subject", branch), wrapped("return", branch)},
			{"array", "turn", `{"words":{"item":["a","","è"]}}`, `{"return":{"item":["è","","a"]}}`},
			{"empty array", "turn", `{"words":{"item":[]}}`, `{"return":{"item":[]}}`},
			{"two answers", "divide", `{"a":-7,"b":2}`, `{"return":-3,"rest":-1}`},
			{"a fault with a detail", "refuse", `{"code":7}`, `refused: Server "not today" {"refusal":{"code":7,"reason":[]}}`},
			{
				"header", "greet", `{"name":"Ada","header":{"ticket":{"session":"s","calls":1}}}`,
				`{"return":"ciao Ada s","header":{"ticket":{"session":"s","calls":2}}}`,
			},
		})
	})
	octets := func(size int) []byte {
		out := make([]byte, size)
		for i := range out {
			out[i] = byte(i % 251)
		}
		return out
	}
	coded := func(size int) string { return base64.StdEncoding.EncodeToString(octets(size)) }
	upload := func(size int) string { return `{"name":"x","document":"` + coded(size) + `"}` }
	received := func(size int, media string) string {
		return fmt.Sprintf(`{"return":"x %d %x %s"}`, size, sha256.Sum256(octets(size)), media)
	}
	list := []exchange{
		{"download nothing", "download", `{"size":0}`, `{"return":""}`},
		{"download a little", "download", `{"size":10}`, `{"return":"` + coded(10) + `"}`},
		{"download", "download", `{"size":1000003}`, `{"return":"` + coded(1000003) + `"}`},
		{"several", "several", `{"document":["` + coded(5000) + `","` + coded(3) + `","` + coded(4000) + `"]}`, `{"return":["` + coded(5000) +
			`","` + coded(3) + `","` + coded(4000) + `"]}`},
	}
	t.Run("octets in the envelope", func(t *testing.T) {
		p.exchanges(t, "/attach", "", append([]exchange{{"upload", "upload", upload(100_000), received(100_000, "text/xml")}}, list...))
	})
	t.Run("octets beside the envelope", func(t *testing.T) {
		p.exchanges(t, "/attach", "  mtom: true\n", append([]exchange{
			{"upload", "upload", upload(1_000_003), received(1_000_003, "multipart/related")},
			{"upload a little", "upload", upload(3), received(3, "text/xml")},
		}, list...))
	})
}
