package openapi

import (
	"strings"
	"testing"

	"fondaco/schema"
)

func TestJSONSchemaOfChoices(t *testing.T) {
	text := &schema.Field{Type: schema.TypeText}
	made := schema.RecordType(schema.Field{Name: "a", Type: text.Type}, schema.Field{Name: "b", Type: text.Type},
		schema.Field{Name: "c", Type: text.Type})
	made.Choices = []schema.Choice{{Branches: []schema.Branch{
		{Fields: []string{"a", "b"}, Required: []string{"a"}},
		{Fields: []string{"c"}, Required: []string{"c"}},
	}}}
	out := string(JSONSchema(made))
	flat := strings.NewReplacer(" ", "", "\n", "").Replace(out)
	if !strings.Contains(flat, `"oneOf":[{"required":["a"]},{"required":["c"]}]`) {
		t.Error(out)
	}
	made.Choices[0].None = true
	made.Choices = append(made.Choices, schema.Choice{Branches: []schema.Branch{{Fields: []string{"gone"}}, {Fields: []string{"a"}}}})
	flat = strings.NewReplacer(" ", "", "\n", "").Replace(string(JSONSchema(made)))
	if !strings.Contains(flat, `"oneOf":[{"required":["a"]},{"required":["c"]},{"not":{"anyOf":[{"required":["a"]},{"required":["b"]},{"required":["c"]}]}}]`) || strings.Contains(flat, "gone") {
		t.Error(flat)
	}
}
