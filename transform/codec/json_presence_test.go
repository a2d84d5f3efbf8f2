package codec

import (
	"testing"

	"fondaco/schema"
)

// TestPresence: which fields are there together is looked at where a document is read, at every depth.
func TestPresence(t *testing.T) {
	either := func(t *schema.Type, one bool) *schema.Type {
		t.Present = []schema.Presence{{One: one, Sets: []schema.Together{{Fields: []string{"a"}}, {Fields: []string{"b"}}}}}
		return t
	}
	text := schema.Field{Name: "a", Type: schema.TypeText}
	record := either(schema.RecordType(text, schema.Field{Name: "b", Type: schema.TypeInt.OrNull()}), true)
	typ := schema.RecordType(schema.Field{Name: "x", Type: schema.ListOf(record)},
		schema.Field{Name: "m", Type: either(schema.MapTo(schema.TypeAny), false)})
	d := CompileJSON(typ, JSONOptions{NullAbsent: true})
	for src, want := range map[string]string{
		`{"x": [{"a": "1"}, {"b": 2}, {"b": null}]}`: "",
		`{"x": [{"a": null, "b": 2}]}`:               "", // null is a left out here
		`{"x": [{"a": "1"}, {}]}`:                    "/x/1: expected exactly one of a, b, found none",
		`{"x": [{"a": "1", "b": 2}]}`:                "/x/0/b: expected exactly one of a, b, found more",
		`{"x": [{"a": null}]}`:                       "/x/0: expected exactly one of a, b, found none",
		`{"m": {"b": 1, "a": 2, "c": 3}}`:            "",
		`{"m": {"c": 3}}`:                            "/m: expected at least one of a, b",
		`{"m": {}}`:                                  "/m: expected at least one of a, b",
	} {
		_, err := d.Decode([]byte(src))
		got := ""
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: found %q, expected %q", src, got, want)
		}
	}
}
