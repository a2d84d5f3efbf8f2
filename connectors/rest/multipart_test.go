package rest

import (
	"context"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/simulate"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

// uploads is a document with every kind of part that is supported.
const uploads = `{"openapi":"3.1.0","info":{"title":"Atti","version":"1"},"paths":{"/atti":{"post":{"operationId":"deposita",
"parameters":[{"name":"ufficio","in":"query","schema":{"type":"string"}}],
"requestBody":{"required":true,"content":{"multipart/form-data":{"schema":{"type":"object","required":["titolo","atto"],"properties":{
	"titolo":{"type":"string"},"numero":{"type":"integer"},"atto":{"type":"string","format":"binary"},
	"allegati":{"type":"array","items":{"type":"string","contentMediaType":"application/pdf"}},
	"autore":{"type":"object","required":["nome"],"properties":{"nome":{"type":"string"}}},
	"righe":{"type":"array","items":{"type":"object","properties":{"n":{"type":"integer"}}}},
	"tag":{"type":"array","items":{"type":"string"}},"sedi":{"type":"array","items":{"type":"string"}},
	"conti":{"type":"array","items":{"type":"integer"}},"firma":{"type":"string","format":"byte"},
	"nota":{"type":"string"},"foto":{"type":"string","format":"binary"},"id":{"type":"string","readOnly":true}}},
	"encoding":{"sedi":{"explode":false},"conti":{"contentType":"application/json"},"nota":{"contentType":"text/markdown"},
		"foto":{"contentType":"image/png, image/jpeg"},"allegati":{"contentType":"application/pdf"}}}}},
"responses":{"204":{"description":"ok"}}}}}}`

const uploadsConnector = `connector: atti
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}", openapi: api.json }
operations: { deposita: {} }
samples: samples
`

const upload = `{"ufficio":"3","titolo":"Delibera «7»","numero":12,"atto":{"content":"JVBERi0AAf8=","name":"a \"b\"\n.pdf","type":"application/pdf"},
"allegati":[{"content":"eA=="},{"content":"eQ==","name":"y"}],"autore":{"nome":"Ada"},"righe":[{"n":1},{}],"tag":["a","b,c"],"sedi":["x","y"],
"conti":[1,2],"firma":"AAH/","nota":"# N","foto":{"content":"","type":"image/jpeg"}}`

// uploaded is what stands on the wire for upload; the parts are divided by --B.
const uploaded = "--B\r\nContent-Disposition: form-data; name=\"titolo\"\r\n\r\nDelibera «7»\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"numero\"\r\n\r\n12\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"atto\"; filename=\"a %22b%22%0A.pdf\"\r\nContent-Type: " +
	"application/pdf\r\n\r\n%PDF-\x00\x01\xff\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"allegati\"; filename=\"allegati\"\r\nContent-Type: application/pdf\r\n\r\nx\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"allegati\"; filename=\"y\"\r\nContent-Type: application/pdf\r\n\r\ny\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"autore\"\r\nContent-Type: application/json\r\n\r\n{\"nome\":\"Ada\"}\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"righe\"\r\nContent-Type: application/json\r\n\r\n{\"n\":1}\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"righe\"\r\nContent-Type: application/json\r\n\r\n{}\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"tag\"\r\n\r\na\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"tag\"\r\n\r\nb,c\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"sedi\"\r\n\r\nx,y\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"conti\"\r\nContent-Type: application/json\r\n\r\n[1,2]\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"firma\"\r\nContent-Type: application/octet-stream\r\n\r\nAAH/\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"nota\"\r\nContent-Type: text/markdown; charset=utf-8\r\n\r\n# N\r\n" +
	"--B\r\nContent-Disposition: form-data; name=\"foto\"; filename=\"foto\"\r\nContent-Type: image/jpeg\r\n\r\n\r\n" +
	"--B--\r\n"

// TestMultipart: a multipart body octet by octet, and that net/http reads it.
func TestMultipart(t *testing.T) {
	server := &recorder{reply: answering(204, "", "")}
	s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(uploadsConnector)}, "c/api.json": {Data: []byte(uploads)}}, server)
	if got := call(t, s, caller, "deposita", upload); got != "null" {
		t.Errorf("found %s", got)
	}
	base, params, err := mime.ParseMediaType(server.got.contentType)
	if err != nil || base != "multipart/form-data" || server.got.line != "POST /atti?ufficio=3" {
		t.Fatalf("found %s, %s", server.got.line, server.got.contentType)
	}
	if got := strings.ReplaceAll(server.got.body, "--"+params["boundary"], "--B"); got != uploaded {
		t.Errorf("found\n%q\nexpected\n%q", got, uploaded)
	}
	form, err := multipart.NewReader(strings.NewReader(server.got.body), params["boundary"]).ReadForm(1 << 20)
	if err != nil || form.Value["titolo"][0] != "Delibera «7»" || len(form.File["allegati"]) != 2 {
		t.Fatalf("found %v, %v", form, err)
	}
	f, err := form.File["atto"][0].Open()
	if err != nil {
		t.Fatal(err)
	}
	if content, _ := io.ReadAll(f); string(content) != "%PDF-\x00\x01\xff" {
		t.Errorf("found %q", content)
	}
	sample, err := s.Connector.Sample(s.Connector.Operation("deposita"))
	if err != nil {
		t.Fatal(err)
	}
	if got := call(t, s, caller, "deposita", string(codec.AppendJSON(nil, sample))); got != "null" ||
		!strings.Contains(server.got.body, "\r\nContent-Type: image/png\r\n") {
		t.Errorf("a sample: found %s, sent %q", got, server.got.body)
	}
	do, err := caller.Call(s.Connector.Operation("deposita"), schema.TypeNull)
	if err != nil {
		t.Fatal(err)
	}
	in := func(file ...schema.Value) schema.Value {
		op := s.Connector.Operation("deposita")
		slots := schema.Slots(op.Input)
		foto := op.Input.Fields[op.Input.Index("foto")].Type
		slots[op.Input.Index("titolo")+1] = schema.Text("x")
		slots[op.Input.Index("foto")+1] = schema.RecordOf(foto, file...)
		return schema.Record(op.Input, slots)
	}
	for given, want := range map[string]string{
		"text/plain":        "the type of the file foto is none of image/png, image/jpeg",
		"image/png\r\nX: y": "the type of the file foto is not a media type",
	} {
		_, err = do(context.Background(), in(schema.Bytes([]byte("x")), schema.Text("n"), schema.Text(given)))
		if f := connectors.AsFault(err); f == nil || f.Kind != connectors.Refused || f.Sent || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: found %v", given, err)
		}
	}
	_, err = do(connectors.WithBodyLimit(context.Background(), 200), in(schema.Bytes(make([]byte, 300)), schema.Text("n")))
	if err == nil || !strings.Contains(err.Error(), "longer than") {
		t.Errorf("found %v", err)
	}
}

