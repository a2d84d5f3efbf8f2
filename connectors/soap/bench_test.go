package soap

import (
	"fmt"
	"strings"
	"testing"

	"fondaco/schema"
)

// BenchmarkRead decodes an answer of 40 records, some 10 KB, as a call does.
func BenchmarkRead(b *testing.B) {
	p := shape(b, complexA(`<x:sequence><x:element name="r" maxOccurs="unbounded"><x:complexType><x:sequence>`+
		`<x:element name="numero" type="x:string"/><x:element name="data" type="x:dateTime"/><x:element name="importo" type="x:decimal"/><x:element name="stato" type="x:string"/><x:element name="aperto" type="x:boolean"/>`+
		`</x:sequence></x:complexType></x:element></x:sequence>`), "")
	m := versions["1.1"].reads(p.out, p.out.Type, nil)
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

// BenchmarkFields decodes an answer of 40 records with 40 fields each, of which a route reads all, three, or none.
func BenchmarkFields(b *testing.B) {
	kinds := []struct{ name, value string }{
		{"string", "Corso di Porta Ticinese"},
		{"decimal", "1087.00"},
		{"dateTime", "2025-11-20T18:42:00+01:00"},
		{"boolean", "true"},
		{"int", "4512"},
	}
	var fields, record strings.Builder
	for i := range 40 {
		k := kinds[i%len(kinds)]
		fmt.Fprintf(&fields, `<x:element name="f%d" type="x:%s"/>`, i, k.name)
		fmt.Fprintf(&record, `<f%d>%s</f%d>`, i, k.value, i)
	}
	p := shape(b, complexA(`<x:sequence><x:element name="r" maxOccurs="unbounded"><x:complexType><x:sequence>`+fields.String()+
		`</x:sequence></x:complexType></x:element></x:sequence>`), "")
	data := []byte(`<s:Envelope xmlns:s="` + soap11 + `"><s:Body><a xmlns="urn:t">` + strings.Repeat("<r>"+record.String()+"</r>", 40) +
		`</a></s:Body></s:Envelope>`)
	for _, x := range []struct {
		name string
		read []int
	}{{"all", nil}, {"3 of 40", []int{0, 7, 12}}} {
		want := p.out.Type
		if x.read != nil {
			var use schema.Use
			for _, i := range x.read {
				use.Field("r").Elem().Field(fmt.Sprintf("f%d", i)).All()
			}
			want = schema.Prune(p.out.Type, &use)
		}
		m := versions["1.1"].reads(p.out, want, nil)
		b.Run(x.name, func(b *testing.B) {
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, _, err := m.read(data, false, nil); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
