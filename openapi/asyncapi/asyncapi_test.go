package asyncapi

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"fondaco/openapi"
	"fondaco/schema"
)

func number(n int) *int { return &n }

func record(name string, fields ...schema.Field) *schema.Type {
	t := schema.RecordType(fields...)
	t.Name = name
	return t
}

func word(s string) *schema.Type {
	return &schema.Type{Kind: schema.KindText, Enum: []schema.Value{schema.Text(s)}}
}

// rich is a document that uses everything that Write knows.
func rich() Document {
	posizione := record("Posizione", schema.Field{
		Name: "lat", Type: &schema.Type{Kind: schema.KindDecimal, Fraction: number(6)},
		Required: true,
	})
	zero := schema.Int(0)
	carta := record("Carta", schema.Field{Name: "tipo", Type: word("carta"), Required: true},
		schema.Field{Name: "pan", Type: schema.TypeText.AsPersonal()})
	conto := record("Conto", schema.Field{Name: "tipo", Type: word("conto"), Required: true},
		schema.Field{Name: "iban", Type: schema.TypeText})
	nodo := record("Nodo")
	nodo.Fields = []schema.Field{{Name: "figli", Type: schema.ListOf(nodo)}, {Name: "padre", Type: nodo.OrNull()}}
	ticket := record("Ticket",
		schema.Field{Name: "id", Type: schema.TypeText, Required: true, Doc: `Con "virgolette", <tag> & accenti: città`},
		schema.Field{Name: "posizione", Type: posizione, Required: true}, schema.Field{Name: "altra", Type: posizione.OrNull()},
		schema.Field{Name: "importo", Type: &schema.Type{
			Kind: schema.KindDecimal, Minimum: &zero, ExclMin: true, Fraction: number(2),
			Digits: number(12),
		}},
		schema.Field{Name: "mezzo", Type: &schema.Type{Kind: schema.KindUnion, Tag: "tipo", Variants: []*schema.Type{carta, conto}}},
		schema.Field{Name: "nodo", Type: nodo}, schema.Field{Name: "quando", Type: schema.TypeDateTime},
		schema.Field{Name: "foto", Type: schema.TypeBytes},
		schema.Field{Name: "note", Type: schema.TypeText.OrNull()}, schema.Field{Name: "mai", Type: schema.ListOf(schema.TypeNever)},
		schema.Field{Name: "libero", Type: schema.TypeAny},
	)
	headers := record("CloudEventHeaders", schema.Field{Name: "x", Type: schema.TypeInt}) // the name of a component of ours
	problem := record("Problem", schema.Field{Name: "y", Type: schema.TypeBool, Required: true})
	return Document{
		Info: openapi.Info{
			Title: "DiMe", Version: "1.2.0", Description: "Tutti i servizi.", TermsOfService: "https://www.comune.example/termini",
			Contact: openapi.Contact{Name: "Ufficio", URL: "https://www.comune.example/utd", Email: "api@comune.example"},
			License: openapi.License{Name: "EUPL-1.2", URL: "https://eupl.eu/1.2/it/"}, APIID: "00000000-0000-4000-8000-000000000001",
		},
		Brokers: []Broker{{Host: "kafka-1.comune.example:9093", Password: true}, {Host: "kafka-2.comune.example:9093", Password: true}},
		Channels: []Channel{
			{Topic: "crm.ticket", Title: "Le pratiche", Event: "it.comune.ticket", Data: ticket},
			{Topic: "crm_ticket-2", Event: "it-comune-ticket", Data: ticket},
			{Topic: "liberi", Event: "liberi"},
			{Topic: "nomi", Event: "nomi", Data: schema.RecordType(schema.Field{Name: "h", Type: headers},
				schema.Field{Name: "p", Type: problem, Required: true})},
			{
				Topic: "ricevute", Event: "ricevute", Plain: true,
				Data: schema.RecordType(schema.Field{Name: "iuv", Type: schema.TypeText, Required: true}),
			},
			{Topic: "soli", Event: "soli", Data: &schema.Type{Kind: schema.KindText, Enum: []schema.Value{schema.Text("uno")}}},
		},
		Operations: []Operation{
			{
				Route: "segnala", Action: Send, Topic: "crm.ticket", Summary: "Segnalazione", Description: "Con *enfasi*", Tag: "Segnalazioni",
				Source: "/fondaco/dime/segnala",
			},
			{Route: "segnala", Action: Send, Topic: "liberi", Tag: "Segnalazioni", Source: "/fondaco/dime/segnala"},
			{Route: "ticket-al-crm", Action: Receive, Topic: "crm.ticket", Group: "crm", Deprecated: true, Tag: "CRM"},
			{Route: "altro", Action: Receive, Topic: "crm.ticket", Group: "altro"},
		},
	}
}

