package mask

import (
	"encoding/base64"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"fondaco/connectors"
	"fondaco/schema"
)

const (
	fiscal = "RSSMRA80A01L736U"
	secret = "s3gr&to"
)

// registry is a connector whose persons are personal data.
func registry() *connectors.Connector {
	person := schema.RecordType(
		schema.Field{Name: "Nome", Type: schema.TypeText.AsPersonal()},
		schema.Field{Name: "codice_attribute", Type: schema.TypeText.AsPersonal()},
		schema.Field{Name: "stato", Type: schema.TypeText},
	)
	return &connectors.Connector{Operations: []*connectors.Operation{{
		Name: "leggi",
		Input: schema.RecordType(
			schema.Field{Name: "codiceFiscale", Type: schema.TypeText.AsPersonal()},
			schema.Field{Name: "chiave", Type: schema.TypeText, WriteOnly: true}),
		Output: schema.RecordType(
			schema.Field{Name: "persone", Type: schema.ListOf(person)},
			schema.Field{Name: "documento", Type: person},
			schema.Field{Name: "anni", Type: schema.TypeInt.AsPersonal()}),
	}}}
}

func masked(personal bool) *Mask {
	m := New(registry(), personal)
	m.Secret(secret)
	return m
}

// TestBody: what is hidden is gone, whatever form the body has; what is not is still there, in order.
func TestBody(t *testing.T) {
	inner := `<Segnatura><Nome>Mario</Nome><stato>vivo</stato></Segnatura>`
	for _, c := range []struct {
		name, media, body string
		gone, there       []string
	}{
		{
			"xml", "text/xml", `<?xml version="1.0"?><a:B xmlns:a="urn:a"><a:Nome codice="` + fiscal +
				`" a:x="1">Mario</a:Nome><stato>vivo</stato><!-- Mario --></a:B>`,
			[]string{"Mario", fiscal},
			[]string{"<a:B xmlns:a=\"urn:a\">\n  <a:Nome codice=\"***\" a:x=\"1\">***</a:Nome>\n  <stato>vivo</stato>\n</a:B>"},
		},
		{
			"password", "text/xml", `<s:H xmlns:s="urn:s"><s:UsernameToken><s:Username>dime</s:Username><s:Password Type="t">abc</s:Password></s:UsernameToken></s:H>`,
			[]string{">abc<"},
			[]string{">dime<", ">***<"},
		},
		{"everything within", "text/xml", `<r><Nome><primo>Mario</primo></Nome></r>`, []string{"Mario"}, []string{"<primo>***</primo>"}},
		{
			"cdata", "text/xml", `<r><documento><![CDATA[` + inner + `]]></documento></r>`,
			[]string{"Mario"},
			[]string{"<stato>vivo</stato>", "<Nome>***</Nome>"},
		},
		{
			"base64", "text/xml", `<r><documento>` + base64.StdEncoding.EncodeToString([]byte(inner)) + `</documento></r>`,
			[]string{"Mario", "PFNlZ25h"},
			[]string{"<stato>vivo</stato>"},
		},
		{
			"a document that cannot be read", "text/xml", `<r><documento>Mario;vivo</documento></r>`,
			[]string{"Mario"},
			[]string{"<documento>***</documento>"},
		},
		{
			"a value apart from its name", "text/xml", `<r><Nome href="#1"/><multiRef id="1">Mario</multiRef></r>`,
			[]string{"Mario"},
			[]string{`<multiRef id="1">***`},
		},
		{
			"latin", "text/xml", "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><r><stato>libert\xe0</stato><Nome>Nicol\xf2</Nome></r>",
			[]string{"Nicol"},
			[]string{"libertà"},
		},
		{"a secret under any name", "text/xml", `<r><boh>s3gr&amp;to</boh></r>`, []string{"s3gr"}, []string{"<boh>***</boh>"}},
		{"not well formed", "text/xml", `<r><Nome>Mario</r>`, []string{"Mario"}, []string{"(18 bytes of text/xml: neither XML nor JSON"}},
		{"a page", "text/html", `<p>Mario<br>Rossi`, []string{"Mario"}, []string{"bytes of text/html"}},
		{
			"json", "application/json", `{"persone":[{"Nome":"Mario","stato":"vivo"}],"anni":46,"voto":1.50,"vuoto":{},"x":null,"k":"` + secret +
				`"}`,
			[]string{"Mario", "46", secret},
			[]string{"{\n  \"persone\": [\n    {\n      \"Nome\": \"***\",\n      \"stato\": \"vivo\"\n    }\n  ],\n  \"anni\": \"***\",\n  " +
				"\"voto\": 1.50,\n  \"vuoto\": {},\n  \"x\": null,\n  \"k\": \"***\"\n}"},
		},
		{
			"xml in json", "application/json", `{"documento":"<Segnatura><Nome>Mario</Nome></Segnatura>"}`,
			[]string{"Mario"},
			[]string{"<Nome>***</Nome>"},
		},
		{
			"form", "application/x-www-form-urlencoded", "codiceFiscale=" + fiscal + "&stato=vivo&client_secret=x%20y",
			[]string{fiscal, "x y"},
			[]string{"codiceFiscale=***\nstato=vivo\nclient_secret=***"},
		},
		{
			"multipart form", `multipart/form-data; boundary="b"`, "--b\r\nContent-Disposition: form-data; name=\"codiceFiscale\"\r\n\r\n" + fiscal +
				"\r\n--b\r\nContent-Disposition: form-data; name=\"stato\"\r\n\r\nvivo\r\n" +
				"--b\r\nContent-Disposition: form-data; name=\"client_secret\"; filename=\"a\"\r\nContent-Type: text/plain\r\n\r\nx y\r\n--b--\r\n",
			[]string{fiscal, "x y"},
			[]string{"name=\"codiceFiscale\"\n***\n", "name=\"stato\"\nvivo\n", "-- Content-Type: text/plain\n***"},
		},
		{
			"multipart", `multipart/related; boundary="b"`, "--b\r\nContent-Type: " +
				"text/xml\r\n\r\n<r><Nome>Mario</Nome></r>\r\n--b\r\nContent-Type: application/octet-stream\r\n\r\n\x00\x01Mario\r\n--b--\r\n",
			[]string{"Mario"},
			[]string{"-- Content-Type: text/xml\n<r>\n  <Nome>***</Nome>\n</r>", "(7 octets)"},
		},
		{"octets", "image/png", "\x89PNG\x00", nil, []string{"(5 octets)"}},
		{"write only", "application/json", `{"chiave":"abcd"}`, []string{"abcd"}, nil},
		{"nothing", "text/xml", " ", nil, []string{""}},
	} {
		got := masked(true).Body(c.media, []byte(c.body))
		for _, s := range c.gone {
			if strings.Contains(got, s) {
				t.Errorf("%s: %q is shown:\n%s", c.name, s, got)
			}
		}
		for _, s := range c.there {
			if !strings.Contains(got, s) {
				t.Errorf("%s: expected %q in\n%s", c.name, s, got)
			}
		}
	}
	got := masked(false).Body("application/json", []byte(`{"Nome":"Mario","chiave":"abcd","k":"`+secret+`"}`))
	if !strings.Contains(got, "Mario") || strings.Contains(got, secret) || strings.Contains(got, "abcd") {
		t.Errorf("with personal data shown: %s", got)
	}
}

