package codec

import (
	"bytes"
	"encoding/xml"
	"fmt"
	"io"
	"testing"
)

// people is the SOAP answer of the measurements: 40 people, 14 KB.
func people() []byte {
	var b bytes.Buffer
	b.WriteString(`<?xml version="1.0" encoding="UTF-8"?>` + "\n" +
		`<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<soap:Body><ns2:elencoResponse xmlns:ns2="http://anagrafe.example.it/servizi/v2" xmlns="http://anagrafe.example.it/tipi/v2">`)
	for i := range 40 {
		fmt.Fprintf(&b, `<persona id="P-%05d" stato="residente"><codiceFiscale>RSSMRA80A%02dF205%c</codiceFiscale><cognome>D&apos;Angelo</cognome>`+
			`<nome>Nicolò %d</nome><nascita>19%02d-0%d-1%d</nascita><sesso>F</sesso><comune codice="F205">Milano</comune>`+
			`<indirizzo><via>Corso di Porta Ticinese</via><civico>%d</civico><cap>20123</cap></indirizzo><telefono xsi:nil="true"/></persona>`,
			i, i%28+1, 'A'+i%26, i, 40+i%60, i%9+1, i%10, i*3+1)
	}
	b.WriteString(`</ns2:elencoResponse></soap:Body></soap:Envelope>`)
	return b.Bytes()
}

// scanAll walks over a document and counts its elements.
func scanAll(data []byte) (elements int, err error) {
	s := NewXMLScanner(data, XMLOptions{})
	for {
		kind, err := s.Next()
		switch {
		case err != nil || kind == XMLEOF:
			return elements, err
		case kind == XMLStart:
			elements++
		}
	}
}

func BenchmarkXML(b *testing.B) {
	data := people()
	standard := func(step func(*xml.Decoder) (xml.Token, error)) func(*testing.B) {
		return func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				d := xml.NewDecoder(bytes.NewReader(data))
				for {
					if _, err := step(d); err == io.EOF {
						break
					} else if err != nil {
						b.Fatal(err)
					}
				}
			}
		}
	}
	b.Run("ours", func(b *testing.B) {
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			if _, err := scanAll(data); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("Token", standard((*xml.Decoder).Token))
	b.Run("RawToken", standard((*xml.Decoder).RawToken))
}

// TestXMLAllocations keeps the promise of few allocations: at most one for three elements.
func TestXMLAllocations(t *testing.T) {
	data := people()
	elements, err := scanAll(data)
	if err != nil || elements != 3+40*12 {
		t.Fatalf("%d elements, %v", elements, err)
	}
	if n := testing.AllocsPerRun(20, func() { _, _ = scanAll(data) }); n > float64(elements)/3 {
		t.Errorf("%v allocations for %d elements", n, elements)
	}
}
