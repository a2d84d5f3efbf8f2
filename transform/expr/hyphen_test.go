package expr

import (
	"testing"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/schema"
)

// A field with hyphens that is written with a dot is one problem, which says how it is written; a difference stays one.
func TestHyphenatedFields(t *testing.T) {
	s := NewScope()
	s.Declare("p", schema.RecordType(required("aperta-il", schema.TypeText), required("a-b-c", schema.TypeInt), required("n", schema.TypeInt)))
	s.Declare("il", schema.TypeInt)
	for in, want := range map[string]string{
		`p.aperta-il`:     `E203 p has no field "aperta" = write p["aperta-il"]: - subtracts`,
		`p.a-b-c + 1`:     `E203 p has no field "a" = write p["a-b-c"]: - subtracts`,
		`p.n - il`:        ``,
		`p.n - il - il`:   ``,
		`p["a-b-c"] - il`: ``,
	} {
		var out diag.List
		Check(config.Text{Value: in}, s, &out)
		got := ""
		for _, p := range out.Sorted() {
			got += string(p.Code) + " " + p.Message + " = " + p.Hint
		}
		if got != want {
			t.Errorf("%s: found %q, expected %q", in, got, want)
		}
	}
}
