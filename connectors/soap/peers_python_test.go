package soap

import (
	"os"
	"testing"

	"fondaco/connectors/connectortest"
)

const python = "../../.tools/python/bin/python"

// venv skips the test where the peers in Python are absent.
func venv(t *testing.T) {
	t.Helper()
	if _, err := os.Stat("../../.tools/python/whole"); err != nil {
		connectortest.Absent(t, "zeep and spyne")
	}
}

// TestPeerSpyne: spyne, where libxml2 checks what it gets, understands us, and we understand it.
func TestPeerSpyne(t *testing.T) {
	venv(t)
	p := started(t, python, "peers/spyne_server.py")
	const (
		least = `{"string":"","short":-32768,"byte":-128,"int":-2147483648,"long":-9223372036854775808,"integer":-9223372036854775808,"nonNegativeInteger":0,"positiveInteger":1,` +
			`"unsignedByte":0,"unsignedShort":0,"unsignedInt":0,"unsignedLong":0,"decimal":-12345678901234567890.0123456789,"amount":0,"float":-0.5,"double":-1e-300,"boolean":false,` +
			`"dateTime":"0001-01-01T00:00:00+00:00","date":"0001-01-01","time":"00:00:00","duration":"PT0S","base64":"AA==","uri":"urn:a","uuid":"00000000-0000-0000-0000-000000000000",` +
			`"language":"it","token":"a","line":" a ","Name":"_","NCName":"_","NMTOKEN":"1","ID":"a","colour":"red","code":"AB","words":[""],"numbers":{"int":[-2147483648]}}`
		greatest = `{"string":"  è 😀 <&>\"'\t\n]]>  ","short":32767,"byte":127,"int":2147483647,"long":9223372036854775807,"integer":9223372036854775807,"nonNegativeInteger":9223372036854775807,"positiveInteger":9223372036854775807,` +
			`"unsignedByte":255,"unsignedShort":65535,"unsignedInt":4294967295,"unsignedLong":18446744073709551615,"decimal":12345678901234567890.0123456789,"amount":9999999999.99,"float":0.25,"double":1.7976931348623157e308,"boolean":true,` +
			`"dateTime":"9999-12-30T23:59:59.999999+14:00","date":"9999-12-31","time":"23:59:59.999999","duration":"P3DT4H5M6.500000S","base64":"AP/+//8A","uri":"http://a.example/è?x=1&y=%20#f","uuid":"ffffffff-ffff-ffff-ffff-ffffffffffff",` +
			`"language":"sr-Latn-RS","token":"a b","line":"  a  b ","Name":"a:b.c-d","NCName":"ñ.1","NMTOKEN":"-.:1","ID":"è","colour":"blue","code":"ABCD","words":["uno"," due ","è"],"numbers":{"int":[-2147483648,0,2147483647]}}`
		person = `{"xsi_type":"Person","name":"Ada","contact":[{"value":"a@b.it","kind":"mail"},{"value":"x","kind":"none"}],"id":1,"age":36}`
		branch = `{"xsi_type":"Branch","name":"Filiale","contact":[],"id":3,"vat":"01234567890","street":"Calle Larga"}`
		plain  = `{"xsi_type":"Subject","name":"Nessuno","contact":[],"id":0}`
	)
	wrapped := func(name, v string) string { return `{"` + name + `":` + v + `}` }
	p.exchanges(t, "/", "", []exchange{
		{"least", "echo", wrapped("values", least), wrapped("echoResult", least)},
		{"greatest", "echo", wrapped("values", greatest), wrapped("echoResult", greatest)},
		{"bare", "bare", greatest, ""},
		{"person", "know", wrapped("subject", person), wrapped("knowResult", person)},
		{"branch", "know", wrapped("subject", branch), wrapped("knowResult", branch)},
		{"the type itself", "know", wrapped("subject", plain), wrapped("knowResult", plain)},
		{"array", "turn", `{"subjects":{"Subject":[` + person + `,` + branch + `,` + plain + `]}}`, `{"turnResult":{"Subject":[` + plain + `,` +
			branch + `,` + person + `]}}`},
		{"empty array", "turn", `{"subjects":{"Subject":[]}}`, `{"turnResult":{"Subject":[]}}`},
		{"null", "turn", `{"subjects":null}`, `{}`},
		{"two answers", "divide", `{"a":-7,"b":2}`, `{"quotient":-4,"rest":1}`},
		{
			"headers", "greet", `{"name":"Ada","header":{"Ticket":{"session":"è","calls":1}}}`,
			`{"greetResult":"ciao Ada è","header":{"Receipt":{"number":2}}}`,
		},
		{"a fault", "refuse", `{"code":0}`, `refused: Client "non oggi <&>"`},
		{"a fault of theirs", "refuse", `{"code":1}`, `unknown: Server "torni più tardi"`},
		{"a fault of ours", "refuse", `{"code":2}`, `refused: Client "torni più tardi"`},
		{"any", "anything", `{"xml":"<a xmlns=\"urn:a\" b=\"1\">è<c/></a>"}`, `{"anythingResult":"<a xmlns=\"urn:a\" b=\"1\">è<c></c></a>"}`},
		{"nothing", "nothing", `{}`, ""},
	})
}
