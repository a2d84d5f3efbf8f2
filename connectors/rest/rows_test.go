package rest

import (
	"strings"
	"testing"
	"testing/fstest"

	"fondaco/schema"
	"fondaco/transform/codec"
)

const rows = `connector: elenchi
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  carica:
    post: /righe
    content: text/csv
    body: { type: array, items: { type: object, required: [codice], properties: { codice: { type: string }, importo: { type: number }, giorno: { type: string, format: date, nullable: true } } } }
    answer: { type: array, items: { type: object, required: [codice], properties: { codice: { type: string }, importo: { type: number }, giorno: { type: string, format: date, nullable: true } } } }
    answer_content: text/csv
  eventi:
    post: /eventi
    content: application/x-ndjson
    body: { type: array, items: { type: object, properties: { n: { type: integer }, testo: { type: string } } } }
    answer: { type: object, required: [n], properties: { n: { type: integer } } }
    answer_content: application/x-ndjson
samples: samples
`

// TestRows: lists of records as CSV and as lines of JSON, octet by octet, and what is none.
func TestRows(t *testing.T) {
	server := &recorder{}
	s, caller := behind(t, fstest.MapFS{"c/connector.yaml": {Data: []byte(rows)}}, server)
	const in = `{"body":[{"codice":"a,\"b\"\nc","importo":1.50,"giorno":"2026-01-02"},{"codice":"","giorno":null}]}`
	const csv = "codice,importo,giorno\r\n\"a,\"\"b\"\"\nc\",1.50,2026-01-02\r\n,,\r\n"
	const events = `{"body":[{"n":1,"testo":"a\nb"},{}]}`
	for _, x := range []struct{ operation, in, sent, contentType, answer, want string }{
		{
			"carica", in, csv, "text/csv", "giorno,altro,codice,importo\r\n2026-01-02,x,\"a\nb\",2.50\n,,c,\n",
			`[{"codice":"a\nb","importo":2.50,"giorno":"2026-01-02"},{"codice":"c","giorno":null}]`,
		},
		{"carica", `{"body":[]}`, "codice,importo,giorno\r\n", "text/csv; charset=windows-1252", "codice\n\x80\n", `[{"codice":"€"}]`},
		{"carica", in, csv, "text/csv", "codice,importo\n", `[]`},
		{"carica", in, csv, "text/csv", "\xef\xbb\xbfcodice\nx\n", `[{"codice":"x"}]`},
		{"carica", in, csv, "text/csv", "codice;importo\nx;1\n", `invalid 200  ""`},
		{"carica", in, csv, "text/csv", "codice,importo\nx\n", `invalid 200  ""`},
		{"carica", in, csv, "text/csv", "codice,importo\nx,y\n", `invalid 200 /0/importo ""`},
		{"carica", in, csv, "text/csv", "importo\n1\n", `invalid 200 /0/codice ""`},
		{"carica", in, csv, "text/csv", "codice,codice\nx,y\n", `invalid 200  ""`},
		{"carica", in, csv, "text/csv", "", `invalid 200  ""`},
		{"carica", in, csv, "text/plain", "codice\nx\n", `invalid 200  ""`},
		{
			"eventi", events, "{\"n\":1,\"testo\":\"a\\nb\"}\n{}\n", "application/x-ndjson", "{\"n\":1,\"altro\":2}\r\n\n{\"n\":2}",
			`[{"n":1},{"n":2}]`,
		},
		{"eventi", events, "{\"n\":1,\"testo\":\"a\\nb\"}\n{}\n", "application/jsonl", "", `[]`},
		{"eventi", events, "{\"n\":1,\"testo\":\"a\\nb\"}\n{}\n", "application/x-ndjson", "{\"n\":1}\n{}", `invalid 200 /1/n ""`},
		{"eventi", events, "{\"n\":1,\"testo\":\"a\\nb\"}\n{}\n", "application/json", "[]", `invalid 200  ""`},
	} {
		server.reply = answering(200, x.contentType, x.answer)
		got := call(t, s, caller, x.operation, x.in)
		if got != x.want {
			t.Errorf("%q\nfound    %s\nexpected %s", x.answer, got, x.want)
		}
		media := map[string]string{"carica": "text/csv; charset=utf-8", "eventi": "application/x-ndjson"}[x.operation]
		if server.got.body != x.sent || server.got.contentType != media {
			t.Errorf("found %q of %s\nexpected %q", server.got.body, server.got.contentType, x.sent)
		}
	}
	op := s.Connector.Operation("carica")
	var use schema.Use
	use.Elem().Field("importo").All()
	do, err := caller.Call(op, schema.Prune(op.Output, &use))
	if err != nil {
		t.Fatal(err)
	}
	server.reply = answering(200, "text/csv", "codice\nx\n") // the only column that is wanted is not there, and others are
	input, err := codec.CompileJSON(op.Input, codec.JSONOptions{}).Decode([]byte(in))
	if err != nil {
		t.Fatal(err)
	}
	v, err := do(t.Context(), input)
	if got := string(codec.AppendJSON(nil, v)); err != nil || got != "[{}]" {
		t.Errorf("found %s, %v", got, err)
	}
}

// TestRowsSimulated: the simulator reads and writes the same.
func TestRowsSimulated(t *testing.T) {
	s, caller := system(t, fstest.MapFS{
		"c/connector.yaml": {Data: []byte(rows)},
		"c/samples/carica.yaml": {Data: []byte("- when: { body: [{ codice: x, importo: 1.5 }, { codice: y }] }\n  answer: [{ codice: \"a;b\", " +
			"giorno: \"2026-01-02\" }]\n")},
		"c/samples/eventi.yaml": {Data: []byte("- when: { body: [{ n: 1 }] }\n  answer: [{ n: 7 }]\n")},
	}, "c")
	for _, x := range [][3]string{
		{"carica", `{"body":[{"codice":"x","importo":1.5},{"codice":"y"}]}`, `[{"codice":"a;b","giorno":"2026-01-02"}]`},
		{"eventi", `{"body":[{"n":1}]}`, `[{"n":7}]`},
	} {
		if got := call(t, s, caller, x[0], x[1]); !strings.HasPrefix(got, x[2][:len(x[2])-2]) {
			t.Errorf("found    %s\nexpected %s", got, x[2])
		}
	}
}
