package codec

import (
	"bytes"
	"encoding/json"
	"fmt"
	"testing"

	"fondaco/schema"
)

// list is a 10 KB document: ten fields and 93 items.
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
	return schema.RecordType(field("codice", schema.TypeText), field("titolo", schema.TypeText), field("emesso", schema.TypeDate),
		field("totale", schema.TypeDecimal), field("voci",
			schema.ListOf(schema.RecordType(field("id", schema.TypeInt), field("codice", schema.TypeText),
				field("descrizione", schema.TypeText), field("quantita", schema.TypeInt), field("importo", schema.TypeDecimal),
				field("attivo", schema.TypeBool)))))
}

// wide is a 24 KB document whose 93 items have twelve fields, of which five are of use.
func wide() []byte {
	var b bytes.Buffer
	b.WriteString(`{"voci":[`)
	for i := range 93 {
		if i > 0 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, `{"id":%d,"codice":"V-%05d","descrizione":"Voce numero %d","quantita":%d,"importo":%d.%02d,"attivo":%t,`+
			`"creato":"2026-01-15T09:00:00+01:00","modificato":"2026-01-16T10:00:00+01:00","ufficio":"Ufficio tributi e riscossioni",`+
			`"note":"Pagamento \"ordinario\", rata %d","origine":{"sistema":"tributi","canale":"web"},"tag":["a","b","c"]}`,
			1000+i, i*7, i, i%9+1, i*11%900+1, i*37%100, i%5 != 0, i)
	}
	b.WriteString(`]}`)
	return b.Bytes()
}

func wideType() *schema.Type {
	return schema.RecordType(field("voci", schema.ListOf(schema.RecordType(field("id", schema.TypeInt), field("codice", schema.TypeText),
		field("descrizione", schema.TypeText), field("quantita", schema.TypeInt), field("importo", schema.TypeDecimal),
		field("attivo", schema.TypeBool),
		field("creato", schema.TypeDateTime), field("modificato", schema.TypeDateTime), field("ufficio", schema.TypeText),
		field("note", schema.TypeText),
		field("origine", schema.RecordType(field("sistema", schema.TypeText), field("canale", schema.TypeText))),
		field("tag", schema.ListOf(schema.TypeText))))))
}

func BenchmarkDecode(b *testing.B) {
	var one, five schema.Use
	one.Field("voci").Elem().Field("importo").All()
	for _, name := range []string{"id", "descrizione", "importo", "attivo", "ufficio"} {
		five.Field("voci").Elem().Field(name).All()
	}
	for _, c := range []struct {
		name string
		data []byte
		t    *schema.Type
	}{
		{"list", list(), listType()},
		{"list-one-field", list(), schema.Prune(listType(), &one)},
		{"list-any", list(), schema.TypeAny},
		{"wide", wide(), wideType()},
		{"wide-5-of-12", wide(), schema.Prune(wideType(), &five)},
	} {
		b.Run(c.name, func(b *testing.B) {
			d := CompileJSON(c.t, JSONOptions{Unknown: Ignore})
			b.SetBytes(int64(len(c.data)))
			b.ReportAllocs()
			for b.Loop() {
				if _, err := d.Decode(c.data); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkStandard is the same by hand: encoding/json into structs with the same fields.
func BenchmarkStandard(b *testing.B) {
	type item struct {
		ID                          int64
		Codice, Descrizione         string
		Quantita                    int64
		Importo                     float64
		Attivo                      bool
		Creato, Modificato, Ufficio string
		Note                        string
		Origine                     struct{ Sistema, Canale string }
		Tag                         []string
	}
	type document struct {
		Codice, Titolo, Emesso string
		Totale                 float64
		Voci                   []item
	}
	type fewer struct {
		Voci []struct {
			ID          int64
			Descrizione string
			Importo     float64
			Attivo      bool
			Ufficio     string
		}
	}
	for _, c := range []struct {
		name string
		data []byte
		into func() any
	}{
		{"list", list(), func() any { return new(document) }},
		{"wide", wide(), func() any { return new(document) }},
		{"wide-5-of-12", wide(), func() any { return new(fewer) }},
	} {
		b.Run(c.name, func(b *testing.B) {
			b.SetBytes(int64(len(c.data)))
			b.ReportAllocs()
			for b.Loop() {
				if err := json.Unmarshal(c.data, c.into()); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
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
