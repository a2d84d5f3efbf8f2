package openapi

import (
	"strings"
	"testing"

	"fondaco/config/diag"
	"fondaco/schema"
)

// TestForm: a body of fields and files says so in both versions, and is read as it was written.
func TestForm(t *testing.T) {
	most := 2
	op := Operation{
		ID: "a", Method: "POST", Path: "/a", BodyType: multipartMedia, BodyRequired: true,
		Body: schema.RecordType(
			schema.Field{Name: "nota", Type: schema.TypeText, Required: true},
			schema.Field{Name: "foto", Type: &schema.Type{Kind: schema.KindList, Elem: schema.TypeBytes, MaxLength: &most}, Doc: "Le foto"},
			schema.Field{Name: "firma", Type: schema.TypeBytes},
		),
		BodyEncoding: map[string]Encoding{"foto": {Binary: true, ContentType: "image/png, image/jpeg"}, "firma": {Binary: true, ContentType: "application/pkcs7-mime"}},
		Responses:    []Response{{Status: 204}},
	}
	for version, file := range map[string]string{"3.0.3": `"format": "binary"`, "3.1.0": `"contentMediaType": "application/pkcs7-mime"`} {
		b, err := Write(Info{Title: "t", Version: "1.0.0"}, []Operation{op}, version)
		if err != nil {
			t.Fatal(err)
		}
		for _, want := range []string{file, `"contentType": "image/png, image/jpeg"`, `"maxItems": 2`, `"description": "Le foto"`} {
			if !strings.Contains(string(b), want) {
				t.Errorf("%s has no %s:\n%s", version, want, b)
			}
		}
		if strings.Contains(string(b), "byte\"") || strings.Contains(string(b), "base64") {
			t.Errorf("%s says base64:\n%s", version, b)
		}
		var out diag.List
		read := Read(b, "a.json", &out, diag.Pos{})
		if read == nil {
			t.Fatal(out.Sorted())
		}
		got := read.Operation("a")
		if got.BodyType != multipartMedia || !got.BodyEncoding["foto"].Binary || !got.BodyEncoding["firma"].Binary {
			t.Errorf("%s: read %+v %s", version, got.BodyEncoding, got.Body)
		}
		Compare(read, []Operation{op}, func(string) diag.Pos { return diag.Pos{} }, &out)
		for _, p := range out.Sorted() {
			t.Errorf("%s: the document differs from what it was written of: %s", version, p.Message)
		}
		plain := op
		plain.BodyType, plain.BodyEncoding = "", nil
		out = diag.List{}
		Compare(read, []Operation{plain}, func(string) diag.Pos { return diag.Pos{} }, &out)
		if all := out.Sorted(); len(all) != 1 || !strings.Contains(all[0].Message, "the body is multipart/form-data in the agreed document") {
			t.Errorf("%s: found %v", version, all)
		}
	}
}