// TestMultipartSimulated: the simulator reads what the client writes, and holds it to the schema.
func TestMultipartSimulated(t *testing.T) {
	s, caller := system(t, fstest.MapFS{
		"c/connector.yaml": {Data: []byte(uploadsConnector)}, "c/api.json": {Data: []byte(uploads)},
		"c/samples/deposita.yaml": {Data: []byte(`- when: { titolo: "Delibera «7»", numero: 12, autore: { nome: Ada }, righe: [{ n: 1 }, {}], tag: [a, "b,c"], sedi: [x, y], conti: [1, 2], nota: "# N", firma: AAH/ }
  status: 204
`)},
	}, "c")
	if got := call(t, s, caller, "deposita", upload); got != "null" {
		t.Errorf("found %s", got)
	}
	var out diag.List
	handler, err := played(s.Connector, simulate.New(s, simulate.LoadSamples(s.Connector, &out)))
	if err != nil {
		t.Fatal(err)
	}
	for body, want := range map[string]int{
		"--B\r\nContent-Disposition: form-data; name=\"titolo\"\r\n\r\nx\r\n--B--\r\n":         http.StatusBadRequest,
		"--B\r\nContent-Disposition: form-data; name=\"altro\"\r\n\r\nx\r\n--B--\r\n":          http.StatusBadRequest,
		"--B\r\nContent-Disposition: form-data; name=\"numero\"\r\n\r\ndue\r\n--B--\r\n":       http.StatusBadRequest,
		strings.Replace(uploaded, "name=\"numero\"\r\n\r\n12", "name=\"numero\"\r\n\r\n13", 1): http.StatusNotImplemented,
		uploaded[:40]: http.StatusBadRequest,
	} {
		r, _ := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://x/atti", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary=B")
		w := &answered{header: http.Header{}}
		handler.ServeHTTP(w, r)
		if w.status != want {
			t.Errorf("%q: found %d, expected %d", body, w.status, want)
		}
	}
}

