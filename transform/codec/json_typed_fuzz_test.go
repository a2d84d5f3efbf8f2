package codec

import (
	"sync"
	"testing"

	"fondaco/schema"
)

// everything is a type with something of every kind, unions with and without a tag among them.
func everything() *schema.Type {
	t := payment()
	card := schema.RecordType(field("kind", constant("card", "debit")), field("number", schema.TypeText))
	cash := schema.RecordType(field("kind", constant("cash")), schema.Field{Name: "desk", Type: schema.TypeInt})
	t.Fields = append(t.Fields,
		schema.Field{Name: "tagged", Type: &schema.Type{Kind: schema.KindUnion, Variants: []*schema.Type{card, cash}, Tag: "kind"}},
		schema.Field{Name: "either", Type: &schema.Type{
			Kind:     schema.KindUnion,
			Variants: []*schema.Type{card, cash, schema.TypeInt, schema.TypeText, schema.ListOf(t)},
		}},
		schema.Field{Name: "map", Type: schema.MapTo(t)},
		schema.Field{Name: "moment", Type: schema.TypeDateTime})
	return t.Seal()
}

// FuzzJSONTyped: what is taken fits its type, and is read back the same.
func FuzzJSONTyped(f *testing.F) {
	for _, s := range []string{
		`{"amount":1,"either":[{"amount":2}],"tagged":{"kind":"cash","desk":3}}`,
		`{"amount":1,"map":{"a":{"amount":2.50}},"moment":"2026-01-15T09:00:00Z"}`,
		`{"amount":1,"either":{"kind":"card","number":"7"},"note":null,"count":null,"pdf":"AAE="}`,
	} {
		f.Add([]byte(s), false)
		f.Add([]byte(s), true)
	}
	typ := everything()
	checker := schema.NewChecker(typ)
	strict, loose := CompileJSON(typ, JSONOptions{}), CompileJSON(typ, JSONOptions{Unknown: Ignore, NullAbsent: true})
	f.Fuzz(func(t *testing.T, data []byte, lenient bool) {
		d := strict
		if lenient {
			d = loose
		}
		v, err := d.Decode(data)
		if err != nil {
			return
		}
		if wrong := checker.Check(v); wrong != nil {
			t.Fatalf("%q was taken: %v", data, wrong)
		}
		out := AppendJSON(nil, v)
		again, err := strict.Decode(out)
		if err != nil || !schema.Equal(v, again) {
			t.Fatalf("%q was written as %q, %v", data, out, err)
		}
	})
}

// TestDecodersAreShared: one decoder serves many at once, and no document shows in another's answer.
func TestDecodersAreShared(t *testing.T) {
	d := CompileJSON(listType(), JSONOptions{})
	good, want := list(), string(AppendJSON(nil, mustDecode(t, d, list())))
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for i := range 50 {
				if i%2 == 0 {
					if _, err := d.Decode(good[:len(good)-i-1]); err == nil {
						t.Error("a document without its end was taken")
					}
					continue
				}
				if v, err := d.Decode(good); err != nil || string(AppendJSON(nil, v)) != want {
					t.Errorf("another value, or %v", err)
				}
			}
		})
	}
	all.Wait()
}

func mustDecode(t *testing.T, d *JSONDecoder, data []byte) schema.Value {
	t.Helper()
	v, err := d.Decode(data)
	if err != nil {
		t.Fatal(err)
	}
	return v
}
