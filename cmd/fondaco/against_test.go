package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const exampleCity = "../../examples/dime"

// cityWith copies the example city and replaces texts in its files: file, old, new.
func cityWith(t *testing.T, changes ...[3]string) string {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "dime")
	if err := os.CopyFS(dir, os.DirFS(exampleCity)); err != nil {
		t.Fatal(err)
	}
	for _, c := range changes {
		file := filepath.Join(dir, c[0])
		text, err := os.ReadFile(file)
		if err != nil || !strings.Contains(string(text), c[1]) {
			t.Fatalf("%s: %v, no %q", c[0], err, c[1])
		}
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), c[1], c[2])), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// TestAgainst: what a new WSDL breaks is told with the routes that use it, the same whatever it is compared with; what no
// route uses breaks nothing.
func TestAgainst(t *testing.T) {
	t.Parallel()
	old, err := filepath.Abs(exampleCity)
	if err != nil {
		t.Fatal(err)
	}
	const xsd = "connectors/polizia-locale/wsdl/verbali.xsd"
	city := cityWith(t,
		[3]string{
			xsd, `<s:element name="soloAperti" type="s:boolean" minOccurs="0"/>`,
			`<s:element name="soloAperti" type="s:boolean" minOccurs="0"/><s:element name="ente" type="s:string"/>`,
		},
		[3]string{
			xsd, `<s:element name="targa" type="s:string" minOccurs="0"/>`,
			`<s:element name="TARGA" type="s:string" minOccurs="0"/><s:element name="note" type="s:string" minOccurs="0"/>`,
		},
		[3]string{xsd, `<s:enumeration value="ricorso"/>`, `<s:enumeration value="ricorso"/><s:enumeration value="annullato"/>`},
		[3]string{
			"connectors/protocollo-docarea/wsdl/docarea.wsdl", `<xsd:element name="IngDocID" type="xsd:long"/>`,
			`<xsd:element name="IngDocID" type="xsd:string"/>`,
		},
	)
	fines := []string{
		"BREAKS  polizia-locale.elencoVerbali  input /ente: needed, is text\n",
		"            home  GET /home  routes/home.yaml:17\n            elenco-multe  GET /multe  routes/multe.yaml:12\n",
		"BREAKS  polizia-locale.elencoVerbali  output /verbale/*/targa: removed, was text; it may be called TARGA now\n            " +
			"elenco-multe  GET /multe  routes/multe.yaml:12\nBREAKS",
		"BREAKS  polizia-locale.elencoVerbali  output /verbale/*/stato: widened, is also \"annullato\"\n",
		"Breaks nothing here:\n",
		"        polizia-locale.dettaglioVerbale  output /verbale/targa: removed",
		"        polizia-locale.elencoVerbali  output /verbale/*/note: added, is text\n",
	}
	registry := "BREAKS  protocollo.Inserimento  output /return/IngDocID: retyped, was integer, is text\n"
	through := "routes/residenza.yaml:22  through deposita\n"
	for _, c := range []struct {
		against string
		args    []string
		want    []string
		not     string
	}{
		{"connectors/polizia-locale/wsdl/verbali.wsdl", nil, fines, registry},
		{"connectors/polizia-locale", nil, fines, registry},
		{"connectors/polizia-locale", []string{"--system", "polizia-locale"}, fines, registry},
		{"connectors/protocollo-docarea/wsdl/docarea.wsdl", nil, []string{registry, through}, fines[0]},
		{".", nil, append(fines, registry, through), "nothing to see"},
	} {
		code, out, problems := command(t, city, append([]string{"check", "--against", filepath.Join(old, c.against)}, c.args...)...)
		if code != exitFailed {
			t.Errorf("%s: exit code %d\n%s", c.against, code, problems)
		}
		for _, want := range c.want {
			if !strings.Contains(out, want) {
				t.Errorf("%s: expected %q in\n%s%s", c.against, want, out, problems)
			}
		}
		if strings.Contains(out, c.not) {
			t.Errorf("%s: found %q in\n%s", c.against, c.not, out)
		}
	}
	code, out, _ := command(t, city, "check", "--against", filepath.Join(old, "connectors/polizia-locale"), "--format", "json")
	var told struct {
		Breaking, Routes int
		Changes          []struct {
			System, Operation, Side, Path, Change, New string
			Breaks                                     bool
			Routes                                     []struct {
				Route, Starts, File string
				Line                int
			}
		}
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != exitFailed || told.Breaking == 0 || told.Routes < 2 {
		t.Fatalf("exit code %d, %v: %s", code, err, out)
	}
	if x := told.Changes[0]; x.System != "polizia-locale" || x.Side != "input" || x.Path != "/ente" || x.Change != "needed" || !x.Breaks ||
		len(x.Routes) != 2 || x.Routes[1].Line != 12 {
		t.Errorf("%+v", x)
	}
}

// TestAgainstHarmless: a version that only adds breaks nothing, and the same version has no change.
func TestAgainstHarmless(t *testing.T) {
	t.Parallel()
	old, err := filepath.Abs(exampleCity)
	if err != nil {
		t.Fatal(err)
	}
	city := cityWith(t, [3]string{
		"connectors/polizia-locale/wsdl/verbali.xsd", `<s:element name="targa" type="s:string" minOccurs="0"/>`,
		`<s:element name="targa" type="s:string" minOccurs="0"/><s:element name="note" type="s:string" minOccurs="0"/>`,
	})
	if code, out, problems := command(t, city, "check", "--against",
		filepath.Join(old, "connectors/polizia-locale/wsdl/verbali.wsdl")); code != exitOK ||
		!strings.Contains(out, "2 changes, none of which breaks") {
		t.Errorf("exit code %d\n%s%s", code, out, problems)
	}
	if code, out, problems := command(t, city, "check", "--against", city); code != exitOK ||
		out != "Nothing that routes can see has changed.\n" {
		t.Errorf("exit code %d\n%s%s", code, out, problems)
	}
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"nowhere"}, exitUsage, "there is no file or folder nowhere"},
		{[]string{"routes"}, exitUsage, "has neither fondaco.yaml nor connector.yaml"},
		{
			[]string{filepath.Join(old, "connectors/protocollo-babele")},
			exitUsage,
			`no system of the project has the connector "protocollo-babele"`,
		},
		{[]string{old, "--system", "polizia"}, exitUsage, `there is no system "polizia"`},
		{[]string{"fondaco.yaml"}, exitFailed, "is not an OpenAPI document"},
	} {
		code, out, problems := command(t, city, append([]string{"check", "--against"}, c.args...)...)
		if code != c.code || !strings.Contains(problems, c.want) {
			t.Errorf("%v: exit code %d, expected %d and %q in\n%s%s", c.args, code, c.code, c.want, out, problems)
		}
	}
}

