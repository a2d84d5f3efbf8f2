package soap

import (
	"fmt"
	"os"
	"strings"
	"testing"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/transform/codec"
)

// described compiles the operations of a WSDL of pagoPA's.
func described(t *testing.T, wsdl string, operations ...string) *connectors.Connector {
	t.Helper()
	c := &connectors.Connector{Name: "pagopa", FS: os.DirFS("testdata/pagopa"), Dir: "wsdl", Protocol: Protocol}
	w := &wire{}
	w.wsdl.Value = wsdl
	c.Wire = w
	for _, name := range operations {
		c.Operations = append(c.Operations, &connectors.Operation{Name: name})
	}
	var out diag.List
	Protocol.Describe(c, &out)
	for _, p := range out.Sorted() {
		t.Errorf("%s: %s", p.Pos, p.Message)
	}
	return c
}

// TestPagoPA reads the published messages, writes them again and compares the XML. Those that their own schema refuses
// are refused, and say why.
func TestPagoPA(t *testing.T) {
	const (
		category = "/transferList/transfer/0/transferCategory: expected text, found nothing"
	)
	services := map[string]*connectors.Connector{
		"paForNode": described(t, "paForNode.wsdl", "paVerifyPaymentNotice", "paGetPayment", "paGetPaymentV2", "paSendRT", "paSendRTV2",
			"paDemandPaymentNotice"),
		"nodeForPsp": described(t, "nodeForPsp.wsdl", "verifyPaymentNotice", "activatePaymentNotice", "sendPaymentOutcome", "verificaBollettino"),
	}
	for _, x := range []struct{ service, op, file, want string }{
		{"paForNode", "paGetPayment", "ReqPaGetPayment", `{"idPA":"77777777777","idBrokerPA":"77777777777","idStation":"77777777777_01","qrCode":{"fiscalCode":"77777777777","noticeNumber":"311111111112222222"},"amount":30.00}`},
		{
			"paForNode", "paVerifyPaymentNotice", "200PaVerifyPaymentNotice",
			`{"outcome":"OK","paymentList":{"paymentOptionDescription":{"amount":30.00,"options":"EQ","dueDate":"2021-12-31","detailDescription":"test","allCCP":false}},"paymentDescription":"payment","fiscalCodePA":"77777777777","companyName":"company EC","officeName":"office EC"}`,
		},
		{"paForNode", "paSendRT", "200PaSendRT", `{"outcome":"OK"}`},
		{"nodeForPsp", "verifyPaymentNotice", "ReqVerifyPayment", ""},
		{"nodeForPsp", "verifyPaymentNotice", "200VerifyPayment", ""},
		{"nodeForPsp", "activatePaymentNotice", "ReqActivatePayment", ""},
		{"nodeForPsp", "activatePaymentNotice", "200ActivatePayment", ""},
		{"nodeForPsp", "sendPaymentOutcome", "ReqSendPaymentOutcome", ""},
		{"nodeForPsp", "sendPaymentOutcome", "200SendPaymentOutcome", ""},
		{"nodeForPsp", "verificaBollettino", "ReqVerificaBollettino", ""},
		{"nodeForPsp", "verificaBollettino", "200VerificaBollettino", ""},
		// These leave out the category, which the schema wants.
		{"paForNode", "paGetPayment", "200PaGetPayment", "/data" + category},
		{"paForNode", "paSendRT", "ReqPaSendRT", "/receipt" + category},
		// This one has the namespace of another service: it must not pass.
		{"paForNode", "paVerifyPaymentNotice", "ReqPaVerifyPayment", "the Body holds another element than the operation's"},
	} {
		t.Run(x.file, func(t *testing.T) {
			p := services[x.service].Operation(x.op).Wire.(*op)
			b := p.in
			if x.file[0] != 'R' {
				b = p.out
			}
			data, err := os.ReadFile("testdata/pagopa/examples/" + x.file + ".xml")
			if err != nil {
				t.Fatal(err)
			}
			v, fault, err := versions["1.1"].reads(b, b.Type, nil).read(data, true, nil)
			got := string(codec.AppendJSON(nil, v))
			if err != nil {
				got = err.Error()
			}
			if fault != nil || got != x.want && (x.want != "" || err != nil) {
				t.Fatalf("got  %s %v\nwant %s", got, fault, x.want)
			}
			if err != nil {
				return
			}
			again, err := versions["1.1"].writes(b).append(nil, v, nil)
			if err != nil {
				t.Fatal(err)
			}
			if a, b := inBody(t, data), inBody(t, again); a != b {
				t.Errorf("written as %s\nit was     %s", b, a)
			}
		})
	}
}

// inBody returns the content of a message's Body with every name expanded, and without the white space between elements.
func inBody(t *testing.T, data []byte) string {
	t.Helper()
	s := codec.NewXMLScanner(data, codec.XMLOptions{})
	var b strings.Builder
	for {
		kind, err := s.Next()
		if err != nil {
			t.Fatal(err)
		}
		space, local := "", ""
		if kind == codec.XMLStart || kind == codec.XMLEnd {
			space, local = s.Name()
		}
		switch {
		case kind == codec.XMLEOF:
			return b.String()
		case space == soap11:
		case kind == codec.XMLText:
			b.WriteString(strings.TrimSpace(s.Text()))
		case kind == codec.XMLEnd:
			b.WriteString("</>")
		default:
			fmt.Fprintf(&b, "<{%s}%s %v>", space, local, s.Attrs())
		}
	}
}

// An amount is written with two digits after the point, whatever the sum was held as.
func TestPagoPA_amount(t *testing.T) {
	c := described(t, "paForNode.wsdl", "paGetPayment")
	p := c.Operation("paGetPayment").Wire.(*op)
	v := input(t, c.Operation("paGetPayment"), `{"idPA":"77777777777","idBrokerPA":"77777777777","idStation":"77777777777_01","qrCode":{"fiscalCode":"77777777777","noticeNumber":"311111111112222222"},"amount":30}`)
	got, err := versions["1.1"].writes(p.in).append(nil, v, nil)
	const want = `<?xml version="1.0" encoding="UTF-8"?><soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xmlns:n0="http://pagopa-api.pagopa.gov.it/pa/paForNode.xsd"><soap:Body>` +
		`<n0:paGetPaymentReq><idPA>77777777777</idPA><idBrokerPA>77777777777</idBrokerPA><idStation>77777777777_01</idStation><qrCode><fiscalCode>77777777777</fiscalCode><noticeNumber>311111111112222222</noticeNumber></qrCode><amount>30.00</amount></n0:paGetPaymentReq></soap:Body></soap:Envelope>`
	if err != nil || string(got) != want {
		t.Errorf("got %s, %v\nwant %s", got, err, want)
	}
}

func TestPagoPA_nodeForPa(t *testing.T) {
	c := described(t, "nodeForPa.wsdl", "nodoChiediElencoFlussiRendicontazione", "nodoChiediFlussoRendicontazione")
	for _, op := range c.Operations {
		if op.Input == nil || op.Output == nil || len(op.Input.Fields) == 0 {
			t.Errorf("%s: %v → %v", op.Name, op.Input, op.Output)
		}
	}
}
