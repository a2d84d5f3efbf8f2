package soap

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/connectors/soap/xsd"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
)

const docarea = `connector: protocollo
version: 1.0.0
params: { endpoint: { type: string }, ente: { type: string, default: c_l736 }, password: { type: string, secret: true } }
soap: { wsdl: s.wsdl, endpoint: "${param.endpoint}" }
session:
  login: Login
  with: { CodiceEnte: "${param.ente}", Username: dime, UserPassword: "${param.password}" }
  ticket: ${answer.return?.strDST ?? ""}
  send: DSTLogin
  keep: 10m
operations:
  Login:
    fails:
      - when: answer.return?.IngErrNumber != 0
        as: refused
  Protocollazione:
    effect: once
    documents:
      FileXML: { schema: segnatura.xsd, element: Segnatura }
    fails:
      - when: answer.return?.IngErrNumber == -7
        as: session
      - when: answer.return?.IngErrNumber != 0
        as: refused
        detail: ${answer.return?.strErrString ?? "senza motivo"}
`

func loadDocarea(t *testing.T, text string) (*connectors.Connector, []diag.Problem) {
	t.Helper()
	files := fstest.MapFS{"c/connector.yaml": {Data: []byte(text)}}
	for to, from := range map[string]string{"c/s.wsdl": "docarea.wsdl", "c/segnatura.xsd": "segnatura.xsd"} {
		data, err := os.ReadFile("testdata/styles/" + from)
		if err != nil {
			t.Fatal(err)
		}
		files[to] = &fstest.MapFile{Data: data}
	}
	var out diag.List
	c := connectors.Load(files, "c", connectors.Registry{Protocol}, transform.Constants{}, &out, diag.Pos{})
	return c, out.Sorted()
}

// registry is a records registry with tickets that it may forget.
type registry struct {
	mu       sync.Mutex
	valid    map[string]bool
	logins   atomic.Int32
	bodies   []string
	password string
	deaf     bool // refuses every ticket
}

func (x *registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	data, _ := io.ReadAll(r.Body)
	body := string(data)
	within := func(tag string) string {
		_, rest, _ := strings.Cut(body, "<"+tag+" ")
		_, rest, _ = strings.Cut(rest, ">")
		v, _, _ := strings.Cut(rest, "<")
		return v
	}
	x.mu.Lock()
	defer x.mu.Unlock()
	answer := ""
	if strings.HasSuffix(r.Header.Get("SOAPAction"), `#Login"`) {
		n := x.logins.Add(1)
		code, ticket := "0", fmt.Sprintf("T%d", n)
		if within("UserPassword") != x.password {
			code, ticket = "-1", ""
		} else if !x.deaf {
			x.valid[ticket] = true
		}
		answer = `<r><return><strDST>` + ticket + `</strDST><IngErrNumber>` + code + `</IngErrNumber></return></r>`
	} else if !x.valid[within("DSTLogin")] {
		answer = `<r><return><IngErrNumber>-7</IngErrNumber></return></r>`
	} else {
		x.bodies = append(x.bodies, within("FileXML"))
		answer = `<r><return><IngNumPG>` + fmt.Sprint(len(x.bodies)) +
			`</IngNumPG><IngAnnoPG>2026</IngAnnoPG><IngErrNumber>0</IngErrNumber></return></r>`
	}
	text(200, "text/xml", `<e:Envelope xmlns:e="`+soap11+`"><e:Body>`+answer+`</e:Body></e:Envelope>`)(w, r)
}

func (x *registry) forget() {
	x.mu.Lock()
	defer x.mu.Unlock()
	clear(x.valid)
}

const protocolla = `{"Username":"dime","FileXML":{"Intestazione":{"Oggetto":"Città & \"canali\"","Flusso":"E"},"Documento":[{"id":1,"nome":"a.pdf"}]}}`

func openDocarea(t *testing.T, x *registry, now func() time.Time) func() (string, error) {
	t.Helper()
	c, wrong := loadDocarea(t, docarea)
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	caller, _ := opened(t, c, x, now)
	o := c.Operation("Protocollazione")
	if got, want := o.Input.String(), "{Username: text, FileXML: {Intestazione: record, Documento?: list of record}}"; got != want {
		t.Fatalf("routes give %s, expected %s", got, want)
	}
	do, err := caller.Call(o, o.Output)
	if err != nil {
		t.Fatal(err)
	}
	in := input(t, o, protocolla)
	return func() (string, error) {
		v, err := do(t.Context(), in)
		return string(codec.AppendJSON(nil, v.Get("return").Get("IngNumPG"))), err
	}
}

