package funcs

import (
	"bytes"
	"encoding/base64"
	"strings"
	"testing"

	"fondaco/schema"
)

// tlv encodes an element in DER.
func tlv(tag byte, content ...[]byte) []byte {
	body := bytes.Join(content, nil)
	switch n := len(body); {
	case n < 0x80:
		return append([]byte{tag, byte(n)}, body...)
	default:
		return append([]byte{tag, 0x82, byte(n >> 8), byte(n)}, body...)
	}
}

// indefinite encodes a constructed element whose end is marked (X.690 §8.1.3.6).
func indefinite(tag byte, content ...[]byte) []byte {
	return append(append([]byte{tag, 0x80}, bytes.Join(content, nil)...), 0, 0)
}

// signed makes a SignedData around an octet string, without certificates and signers.
func signed(wrap func(byte, ...[]byte) []byte, octets []byte) []byte {
	data := []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x01}
	return wrap(0x30, []byte{0x06, 0x09, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07, 0x02},
		wrap(0xa0, wrap(0x30, tlv(0x02, []byte{1}), tlv(0x31), wrap(0x30, data, wrap(0xa0, octets)), tlv(0x31))))
}

const invoice = `<?xml version="1.0" encoding="UTF-8"?><p:FatturaElettronica xmlns:p="urn:p"><FatturaElettronicaHeader><DatiTrasmissione><IdTrasmittente><IdCodice>111</IdCodice></IdTrasmittente></DatiTrasmissione>` +
	`<CedentePrestatore><DatiAnagrafici><IdFiscaleIVA><IdPaese>IT</IdPaese><IdCodice>0123<!-- -->45</IdCodice></IdFiscaleIVA><Anagrafica><Denominazione>S &amp; Figli</Denominazione></Anagrafica></DatiAnagrafici></CedentePrestatore>` +
	`</FatturaElettronicaHeader></p:FatturaElettronica>`

// TestSignedContent: what a .p7m holds is found whatever way it was encoded; what is none stays as it is.
func TestSignedContent(t *testing.T) {
	whole := tlv(0x04, []byte(invoice))
	pieces := indefinite(0x24, tlv(0x04, []byte(invoice[:100])), indefinite(0x24, tlv(0x04, []byte(invoice[100:200]))),
		tlv(0x04, []byte(invoice[200:])))
	for name, in := range map[string][]byte{
		"DER":         signed(tlv, whole),
		"BER":         signed(indefinite, pieces),
		"mixed":       signed(tlv, pieces),
		"twice":       signed(tlv, tlv(0x04, signed(indefinite, pieces))),
		"base64":      []byte(base64.StdEncoding.EncodeToString(signed(tlv, whole))),
		"base64 MIME": []byte(strings.Join(strings.SplitAfterN(base64.StdEncoding.EncodeToString(signed(tlv, whole)), "A", 3), "\r\n")),
		"not signed":  []byte(invoice),
	} {
		if got := signedContent(in); string(got) != invoice {
			t.Errorf("%s: %q", name, got)
		}
	}
	der := signed(tlv, whole)
	for _, in := range [][]byte{
		nil,
		{0x30},
		{0x30, 0x80},
		der[:20], der[:len(der)-30], []byte("MIIB"), bytes.Repeat([]byte{0x30, 0x80}, 5000),
		signed(tlv, nil),
	} {
		if got := signedContent(in); !bytes.Equal(got, in) {
			t.Errorf("%x is taken for %q", in, got)
		}
	}
}

// FuzzSignedContent: no octets end in a panic or in more than they hold.
func FuzzSignedContent(f *testing.F) {
	f.Add(signed(indefinite, tlv(0x04, []byte(invoice))))
	f.Fuzz(func(t *testing.T, b []byte) {
		if got := signedContent(b); len(got) > len(b) {
			t.Errorf("%d octets of %d", len(got), len(b))
		}
	})
}

// TestXMLText: the first element at a path is read, whole and by its place, not by its name alone.
func TestXMLText(t *testing.T) {
	seller := "FatturaElettronicaHeader/CedentePrestatore/DatiAnagrafici/"
	for _, c := range []struct{ document, path, want string }{
		{invoice, seller + "IdFiscaleIVA/IdCodice", `012345`},
		{invoice, seller + "Anagrafica/Denominazione", `S & Figli`},
		{invoice, "CedentePrestatore", "nil"},
		{invoice, seller + "IdFiscaleIVA/Altro", "nil"},
		{
			strings.Replace(strings.Replace(invoice, "UTF-8", "ISO-8859-1", 1), "S &amp; Figli", "Citt\xe0", 1), seller + "Anagrafica/Denominazione",
			`Città`,
		},
		{"<a><b/><c><b>2</b></c><b>1</b></a>", "b", ``},
		{"<a><c><b>2</b></c><b>1</b></a>", "b", `1`},
		{"<a><b><x>1</x></b><b><y>2</y></b></a>", "b/y", `2`},
		{"<a><b>1<x>2</x>3</b></a>", "b", `13`},
		{"<a><b>1</a>", "b", "nil"},
		{"%PDF-1.4", "b", "nil"},
		{"", "b", "nil"},
	} {
		if got := run(t, "xmlText", schema.Bytes([]byte(c.document)), schema.Text(c.path)); got != c.want {
			t.Errorf("%s in %.60s: %s, expected %s", c.path, c.document, got, c.want)
		}
	}
}

// tally counts what a function takes.
type tally struct {
	free
	bytes int
}

func (m *tally) Take(bytes int) error { m.bytes += bytes; return nil }

// TestXMLTextTakesWhatItReturns: texts of a large document cost their own room, not the document's each time.
func TestXMLTextTakesWhatItReturns(t *testing.T) {
	var meter tally
	large := strings.Replace(invoice, "</p:Fatt", "<Allegato>"+strings.Repeat("A", 1<<20)+"</Allegato></p:Fatt", 1)
	got, err := Find("xmlText").Run(World{Meter: &meter},
		[]schema.Value{schema.Bytes([]byte(large)), schema.Text("FatturaElettronicaHeader/CedentePrestatore/DatiAnagrafici/IdFiscaleIVA/IdPaese")})
	if err != nil || got.Str() != "IT" || meter.bytes > 100 {
		t.Errorf("%s, %v: %d bytes are taken", got.Str(), err, meter.bytes)
	}
}
