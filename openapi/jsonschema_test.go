package openapi

import (
	"encoding/json"
	"strings"
	"testing"

	"fondaco/schema"
)

// TestJSONSchema: a type is written with its named types beside it, also those that hold themselves and have no name.
func TestJSONSchema(t *testing.T) {
	node := &schema.Type{Kind: schema.KindRecord}
	leaf := &schema.Type{Kind: schema.KindText, Name: "Sigla"}
	node.Fields = []schema.Field{
		{Name: "figli", Type: schema.ListOf(node.OrNull()), Required: true},
		{Name: "voce", Type: node},
		{Name: "sigla", Type: leaf},
	}
	node.Fields[0].Type.Elem.Fields = node.Fields
	node.Seal()
	b := JSONSchema(schema.RecordType(schema.Field{Name: "radice", Type: node, Required: true}))
	var doc struct {
		Properties map[string]map[string]any
		Defs       map[string]any `json:"$defs"`
	}
	if err := json.Unmarshal(b, &doc); err != nil {
		t.Fatalf("%v\n%s", err, b)
	}
	if ref := doc.Properties["radice"]["$ref"]; ref != "#/$defs/Voce" || doc.Defs["Voce"] == nil || doc.Defs["Sigla"] == nil ||
		strings.Contains(string(b), "#/components") {
		t.Errorf("%v\n%s", ref, b)
	}
	if plain := string(JSONSchema(schema.TypeInt)); !strings.Contains(plain, `"type": "integer"`) || strings.Contains(plain, "$defs") {
		t.Error(plain)
	}
}