// TestSession: one log-in serves all calls until its time is up or an answer refuses its ticket; then there is another,
// once however many calls wait for it, and the call that was refused is made again.
func TestSession(t *testing.T) {
	x := &registry{valid: map[string]bool{}, password: "p<w>&\"d"}
	x.password = "p&lt;w&gt;&amp;\"d" // as it stands in XML
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	var mu sync.Mutex
	do := openDocarea(t, x, func() time.Time { mu.Lock(); defer mu.Unlock(); return now })
	expect := func(want string, logins int32) {
		t.Helper()
		if got, err := do(); err != nil || got != want || x.logins.Load() != logins {
			t.Fatalf("got %s, %v after %d log-ins; expected %s after %d", got, err, x.logins.Load(), want, logins)
		}
	}
	expect("1", 1)
	expect("2", 1)
	x.forget()
	expect("3", 2)
	mu.Lock()
	now = now.Add(11 * time.Minute)
	mu.Unlock()
	expect("4", 3)
	x.forget()
	var wait sync.WaitGroup
	for range 20 {
		wait.Go(func() {
			if _, err := do(); err != nil {
				t.Error(err)
			}
		})
	}
	wait.Wait()
	if n := x.logins.Load(); n != 4 {
		t.Errorf("20 calls at once logged in %d times", n-3)
	}
	v, _ := xsd.ParseBase64(x.bodies[0])
	if got, want := string(schema.Octets(v)), `<?xml version="1.0" encoding="UTF-8"?><Segnatura xmlns:xsi="`+xsd.InstanceSpace+
		`"><Intestazione><Oggetto>Città &amp; "canali"</Oggetto><Flusso>E</Flusso></Intestazione><Documento id="1" nome="a.pdf"></Documento></Segnatura>`; got != want {
		t.Errorf("the document sent is %s", got)
	}
	x.deaf = true
	x.forget()
	if _, err := do(); err == nil || !strings.HasPrefix(err.Error(), "prova.Protocollazione: unavailable: the ticket is refused right after a new log-in, with <r>") ||
		x.logins.Load() != 5 {
		t.Errorf("got %v after %d log-ins", err, x.logins.Load())
	}
}

// TestSession_refused: a refused log-in is not tried again at once: systems lock users out.
func TestSession_refused(t *testing.T) {
	x := &registry{valid: map[string]bool{}, password: "altra"}
	now := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	do := openDocarea(t, x, func() time.Time { return now })
	for range 3 {
		if _, err := do(); err == nil || !strings.HasPrefix(err.Error(), "prova.Protocollazione: unavailable: prova.Login: refused, with <r>") ||
			connectors.AsFault(err).Sent {
			t.Errorf("got %v", err)
		}
	}
	if n := x.logins.Load(); n != 1 {
		t.Errorf("there were %d log-ins", n)
	}
	now = now.Add(31 * time.Second)
	x.password = "p&lt;w&gt;&amp;\"d"
	if got, err := do(); err != nil || got != "1" {
		t.Errorf("got %s, %v", got, err)
	}
}

