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
	for version, want := range map[string][2]string{
		"3.0.3": {`"format":"binary"`, `"format":"byte"`}, "3.1.0": {`"contentMediaType":"application/pdf"`, `"contentEncoding":"base64"`},
	} {
		b, err := Write(Info{Title: "Prova", Version: "1.0.0"}, []Operation{op}, version)
		if err != nil {
			t.Fatal(err)
		}
		text := strings.NewReplacer(" ", "", "\n", "").Replace(string(b))
		for _, part := range want {
			if strings.Count(text, part) != 1 {
				t.Errorf("%s: expected %s once in %s", version, part, text)
			}
		}
	}
}
