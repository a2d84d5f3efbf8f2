package main

import (
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestCityAnswersPagoPAsOwnMessages: the city takes pagoPA's published sample messages, once they are meant for it; as
// they are published they are for another body, which is told in pagoPA's words. Two samples are not as pagoPA's own
// schema has them, and are refused: that of paVerifyPaymentNotice has the namespace of another service, that of paSendRT no
// transferCategory; with it, it is taken.
func TestCityAnswersPagoPAsOwnMessages(t *testing.T) {
	t.Parallel()
	p := startDemo(t)
	for _, c := range []struct {
		file, action string
		ours, mended bool
		want         []string
	}{
		{
			"ReqPaGetPayment.xml", "paGetPayment", true, true,
			[]string{
				"<outcome>OK</outcome>", "<paymentAmount>30.00</paymentAmount>",
				"<creditorReferenceId>11111111112222222</creditorReferenceId>",
			},
		},
		{"ReqPaGetPayment.xml", "paGetPayment", false, true, []string{"<outcome>KO</outcome>", "<faultCode>PAA_ID_DOMINIO_ERRATO</faultCode>"}},
		{"ReqPaSendRT.xml", "paSendRT", true, true, []string{"<outcome>OK</outcome>"}},
		{"ReqPaSendRT.xml", "paSendRT", false, true, []string{"<outcome>KO</outcome>", "<faultCode>PAA_ID_DOMINIO_ERRATO</faultCode>"}},
		{"ReqPaSendRT.xml", "paSendRT", true, false, []string{":Client</faultcode>", "/receipt/transferList/transfer/0/transferCategory"}},
		{"ReqPaVerifyPayment.xml", "paVerifyPaymentNotice", true, false, []string{":Client</faultcode>"}},
	} {
		message, err := os.ReadFile(filepath.Join(exampleCity, "connectors/pagopa-ente/examples", c.file))
		if err != nil {
			t.Fatal(err)
		}
		body := string(message)
		if c.ours {
			body = strings.ReplaceAll(body, "77777777777", "00339370272")
		}
		if c.mended {
			body = strings.ReplaceAll(body, "</remittanceInformation>", "</remittanceInformation><transferCategory>9/0101108IM/</transferCategory>")
		}
		status, answer, _ := p.ask(http.MethodPost, "/soap/pagopa", body, "Content-Type", "text/xml; charset=utf-8", "SOAPAction", `"`+c.action+
			`"`)
		for _, want := range c.want {
			if !strings.Contains(answer, want) {
				t.Errorf("%s, ours %v: %d, expected %s in %s", c.file, c.ours, status, want, answer)
			}
		}
	}
}
