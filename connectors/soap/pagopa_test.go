package soap

import (
	"os"
	"testing"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// described compiles the operations of a WSDL of the gathered ones; the test is skipped where they are not.
func described(t *testing.T, wsdl string, operations ...string) *connectors.Connector {
	t.Helper()
	if _, err := os.Stat(corpus); err != nil {
		t.Skip("the gathered WSDLs are not here")
	}
	c := &connectors.Connector{Name: "pagopa", FS: os.DirFS(corpus), Dir: "pagopa/wsdl", Protocol: Protocol}
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

// sample reads one of pagoPA's messages with the operation's plan.
func sample(t *testing.T, file string, b *body) (schema.Value, error) {
	t.Helper()
	data, err := os.ReadFile(corpus + "/pagopa/examples/" + file)
	if err != nil {
		t.Fatal(err)
	}
	v, fault, err := versions["1.1"].reads(b, b.t, nil).read(data, true, nil)
	if fault != nil {
		t.Errorf("%s: fault %v", file, fault)
	}
	return v, err
}

func TestPagoPA_paForNode(t *testing.T) {
	c := described(t, "paForNode.wsdl", "paVerifyPaymentNotice", "paGetPayment", "paGetPaymentV2", "paSendRT", "paSendRTV2", "paDemandPaymentNotice")
	for _, x := range []struct{ op, file, want string }{
		{"paGetPayment", "ReqPaGetPayment.xml", `{"idPA":"77777777777","idBrokerPA":"77777777777","idStation":"77777777777_01","qrCode":{"fiscalCode":"77777777777","noticeNumber":"311111111112222222"},"amount":30.00}`},
		{"paVerifyPaymentNotice", "200PaVerifyPaymentNotice.xml", `{"outcome":"OK","paymentList":{"paymentOptionDescription":{"amount":30.00,"options":"EQ","dueDate":"2021-12-31","detailDescription":"test","allCCP":false}},"paymentDescription":"payment","fiscalCodePA":"77777777777","companyName":"company EC","officeName":"office EC"}`},
	} {
		p := c.Operation(x.op).Wire.(*op)
		b := p.in
		if x.file[0] != 'R' {
			b = p.out
		}
		v, err := sample(t, x.file, b)
		if got := string(codec.AppendJSON(nil, v)); err != nil || got != x.want {
			t.Errorf("%s: got %s, %v\nwant %s", x.file, got, err, x.want)
			continue
		}
		data, err := versions["1.1"].writes(b).append(nil, v, nil)
		if err != nil {
			t.Errorf("%s: %v", x.file, err)
		}
		again, _, err := versions["1.1"].reads(b, b.t, nil).read(data, true, nil)
		if err != nil || !schema.Equal(v, again) {
			t.Errorf("%s: not the same there and back: %v\n%s", x.file, err, data)
		}
	}
	// These published samples leave out the category, which the published schema wants.
	for _, x := range []struct {
		file string
		b    *body
		want string
	}{
		{"200PaGetPayment.xml", c.Operation("paGetPayment").Wire.(*op).out, "/data/transferList/transfer/0/transferCategory: expected text, found nothing"},
		{"ReqPaSendRT.xml", c.Operation("paSendRT").Wire.(*op).in, "/receipt/transferList/transfer/0/transferCategory: expected text, found nothing"},
	} {
		if _, err := sample(t, x.file, x.b); err == nil || err.Error() != x.want {
			t.Errorf("%s: got %v", x.file, err)
		}
	}
	if _, err := sample(t, "200PaSendRT.xml", c.Operation("paSendRT").Wire.(*op).out); err != nil {
		t.Error(err)
	}
	// The published sample has the namespace of another service: it must not pass.
	_, err := sample(t, "ReqPaVerifyPayment.xml", c.Operation("paVerifyPaymentNotice").Wire.(*op).in)
	if err == nil || err.Error() != "the Body holds another element than the operation's" {
		t.Errorf("got %v", err)
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
