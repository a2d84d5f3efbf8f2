package soap

import (
	"strings"
	"testing"
)

// BenchmarkRead decodes an answer of 40 records, some 10 KB, as a call does.
func BenchmarkRead(b *testing.B) {
	p := shape(b, complexA(`<x:sequence><x:element name="r" maxOccurs="unbounded"><x:complexType><x:sequence>`+
		`<x:element name="numero" type="x:string"/><x:element name="data" type="x:dateTime"/><x:element name="importo" type="x:decimal"/><x:element name="stato" type="x:string"/><x:element name="aperto" type="x:boolean"/>`+
		`</x:sequence></x:complexType></x:element></x:sequence>`), "")
	m := versions["1.1"].reads(p.out, p.out.t, nil)
	data := []byte(`<s:Envelope xmlns:s="` + soap11 + `"><s:Body><a xmlns="urn:t">` +
		strings.Repeat(`<r><numero>V/2025/004512</numero><data>2025-11-20T18:42:00+01:00</data><importo>87.00</importo><stato>aperto</stato><aperto>true</aperto><!-- a comment that services leave, and some more --></r>`+"\n", 55) + `</a></s:Body></s:Envelope>`)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, _, err := m.read(data, false, nil); err != nil {
			b.Fatal(err)
		}
	}
}