// TestValues: what a value is known to hold is hidden in other places too, by its text.
func TestValues(t *testing.T) {
	m := masked(true)
	in := registry().Operations[0].Input
	m.Value(schema.RecordOf(in, schema.Text(fiscal), schema.Text("abcd")), in)
	u, _ := url.Parse("http://user:x@sistema/persone/" + fiscal + "?stato=vivo&codiceFiscale=1&key=" + url.QueryEscape(secret))
	if got, want := m.URL(u), "http://sistema/persone/***?stato=vivo&codiceFiscale=***&key=***"; got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
	if got := m.Body("text/plain", []byte("<r><altro>"+fiscal+"</altro></r>")); strings.Contains(got, fiscal) {
		t.Errorf("shown: %s", got)
	}
	fields := m.Header(http.Header{
		"Authorization": {"Bearer abc.def"}, "X-Api-Key": {"kkk"}, "Set-Cookie": {"s=1"}, "X-Codice": {fiscal}, "Content-Type": {"text/xml"},
	})
	want := [][2]string{
		{"Authorization", "Bearer ***"},
		{"Content-Type", "text/xml"},
		{"Set-Cookie", "***"},
		{"X-Api-Key", "***"},
		{"X-Codice", "***"},
	}
	for i := range want {
		if i >= len(fields) || fields[i] != want[i] {
			t.Fatalf("found %v, expected %v", fields, want)
		}
	}
	out := registry().Operations[0].Output
	person := out.Fields[0].Type.Elem
	v := schema.RecordOf(out, schema.List([]schema.Value{schema.RecordOf(person, schema.Text("Mario"), schema.Value{}, schema.Text("vivo"))}),
		schema.Value{}, schema.Int(46))
	if got := strings.Join(strings.Fields(string(m.JSON(v, out))), ""); got != `{"persone":[{"Nome":"***","stato":"vivo"}],"anni":"***"}` {
		t.Error(got)
	}
}

// TestLong: neither a long text nor a long body floods a terminal.
func TestLong(t *testing.T) {
	m := masked(true)
	if got := m.Body("text/xml", []byte("<r><d>"+strings.Repeat("à", 10_000)+"</d></r>")); len(got) > 500 ||
		!strings.Contains(got, "(20000 bytes)") {
		t.Errorf("%d bytes: %s", len(got), got)
	}
	for _, body := range []string{"<r>" + strings.Repeat("<d>à</d>", 100_000) + "</r>", "[" + strings.Repeat(`"à",`, 100_000) + `"à"]`} {
		if got := m.Body("", []byte(body)); len(got) > MaxBody+100 || !strings.Contains(got, "are shown)") {
			t.Errorf("%d bytes, ends %s", len(got), got[len(got)-100:])
		}
	}
	if got := m.Body("text/xml", []byte(strings.Repeat("<a>", 100_000))); len(got) > MaxBody {
		t.Errorf("%d bytes", len(got))
	}
}

// TestParts: what is hidden is gone from the parts of a query and of a form too, in brackets and as an object within.
func TestParts(t *testing.T) {
	u := &url.URL{Scheme: "http", Host: "x", Path: "/a", RawQuery: "filtro%5BcodiceFiscale%5D=AB&filtro%5Bstato%5D=vivo"}
	if got, want := masked(true).URL(u), "http://x/a?filtro%5BcodiceFiscale%5D=***&filtro%5Bstato%5D=vivo"; got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
	body := "filtro%5BcodiceFiscale%5D=AB&stato=vivo&persona=%7B%22codiceFiscale%22%3A%22AB%22%2C%22stato%22%3A%22vivo%22%7D"
	want := "filtro[codiceFiscale]=***\nstato=vivo\npersona={\n  \"codiceFiscale\": \"***\",\n  \"stato\": \"vivo\"\n}"
	if got := masked(true).Body("application/x-www-form-urlencoded", []byte(body)); got != want {
		t.Errorf("found %s, expected %s", got, want)
	}
	m := masked(true)
	m.Secret("a b@c")
	if got := m.Text("x=a%20b%40c"); got != "x=***" {
		t.Error(got)
	}
}
