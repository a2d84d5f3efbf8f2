package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"fondaco/console"
	"fondaco/engine"
	"fondaco/store/sqlitefile"
)

const personRoutes = `routes:
  file:
    http: POST /files
    auth: { scheme: citizen }
    accept: async
    work: { attempts: 3, backoff: 10ms..50ms }
    body: { type: object, required: [number], properties: { number: { type: integer }, name: { type: string, personal: true } } }
    steps:
      - call: archive.file
        with: { number: "${body.number}" }
      - publish: filed
        event: { number: "${body.number}" }
    respond: { status: 201, body: { number: "${body.number}", name: "${body.name}" } }
  direct:
    http: POST /direct
    auth: { scheme: citizen }
    body: { type: object, required: [number], properties: { number: { type: integer } } }
    steps:
      - call: archive.file
        with: { number: "${body.number}" }
    respond: { body: { direct: "${body.number}" } }
  note:
    topic: filed
    work: { attempts: 3, backoff: 10ms..50ms }
    steps:
      - call: archive.note
        with: { number: "${message.data.number}" }
`

// TestPrivacy: what is kept of a citizen is handed out and erased, of operations, letters of events that followed from a
// request, and answers under a key; another citizen's stays; what waits is said; both are in the audit, and the citizen's
// name is nowhere.
func TestPrivacy(t *testing.T) {
	t.Parallel()
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(14)
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	login := newLoginService(t)
	files := maps.Clone(officeProject)
	files["jwks.json"] = login.jwks()
	files["routes/files.yaml"] = personRoutes
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "systems:\n",
		"auth:\n  citizen:\n    jwt: { issuer: https://login.example, audience: port, keys: jwks.json, claims: { fiscal_code: cf } }\nsystems:\n",
		1)
	dir := written(t, files)
	p := startProcess(t, dir, "ARCHIVE="+backend.URL)
	const rosa, bice = "RSSMRA80A01L736U", "BNCBCE70A41L736S"
	post := func(citizen, path string, number int) http.Header {
		t.Helper()
		token := "Bearer " + login.token(t, map[string]any{"cf": "TINIT-" + citizen, "sub": "s-" + citizen})
		code, body, h := p.ask(http.MethodPost, path, fmt.Sprintf(`{"number":%d}`, number), "Authorization", token, "Idempotency-Key",
			fmt.Sprintf("a-key-that-nobody-guesses-%d", number))
		if code >= 300 {
			t.Fatal(code, body)
		}
		return h
	}
	post(rosa, "/files", 14)
	post(rosa, "/files", 15)
	post(rosa, "/direct", 16)
	post(bice, "/files", 24)
	privacy := func(code int, name string, args ...string) (string, string) {
		t.Helper()
		var out, problems bytes.Buffer
		w := &engine.World{
			Args: append(append([]string{"privacy"}, args...), "--console", p.console), Dir: dir, Now: time.Now,
			Stdin: strings.NewReader(name), Stdout: &out, Stderr: &problems, Env: func(string) (string, bool) { return "", false },
		}
		if got := run(t.Context(), w); got != code {
			t.Fatalf("%v: %d, expected %d\n%s%s", args, got, code, out.String(), problems.String())
		}
		return out.String(), problems.String()
	}
	export := func(name string) (a console.PersonAnswer) {
		t.Helper()
		out, _ := privacy(exitOK, name, "export", "--subject", "-", "--why", "she asks", "--format", "json")
		if err := json.Unmarshal([]byte(out), &a); err != nil {
			t.Fatal(err, out)
		}
		return a
	}
	for name, args := range map[string][]string{
		"an argument": {"erase", rosa}, "a name": {"erase", "--subject", rosa, "--why", "x"}, "no reason": {"erase", "--subject", "-"},
		"an empty name": {"export", "--subject", "-", "--why", "x"},
	} {
		code := exitUsage
		if name == "an empty name" {
			code = exitFailed
		}
		privacy(code, " \n", args...)
	}
	eventually(t, func() string { // answers of 202 and of the route itself, two operations, the letter of the event 14
		if a := export(rosa); a.Operations != 2 || a.Letters != 1 || a.Answers != 3 || a.InFlight != 0 || len(a.NotReached) == 0 ||
			!slices.ContainsFunc(a.Records, func(r console.PersonRecord) bool { return string(r.JSON) == `{"direct":16}` }) {
			return fmt.Sprintf("%+v", a)
		}
		if a := export("s-" + bice); a.Operations != 1 || a.Letters != 0 || a.Answers != 1 || a.InFlight != 0 {
			return fmt.Sprintf("%+v", a)
		}
		return ""
	})
	out, _ := privacy(exitOK, strings.ToLower(rosa)+"\n", "erase", "--subject", "-", "--why", "she asks")
	for _, want := range []string{
		"erased 2 operations, 1 letter, 3 answers, 0 copies of answers, 0 collected and 0 waiting messages",
		"not reached:",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it lacks %q:\n%s", want, out)
		}
	}
	post(rosa, "/files", 17)
	eventually(t, func() string {
		if a := export(rosa); a.Operations != 1 || a.Records[0].State != "done" || a.InFlight != 0 {
			return fmt.Sprintf("%+v", a)
		}
		return ""
	})
	if out, _ := privacy(exitOK, "s-"+rosa, "erase", "--subject", "-", "--why", "she asks"); !strings.Contains(out,
		"erased 1 operation, 0 letters, 1 answer, 0 copies of answers, 0 collected and 0 waiting messages") ||
		strings.Contains(out, "are being worked on") || strings.Contains(out, "cancelled") {
		t.Error(out)
	}
	if a := export(bice); a.Operations != 1 || a.Answers != 1 {
		t.Errorf("of another citizen there is %+v", a)
	}
	token := "Bearer " + login.token(t, map[string]any{"cf": "TINIT-" + rosa, "sub": "s-" + rosa})
	if code, body, _ := p.ask(http.MethodPost, "/direct", `{"number":16}`, "Authorization", token, "Idempotency-Key",
		"a-key-that-nobody-guesses-16"); code != http.StatusGone {
		t.Errorf("a repetition is answered %d %s", code, body)
	}
	_, list, _ := command(t, dir, "audit", "list", "--console", p.console)
	if !strings.Contains(list, "privacy.erase") || !strings.Contains(list, "privacy.export") ||
		!strings.Contains(list, "done, 2 operations, 1 letter, 3 answers") || strings.Contains(list, rosa) {
		t.Errorf("the audit is\n%s", list)
	}
	if strings.Contains(p.log.String(), rosa) {
		t.Error("the log has the citizen's name")
	}
	db, err := sqlitefile.OpenReaders(filepath.Join(dir, "data", "fondaco.db"))
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	var n int
	if err := db.QueryRowContext(t.Context(), "select (select count(*) from audit where instr(subject || why, ?) > 0) + (select count(*) "+
		"from operation where instr(marks, ?) > 0)", rosa, rosa).Scan(&n); err != nil || n != 0 {
		t.Errorf("the citizen's name stands in %d records, %v", n, err)
	}
}
