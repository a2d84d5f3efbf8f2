package schema

import "testing"

// TestClaims: formats of JSON Schema are claimed at every depth, ours and kinds of their own stay facts, and what is shared stays shared.
func TestClaims(t *testing.T) {
	mail := &Type{Kind: KindText, Format: "email"}
	person := &Type{Kind: KindRecord, Name: "Person"}
	person.Fields = []Field{
		{Name: "mail", Type: mail},
		{Name: "code", Type: &Type{Kind: KindText, Format: "codice-fiscale"}},
		{Name: "friends", Type: ListOf(person)},
		{Name: "born", Type: TypeDate},
		{Name: "home", Type: &Type{Kind: KindUnion, Variants: []*Type{{Kind: KindText, Format: "uri"}, TypeInt}}},
	}
	person.Seal()
	plain := RecordType(Field{Name: "a", Type: TypeText})
	var claims Claims
	got := claims.Of(person)
	if got == person || got.Fields[2].Type.Elem != got || claims.Of(ListOf(person)).Elem != got || claims.Of(plain) != plain || mail.Claimed {
		t.Fatal("copied otherwise")
	}
	for _, text := range []string{"not a mail", "a@b.it"} {
		v := RecordOf(got, Text(text), Text("x"), Value{}, Value{}, Text("/relative"))
		if wrong := Check(v, got); len(wrong) != 1 || wrong[0].Path != "/code" {
			t.Errorf("%s: %v", text, wrong)
		}
	}
	if wrong := Check(RecordOf(person, Text("x")), person); len(wrong) != 1 || wrong[0].Path != "/mail" {
		t.Errorf("what is sent: %v", wrong)
	}
	// What a system claims is checked where it is given on to what asks for it.
	for _, x := range []struct {
		from, to *Type
		want     bool
	}{
		{got.Fields[0].Type, mail, true},
		{mail, got.Fields[0].Type, false},
		{mail, mail, false},
		{got, person, true},
		{TypeText, got.Fields[0].Type, false},
		{Join(got.Fields[0].Type, mail), mail, true},
		{got.Fields[4].Type, person.Fields[4].Type, true},
	} {
		if NeedsCheck(x.from, x.to) != x.want {
			t.Errorf("%s to %s: expected %t", Article(x.from), Article(x.to), x.want)
		}
	}
}