// TestAgainstParams: a parameter that a new version of a connector needs breaks its systems until they give it.
func TestAgainstParams(t *testing.T) {
	t.Parallel()
	old, err := filepath.Abs(exampleCity)
	if err != nil {
		t.Fatal(err)
	}
	const connector = "connectors/polizia-locale/connector.yaml"
	need := [3]string{
		connector, "  username: { type: string, default: dime }\n",
		"  username: { type: string, default: dime }\n  ente: { type: string }\n",
	}
	if code, out, _ := command(t, cityWith(t, need), "check", "--against", old); code != exitFailed ||
		!strings.Contains(out, "BREAKS  polizia-locale  /params/ente: needed, is text") {
		t.Errorf("exit code %d\n%s", code, out)
	}
	given := [3]string{
		"fondaco.yaml", `params: { endpoint: "${env.POLIZIA_LOCALE_URL}",`,
		`params: { ente: "L736", endpoint: "${env.POLIZIA_LOCALE_URL}",`,
	}
	if code, out, _ := command(t, cityWith(t, need, given), "check", "--against", old); code != exitOK {
		t.Errorf("with the parameter: exit code %d\n%s", code, out)
	}
	effect := [3]string{connector, "    operation: DettaglioVerbale\n    effect: read", "    operation: DettaglioVerbale\n    effect: once"}
	if code, out, _ := command(t, cityWith(t, effect), "check", "--against", old); code != exitFailed ||
		!strings.Contains(out, "the operation: effect, was read, is once") ||
		!strings.Contains(out, "multa  GET /multe/{numero}  routes/multe.yaml:") {
		t.Errorf("exit code %d\n%s", code, out)
	}
}

// TestAgainstWaiting: a change of what a route takes breaks its accepted requests that wait, where they cannot be read any
// more; what can be read breaks nothing, and neither does a change of a route that answers at once.
func TestAgainstWaiting(t *testing.T) {
	t.Parallel()
	old, err := filepath.Abs(exampleCity)
	if err != nil {
		t.Fatal(err)
	}
	const shape = "schemas/segnalazione.yaml"
	needed := [3]string{shape, "required: [titolo,", "required: [recapito, titolo,"}
	field := [3]string{shape, "  titolo: {", "  recapito: { type: string }\n  titolo: {"}
	city := cityWith(t, needed, field)
	code, out, problems := command(t, city, "check", "--against", old)
	if code != exitFailed || !strings.Contains(out, "BREAKS  route segnala  input /body/recapito: needed, is text; requests that were "+
		"accepted before") || !strings.Contains(out, "segnala  POST /segnalazioni  routes/segnalazioni.yaml:") {
		t.Errorf("exit code %d\n%s%s", code, out, problems)
	}
	if code, out, _ := command(t, city, "check", "--against", old, "--format", "json"); code != exitFailed ||
		!strings.Contains(out, `"route": "segnala"`) && !strings.Contains(out, `"route":"segnala"`) {
		t.Errorf("exit code %d\n%s", code, out)
	}
	if code, out, problems := command(t, cityWith(t, field), "check", "--against", old); code != exitOK ||
		!strings.Contains(out, "route segnala  input /body/recapito: added") {
		t.Errorf("an optional field: exit code %d\n%s%s", code, out, problems)
	}
	if code, out, problems := command(t, cityWith(t, [3]string{
		"routes/multe.yaml", "    query:\n",
		"    query:\n      anno: { type: integer, required: true }\n",
	}), "check", "--against", old); code != exitOK ||
		strings.Contains(out, "anno") {
		t.Errorf("a route that answers at once: exit code %d\n%s%s", code, out, problems)
	}
}
