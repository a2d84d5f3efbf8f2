package openapi

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"

	"fondaco/schema"
)

// TestExamples: requests, answers and problems show one body each that fits; what is no JSON, and what no value is found for, shows none;
// what is too long is shown without its optional fields.
func TestExamples(t *testing.T) {
	long := schema.RecordType(schema.Field{Name: "id", Type: schema.TypeInt, Required: true})
	for range 400 {
		long.Fields = append(long.Fields, schema.Field{Name: "campo" + strings.Repeat("x", len(long.Fields)%40) + string(rune('a'+len(long.Fields)%26)) +
			strings.Repeat("y", len(long.Fields)/26), Type: schema.TypeText})
	}
	least := 3
	never := &schema.Type{Kind: schema.KindText, Pattern: "^[^\\s\\S]$", MinLength: &least}
	ops := []Operation{{
		ID: "a", Method: "POST", Path: "/a", RateLimited: true,
		Body: schema.RecordType(schema.Field{Name: "targa", Type: schema.TypeText, Required: true}, schema.Field{Name: "nota", Type: schema.TypeText}),
		Responses: []Response{
			{Status: 200, Body: long, Others: []Content{{"text/plain", schema.TypeText}, {jsonMedia, schema.TypeInt}}},
			{Status: 201, Body: schema.TypeBytes, ContentType: "application/pdf"},
			{Status: 203, Body: never},
			{Status: 204},
			{Status: 404},
			{Status: 409, Members: schema.RecordType(schema.Field{Name: "residuo", Type: schema.TypeInt})},
			{Status: 500},
		},
	}, {ID: "b", Method: "GET", Path: "/b", Responses: []Response{{Status: 404}, {Status: 503}, {Status: 500, Doc: "Guasto"}}}}
	info := Info{Title: "A", Language: "it", Problem: func(status int) []byte {
		text, _ := json.Marshal(map[string]any{"title": "Detto", "status": status})
		return text
	}}
	for _, version := range Versions {
		text, err := Write(info, ops, version)
		if err != nil {
			t.Fatal(err)
		}
		doc, err := openapi3.NewLoader().LoadFromData(text)
		if err != nil {
			t.Fatal(err)
		}
		if err := doc.Validate(t.Context()); err != nil { // examples too
			t.Error(err)
		}
		a, b := doc.Paths.Find("/a").Post, doc.Paths.Find("/b").Get
		shown := func(op *openapi3.Operation, status, media string) string {
			content := op.Responses.Value(status).Value.Content[media]
			if content == nil || content.Example == nil {
				return ""
			}
			text, _ := json.Marshal(content.Example)
			return string(text)
		}
		request, _ := json.Marshal(a.RequestBody.Value.Content[jsonMedia].Example)
		for _, row := range [][2]string{
			{string(request), `{"nota":"nota","targa":"targa"}`},
			{shown(a, "200", jsonMedia), `{"id":1}`},
			{shown(a, "200", "text/plain"), `"text"`},
			{shown(a, "201", "application/pdf"), ""},
			{shown(a, "203", jsonMedia), ""},
			{shown(a, "409", problemMedia), `{"residuo":1,"status":409,"title":"Detto"}`},
			{shown(a, "404", problemMedia), `{"status":404,"title":"Detto"}`},
			{shown(b, "404", problemMedia), `{"status":404,"title":"Detto"}`},
			{shown(b, "default", problemMedia), `{"status":500,"title":"Detto"}`},
		} {
			if row[0] != row[1] {
				t.Errorf("%s: found %s, expected %s", version, row[0], row[1])
			}
		}
		for _, row := range [][2]string{ // what tells a quota, and what has something of its own, is not as everywhere
			{a.Responses.Value("404").Ref, ""},
			{a.Responses.Value("409").Ref, ""},
			{b.Responses.Value("500").Ref, ""},
			{b.Responses.Value("404").Ref, "#/components/responses/NotFound"},
			{a.Responses.Value("500").Ref, "#/components/responses/InternalServerError"},
			{b.Responses.Value("503").Ref, "#/components/responses/ServiceUnavailable"},
			{b.Responses.Default().Ref, "#/components/responses/UnexpectedProblem"},
		} {
			if row[0] != row[1] {
				t.Errorf("%s: found %q, expected %q", version, row[0], row[1])
			}
		}
	}
	info.Spare = true
	if text, err := Write(info, ops, "3.1.0"); err != nil || strings.Contains(string(text), `"example"`) {
		t.Errorf("%v %s", err, text)
	}
}

// TestLicence: a name of the SPDX list is the identifier of 3.1, which does not stand beside an address (OpenAPI 3.1 §4.8.4).
func TestLicence(t *testing.T) {
	for _, row := range []struct {
		license           License
		version, expected string
	}{
		{License{Name: "EUPL-1.2", SPDX: true}, "3.1.0", `{"name":"EUPL-1.2","identifier":"EUPL-1.2"}`},
		{License{Name: "EUPL-1.2", SPDX: true}, "3.0.3", `{"name":"EUPL-1.2"}`},
		{License{Name: "EUPL-1.2", SPDX: true, URL: "https://x.example"}, "3.1.0", `{"name":"EUPL-1.2","url":"https://x.example"}`},
		{License{Name: "ours"}, "3.1.0", `{"name":"ours"}`},
	} {
		text, err := Write(Info{Title: "A", License: row.license}, nil, row.version)
		var doc struct {
			Info struct{ License json.RawMessage }
		}
		if err != nil || json.Unmarshal(text, &doc) != nil {
			t.Fatal(err)
		}
		if found := strings.Join(strings.Fields(string(doc.Info.License)), ""); found != row.expected {
			t.Errorf("found %s, expected %s", found, row.expected)
		}
	}
}
