package schema

import (
	"slices"
	"testing"
)

// contact is somebody to be reached: by an address, or by a telephone with its prefix.
func contact(one bool) *Type {
	t := RecordType(Field{Name: "mail", Type: TypeText.OrNull()}, Field{Name: "prefix", Type: TypeText}, Field{Name: "tel", Type: TypeText},
		Field{Name: "none", Type: TypeBool})
	t.Present = []Presence{{One: one, Sets: []Together{{Fields: []string{"mail"}}, {Fields: []string{"prefix", "tel"}, Without: []string{"none"}}}}}
	return t
}

func TestPresenceOfValues(t *testing.T) {
	some, one := contact(false), contact(true)
	for _, c := range []struct {
		to     *Type
		fields []Value
		want   string
	}{
		{some, []Value{Text("a")}, ""},
		{some, []Value{Null}, ""},
		{some, []Value{Text("a"), Text("39"), Text("1")}, ""},
		{some, []Value{{}, Text("39")}, "expected at least one of mail, prefix + tel without none, found none"},
		{some, []Value{{}, Text("39"), Text("1"), Bool(true)}, "expected at least one of mail, prefix + tel without none, found none"},
		{one, []Value{{}, Text("39"), Text("1")}, ""},
		{one, nil, "expected exactly one of mail, prefix + tel without none, found none"},
		{one, []Value{Text("a"), Text("39"), Text("1")}, "/prefix: expected exactly one of mail, prefix + tel without none, found more"},
		{one, []Value{Text("a"), Text("39"), Text("1"), Bool(true)}, ""},
	} {
		got := ""
		if wrong := Check(RecordOf(c.to, c.fields...), c.to); wrong != nil {
			got = wrong.Error()
		}
		if got != c.want {
			t.Errorf("%v: found %q, expected %q", c.fields, got, c.want)
		}
	}
	open := MapTo(TypeText)
	open.Present = []Presence{{Sets: []Together{{Fields: []string{"a"}}, {Fields: []string{"b"}}}}}
	if wrong := Check(MapOf(&Map{Keys: []string{"c"}, Values: []Value{Text("x")}}), open); wrong == nil || wrong[0].Code != "presence" {
		t.Errorf("a map without its entries: %v", wrong)
	}
	if wrong := Check(MapOf(&Map{Keys: []string{"b"}, Values: []Value{Text("x")}}), open); wrong != nil {
		t.Errorf("a map with an entry: %v", wrong)
	}
	if wrong := Check(RecordOf(RecordType(Field{Name: "c", Type: TypeText}), Text("x")), open); wrong == nil {
		t.Error("a record for a map passes without its entries")
	}
	v := RecordOf(some, Value{}, Text("39"), Text("1"))
	if n := testing.AllocsPerRun(10, func() { some.Present[0].Broken(v) }); n != 0 {
		t.Errorf("looking at a condition allocates %v times", n)
	}
}

func TestPresenceOfTypes(t *testing.T) {
	field := func(name string, needed bool) Field { return Field{Name: name, Type: TypeText, Required: needed} }
	mail, tel, prefix := field("mail", true), field("tel", true), field("prefix", true)
	for _, c := range []struct {
		from, to *Type
		want     string
		check    bool
	}{
		{RecordType(mail), contact(false), "", false},
		{RecordType(tel, prefix), contact(false), "", false},
		{RecordType(tel, prefix), contact(true), "", false},
		{RecordType(field("mail", false)), contact(false), "", true},
		{RecordType(mail, tel, field("prefix", false)), contact(true), "", true},
		{RecordType(tel), contact(false), ": expected at least one of mail, prefix + tel without none, found none", true},
		{RecordType(mail, tel, prefix), contact(true), ": expected exactly one of mail, prefix + tel without none, found more", true},
		{contact(false), contact(false), "", false},
		{contact(false), contact(true), "", true},
		{contact(true), contact(false), "", false},
	} {
		got := ""
		for _, m := range Fits(c.from, c.to) {
			got += m.Path + ": " + m.Message
		}
		if got != c.want || NeedsCheck(c.from, c.to) != c.check {
			t.Errorf("%s to %s: found %q and %t, expected %q and %t", c.from, c.to, got, NeedsCheck(c.from, c.to), c.want, c.check)
		}
	}
	if Same(contact(false), contact(true)) || Same(contact(true), RecordType(contact(true).Fields...)) {
		t.Error("a condition makes no difference")
	}
	if Fingerprint(contact(false)) == Fingerprint(contact(true)) {
		t.Error("a condition makes no difference to the fingerprint")
	}
	if j := Join(contact(true), contact(true)); len(j.Present) != 1 {
		t.Error("what two records with a condition have in common lacks it")
	}
	u := &Use{}
	u.Field("mail").All()
	if p := Prune(contact(true), u); len(p.Present) != 0 {
		t.Error("a condition is left over fields that nobody reads")
	}
	if d := DropFields(contact(true), func(f *Field) bool { return f.Name == "none" }); len(d.Present) != 0 {
		t.Error("a condition is left over a field that fell away")
	}
}

func TestSampleOfPresence(t *testing.T) {
	two := contact(true)
	two.Present = append(two.Present, Presence{Sets: []Together{{Fields: []string{"none"}}, {Fields: []string{"tel"}, Without: []string{"mail"}}}})
	open := MapTo(TypeInt)
	open.Present = []Presence{{One: true, Sets: []Together{{Fields: []string{"a"}}, {Fields: []string{"b"}}}}}
	for _, typ := range []*Type{contact(false), contact(true), two, open, ListOf(two)} {
		for _, choose := range []Choose{nil, Every} {
			v, err := Sample(typ, choose)
			if err != nil {
				t.Errorf("%s: %v", typ, err)
				continue
			}
			if wrong := Check(v, typ); wrong != nil {
				t.Errorf("%s: %v", typ, wrong)
			}
		}
	}
	never := contact(false)
	never.Present = append(slices.Clone(never.Present), Presence{Sets: []Together{{Without: []string{"mail"}}}},
		Presence{Sets: []Together{{Fields: []string{"none"}}}})
	if _, err := Sample(never, Every); err == nil {
		t.Error("a record that nothing fits has a sample")
	}
}
