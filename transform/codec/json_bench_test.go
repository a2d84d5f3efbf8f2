package codec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"fondaco/schema"
)

// list is the 10 KB document of the measurements: ten fields and 93 items.
func list() []byte {
	var b bytes.Buffer
	b.WriteString(`{"codice":"C-2026-000123","titolo":"Elenco delle posizioni","emesso":"2026-01-15","totale":48211.35,"voci":[`)
	for i := range 93 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"codice":"V-%05d","descrizione":"Voce numero %d","quantita":%d,"importo":%d.%02d,"attivo":%t}`,
			1000+i, i*7, i, i%9+1, i*11%900+1, i*37%100, i%5 != 0)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

func listType() *schema.Type {
	field := func(name string, t *schema.Type) schema.Field {
		return schema.Field{Name: name, Type: t, Required: true}
	}
	return schema.RecordType(field("codice", schema.TypeText), field("titolo", schema.TypeText), field("emesso", schema.TypeDate),
		field("totale", schema.TypeDecimal), field("voci", schema.ListOf(schema.RecordType(field("id", schema.TypeInt), field("codice", schema.TypeText),
			field("descrizione", schema.TypeText), field("quantita", schema.TypeInt), field("importo", schema.TypeDecimal), field("attivo", schema.TypeBool)))))
}

func BenchmarkDecode(b *testing.B) {
	data := list()
	var some schema.Use
	some.Field("voci").Elem().Field("importo").All()
	for _, c := range []struct {
		name string
		t    *schema.Type
	}{{"all", listType()}, {"one-field", schema.Prune(listType(), &some)}} {
		b.Run(c.name, func(b *testing.B) {
			d := CompileJSON(c.t, JSONOptions{Unknown: Ignore})
			b.SetBytes(int64(len(data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Decode(data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
	b.Run("encoding-json-structs", func(b *testing.B) {
		type item struct {
			ID                  int64
			Codice, Descrizione string
			Quantita            int64
			Importo             float64
			Attivo              bool
		}
		b.SetBytes(int64(len(data)))
		b.ReportAllocs()
		for b.Loop() {
			var d struct {
				Codice, Titolo, Emesso string
				Totale                 float64
				Voci                   []item
			}
			if err := json.Unmarshal(data, &d); err != nil {
				b.Fatal(err)
			}
		}
	})
}

func BenchmarkEncode(b *testing.B) {
	v, err := CompileJSON(listType(), JSONOptions{}).Decode(list())
	if err != nil {
		b.Fatal(err)
	}
	var buf []byte
	b.ReportAllocs()
	for b.Loop() {
		buf = AppendJSON(buf[:0], v)
	}
}
