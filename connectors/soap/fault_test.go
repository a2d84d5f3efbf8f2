package soap

import (
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/transform"
)

const faulty = `connector: prova
version: 1.0.0
params: { endpoint: { type: string } }
soap: { wsdl: s.wsdl, endpoint: "${param.endpoint}" }
operations:
  op:
    fails:
      - when: fault.code == "Server" && fault.subcode == "Assente"
        as: not-found
      - when: (fault.detail?.errore?.numero ?? 0) == 7
        as: conflict
        detail: "${fault.detail?.errore?.testo ?? fault.text} (${fault.code})"
      - when: answer.value == "KO"
        as: refused
        detail: ${answer.value}
`

// faultyWSDL is tiny with a declared fault.
var faultyWSDL = strings.NewReplacer(
	`</x:schema>`, `<x:element name="errore"><x:complexType><x:sequence><x:element name="numero" type="x:int"/><x:element name="testo" type="x:string"/></x:sequence></x:complexType></x:element></x:schema>`,
	`<portType`, `<message name="f"><part name="p" element="t:errore"/></message><portType`,
	`<output message="t:in"/>`, `<output message="t:in"/><fault name="f" message="t:f"/>`,
).Replace(tiny)

func loadFaulty(text string) (*connectors.Connector, []diag.Problem) {
	var out diag.List
	c := connectors.Load(fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}, "c/s.wsdl": {Data: []byte(faultyWSDL)}}, "c",
		connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
	return c, out.Sorted()
}

// TestFaultRules: a connector says what the faults of its service are; without a rule, their code does.
func TestFaultRules(t *testing.T) {
	c, wrong := loadFaulty(faulty)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	const detail = `<detail><t:altro xmlns:t="urn:t"/><t:errore xmlns:t="urn:t"><numero>7</numero><testo>occupato</testo></t:errore></detail>`
	for _, x := range []struct{ body, want string }{
		{`<s:Fault><faultcode>s:Server.Assente</faultcode><faultstring>x</faultstring></s:Fault>`, "not-found  500"},
		{`<s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring>` + detail + `</s:Fault>`, "conflict occupato (Client) 500"},
		{
			`<s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring>` + strings.Replace(detail, "7", "8", 1) + `</s:Fault>`,
			"refused  500",
		},
		{
			`<s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring>` + strings.Replace(detail, "7", "sette", 1) + `</s:Fault>`,
			"refused  500",
		},
		{`<s:Fault><faultcode>s:Client</faultcode><faultstring>x</faultstring></s:Fault>`, "refused  500"},
		{`<s:Fault><faultcode>s:Server</faultcode><faultstring>x</faultstring></s:Fault>`, "unknown  500"},
		{`<s:Fault><faultcode>s:MustUnderstand</faultcode><faultstring>x</faultstring></s:Fault>`, "invalid  500"},
		{`<a xmlns="urn:t">KO</a>`, "refused KO 200"},
		{`<a xmlns="urn:t">OK</a>`, `{"value":"OK"}`},
	} {
		status := http.StatusInternalServerError
		if !strings.HasPrefix(x.body, "<s:Fault") {
			status = http.StatusOK
		}
		got, f := answered(t, c, "op", `{"value":"x"}`, text(status, "text/xml", `<s:Envelope xmlns:s="`+soap11+`"><s:Body>`+x.body+
			`</s:Body></s:Envelope>`))
		if f != nil {
			got = f.Kind.String() + " " + f.Detail + " " + itoa(f.Status)
		}
		if got != x.want {
			t.Errorf("%s\ngot  %s\nwant %s", x.body, got, x.want)
		}
	}
}

// TestFaultRules_problems: what a rule about faults may not say.
func TestFaultRules_problems(t *testing.T) {
	for _, x := range []struct{ from, to, want string }{
		{`fault.subcode == "Assente"`, `fault.subcod == "Assente"`, `fault has no field "subcod"`},
		{`detail?.errore?.numero`, `detail?.errore?.numreo`, `fault.detail.errore has no field "numreo"`},
		{`fault.subcode == "Assente"`, `answer.value == "x"`, `nothing here is called "answer"`},
		{`detail: ${answer.value}`, `detail: ${fault.text}`, `nothing here is called "fault"`},
		{`detail: "${fault.detail?.errore?.testo ?? fault.text}`, `detail: "${answer.value}`, `nothing here is called "answer"`},
	} {
		_, wrong := loadFaulty(strings.Replace(faulty, x.from, x.to, 1))
		if len(wrong) != 1 || wrong[0].Message != x.want {
			t.Errorf("%s: got %v\nwant %s", x.to, wrong, x.want)
		}
	}
}
