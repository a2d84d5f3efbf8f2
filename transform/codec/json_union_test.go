package codec

import (
	"strings"
	"testing"

	"fondaco/schema"
)

func field(name string, t *schema.Type) schema.Field {
	return schema.Field{Name: name, Type: t, Required: true}
}

func constant(words ...string) *schema.Type {
	t := &schema.Type{Kind: schema.KindText}
	for _, w := range words {
		t.Enum = append(t.Enum, schema.Text(w))
	}
	return t
}

func TestUnions(t *testing.T) {
	ok := schema.RecordType(field("id", schema.TypeInt))
	more := schema.RecordType(field("id", schema.TypeInt), schema.Field{Name: "note", Type: schema.TypeText})
	ko := schema.RecordType(field("error", schema.TypeText))
	card := schema.RecordType(field("kind", constant("card", "debit")), field("number", schema.TypeText))
	cash := schema.RecordType(field("kind", constant("cash")), field("desk", schema.TypeInt))
	union := func(variants ...*schema.Type) *schema.Type {
		return &schema.Type{Kind: schema.KindUnion, Variants: variants}
	}
	tagged := union(card, cash)
	tagged.Tag = "kind"
	for _, c := range []struct {
		t        *schema.Type
		in, want string
		type_    *schema.Type // that the record is laid out by
	}{
		{union(ok, ko), `{"id":1}`, `{"id":1}`, ok},
		{union(ok, ko), `{"error":"x"}`, `{"error":"x"}`, ko},
		{union(ok, ko), `{"other":1}`, `expected one of several types, found none of them`, nil},
		{union(ok, more), `{"id":1,"note":"x"}`, `{"id":1,"note":"x"}`, more},
		{union(more, ok), `{"id":"x","note":"y"}`, `/id: expected an integer, found text`, nil},
		{union(card, cash), `{"kind":"cash","desk":3}`, `{"kind":"cash","desk":3}`, cash},
		{tagged, `{"number":"7","kind":"debit"}`, `{"kind":"debit","number":"7"}`, card},
		{tagged, `{"kind":"cash","desk":"x"}`, `/desk: expected an integer, found text`, nil},
		{tagged, `{"kind":"cheque"}`, `/kind: expected one of the names that it may have`, nil},
		{tagged, `{"desk":3}`, `/kind: expected text, found nothing`, nil},
		{union(schema.TypeInt, schema.TypeText, schema.ListOf(schema.TypeInt)), `[1,2]`, `[1,2]`, nil},
		{union(schema.TypeInt, schema.TypeText), `true`, `expected one of several types, found none of them`, nil},
		{union(schema.TypeDate, schema.TypeText), `"soon"`, `"soon"`, nil},
		{union(schema.TypeInt, schema.TypeDecimal), `1.5`, `1.5`, nil},
		{union(schema.TypeInt, schema.TypeText).OrNull(), `null`, `null`, nil},
		{union(ok, ko), `{"id":1,"id":2}`, `at byte 8: a name stands twice in one record`, nil},
	} {
		v, err := CompileJSON(c.t, JSONOptions{}).Decode([]byte(c.in))
		got := string(AppendJSON(nil, v))
		if err != nil {
			got = err.Error()
		}
		if got != c.want || c.type_ != nil && v.Type() != c.type_ {
			t.Errorf("%s as %s\nfound    %s of %s\nexpected %s", c.in, c.t, got, v.Type(), c.want)
		}
	}
}

// TestUnionsWithinUnions: what fits at the last moment alone must not multiply the work from level to level.
func TestUnionsWithinUnions(t *testing.T) {
	node := &schema.Type{Kind: schema.KindUnion}
	for _, leaf := range []*schema.Type{schema.TypeBool, schema.TypeInt, schema.TypeText} {
		node.Variants = append(node.Variants, schema.RecordType(field("next", node), schema.Field{Name: "leaf", Type: leaf}))
	}
	deep := func(end string) []byte {
		return []byte(strings.Repeat(`{"next":`, 60) + end + strings.Repeat(`}`, 60))
	}
	_, err := CompileJSON(node, JSONOptions{}).Decode(deep(`[]`))
	if err == nil || err.Error() != "at byte 0: too many records that could be of several types" {
		t.Errorf("found %v", err)
	}
}

// TestNullThatCountsAsLeftOut is for systems that write null for nothing.
func TestNullThatCountsAsLeftOut(t *testing.T) {
	d := CompileJSON(payment(), JSONOptions{NullAbsent: true})
	for in, want := range map[string]string{
		`{"amount":1,"count":null,"note":null}`: `{"amount":1,"note":null}`,
		`{"amount":null}`:                       "/amount: expected a decimal, found null",
		`{"amount":1,"count":null,"count":2}`:   "at byte 25: a name stands twice in one record",
	} {
		v, err := d.Decode([]byte(in))
		got := string(AppendJSON(nil, v))
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s\nfound    %s\nexpected %s", in, got, want)
		}
	}
}
