package soap

import (
	"os/exec"
	"strings"
	"testing"

	"fondaco/connectors/connectortest"
)

// php skips the test where PHP or its SOAP is absent.
func php(t *testing.T) {
	t.Helper()
	if out, err := exec.CommandContext(t.Context(), "php", "-m").Output(); err != nil || !strings.Contains(string(out), "\nsoap\n") {
		connectortest.Absent(t, "PHP with SOAP")
	}
}

// TestPeerPHP: PHP's SoapServer understands us, and we understand it.
func TestPeerPHP(t *testing.T) {
	php(t)
	p := started(t, "php", "-d", "display_errors=stderr", "peers/php_server.php")
	const (
		least = `{"string":"","boolean":false,"decimal":-99999999999999999999.0000000001,"integer":-9223372036854775808,"long":-9223372036854775808,"int":-2147483648,` +
			`"double":-1.5,"dateTime":"0001-01-01T00:00:00Z","date":"0001-01-01","base64Binary":"","hexBinary":"","colour":"red","many":[],"holes":[]}`
		greatest = `{"string":"  è 😀 <&>\"'\t\n]]>  ","normalizedString":"  a  b ","token":"a b","language":"sr-Latn-RS","Name":"a:b.c-d","NMTOKENS":["uno","due"],"anyURI":"http://a.example/è?x=1&y=%20#f",` +
			`"boolean":true,"decimal":12345678901234567890.12345678901234567890,"integer":9223372036854775807,"long":9223372036854775807,"int":2147483647,"short":32767,"byte":127,"unsignedInt":4294967295,` +
			`"float":0.25,"double":123456789.125,"dateTime":"9999-12-30T23:59:59.999999+14:00","date":"9999-12-31","time":"23:59:59.999999","gYear":"9999","duration":"P1Y2M3DT4H5M6.5S","base64Binary":"AP/+//8A","hexBinary":"AP//",` +
			`"code":"ABCD","amount":9999999999.99,"colour":"blue","many":["uno"," due "],"nothing":null,"holes":[],"count":2147483647,"label":"a <&> è"}`
		person = `{"xsi_type":"Person","name":"Ada","contact":[{"value":"a@b.it","kind":"mail"},{"value":"è","kind":"x"}],"id":1}`
		branch = `{"xsi_type":"Branch","name":"Filiale","vat":"01234567890","id":3}`
	)
	wrapped := func(name, v string) string { return `{"` + name + `":` + v + `}` }
	for path, more := range map[string]string{"/document": "", "/document12": "  port: Soap12\n"} {
		fault := map[string]string{"": "Client"}[more]
		if fault == "" {
			fault = "Sender"
		}
		t.Run(path[1:], func(t *testing.T) {
			p.exchanges(t, path, more, []exchange{
				{"least", "echo", wrapped("values", least), ""},
				{"greatest", "echo", wrapped("values", greatest), ""},
				{"bare", "bare", greatest, ""},
				{"inheritance", "turn", `{"subject":[` + person + `,` + branch + `]}`, `{"subject":[` + branch + `,` + person + `]}`},
				{"no list", "turn", `{"subject":[]}`, ""},
				{"octets", "upload", `{"name":"x","document":"AP/+//8A"}`, `{"document":"AP/+//8A"}`},
				{"fault", "refuse", `{"code":7}`, `refused: ` + fault + ` "non <oggi> è tardi" {"refusal":{"code":7,"reason":["a","è"]}}`},
				{
					"header", "greet", `{"name":"Ada","header":{"ticket":{"session":"è","calls":1}}}`,
					`{"text":"ciao Ada è","header":{"receipt":{"session":"è","calls":2}}}`,
				},
				{"one way", "note", `{"text":"prendi nota"}`, "null"},
				{"no parameters", "noted", `{}`, `{"text":"prendi nota"}`},
			})
		})
	}
	t.Run("rpc", func(t *testing.T) {
		p.exchanges(t, "/rpc", "", []exchange{
			{"least", "echo", wrapped("values", least), ""},
			{"greatest", "echo", wrapped("values", greatest), ""},
			{"inheritance", "turn", `{"subjects":{"subject":[` + person + `,` + branch + `]}}`, `{"subjects":{"subject":[` + branch + `,` + person + `]}}`},
			{"two answers", "divide", `{"a":-7,"b":2}`, `{"quotient":-3,"rest":-1}`},
		})
	})
	t.Run("encoded", func(t *testing.T) {
		p.exchanges(t, "/encoded", "", []exchange{
			{"values", "echo", wrapped("values", `{"string":"è <&>","boolean":true,"decimal":1.50,"int":-7,"dateTime":"2026-11-30T10:00:00Z","base64Binary":"AP8=","colour":"red"}`), ""},
			{"structures", "items", `{"subject":[{"name":"a","amount":1.50},{"name":"è <&>","amount":-2,"inside":{"name":"c","amount":12345678901234567890.5}}]}`, `{"subject":[{"name":"è <&>","amount":-2,"inside":{"name":"c","amount":12345678901234567890.5}},{"name":"a","amount":1.50}]}`},
			{"words", "words", `{"subject":["uno","due <&>","è"]}`, `{"subject":["è","due <&>","uno"]}`},
			{"no words", "words", `{"subject":[]}`, ""},
		})
	})
}

