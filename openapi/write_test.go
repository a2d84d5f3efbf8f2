package openapi

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"fondaco/config/diag"
	"fondaco/schema"

	"github.com/getkin/kin-openapi/openapi3"
)

func number(n int) *int { return &n }

// rich is an API that uses everything that Write knows.
func rich() (Info, []Operation) {
	importo := &schema.Type{Kind: schema.KindDecimal, Fraction: number(2), Digits: number(12), Example: schema.DecimalText("28.70")}
	zero, most := schema.Int(0), schema.Int(100)
	page := &schema.Type{Kind: schema.KindInt, Minimum: &zero, Maximum: &most, ExclMax: true, Default: schema.Int(1)}
	stato := &schema.Type{
		Kind: schema.KindText, Enum: []schema.Value{schema.Text("aperta"), schema.Text("pagata")},
		Doc: "Lo stato della multa",
	}
	persona := schema.RecordType(
		schema.Field{Name: "given_name", Type: schema.TypeText.AsPersonal(), Required: true},
		schema.Field{Name: "tax_code", Type: &schema.Type{
			Kind: schema.KindText, Format: "codice-fiscale", MinLength: number(16),
			MaxLength: number(16), Personal: true,
		}},
	)
	persona.Name = "persona fisica"
	multa := schema.RecordType(
		schema.Field{Name: "numero", Type: schema.TypeText, Required: true, Doc: "Numero del verbale"},
		schema.Field{Name: "importo", Type: importo, Required: true},
		schema.Field{Name: "stato", Type: stato, Required: true},
		schema.Field{Name: "data", Type: schema.TypeDate, Required: true},
		schema.Field{Name: "ora", Type: schema.TypeDateTime.OrNull()},
		schema.Field{Name: "intestatario", Type: persona.OrNull(), Required: true},
		schema.Field{Name: "note", Type: (&schema.Type{Kind: schema.KindText, Enum: []schema.Value{schema.Text("a")}}).OrNull(), ReadOnly: true},
		schema.Field{Name: "foto", Type: &schema.Type{Kind: schema.KindBytes, MaxLength: number(1 << 20)}},
		schema.Field{Name: "extra", Type: schema.MapTo(schema.TypeAny)},
		schema.Field{Name: "progressivo", Type: &schema.Type{Kind: schema.KindDecimal, Fraction: number(0)}},
		schema.Field{Name: "nessuno", Type: schema.ListOf(schema.TypeNever), Required: true},
		schema.Field{Name: "niente", Type: schema.TypeNull},
		schema.Field{Name: "valore", Type: &schema.Type{
			Kind:     schema.KindUnion,
			Variants: []*schema.Type{schema.TypeInt, schema.TypeText, schema.TypeNull},
		}},
	)
	multa.Name = "Multa"
	nodo := &schema.Type{Kind: schema.KindRecord, Name: "Nodo"}
	nodo.Fields = []schema.Field{{Name: "figli", Type: schema.ListOf(nodo)}, {Name: "padre", Type: nodo.OrNull()}}
	word := func(s string) *schema.Type {
		return &schema.Type{Kind: schema.KindText, Enum: []schema.Value{schema.Text(s)}}
	}
	carta := schema.RecordType(schema.Field{Name: "tipo", Type: word("carta"), Required: true},
		schema.Field{Name: "pan", Type: schema.TypeText})
	carta.Name = "Carta"
	conto := schema.RecordType(schema.Field{Name: "tipo", Type: word("conto"), Required: true},
		schema.Field{Name: "iban", Type: schema.TypeText})
	conto.Name = "Conto"
	mezzo := &schema.Type{Kind: schema.KindUnion, Tag: "tipo", Variants: []*schema.Type{carta, conto}}
	altra := schema.RecordType(schema.Field{Name: "altro", Type: schema.TypeInt})
	altra.Name = "Multa" // the name of another type
	login := []Requirement{{{Scheme: "cittadino", Scopes: nil}}}
	info := Info{
		Title: "DiMe", Version: "1.2.0", Summary: "I servizi della città", Description: "Tutti i servizi.",
		Contact: Contact{Name: "Ufficio", URL: "https://www.comune.example/utd", Email: "api@comune.example"},
		License: License{Name: "EUPL-1.2", URL: "https://eupl.eu/1.2/it/"}, TermsOfService: "https://www.comune.example/termini",
		APIID: "00000000-0000-4000-8000-000000000001",
		Servers: []Server{
			{URL: "https://api.comune.example/rest/dime/v1", Description: "Produzione"},
			{URL: "http://127.0.0.1:8080", Sandbox: true},
		},
		Schemes: []Scheme{
			{Name: "cittadino", Type: "http", HTTP: "bearer", BearerFormat: "JWT", Doc: "Token del punto unico di accesso (RFC 8725)."},
			{Name: "pdnd", Type: "oauth2", Flows: []Flow{{
				Kind: "clientCredentials", TokenURL: "https://auth.example/token",
				Scopes: []Tag{{"multe", "leggere le multe"}},
			}}},
		},
		Tags: []Tag{{Name: "Multe", Description: "Sanzioni al codice della strada"}},
	}
	ops := []Operation{
		{
			ID: "elenco-multe", Method: "GET", Path: "/multe", Tag: "Multe", Summary: "Le multe del cittadino", RateLimited: true, Security: login,
			Parameters: []Parameter{
				{Name: "stato", In: "query", Type: stato},
				{Name: "pagina", In: "query", Type: page, Doc: "La pagina"},
				{Name: "Accept-Language", In: "header", Type: schema.TypeText},
			},
			Responses: []Response{{Status: 504}, {
				Status: 200,
				Body: schema.RecordType(schema.Field{Name: "multe", Type: schema.ListOf(multa), Required: true},
					schema.Field{Name: "albero", Type: nodo}),
			}, {Status: 503}, {Status: 502}},
		},
		{
			ID: "dettaglio-multa", Method: "GET", Path: "/multe/{numero}", Tag: "Multe", Summary: "Una multa",
			Security:  []Requirement{{{Scheme: "cittadino"}}, {{Scheme: "pdnd", Scopes: []string{"multe"}}}},
			Responses: []Response{{Status: 200, Body: multa}, {Status: 404}},
		},
		{
			ID: "paga-multa", Method: "POST", Path: "/multe/{numero}/pagamenti", Tag: "Multe", Summary: "Paga", Body: mezzo, BodyRequired: true,
			RateLimited: true, Security: login,
			Responses: []Response{{Status: 202, Body: altra, Headers: []Header{{
				Name: "Location",
				Type: &schema.Type{Kind: schema.KindText, Format: "uri"}, Required: true,
			}}}, {Status: 422, Members: schema.RecordType(schema.Field{Name: "residuo", Type: schema.TypeInt})}},
		},
		{
			ID: "modifica-multa", Method: "PATCH", Path: "/multe/{numero}", Tag: "Multe", Body: nodo, Deprecated: true,
			Responses: []Response{{Status: 204}}, Extensions: []Extension{{"x-route", `"routes/multe.yaml:3"`}},
		},
		{
			ID: "contesta-multa", Method: "POST", Path: "/multe/{numero}/ricorsi", Tag: "Multe", Summary: "Ricorso", Body: altra, BodyRequired: true,
			RateLimited: true, Security: login,
			Parameters: []Parameter{{
				Name: "X-ReplyTo", In: "header", Type: &schema.Type{Kind: schema.KindText, Format: "uri"},
				Doc: "Dove comunicare l'esito",
			}},
			Responses: []Response{
				{Status: 202, Headers: []Header{{Name: "X-Correlation-ID", Type: schema.TypeText, Required: true}}},
				{Status: 422},
			},
			Callbacks: []Callback{{
				Name: "esito", Expression: "{$request.header.X-ReplyTo}", Summary: "L'esito", Description: "Quando è concluso", Body: multa,
				Problem:    true,
				Parameters: []Parameter{{Name: "X-Correlation-ID", In: "header", Type: schema.TypeText, Required: true, Doc: "L'operazione"}},
				Responses:  []Response{{Status: 200, Doc: "Ricevuto"}},
			}, {
				Name: "avviso", Expression: "{$request.header.X-ReplyTo}", Summary: "Un avviso", BodyType: "text/plain", Body: schema.TypeText,
				Responses: []Response{{Status: 204}},
			}},
		},
	}
	return info, ops
}

