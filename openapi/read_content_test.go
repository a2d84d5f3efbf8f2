package openapi

import (
	"fmt"
	"testing"

	"fondaco/config/diag"
)

// TestContentChosen: of several media types JSON is preferred to the others, and a JSON Patch after every other JSON.
func TestContentChosen(t *testing.T) {
	for offered, want := range map[string]string{
		`"text/html":{},"application/json":{}`:                                                     "application/json",
		`"application/json-patch+json":{},"application/merge-patch+json":{}`:                       "application/merge-patch+json",
		`"application/vnd.x+json":{},"application/json":{}`:                                        "application/json",
		`"application/json-patch+json":{}`:                                                         "application/json-patch+json",
		`"application/xml":{},"*/*":{}`:                                                            "*/*",
		`"multipart/form-data":{},"application/x-www-form-urlencoded":{}`:                          "application/x-www-form-urlencoded",
		`"application/xml":{},"text/csv":{},"text/plain":{}`:                                       "text/plain",
		`"application/xml":{},"application/pdf":{"schema":{"type":"string","format":"binary"}}`:    "application/pdf",
		`"application/xml":{},"multipart/form-data":{}`:                                            "multipart/form-data",
		`"application/json; charset=utf-8":{"schema":{"type":"string"}},"application/hal+json":{}`: "application/json; charset=utf-8",
	} {
		var out diag.List
		doc := Read([]byte(`{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/x":{"post":{"operationId":"fai",
			"requestBody":{"content":{`+offered+`}},"responses":{"200":{"description":"ok","content":{`+offered+`}}}}}}}`), "x.json", &out,
			diag.Pos{})
		if out.Failed() {
			t.Fatal(out.Sorted())
		}
		o := doc.Operation("fai")
		if o.BodyType != want || o.Responses[0].ContentType != want || o != doc.At("POST /x") {
			t.Errorf("%s: found %s and %s, expected %s", offered, o.BodyType, o.Responses[0].ContentType, want)
		}
	}
}

// TestEncodings: how the fields of a form are written, in OpenAPI 3 and in Swagger 2.
func TestEncodings(t *testing.T) {
	const three = `{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{"/x":{"post":{"operationId":"fai",
		"parameters":[{"name":"q","in":"query","allowReserved":true,"schema":{"type":"string"}},{"name":"f","in":"query","content":{"application/json":{"schema":{"type":"object"}}}}],
		"requestBody":{"content":{"application/x-www-form-urlencoded":{"schema":{"type":"object","properties":{"a":{"type":"array","items":{"type":"string"}},
			"b":{"type":"object"},"c":{"type":"object"},"d":{"type":"string","format":"binary"},
			"e":{"allOf":[{"type":"array","items":{"type":"string","contentMediaType":"image/png"}}]},"f":{"type":"string","contentMediaType":"image/png","contentEncoding":"base64"}}},
			"encoding":{"a":{"explode":false},"b":{"style":"deepObject"},"c":{"contentType":"application/json","headers":{"X":{"required":true},"Y":{}}}}}}},"responses":{}}}}}`
	const two = `{"swagger":"2.0","info":{"title":"x","version":"1"},"consumes":["multipart/form-data","application/x-www-form-urlencoded"],"paths":{"/x":{"post":{"operationId":"fai",
		"parameters":[{"name":"a","in":"formData","type":"array","items":{"type":"string"}},{"name":"b","in":"formData","type":"array","items":{"type":"string"},"collectionFormat":"multi"}],
		"responses":{"200":{"description":"ok","schema":{"type":"file"}}}}}}}`
	const absentable = `{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/x":{"post":{"operationId":"fai","parameters":[{"name":"q","in":"query","allowReserved":true,"schema":{}},
		{"name":"f","in":"query","content":{"application/json":{"schema":{}}}}],
		"requestBody":{"content":{"multipart/form-data":{"schema":{"type":"object","properties":{"a":{"anyOf":[{"type":"string","contentMediaType":"application/octet-stream"},{"type":"null"}]},
			"b":{"oneOf":[{"type":"null"},{"type":"array","items":{"type":"string","format":"binary"}}]},"c":{"anyOf":[{"type":"string","format":"binary"},{"type":"integer"}]},
			"d":{"type":["string","null"],"format":"binary"}}}}}},"responses":{}}}}}`
	for src, want := range map[string]string{
		absentable: "multipart/form-data map[a:{ false  false false true []} b:{ false  false false true []} d:{ false  false false true []}]",
		three: "application/x-www-form-urlencoded map[a:{ true  false false false []} b:{ true deepObject false false false []} " +
			"c:{application/json false  true false false [X]} d:{ false  false false true []} e:{ false  false false true []}]",
		two: "application/x-www-form-urlencoded map[a:{ true form false false false []} b:{ true form true false false []}]",
	} {
		var out diag.List
		doc := Read([]byte(src), "x.json", &out, diag.Pos{})
		if out.Failed() {
			t.Fatal(out.Sorted())
		}
		o := doc.Operation("fai")
		if got := fmt.Sprint(o.BodyType, " ", o.BodyEncoding); got != want {
			t.Errorf("found %s\nexpected %s", got, want)
		}
		if doc.Version == "2.0" {
			if r := o.Responses[0]; !r.Binary || r.ContentType != "*/*" {
				t.Errorf("%+v", r)
			}
			continue
		}
		if p := o.Parameters; !p[0].AllowReserved || p[1].ContentType != "application/json" {
			t.Errorf("%+v", p)
		}
	}
}

