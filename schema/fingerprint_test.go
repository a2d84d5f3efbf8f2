package schema

import "testing"

// made returns a type that holds itself, made anew each time; change alters one thing of it.
func made(change func(node, leaf *Type)) *Type {
	few, most := 2, Int(9)
	leaf := &Type{Kind: KindText, Enum: []Value{Text("a"), Text("b")}, MaxLength: &few}
	node := &Type{Kind: KindRecord, Fields: []Field{
		{Name: "leaf", Type: leaf, Required: true},
		{Name: "n", Type: &Type{Kind: KindDecimal, Maximum: &most}},
		{Name: "x", Type: TypeText},
		{Name: "y", Type: TypeText},
	}, Choices: []Choice{{Branches: []Branch{{Fields: []string{"x"}}, {Fields: []string{"y"}}}}}}
	node.Fields = append(node.Fields, Field{Name: "below", Type: ListOf(node)})
	change(node, leaf)
	return node.Seal()
}

// TestFingerprint: types made apart have the same fingerprint if Same says that they are, and another if not.
func TestFingerprint(t *testing.T) {
	first := made(func(*Type, *Type) {})
	other, less := 3, Int(8)
	for name, c := range map[string]struct {
		change func(node, leaf *Type)
		same   bool
	}{
		"made again":      {func(*Type, *Type) {}, true},
		"documented":      {func(node, leaf *Type) { node.Name, leaf.Doc = "Node", "A leaf." }, true},
		"a limit in ints": {func(node, _ *Type) { n := DecimalText("9.0"); node.Fields[1].Type.Maximum = &n }, true},
		"another limit":   {func(node, _ *Type) { node.Fields[1].Type.Maximum = &less }, false},
		"no limit":        {func(node, _ *Type) { node.Fields[1].Type.Maximum = nil }, false},
		"another kind":    {func(node, _ *Type) { node.Fields[1].Type.Kind = KindInt }, false},
		"a field renamed": {func(node, _ *Type) { node.Fields[1].Name = "m" }, false},
		"fields swapped":  {func(node, _ *Type) { node.Fields[0], node.Fields[1] = node.Fields[1], node.Fields[0] }, false},
		"not required":    {func(node, _ *Type) { node.Fields[0].Required = false }, false},
		"nullable":        {func(_, leaf *Type) { leaf.Nullable = true }, false},
		"personal":        {func(_, leaf *Type) { leaf.Personal = true }, false},
		"longer":          {func(_, leaf *Type) { leaf.MaxLength = &other }, false},
		"shorter texts":   {func(_, leaf *Type) { leaf.MinLength, leaf.MaxLength = leaf.MaxLength, nil }, false},
		"one text":        {func(_, leaf *Type) { leaf.Enum = []Value{Text("ab")} }, false},
		"not the same":    {func(node, _ *Type) { node.Fields[4].Type = ListOf(TypeText) }, false},
		"no choice":       {func(node, _ *Type) { node.Choices = nil }, false},
		"a choice more":   {func(node, _ *Type) { node.Choices[0].None = true }, false},
	} {
		second := made(c.change)
		if Same(first, second) != c.same {
			t.Fatalf("%s: Same says %v", name, !c.same)
		}
		if got := Fingerprint(first) == Fingerprint(second); got != c.same {
			t.Errorf("%s: the same fingerprint is %v, expected %v", name, got, c.same)
		}
	}
}
