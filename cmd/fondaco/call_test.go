package main

import (
	"bytes"
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/engine"
)

// calling runs "fondaco call" on the example city with a standard input and an environment.
func calling(t *testing.T, stdin string, env map[string]string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	w := &engine.World{
		Args: append([]string{"call", "--project", "examples/dime"}, args...), Dir: "../..", Now: time.Now,
		Env:   func(name string) (string, bool) { v, ok := env[name]; return v, ok },
		Stdin: strings.NewReader(stdin), Stdout: &out, Stderr: &problems,
	}
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	code = run(ctx, w)
	return code, out.String(), problems.String()
}

const (
	fines  = "polizia-locale.elencoVerbali"
	person = `{"codiceFiscale": "RSSMRA80A01L736U"}`
)

// TestCallSimulated: a call of a simulator returns its sample; what went over the wire is shown without secrets and
// personal data, which are shown if they are asked for, the secrets never.
func TestCallSimulated(t *testing.T) {
	t.Parallel()
	code, out, wire := calling(t, person, nil, fines, "--with", "-", "--simulated", "--wire")
	if code != exitOK {
		t.Fatalf("exit code %d\n%s%s", code, out, wire)
	}
	var answer struct {
		Verbale []struct {
			NumeroVerbale, Targa string
			Importo              json.Number
		}
	}
	d := json.NewDecoder(strings.NewReader(out))
	d.UseNumber()
	if err := d.Decode(&answer); err != nil || len(answer.Verbale) != 3 || answer.Verbale[0].Importo != "87.00" ||
		answer.Verbale[0].Targa != "***" {
		t.Errorf("%v: %s", err, out)
	}
	for _, want := range []string{
		"> POST http://127.0.0.1:", "<n0:codiceFiscale>***</", "<wsse:Username>dime<", "***</wsse:Password>",
		"< 200 OK", "<n0:targa>***</", "<n0:numeroVerbale>V/2025/004512<",
	} {
		if !strings.Contains(wire, want) {
			t.Errorf("expected %q in\n%s", want, wire)
		}
	}
	for _, gone := range []string{"RSSMRA80A01L736U", "AB123CD", "simulated"} {
		if strings.Contains(out+wire, gone) {
			t.Errorf("%q is shown:\n%s%s", gone, out, wire)
		}
	}
	if _, out, wire = calling(t, person, nil, fines, "--with", "-", "--simulated", "--wire", "--personal"); !strings.Contains(out,
		"AB123CD") ||
		!strings.Contains(wire, "RSSMRA80A01L736U") || strings.Contains(wire, "simulated") {
		t.Errorf("with --personal:\n%s%s", out, wire)
	}
	if _, _, wire = calling(t, person, nil, fines, "--with", "-", "--simulated"); wire != "" {
		t.Errorf("without --wire:\n%s", wire)
	}
}

// TestCallSession: the log-in is shown too, its ticket is not.
func TestCallSession(t *testing.T) {
	t.Parallel()
	_, in, _ := calling(t, "", nil, "protocollo.Inserimento", "--sample")
	code, _, wire := calling(t, in, nil, "protocollo.Inserimento", "--with", "-", "--simulated", "--wire")
	if code != exitOK || strings.Count(wire, "> POST") != 2 || !strings.Contains(wire, `<strDST xsi:type="n1:string">***</strDST>`) ||
		!strings.Contains(wire, `<DSTLogin xsi:type="n1:string">***<`) {
		t.Errorf("exit code %d\n%s", code, wire)
	}
}