// TestPeerPHPCalls: PHP's SoapClient reads the description that we serve, and its calls and our answers are understood.
func TestPeerPHPCalls(t *testing.T) {
	php(t)
	call := func(t *testing.T, wsdl, port string, as, operations []string, list []zeepCase) {
		t.Helper()
		address := servedToPeers(t, wsdl, "", operations)
		calledBy(t, port, list, "php", append([]string{"-d", "display_errors=stderr", "peers/php_client.php", address}, as...)...)
	}
	const (
		values = `{"string":"è <&>\"'\n","boolean":true,"decimal":"-99999999999999999999.0000000001","long":9223372036854775807,"int":-7,"double":0.25,"dateTime":"2026-11-30T10:00:00.5+01:00","date":"2026-11-30","colour":"red","many":["uno"," due "],"count":3,"label":"a <&> è"}`
		person = `{"xsi_type":"Person","name":"Ada","contact":[{"_":"a@b.it","kind":"mail"},{"_":"è","kind":"x"}],"id":1}`
		branch = `{"xsi_type":"Branch","name":"Filiale","vat":"01234567890","id":3}`
		detail = `{"refusal":{"code":"7","reason":["a","è"],"about":{"enc_type":0,"enc_value":{"xsi_type":"Person","name":"Ada","id":1},"enc_stype":"Person","enc_ns":"urn:fondaco:zeep"}}}`
	)
	wrapped := func(name, v string) string { return `{"` + name + `":` + v + `}` }
	for _, version := range []string{"Soap11", "Soap12"} {
		client := map[string]string{"Soap11": "Client", "Soap12": "Sender"}[version]
		t.Run(version, func(t *testing.T) {
			call(t, "peers/wsdl/document.wsdl", version, nil, []string{"echo", "turn", "refuse", "greet", "note", "noted", "upload", "bare"}, []zeepCase{
				{"values", "echo", wrapped("values", values), "", wrapped("out", wrapped("values", values))},
				{"bare", "bare", values, "", wrapped("out", values)},
				{"inheritance", "turn", `{"subject":[` + person + `,` + branch + `]}`, "", `{"out":{"subject":[` + branch + `,` + person + `]}}`},
				{"fault", "refuse", `{"code":7}`, "", `{"fault":{"code":"` + client + `","text":"non <oggi> è tardi","detail":` + detail + `}}`},
				{
					"header", "greet", `{"name":"Ada"}`, `{"ticket":{"session":"è","calls":1}}`,
					`{"out":{"text":"ciao Ada è"},"header":{"receipt":{"session":"è","calls":7}}}`,
				},
				{"one way", "note", `{"text":"prendi nota"}`, "", `{"out":null}`},
				{"no parameters", "noted", `{}`, "", `{"out":{"text":"prendi nota"}}`},
				{"octets", "upload", `{"name":"x","document":"abc"}`, "", `{"out":{"document":"abc"}}`},
			})
		})
	}
	t.Run("rpc", func(t *testing.T) {
		call(t, "peers/wsdl/rpc.wsdl", "", []string{"rpc"}, []string{"echo", "turn", "divide", "refuse"}, []zeepCase{
			{"values", "echo", wrapped("values", values), "", wrapped("out", values)},
			{"inheritance", "turn", `{"subjects":{"subject":[` + person + `,` + branch + `]}}`, "", `{"out":{"subject":[` + branch + `,` + person + `]}}`},
			{"two answers", "divide", `{"a":-7,"b":2}`, "", `{"out":{"quotient":-3,"rest":-1}}`},
			{"a fault without detail", "divide", `{"a":1,"b":0}`, "", `{"fault":{"code":"Server","text":"/ by zero","detail":""}}`},
		})
	})
	t.Run("encoded", func(t *testing.T) {
		call(t, "peers/wsdl/encoded.wsdl", "", []string{"rpc"}, []string{"echo", "items", "words"}, []zeepCase{
			{"values", "echo", wrapped("values", `{"string":"è <&>","boolean":true,"decimal":"1.50","int":-7,"dateTime":"2026-11-30T10:00:00Z","colour":"red"}`), "", wrapped("out", `{"string":"è <&>","boolean":true,"decimal":"1.50","int":-7,"dateTime":"2026-11-30T10:00:00Z","colour":"red"}`)},
			{"structures", "items", `{"subject":[{"name":"a","amount":"1.50"},{"name":"è <&>","amount":"-2","inside":{"name":"c","amount":"12345678901234567890.5"}}]}`, "", `{"out":[{"name":"è <&>","amount":"-2","inside":{"name":"c","amount":"12345678901234567890.5"}},{"name":"a","amount":"1.50"}]}`},
			{"words", "words", `{"subject":["uno","due <&>","è"]}`, "", `{"out":["è","due <&>","uno"]}`},
		})
	})
}
