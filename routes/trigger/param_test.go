package trigger

import (
	"net/http"
	"testing"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// TestHeaders: what stands around the items of a list says nothing, and what is not UTF-8 is refused and never altered.
func TestHeaders(t *testing.T) {
	texts, numbers := schema.ListOf(schema.TypeText), schema.ListOf(schema.TypeInt)
	header := NewParams("header", []Param{
		{Name: "X-Text", Type: schema.TypeText}, {Name: "X-List", Type: texts}, {Name: "X-Numbers", Type: numbers},
	})
	cookie := NewParams("cookie", []Param{{Name: "c", Type: schema.TypeText}})
	for _, c := range []struct {
		in          *Params
		name, value string
		want        string // "" where it is refused
	}{
		{header, "X-List", "a, b ,\tc", `{"X-List":["a","b","c"]}`},
		{header, "X-List", "a,, b c,", `{"X-List":["a","b c"]}`},
		{header, "X-Numbers", "1, 2", `{"X-Numbers":[1,2]}`},
		{header, "X-Text", " a, b ", `{"X-Text":"a, b"}`},
		{header, "X-Text", "perch\xc3\xa9", `{"X-Text":"perché"}`},
		{header, "X-Text", "perch\xe9", ""},
		{header, "X-List", "a,perch\xe9", ""},
		{cookie, "Cookie", "c=perch\xc3\xa9", `{"c":"perché"}`},
		{cookie, "Cookie", "c=perch\xe9", ""},
		{cookie, "Cookie", "c=a; other=perch\xe9", `{"c":"a"}`},
	} {
		var bad []Invalid
		v, problem := c.in.Decode(&Request{Header: http.Header{c.name: {c.value}}}, &schema.Arena{}, &bad)
		if c.want == "" {
			if problem == nil || problem.Status != http.StatusBadRequest {
				t.Errorf("%s: %q is %s, %v", c.name, c.value, codec.AppendJSON(nil, v), problem)
			}
			continue
		}
		if got := string(codec.AppendJSON(nil, v)); problem != nil || len(bad) > 0 || got != c.want {
			t.Errorf("%s: %q is %s, %v %v, want %s", c.name, c.value, got, problem, bad, c.want)
		}
	}
}

// TestEncodedSlashIsDescribed: callers read how a slash in a value is sent, beside what the parameter is.
func TestEncodedSlashIsDescribed(t *testing.T) {
	const slash = "Una barra (/) nel valore si scrive %2F"
	all := NewParams("path", []Param{
		{Name: "a", Type: schema.TypeText, EncodedSlash: true},
		{Name: "b", Type: schema.TypeText, Doc: "Il numero", EncodedSlash: true},
		{Name: "c", Type: schema.TypeText, Doc: "Il numero"},
	}).Describe("it")
	for i, want := range []string{slash, "Il numero. " + slash, "Il numero"} {
		if all[i].Doc != want {
			t.Errorf("%s: found %q, expected %q", all[i].Name, all[i].Doc, want)
		}
	}
}
