package soap

import (
	"strings"
	"testing"

	"fondaco/connectors"
)

// TestSaid: a fault brings what the system said of it, for logs: without what was sent that is personal, and from the Body on.
func TestSaid(t *testing.T) {
	c := wired(t, complexA(`<x:sequence><x:element name="b" type="x:string"/><x:element name="esito" type="x:string" minOccurs="0"/></x:sequence>`),
		"  tolerant: true\n", "op: { effect: read, personal: [b], fails: [{ when: answer.esito == \"KO\", as: conflict }] }")
	for _, x := range []struct {
		status       int
		media, sent  string
		kind, expect string
	}{
		{
			500, "text/xml", `<soap:Envelope xmlns:soap="` + soap11 + `"><soap:Body><soap:Fault><faultcode>soap:Server</faultcode><faultstring>non trovo RSSMRA80A01L736U</faultstring></soap:Fault></soap:Body></soap:Envelope>`,
			"unavailable", "<soap:Fault> <faultcode>soap:Server</faultcode> <faultstring>non trovo ***</faultstring> </soap:Fault>",
		},
		{200, "text/xml", bodied("<b>x</b><esito>KO</esito>"), "conflict", "<esito>KO</esito>"},
		{200, "text/html", "<html><body>Servizio in manutenzione</body></html>", "invalid", "Servizio in manutenzione"},
		{503, "text/html", "<html><body>Servizio in manutenzione</body></html>", "unavailable", "Servizio in manutenzione"},
	} {
		caller, _ := against(t, c, text(x.status, x.media, x.sent))
		_, err := call(t, c, caller, "op", `{"b":"RSSMRA80A01L736U"}`)
		f := connectors.AsFault(err)
		got := *said.Load()
		if f == nil || f.Kind.String() != x.kind || !strings.Contains(got, x.expect) || strings.Contains(got, "RSSMRA") {
			t.Errorf("%s\n found    %v with %s\n expected %s with %s", x.sent, err, got, x.kind, x.expect)
		}
	}
}
