package openapi

import (
	"testing"

	"fondaco/config/diag"
)

// TestReadTag: a discriminator tells variants apart only where their constants differ. Of three that admit the same ones all are
// tried.
func TestReadTag(t *testing.T) {
	for enums, want := range map[[2]string]string{
		{`"enum":["a"]`, `"enum":["b","c"]`}:     "tipo",
		{`"enum":["a","b"]`, `"enum":["b","c"]`}: "",
		{`"enum":["a"]`, `"minLength":1`}:        "",
	} {
		src := `{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{"/a":{"post":{"operationId":"a","requestBody":{"content":{"application/json":{"schema":{
"anyOf":[{"type":"object","required":["tipo","n"],"properties":{"tipo":{"type":"string",` + enums[0] + `},"n":{"type":"integer"}}},
{"type":"object","required":["tipo","m"],"properties":{"tipo":{"type":"string",` + enums[1] + `},"m":{"type":"integer"}}}],
"discriminator":{"propertyName":"tipo"}}}}},"responses":{"204":{"description":"ok"}}}}}}`
		var out diag.List
		doc := Read([]byte(src), "x.json", &out, diag.Pos{})
		if doc == nil || out.Failed() {
			t.Fatal(out.Sorted())
		}
		if got := doc.Operations[0].Body.Tag; got != want {
			t.Errorf("%v: found the tag %q, expected %q", enums, got, want)
		}
	}
}