// answered is an answer as it was written.
type answered struct {
	header http.Header
	status int
	body   strings.Builder
}

func (a *answered) Header() http.Header         { return a.header }
func (a *answered) WriteHeader(status int)      { a.status = status }
func (a *answered) Write(b []byte) (int, error) { return a.body.Write(b) }

// TestMultipartRefused: what of a multipart body is not supported.
func TestMultipartRefused(t *testing.T) {
	for what, want := range map[string]string{
		`"b":{"contentType":"application/xml"}`:     "the part b: contentType application/xml is not supported for an object",
		`"b":{"style":"deepObject","explode":true}`: "the part b: style and explode are not supported for an object in a multipart body",
		`"a":{"headers":{"X-A":{"required":true}}}`: "the part a: the header X-A of a part is not supported",
		`"c":{"style":"form"}`:                      "the part c: a file has no style",
		`"a":{"contentType":"; ;"}`:                 `the part a: contentType "; ;" is not a media type`,
		`"a":{"contentType":"application/yaml"}`:    "the part a: contentType application/yaml is not supported for a single value (text)",
	} {
		files := fstest.MapFS{
			"c/connector.yaml": {Data: []byte(strings.Replace(uploadsConnector, "samples: samples\n", "", 1))},
			"c/api.json": {Data: []byte(
				`{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/x":{"post":{"operationId":"deposita","requestBody":{"content":{"multipart/form-data":{
			"schema":{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"object","properties":{"x":{"type":"string"}}},"c":{"type":"string","format":"binary"}}},
			"encoding":{` + what + `}}}},"responses":{"204":{"description":"ok"}}}}}}`)},
		}
		var out diag.List
		connectors.Load(files, "c", registry, transform.Constants{}, &out, diag.Pos{})
		if all := out.Sorted(); len(all) != 1 || all[0].Message != "deposita: the request's body cannot be written: "+want {
			t.Errorf("%s\nfound %s", what, problems(&out))
		}
	}
	var out diag.List
	connectors.Load(fstest.MapFS{
		"c/a.yaml": {Data: []byte("{ type: string, format: binary }")},
		"c/connector.yaml": {Data: []byte(`connector: a
version: 1.0.0
rest: { endpoint: "http://localhost" }
operations:
  uno: { post: /uno, content: multipart/form-data, body: { type: object, properties: { a: { type: string, format: binary }, b: { type: array, items: { $ref: c/a.yaml } } } } }
`)},
	}, "c", registry, transform.Constants{}, &out, diag.Pos{})
	if all := out.Sorted(); len(all) != 1 || !strings.Contains(all[0].Message, "octets of b stand in the body") {
		t.Errorf("found %s", problems(&out))
	}
}
