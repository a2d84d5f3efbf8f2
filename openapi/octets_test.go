package openapi

import (
	"strings"
	"testing"

	"fondaco/schema"
)

// TestOctets: octets that an answer consists of are octets in the schema too, and not the base64 text that they are within JSON; what
// reads the document reads octets.
func TestOctets(t *testing.T) {
	op := Operation{ID: "atto", Method: "GET", Path: "/atto", Responses: []Response{
		{Status: 200, Doc: "L'atto", Body: schema.TypeBytes, ContentType: "application/pdf"},
		{Status: 203, Doc: "In JSON", Body: schema.RecordType(schema.Field{Name: "atto", Type: schema.TypeBytes})},
	}}
	put := Operation{
		ID: "carica", Method: "PUT", Path: "/atto", Body: schema.TypeBytes, BodyType: "application/pdf",
		Responses: []Response{{Status: 204, Doc: "Preso"}},
	}
	for version, want := range map[string][2]string{
		"3.0.3": {`"format":"binary"`, `"format":"byte"`}, "3.1.0": {`"contentMediaType":"application/pdf"`, `"contentEncoding":"base64"`},
	} {
		b, err := Write(Info{Title: "Prova", Version: "1.0.0"}, []Operation{op, put}, version)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer(" ", "", "\n", "").Replace(string(b))
		for i, part := range want {
			if strings.Count(text, part) != 2-i {
				t.Errorf("%s: expected %s %d times in %s", version, part, 2-i, text)
			}
		}
	}
}