// TestOctetsCalledBase64: format: byte of a body of octets is base64 in OpenAPI 3.0, and says nothing in 3.1.
func TestOctetsCalledBase64(t *testing.T) {
	for _, x := range []struct {
		version, media, more string
		want                 bool
	}{
		{"3.1.0", "application/pdf", "", true},
		{"3.1.0", "application/octet-stream", "", true},
		{"3.1.0", "*/*", "", true},
		{"3.1.0", "application/pdf", `,"contentEncoding":"base64"`, false},
		{"3.1.0", "application/json", "", false},
		{"3.1.0", "text/plain", "", false},
		{"3.0.3", "application/pdf", "", false},
		{"3.0.3", "*/*", "", false},
	} {
		body := `"content":{"` + x.media + `":{"schema":{"type":"string","format":"byte"` + x.more + `}}}`
		var out diag.List
		doc := Read([]byte(`{"openapi":"`+x.version+`","info":{"title":"x","version":"1"},"paths":{"/x":{"post":{"operationId":"fai","requestBody":{`+
			body+`},"responses":{"200":{"description":"ok",`+body+`}}}}}}`), "x.json", &out, diag.Pos{})
		if out.Failed() {
			t.Fatal(out.Sorted())
		}
		if o := doc.Operation("fai"); o.BodyBinary != x.want || o.Responses[0].Binary != x.want {
			t.Errorf("%s %s %s: found %t and %t", x.version, x.media, x.more, o.BodyBinary, o.Responses[0].Binary)
		}
	}
}

// TestReadClient: paths that a server could not tell apart are fine for those who call it.
func TestReadClient(t *testing.T) {
	src := []byte(`{"openapi":"3.0.3","info":{"title":"x","version":"1"},"paths":{"/a/{x}":{"get":{"operationId":"uno","responses":{}}},"/a/{y}":{"get":{"operationId":"due","responses":{}}}}}`)
	var server, client diag.List
	Read(src, "x.json", &server, diag.Pos{})
	if doc := ReadClient(src, "x.json", nil, &client, diag.Pos{}); client.Failed() || doc.Operation("due") == nil || !server.Failed() {
		t.Errorf("found %v and %v", client.Sorted(), server.Sorted())
	}
}
