package codec

import (
	"testing"

	"fondaco/schema"
)

// TestClaimed: a text that is not of the format that its type claims is read and counted; of several types the one whose claims hold is taken.
func TestClaimed(t *testing.T) {
	claimed := func(format string) *schema.Type {
		return &schema.Type{Kind: schema.KindText, Format: format, Claimed: true}
	}
	short := claimed("email")
	most := 6
	short.MaxLength = &most
	either := schema.RecordType(schema.Field{Name: "a", Type: claimed("uri"), Required: true})
	or := schema.RecordType(schema.Field{Name: "a", Type: schema.TypeText, Required: true}, schema.Field{Name: "b", Type: schema.TypeInt})
	for _, x := range []struct {
		t      *schema.Type
		in     string
		want   int
		broken bool
	}{
		{claimed("uri"), `"/relative"`, 1, false},
		{claimed("uri"), `"urn:a"`, 0, false},
		{claimed("uri"), `"caff\u00e8 no"`, 1, false},
		{claimed("uri"), `3`, 0, true},
		{short, `"a@b"`, 1, false},
		{short, `"a@b.example"`, 0, true},
		{schema.ListOf(claimed("email")), `["a","b@c.it","d"]`, 2, false},
		{&schema.Type{Kind: schema.KindText, Format: "email"}, `"a"`, 0, true},
		{&schema.Type{Kind: schema.KindUnion, Variants: []*schema.Type{either, or}}, `{"a":"/x"}`, 0, false},
		{&schema.Type{Kind: schema.KindUnion, Variants: []*schema.Type{either, schema.ListOf(schema.TypeInt)}}, `{"a":"/x"}`, 1, false},
		{&schema.Type{Kind: schema.KindUnion, Variants: []*schema.Type{claimed("uri"), claimed("email")}}, `"x"`, 1, false},
		{&schema.Type{Kind: schema.KindUnion, Variants: []*schema.Type{claimed("uri"), claimed("email")}}, `"a@b.it"`, 0, false},
	} {
		found := 0
		v, err := CompileJSON(x.t, JSONOptions{Claimed: func(n int) { found += n }}).Decode([]byte(x.in))
		if found != x.want || (err != nil) != x.broken {
			t.Errorf("%s: found %d and %v", x.in, found, err)
		}
		if err == nil && len(AppendJSON(nil, v)) < 3 {
			t.Errorf("%s: found %s", x.in, AppendJSON(nil, v))
		}
		if _, err := CompileJSON(x.t, JSONOptions{}).Decode([]byte(x.in)); (err != nil) != x.broken {
			t.Errorf("%s, and nobody counts: %v", x.in, err)
		}
	}
}