// TestSession_problems are the mistakes in a session and in documents, told when the connector is read.
func TestSession_problems(t *testing.T) {
	for _, x := range []struct{ was, is, want string }{
		{"login: Login", "login: Logon", `c/connector.yaml:6:10: the connector has no operation "Logon"`},
		{"send: DSTLogin", "send: DSTlogin", `c/connector.yaml:9:9: no operation has an input field "DSTlogin"`},
		{"CodiceEnte: \"${param.ente}\", ", "", `c/connector.yaml:7:11: Login: field "CodiceEnte" is missing`},
		{"answer.return?.strDST", "answer.return?.strDTS", `c/connector.yaml:8:28: answer.return has no field "strDTS"`},
		{"${param.ente}", "${param.enti}", `c/connector.yaml:7:32: param has no field "enti"`},
		{"element: Segnatura", "element: Segnature", `c/connector.yaml:19:50: the schema has no element "Segnature"`},
		{"FileXML: {", "FileXLM: {", `c/connector.yaml:19:7: neither the input nor the output has a text or octets at "FileXLM"`},
		{"segnatura.xsd", "segnature.xsd", `c/connector.yaml:19:26: the file c/segnature.xsd is not there`},
		{
			docarea[strings.Index(docarea, "session:\n"):strings.Index(docarea, "operations:")], "",
			`c/connector.yaml:15:15: as: session stands for a ticket that is good no more, and the connector has no session`,
		},
	} {
		_, wrong := loadDocarea(t, strings.Replace(docarea, x.was, x.is, 1))
		got := ""
		if len(wrong) > 0 {
			got = wrong[0].Pos.String() + ": " + wrong[0].Message
		}
		if got != x.want {
			t.Errorf("%s:\n got  %s\n want %s", x.is, got, x.want)
		}
	}
}

// opened binds a connector to a server, with a session where it says one.
func opened(t *testing.T, c *connectors.Connector, h http.Handler, now func() time.Time) (connectors.Caller, *connectors.System) {
	t.Helper()
	_, s := against(t, c, h)
	caller, err := s.Open(t.Context(), connectors.Deps{Now: now})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = caller.Close() })
	return caller, s
}

// TestDocuments: a document within a field is read as what is in it, and told where it is wrong.
func TestDocuments(t *testing.T) {
	text := strings.Replace(docarea[:strings.Index(docarea, "session:")]+docarea[strings.Index(docarea, "operations:"):],
		"- when: answer.return?.IngErrNumber == -7\n        as: session\n      ", "", 1)
	c, wrong := loadDocarea(t, strings.Replace(text, "  Protocollazione:",
		"  Elenco:\n    documents: { nota: { schema: segnatura.xsd, element: Segnatura } }\n  Protocollazione:", 1))
	if len(wrong) > 0 {
		t.Fatal(wrong)
	}
	const good = `<Segnatura><Intestazione><Oggetto>x</Oggetto><Flusso>U</Flusso></Intestazione></Segnatura>`
	for _, x := range []struct{ name, nota, want string }{
		{
			"in CDATA", `<![CDATA[<?xml version="1.0" encoding="ISO-8859-1"?>` + good + `]]>`,
			`{"allegati":[],"righe":[],"nota":{"Intestazione":{"Oggetto":"x","Flusso":"U"},"Documento":[]}}`,
		},
		{
			"escaped", strings.NewReplacer("<", "&lt;").Replace(good),
			`{"allegati":[],"righe":[],"nota":{"Intestazione":{"Oggetto":"x","Flusso":"U"},"Documento":[]}}`,
		},
		{"not well formed", "<![CDATA[<Segnatura>]]>", "invalid at /nota: /nota: expected a document that is well-formed XML"},
		{"no document", "ciao", "invalid at /nota: /nota: expected a document that is well-formed XML"},
		{"another", "<![CDATA[<Altro/>]]>", "invalid at /nota: /nota: expected a document Segnatura, found another"},
		{"with more after it", "<![CDATA[" + good + "<x/>]]>", "invalid at /nota: /nota: expected a document that is well-formed XML"},
		{
			"against its schema", "<![CDATA[" + strings.Replace(good, "U", "V", 1) + "]]>",
			`invalid at /nota/Intestazione/Flusso: /nota/Intestazione/Flusso: expected "E" or "U"`,
		},
		{
			"with an entity", `<![CDATA[<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]><Segnatura>&e;</Segnatura>]]>`,
			"invalid at /nota: /nota: expected a document that is well-formed XML",
		},
	} {
		t.Run(x.name, func(t *testing.T) {
			body := `<e:Envelope xmlns:e="` + soap11 + `"><e:Body><r><nota>` + x.nota + `</nota></r></e:Body></e:Envelope>`
			got, f := answered(t, c, "Elenco", elencoIs, text200(body))
			if f != nil {
				got = strings.TrimPrefix(f.Error(), "prova.Elenco: ")
			}
			if got != x.want {
				t.Errorf("got  %s\nwant %s", got, x.want)
			}
		})
	}
}

func text200(body string) http.HandlerFunc { return text(200, "text/xml", body) }
