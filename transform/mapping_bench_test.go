package transform

import (
	"fmt"
	"strings"
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
)

// reshaping is the work W2: 10 KB of JSON with ten fields and 93 items of twelve; eleven fields out, of the items that
// are open six fields each, a count and a sum.
func reshaping(b *testing.B) (document []byte, kept *schema.Type, write JSONWriter, slots int) {
	b.Helper()
	var items []schema.Field
	for _, name := range []string{"codice", "descrizione", "stato", "luogo", "targa", "nota"} {
		items = append(items, required(name, schema.TypeText))
	}
	for _, name := range []string{"importo", "sanzione"} {
		items = append(items, required(name, schema.TypeDecimal))
	}
	items = append(items, required("numero", schema.TypeInt), required("anno", schema.TypeInt), required("attivo", schema.TypeBool),
		required("data", schema.TypeDate))
	var fields []schema.Field
	for i := range 9 {
		fields = append(fields, required(fmt.Sprintf("campo%d", i), schema.TypeText))
	}
	source := schema.RecordType(append(fields, required("voci", schema.ListOf(schema.RecordType(items...))))...)

	var d strings.Builder
	d.WriteString("{")
	for i := range 9 {
		fmt.Fprintf(&d, `"campo%d":"valore %d",`, i, i)
	}
	d.WriteString(`"voci":[`)
	for i := range 93 {
		if i > 0 {
			d.WriteString(",")
		}
		fmt.Fprintf(&d, `{"codice":"V%d","descrizione":"verbale","stato":"aperto","luogo":"Rialto","targa":"AA%03dZZ","nota":"","importo":%d.50,"sanzione":1.00,"numero":%d,"anno":2026,"attivo":%t,"data":"2026-01-31"}`,
			i, i, i, i, i%3 > 0)
	}
	d.WriteString("]}")

	var m strings.Builder
	for i := range 9 {
		fmt.Fprintf(&m, "field%d: ${x.campo%d}\n", i, i)
	}
	m.WriteString("items:\n  $for: v in x.voci\n  $if: v.attivo\n  code: ${v.codice}\n  place: ${v.luogo}\n  plate: ${v.targa}\n  amount: " +
		"${v.importo}\n  number: ${v.numero}\n  date: ${v.data}\n" +
		"count: ${count(x.voci, .attivo)}\ntotal: ${sum(x.voci, .importo)}\n")
	var out diag.List
	mapping := fromNode(config.Parse("m.yaml", []byte(m.String()), &out), &out)
	s := expr.NewScope()
	x := s.Declare("x", source)
	mapping.Check(s, &out)
	kept = schema.Prune(source, x.Use)
	s = expr.NewScope()
	s.Declare("x", kept)
	typed := mapping.Check(s, &out)
	if out.Failed() {
		b.Fatal(out.Sorted())
	}
	return []byte(d.String()), kept, typed.CompileJSON(), s.Size()
}

// BenchmarkReshape is a mapping that writes what is decoded already.
func BenchmarkReshape(b *testing.B) {
	document, kept, write, slots := reshaping(b)
	v, err := codec.CompileJSON(kept, codec.JSONOptions{}).Decode(document)
	if err != nil {
		b.Fatal(err)
	}
	f := &expr.Frame{Slots: make([]schema.Value, slots)}
	f.Slots[0] = v
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		f.Budget = 1_000_000
		if buf, err = write(f, buf[:0]); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkDecodeReshape is the same from octets to octets.
func BenchmarkDecodeReshape(b *testing.B) {
	document, kept, write, slots := reshaping(b)
	decoder := codec.CompileJSON(kept, codec.JSONOptions{})
	f := &expr.Frame{Slots: make([]schema.Value, slots)}
	var buf []byte
	b.SetBytes(int64(len(document)))
	b.ReportAllocs()
	for b.Loop() {
		v, err := decoder.Decode(document)
		if err != nil {
			b.Fatal(err)
		}
		f.Slots[0], f.Budget = v, 1_000_000
		if buf, err = write(f, buf[:0]); err != nil {
			b.Fatal(err)
		}
	}
}