func write(t *testing.T, version string) []byte {
	t.Helper()
	info, ops := rich()
	doc, err := Write(info, ops, version)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func TestWriteIsTheSameEachTime(t *testing.T) {
	for _, version := range Versions {
		if a, b := write(t, version), write(t, version); string(a) != string(b) {
			t.Errorf("%s: two documents of one API differ", version)
		}
	}
}

// kin-openapi is another's reading of the standard.
func TestWriteIsValidToAnother(t *testing.T) {
	for _, version := range Versions {
		doc, err := openapi3.NewLoader().LoadFromData(write(t, version))
		if err != nil {
			t.Fatal(version, err)
		}
		if err := doc.Validate(t.Context()); err != nil {
			t.Errorf("%s: %v", version, err)
		}
	}
}

// TestProblemWithMembers: what a problem may hold beside its own members stands beside the component of all problems.
func TestProblemWithMembers(t *testing.T) {
	for _, version := range []string{"3.0.3", "3.1.0"} {
		var out diag.List
		read := Read(write(t, version), "a.json", &out, diag.Pos{})
		if read == nil {
			t.Fatal(out.Sorted())
		}
		for _, r := range read.Operation("paga-multa").Responses {
			if r.Status == 422 && (r.Body.Index("residuo") < 0 || r.Body.Index("title") < 0 || r.ContentType != problemMedia) {
				t.Errorf("%s: found %s of %s", version, r.Body, r.ContentType)
			}
		}
	}
}

// TestFurtherMediaTypes: an answer, and what is sent to a caller, may be of several media types; of one media type they may be either.
func TestFurtherMediaTypes(t *testing.T) {
	record := schema.RecordType(schema.Field{Name: "esito", Type: schema.TypeText, Required: true})
	others := []Content{{"text/plain", schema.TypeText}, {jsonMedia, record}, {jsonMedia, schema.TypeInt}}
	text, err := Write(Info{Title: "A", License: License{Name: "MIT"}}, []Operation{{
		ID: "a", Method: "GET", Path: "/a", Responses: []Response{{Status: 409, Others: others}},
		Callbacks: []Callback{{
			Name: "esito", Expression: "{$request.query.u}", Problem: true, Members: record, Others: others[:1],
			Responses: []Response{{Status: 200}},
		}},
	}}, "3.1.0")
	if err != nil {
		t.Fatal(err)
	}
	doc, err := openapi3.NewLoader().LoadFromData(text)
	if err != nil {
		t.Fatal(err)
	}
	op := doc.Paths.Find("/a").Get
	content := op.Responses.Value("409").Value.Content
	if len(content) != 3 || content[problemMedia] == nil || content["text/plain"] == nil || len(content[jsonMedia].Schema.Value.AnyOf) != 2 {
		t.Errorf("%s", text)
	}
	sent := op.Callbacks["esito"].Value.Value("{$request.query.u}").Post.RequestBody.Value.Content
	if len(sent) != 2 || len(sent[problemMedia].Schema.Value.AllOf) != 2 || sent["text/plain"] == nil {
		t.Errorf("%s", text)
	}
}

func TestWriteRefuses(t *testing.T) {
	for _, c := range []struct {
		want    string
		version string
		change  func(*Info, *[]Operation)
	}{
		{`openapi 2.0 cannot be written, only 3.0.3 and 3.1.0`, "2.0", func(*Info, *[]Operation) {}},
		{`an API needs a title`, "3.0.3", func(i *Info, _ *[]Operation) { i.Title = "" }},
		{`version "uno" is not a semantic version, as 1.0.0`, "3.0.3", func(i *Info, _ *[]Operation) { i.Version = "uno" }},
		{
			`GET /multe/{numero}: the operation's id "elenco-multe" is empty or taken`, "3.0.3",
			func(_ *Info, o *[]Operation) { (*o)[1].ID = "elenco-multe" },
		},
		{`operation dettaglio-multa: GET /multe is there twice`, "3.0.3", func(_ *Info, o *[]Operation) { (*o)[1].Path = "/multe" }},
		{`operation elenco-multe: method "LIST" is not supported by OpenAPI`, "3.0.3", func(_ *Info, o *[]Operation) { (*o)[0].Method = "LIST" }},
		{`operation elenco-multe: a GET takes no body`, "3.0.3", func(_ *Info, o *[]Operation) { (*o)[0].Body = schema.TypeText }},
		{
			`operation elenco-multe: there is no security scheme "spid"`, "3.0.3",
			func(_ *Info, o *[]Operation) { (*o)[0].Security = []Requirement{{{Scheme: "spid"}}} },
		},
		{
			`operation elenco-multe: path /multe has no {id}`, "3.0.3",
			func(_ *Info, o *[]Operation) { (*o)[0].Parameters = []Parameter{{Name: "id", In: "path"}} },
		},
	} {
		info, ops := rich()
		c.change(&info, &ops)
		if _, err := Write(info, ops, c.version); err == nil || err.Error() != c.want {
			t.Errorf("got  %v\nwant %s", err, c.want)
		}
		if err := Check(info, ops); c.version == Versions[0] && (err == nil || err.Error() != c.want) {
			t.Errorf("Check\ngot  %v\nwant %s", err, c.want)
		}
	}
}

// ruleset is the Italian guidelines' full set of rules, beside the repository: its licence keeps it out.
const ruleset = "../../shared/specs/api-guidelines/rulesets/spectral-italian-guidelines-full.merged.yml"

// TestWritePassesTheItalianRules runs the checker that publication on PDND asks for.
func TestWritePassesTheItalianRules(t *testing.T) {
	spectral := os.Getenv("FONDACO_SPECTRAL")
	if spectral == "" {
		spectral = filepath.Join("..", ".tools", "spectral", "node_modules", ".bin", "spectral")
	}
	spectral, err := filepath.Abs(spectral)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(spectral); err != nil {
		t.Skip("Spectral is not installed (make test-all fetches it), nor named by FONDACO_SPECTRAL")
	}
	rules, err := filepath.Abs(ruleset)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := os.Stat(rules); err != nil {
		t.Skip("the rules are not here: ", ruleset)
	}
	for _, version := range Versions {
		file := filepath.Join(t.TempDir(), "openapi.json")
		if err := os.WriteFile(file, write(t, version), 0o600); err != nil {
			t.Fatal(err)
		}
		out, err := exec.Command(spectral, "lint", file, "-r", rules, "-f", "text", "--fail-severity", "warn").CombinedOutput()
		if err != nil {
			t.Errorf("%s: %v\n%s", version, err, strings.ReplaceAll(string(out), file, "openapi.json"))
		} else {
			t.Logf("%s: %s", version, strings.ReplaceAll(string(out), file, "openapi.json"))
		}
	}
}
