package schema

import "testing"

// search is a code, or a family name with perhaps a given name; and perhaps a page or a row.
func search() *Type {
	t := RecordType(Field{Name: "code", Type: TypeText}, Field{Name: "family", Type: TypeText}, Field{Name: "given", Type: TypeText},
		Field{Name: "page", Type: TypeInt}, Field{Name: "row", Type: TypeInt})
	t.Choices = []Choice{
		{Branches: []Branch{
			{Fields: []string{"code"}, Required: []string{"code"}},
			{Fields: []string{"family", "given"}, Required: []string{"family"}},
		}},
		{
			Branches: []Branch{{Fields: []string{"page"}, Required: []string{"page"}}, {Fields: []string{"row"}, Required: []string{"row"}}},
			None:     true,
		},
	}
	return t
}

func TestChoiceOfValues(t *testing.T) {
	to := search()
	for want, v := range map[string]Value{
		"": RecordOf(to, Value{}, Text("Rossi"), Text("Ada")),
		"expected one of code, family, found none":          RecordOf(to, Value{}, Value{}, Value{}, Int(1)),
		"/family: expected one of code, family":             RecordOf(to, Text("A"), Text("Rossi")),
		"/given: expected one of code, family":              RecordOf(to, Text("A"), Value{}, Text("Ada")),
		"/family: expected it beside family, found nothing": RecordOf(to, Value{}, Value{}, Text("Ada")),
		"/row: expected at most one of page, row": RecordOf(to, Text("A"), Value{}, Value{}, Int(1),
			Int(2)),
		"/family: expected one of code, family; /row: expected at most one of page, row": RecordOf(to, Text("A"), Text("B"), Value{}, Int(1),
			Int(2)),
	} {
		got := ""
		if wrong := Check(v, to); wrong != nil {
			got = wrong.Error()
		}
		if got != want {
			t.Errorf("found %q, expected %q", got, want)
		}
	}
}

func TestChoiceOfTypes(t *testing.T) {
	to := search()
	code, family, given := Field{Name: "code", Type: TypeText, Required: true}, Field{Name: "family", Type: TypeText, Required: true},
		Field{Name: "given", Type: TypeText, Required: true}
	maybe := Field{Name: "code", Type: TypeText.OrNull(), Required: true}
	for _, c := range []struct {
		from  *Type
		want  string
		check bool // the values are looked at when they come
	}{
		{RecordType(code), "", false},
		{RecordType(family, given), "", false},
		{RecordType(given), "", true},
		{RecordType(maybe), "", true},
		{RecordType(maybe, family), "", true},
		{RecordType(code, family), "/family: code and family are both given, expected one of code, family", true},
		{RecordType(), ": nothing of a choice is given, expected one of code, family", true},
		{search(), "", false},
	} {
		got := ""
		for _, m := range Fits(c.from, to) {
			got += m.Path + ": " + m.Message
		}
		if got != c.want || NeedsCheck(c.from, to) != c.check {
			t.Errorf("%s: found %q and %t, expected %q and %t", c.from, got, NeedsCheck(c.from, to), c.want, c.check)
		}
	}
	if Same(to, RecordType(to.Fields...)) {
		t.Error("a choice makes no difference")
	}
	if j := Join(search(), search()); len(j.Choices) != 2 {
		t.Error("what two records of a choice have in common lacks it")
	}
}
