package schema

import "testing"

// TestDropFields drops fields at every depth, of types that refer to themselves too, and leaves alone what has none.
func TestDropFields(t *testing.T) {
	drop := func(f *Field) bool { return f.ReadOnly }
	node := &Type{Kind: KindRecord, Name: "Nodo"}
	node.Fields = []Field{
		{Name: "id", Type: TypeText, Required: true, ReadOnly: true},
		{Name: "nome", Type: TypeText},
		{Name: "figli", Type: ListOf(node)},
		{Name: "altro", Type: &Type{Kind: KindUnion, Variants: []*Type{TypeText, MapTo(node)}}},
	}
	for i := range 9 { // enough for an index
		node.Fields = append(node.Fields, Field{Name: string(rune('a' + i)), Type: TypeInt})
	}
	node.Seal()
	got := DropFields(node, drop)
	inner := got.Fields[got.Index("figli")].Type.Elem
	if got.Index("id") >= 0 || got.Index("nome") != 0 || inner != got || got.Name != "Nodo" {
		t.Errorf("%s", got.Whole())
	}
	if elem := got.Fields[2].Type.Variants[1].Elem; elem != got {
		t.Errorf("%s", elem.Whole())
	}
	if node.Index("id") != 0 {
		t.Error("the type itself is changed")
	}
	if same := RecordType(Field{Name: "x", Type: TypeText}); DropFields(same, drop) != same {
		t.Error("a type without such fields is copied")
	}
	chosen := RecordType(Field{Name: "x", Type: TypeText, ReadOnly: true}, Field{Name: "y", Type: TypeText}, Field{Name: "z", Type: TypeText})
	chosen.Choices = []Choice{{Branches: []Branch{{Fields: []string{"x"}}, {Fields: []string{"y"}}}}}
	if c := DropFields(chosen, drop); len(c.Choices) != 0 || len(c.Fields) != 2 {
		t.Errorf("%+v", c)
	}
}
