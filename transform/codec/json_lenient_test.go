package codec

import (
	"testing"

	"fondaco/schema"
)

// TestJSONLenient: a value in the form of another type is read as what it means, and one that its type does not admit is left out
// where its field may be; each is counted. Without Tolerated none is let pass.
func TestJSONLenient(t *testing.T) {
	state := &schema.Type{Kind: schema.KindText, Enum: []schema.Value{schema.Text("a"), schema.Text("b")}}
	item := schema.RecordType(
		schema.Field{Name: "id", Type: schema.TypeInt, Required: true},
		schema.Field{Name: "n", Type: schema.TypeDecimal},
		schema.Field{Name: "ok", Type: schema.TypeBool},
		schema.Field{Name: "on", Type: schema.TypeDate},
		schema.Field{Name: "state", Type: state},
		schema.Field{Name: "text", Type: schema.TypeText},
		schema.Field{Name: "maybe", Type: schema.TypeInt.OrNull(), Required: true},
		schema.Field{Name: "tags", Type: schema.ListOf(schema.TypeInt)},
		schema.Field{Name: "counts", Type: &schema.Type{Kind: schema.KindMap, Elem: schema.TypeInt}},
		schema.Field{Name: "some", Type: &schema.Type{Kind: schema.KindMap, Elem: schema.TypeInt.OrNull()}},
		schema.Field{Name: "lists", Type: &schema.Type{Kind: schema.KindMap, Elem: schema.ListOf(schema.TypeInt)}},
		schema.Field{Name: "inner", Type: schema.RecordType(schema.Field{Name: "x", Type: schema.TypeInt, Required: true})},
		schema.Field{Name: "either", Type: (&schema.Type{Kind: schema.KindUnion, Variants: []*schema.Type{
			schema.RecordType(schema.Field{Name: "k", Type: &schema.Type{Kind: schema.KindText, Enum: []schema.Value{schema.Text("one")}}},
				schema.Field{Name: "v", Type: schema.TypeInt, Required: true}),
			schema.RecordType(schema.Field{Name: "k", Type: &schema.Type{Kind: schema.KindText, Enum: []schema.Value{schema.Text("two")}}},
				schema.Field{Name: "v", Type: schema.TypeInt, Required: true}),
		}}).Seal()},
	)
	for _, x := range []struct {
		data, want string
		count      int
	}{
		{`{"id":"3","maybe":1}`, `{"id":3,"maybe":1}`, 1},
		{`{"id":1,"n":"45.440800","ok":"True","maybe":" 2 "}`, `{"id":1,"n":45.440800,"ok":true,"maybe":2}`, 3},
		{`{"id":1,"on":"04/11/2026","state":"zzz","n":"","ok":"si","maybe":"x"}`, `{"id":1,"maybe":null}`, 5},
		{`{"id":1,"on":20261104,"state":7,"n":[1],"ok":{"a":[]},"maybe":{}}`, `{"id":1,"maybe":null}`, 5},
		{`{"id":1,"text":41.50,"maybe":null}`, `{"id":1,"text":"41.50","maybe":null}`, 1},
		{`{"id":1,"text":true,"maybe":null}`, `{"id":1,"text":"true","maybe":null}`, 1},
		{`{"id":1,"tags":["1",2],"maybe":null}`, `{"id":1,"maybe":null,"tags":[1,2]}`, 1},
		{`{"id":1,"either":{"k":"two","v":"3"},"maybe":null}`, `{"id":1,"maybe":null,"either":{"k":"two","v":3}}`, 1},
		{`{"id":1,"maybe":1,"counts":{"a":1,"b":"x","c":"3","d":[]}}`, `{"id":1,"maybe":1,"counts":{"a":1,"c":3}}`, 3},
		{`{"id":1,"maybe":1,"some":{"a":1,"b":"x"}}`, `{"id":1,"maybe":1,"some":{"a":1,"b":null}}`, 1},
		{`{"id":1,"maybe":1,"counts":{"b":"x","b":2}}`, "at byte 36: a name stands twice in one record", 0},
		{`{"id":1,"maybe":1,"lists":{"a":[1],"b":["x"]}}`, "/lists/b/0: expected an integer, found text", 0},
		{`{"id":"tre","maybe":1}`, "/id: expected an integer, found text", 0},
		{`{"id":1}`, "/maybe: expected an integer, found nothing", 0},
		{`{"id":1,"tags":[1,"x"],"maybe":1}`, "/tags/1: expected an integer, found text", 0},
		{`{"id":1,"tags":"x","maybe":1}`, "/tags: expected a list, found text", 0},
		{`{"id":1,"inner":{"x":"y"},"maybe":1}`, "/inner/x: expected an integer, found text", 0},
		{`{"id":1,"n":"x,"maybe":1}`, "at byte 16: expected a comma or }", 0},
	} {
		count := 0
		d := CompileJSON(item, JSONOptions{Unknown: Ignore, NullAbsent: true, Tolerated: func(n int) { count += n }})
		v, err := d.Decode([]byte(x.data))
		got := string(AppendJSON(nil, v))
		if err != nil {
			got = err.Error()
		}
		if got != x.want || count != x.count {
			t.Errorf("%s: %s, %d tolerated, expected %s and %d", x.data, got, count, x.want, x.count)
		}
		if _, err := CompileJSON(item, JSONOptions{Unknown: Ignore, NullAbsent: true}).Decode([]byte(x.data)); err == nil {
			t.Errorf("%s is read where nothing is tolerated", x.data)
		}
	}
}