// TestCallInput: what is wrong with an input is told whole, and nothing is sent.
func TestCallInput(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "in.json")
	if err := os.WriteFile(file, []byte(`{"codiceFiscale": 7, "dal": "ieri", "altro": 1}`), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, problems := calling(t, "", nil, fines, "--with", file, "--simulated")
	if code != exitUsage || out != "" {
		t.Errorf("exit code %d, %s", code, out)
	}
	for _, want := range []string{"/codiceFiscale: expected text, found a number", "/dal: expected", "/altro: expected", "Nothing was sent"} {
		if !strings.Contains(problems, want) {
			t.Errorf("expected %q in\n%s", want, problems)
		}
	}
	code, out, _ = calling(t, "", nil, fines, "--with", file, "--simulated", "--format", "json")
	var told struct {
		Violations []struct{ Path, Expected string }
	}
	if err := json.Unmarshal([]byte(out), &told); err != nil || code != exitUsage || len(told.Violations) != 3 {
		t.Errorf("exit code %d, %v: %s", code, err, out)
	}
	code, out, _ = calling(t, "", nil, fines, "--sample")
	if code != exitOK {
		t.Errorf("--sample: exit code %d", code)
	}
	if code, _, problems = calling(t, out, nil, fines, "--with", "-", "--simulated"); code != exitOK {
		t.Errorf("the sample does not fit: exit code %d\n%s%s", code, out, problems)
	}
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"polizia-locale.elencoVerbale"}, `did you mean "elencoVerbali"?`},
		{[]string{"polizia.elencoVerbali"}, `there is no system "polizia"`},
		{[]string{"polizia"}, "expected SYSTEM.OPERATION"},
		{[]string{}, "expected one, as SYSTEM.OPERATION"},
		{[]string{"agenda.prenota"}, "has the effect once"},
		{[]string{fines, "--format", "xml"}, "expected text or json"},
		{[]string{fines, "--with", "niente.json"}, "there is no file niente.json"},
		{[]string{fines, "--with", "-"}, "is not JSON"},
	} {
		code, out, problems := calling(t, "{", nil, c.args...)
		if code != exitUsage || out != "" || !strings.Contains(problems, c.want) {
			t.Errorf("%v: exit code %d, expected %q in\n%s%s", c.args, code, c.want, out, problems)
		}
	}
	if code, _, problems := calling(t, person, nil, fines, "--with", "-"); code != exitFailed ||
		!strings.Contains(problems, "POLIZIA_LOCALE_URL") {
		t.Errorf("an address that is not set: exit code %d, %s", code, problems)
	}
}

// TestCallFaults: faults of a real system are told with kind, reason and place; its secrets are shown nowhere, not even
// where the system itself repeats them.
func TestCallFaults(t *testing.T) {
	t.Parallel()
	answer, status := "", http.StatusOK
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		w.Header().Set("Content-Type", "text/xml")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, strings.ReplaceAll(answer, "REQUEST", strings.NewReplacer("<", "&lt;").Replace(string(body))))
	}))
	defer server.Close()
	env := map[string]string{"POLIZIA_LOCALE_URL": server.URL, "FONDACO_SECRET_POLIZIA_LOCALE": "Gh7&segreto"}
	body := func(s string) string {
		return `<e:Envelope xmlns:e="http://schemas.xmlsoap.org/soap/envelope/" xmlns:v="http://polizialocale.comune.example/verbali"><e:Body>` +
			s + `</e:Body></e:Envelope>`
	}
	for _, c := range []struct {
		name, answer string
		status       int
		kind         string
		want         []string
	}{
		{
			"a soap fault", body(`<e:Fault><faultcode>e:Client</faultcode><faultstring>no REQUEST</faultstring></e:Fault>`), 500, "refused",
			[]string{"status: 500", "\n  text: no "},
		},
		{"a rule", body(`<v:ElencoVerbaliResponse><v:esito><v:codice>17</v:codice><v:descrizione>sospesa</v:descrizione></v:esito></v:ElencoVerbaliResponse>`), 200, "refused", []string{"detail: sospesa"}},
		{"not its schema", body(`<v:ElencoVerbaliResponse><v:altro/></v:ElencoVerbaliResponse>`), 200, "invalid", []string{"at: /esito"}},
		{"a page", `<html><p>REQUEST`, 503, "unavailable", []string{"status: 503"}},
	} {
		answer, status = c.answer, c.status
		code, out, problems := calling(t, person, env, fines, "--with", "-", "--wire")
		if code != exitFailed || out != "" || !strings.Contains(problems, fines+": "+c.kind+"\n") {
			t.Errorf("%s: exit code %d\n%s%s", c.name, code, out, problems)
		}
		for _, want := range c.want {
			if !strings.Contains(problems, want) {
				t.Errorf("%s: expected %q in\n%s", c.name, want, problems)
			}
		}
		code, out, _ = calling(t, person, env, fines, "--with", "-", "--format", "json", "--wire")
		var told struct {
			Fault struct{ Kind string }
			Wire  []struct{ Request, Answer struct{ Line, Body string } }
		}
		if err := json.Unmarshal([]byte(out), &told); err != nil || code != exitFailed || told.Fault.Kind != c.kind || len(told.Wire) != 1 ||
			told.Wire[0].Answer.Line == "" {
			t.Errorf("%s: exit code %d, %v: %s", c.name, code, err, out)
		}
		for _, secret := range []string{"Gh7", "segreto", "RSSMRA80A01L736U"} {
			if strings.Contains(problems+out, secret) {
				t.Errorf("%s: %q is shown:\n%s%s", c.name, secret, problems, out)
			}
		}
	}
	server.Close()
	if code, _, problems := calling(t, person, env, fines, "--with", "-"); code != exitFailed || !strings.Contains(problems, "unavailable") ||
		!strings.Contains(problems, "Nothing reached the system") {
		t.Errorf("nobody listens: exit code %d, %s", code, problems)
	}
}