// variants are documents to judge: all that Write knows, and the least.
func variants() map[string]Document {
	english, embedded, open := rich(), rich(), rich()
	english.Info.Language = "en"
	embedded.Brokers = nil
	open.Brokers = []Broker{{Host: "127.0.0.1:9092"}}
	return map[string]Document{
		"rich": rich(), "english": english, "embedded": embedded, "open": open,
		"empty": {Info: openapi.Info{Title: "Senza topic"}},
		"plain": {Info: openapi.Info{Title: "Uno"}, Channels: []Channel{{Topic: "t", Event: "t", Plain: true}}},
		"least": {Info: openapi.Info{Title: "Uno"}, Channels: []Channel{{Topic: "t", Event: "t"}}},
	}
}

func write(t *testing.T, d Document) []byte {
	t.Helper()
	doc, err := Write(d)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestWriteIsTheSameEachTime(t *testing.T) {
	first := write(t, rich())
	for range 20 {
		if string(write(t, rich())) != string(first) {
			t.Fatal("two documents of one project differ")
		}
	}
}

// TestReferences: every reference leads somewhere, a type that is used twice stands once, and texts are as they were.
func TestReferences(t *testing.T) {
	for name, d := range variants() {
		doc := write(t, d)
		var root any
		if err := json.Unmarshal(doc, &root); err != nil {
			t.Fatal(name, err)
		}
		var walk func(v any)
		walk = func(v any) {
			switch v := v.(type) {
			case map[string]any:
				if to, ok := v["$ref"].(string); ok {
					if at(root, to) == nil {
						t.Errorf("%s: %s leads nowhere", name, to)
					}
					if len(v) > 1 {
						t.Errorf("%s: something stands beside the reference %s", name, to)
					}
				}
				for _, x := range v {
					walk(x)
				}
			case []any:
				for _, x := range v {
					walk(x)
				}
			}
		}
		walk(root)
		for _, twice := range []string{"ticket", "posizione"} {
			if n := strings.Count(string(doc), `"`+openapi.Name(twice)+`": {`); n != 1 && len(d.Operations) > 0 {
				t.Errorf("%s: the schema %s stands %d times", name, twice, n)
			}
		}
	}
	doc := string(write(t, rich()))
	var decoded any
	if err := json.Unmarshal([]byte(doc), &decoded); err != nil {
		t.Fatal(err)
	}
	id := at(decoded, "#/components/messages/ItComuneTicket/payload/$ref").(string)
	if text := at(decoded, id+"/properties/id/description"); text != `Con "virgolette", <tag> & accenti: città` {
		t.Errorf("the description is %v", text)
	}
	for _, want := range []string{`"const": "it.comune.ticket"`, `"CloudEventHeaders2": {`, `"ItComuneTicket2": {`, `"groupId": {`} {
		if !strings.Contains(doc, want) {
			t.Errorf("there is no %s", want)
		}
	}
	if strings.Contains(doc, "discriminator") {
		t.Error("AsyncAPI's discriminator is another thing than OpenAPI's")
	}
	if none := string(write(t, variants()["embedded"])); strings.Contains(none, "kafka") || strings.Contains(none, `"servers"`) {
		t.Error("a document without brokers speaks of Kafka")
	}
}

// TestPlain: of a topic of plain JSON nothing of CloudEvents is said.
func TestPlain(t *testing.T) {
	var decoded any
	if err := json.Unmarshal(write(t, rich()), &decoded); err != nil {
		t.Fatal(err)
	}
	if kind := at(decoded, "#/components/messages/Ricevute/contentType"); kind != "application/json" {
		t.Errorf("the content type is %v", kind)
	}
	if headers := at(decoded, "#/components/messages/Ricevute/headers"); headers != nil {
		t.Errorf("a plain record has the headers %v", headers)
	}
	if alone := string(write(t, variants()["plain"])); strings.Contains(alone, "ce_") {
		t.Errorf("a document of plain records speaks of CloudEvents:\n%s", alone)
	}
}

func at(v any, ref string) any {
	for _, name := range strings.Split(strings.TrimPrefix(ref, "#/"), "/") {
		m, ok := v.(map[string]any)
		if !ok {
			return nil
		}
		v = m[name]
	}
	return v
}

func TestWriteRefuses(t *testing.T) {
	for _, c := range []struct {
		want   string
		change func(*Document)
	}{
		{`a document needs a title`, func(d *Document) { d.Info.Title = "" }},
		{`version "uno" is not a semantic version, as 1.0.0`, func(d *Document) { d.Info.Version = "uno" }},
		{`"a/b" is not a topic name`, func(d *Document) { d.Channels[1].Topic = "a/b" }},
		{`the topic "crm.ticket" is there twice`, func(d *Document) { d.Channels[1].Topic = "crm.ticket" }},
		{`the topic "liberi" has no type of events`, func(d *Document) { d.Channels[2].Event = "" }},
		{`route segnala: there is no topic "altri"`, func(d *Document) { d.Operations[1].Topic = "altri" }},
		{
			`route "segnala": its operation on the topic "crm.ticket" has no name, or is there twice`,
			func(d *Document) { d.Operations[1].Topic = "crm.ticket" },
		},
	} {
		d := rich()
		d.Channels, d.Operations = slices.Clone(d.Channels), slices.Clone(d.Operations)
		c.change(&d)
		if _, err := Write(d); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
	}
}

// modules are Spectral and the libraries that it brings.
func modules(t *testing.T) string {
	t.Helper()
	dir, err := filepath.Abs("../../.tools/spectral/node_modules")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(filepath.Join(dir, ".bin", "spectral")); err != nil {
		t.Skip("Spectral is not installed (make test-all fetches it)")
	}
	return dir
}

// judge holds the examples of messages against their headers' and payloads' schemas, as draft-07.
const judge = `
const Ajv = require("ajv"), doc = JSON.parse(require("fs").readFileSync(0));
const ajv = new Ajv({strict: false, validateFormats: false});
ajv.addSchema({$id: "doc", components: doc.components});
let seen = 0;
for (const [name, m] of Object.entries(doc.components.messages))
  for (const example of m.examples || [])
    for (const part of Object.keys(example)) {
      seen++;
      const valid = ajv.compile({$ref: "doc#/components/messages/" + name + "/" + part});
      if (!valid(example[part])) { console.log(name, part, ajv.errorsText(valid.errors)); process.exitCode = 1; }
    }
console.log(seen, "seen");
`

// TestExamples: Ajv, another's JSON Schema, finds the examples to be what their schemas say, and finds out what is not.
func TestExamples(t *testing.T) {
	dir := modules(t)
	ask := func(doc string) (string, error) {
		c := exec.Command("node", "-e", judge)
		c.Dir, c.Stdin = dir, strings.NewReader(doc)
		out, err := c.CombinedOutput()
		return string(out), err
	}
	doc := string(write(t, rich()))
	if out, err := ask(doc); err != nil || out != "11 seen\n" {
		t.Error(out, err)
	}
	for _, wrong := range [][2]string{
		{`"ce_specversion": "1.0"`, `"ce_specversion": "0.3"`},
		{`"ce_id": "1"`, `"id": "1"`},
		{`"ce_type": "it.comune.ticket"`, `"ce_type": "liberi"`},
		{`"quando": "`, `"quando": 7, "altro": "`},
	} {
		if !strings.Contains(doc, wrong[0]) {
			t.Fatal("there is no ", wrong[0])
		}
		if out, err := ask(strings.Replace(doc, wrong[0], wrong[1], 1)); err == nil {
			t.Errorf("%s is not found out: %s", wrong[1], out)
		}
	}
}

// TestWriteIsValid runs Spectral with its rules for AsyncAPI, which hold the standard's own JSON Schema: none finds
// anything, and what is spoiled is found out.
func TestWriteIsValid(t *testing.T) {
	spectral := filepath.Join(modules(t), ".bin", "spectral")
	dir := t.TempDir()
	rules := filepath.Join(dir, "rules.yaml")
	// Off: what a project need not have, as a licence, or a broker elsewhere; and that 3.1 is newer.
	save(t, rules, []byte("extends: [[\"spectral:asyncapi\", all]]\nrules: { asyncapi-latest-version: off, asyncapi-servers: off, "+
		"asyncapi-info-license: off, asyncapi-info-license-url: off, asyncapi-info-contact-properties: off, asyncapi-3-tags: off }\n"))
	lint := func(docs map[string][]byte) string {
		args := []string{"lint", "-r", rules, "-f", "text", "--fail-severity", "warn"}
		for name, doc := range docs {
			file := filepath.Join(dir, name+".json")
			save(t, file, doc)
			args = append(args, file)
		}
		out, err := exec.Command(spectral, args...).CombinedOutput()
		var failed *exec.ExitError
		if err != nil && !errors.As(err, &failed) {
			t.Fatal(err)
		}
		return strings.ReplaceAll(string(out), dir+"/", "")
	}
	good := map[string][]byte{}
	for name, d := range variants() {
		good[name] = write(t, d)
	}
	if out := lint(good); !strings.Contains(out, "No results with a severity of 'warn' or higher found!") {
		t.Error(out)
	}
	broken := map[string][]byte{}
	for i, wrong := range [][2]string{
		{`"action": "send"`, `"action": "publish"`},
		{`"protocol": "kafka"`, `"protokoll": "kafka"`},
		{`#/channels/crm.ticket"`, `#/channels/crm"`},
		{`"type": "string",`, `"type": "text",`},
	} {
		doc := string(write(t, rich()))
		if !strings.Contains(doc, wrong[0]) {
			t.Fatal("there is no ", wrong[0])
		}
		broken[fmt.Sprintf("broken%d", i)] = []byte(strings.Replace(doc, wrong[0], wrong[1], 1))
	}
	out := lint(broken)
	for name := range broken {
		if !strings.Contains(out, name+".json:") {
			t.Errorf("%s is not found out:\n%s", name, out)
		}
	}
}

func save(t *testing.T, file string, b []byte) {
	t.Helper()
	if err := os.WriteFile(file, b, 0o600); err != nil {
		t.Fatal(err)
	}
}
