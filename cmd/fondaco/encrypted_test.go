package main

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"fondaco/engine"
	"fondaco/store/storetest"
)

const sealedRoutes = `routes:
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
        event: { number: "${body.number}", name: "${body.name}" }
    respond: { status: 201, body: { number: "${body.number}", name: "${body.name}" } }
  direct:
    http: POST /direct
    auth: { scheme: citizen }
    body: { type: object, required: [number], properties: { number: { type: integer }, name: { type: string, personal: true } } }
    steps:
      - call: archive.file
        with: { number: "${body.number}" }
    respond: { body: { direct: "${body.name}" } }
  note:
    topic: filed
    work: { attempts: 3, backoff: 10ms..50ms }
    steps:
      - call: archive.note
        with: { number: "${message.data.number}" }
  gather:
    topic: filed
    collect: { by: "${message.data.name}", within: 1h }
    steps:
      - call: archive.note
        with: { number: "${len(messages)}" }
`

// sealedName is a citizen's name, which nobody may read in a file.
const sealedName = "Bartolomea-Tiepolo"

// readableIn says in which files of a folder a text stands.
func readableIn(t *testing.T, folder, text string) (where string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		content, err := os.ReadFile(file)
		if err == nil && bytes.Contains(content, []byte(text)) {
			where += " " + filepath.Base(file)
		}
	}
	return where
}

// TestEncryptedProject: of what citizens send nothing can be read in state, topics and backup, while it waits, is done, died,
// or is answered again; operators and citizens read it as before; keys are changed by a command; without the key of a file
// nothing starts, and check says the same.
func TestEncryptedProject(t *testing.T) {
	t.Parallel()
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(14)
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	login := newLoginService(t)
	files := maps.Clone(officeProject)
	files["jwks.json"] = login.jwks()
	files["routes/files.yaml"] = sealedRoutes
	plain := strings.Replace(files["fondaco.yaml"], "systems:\n",
		"auth:\n  citizen:\n    jwt: { issuer: https://login.example, audience: port, keys: jwks.json, claims: { fiscal_code: cf } }\nsystems:\n",
		1)
	plain = strings.Replace(plain, "properties: { number: { type: integer } }",
		"properties: { number: { type: integer }, name: { type: string, personal: true } }", 1)
	with := func(keys string) string { return plain + "storage: { encryption: { keys: [" + keys + "] } }\n" }
	files["fondaco.yaml"] = with(`"${secret.storage_2026}"`)
	dir, secrets := written(t, files), t.TempDir()
	for name, digits := range map[string]string{"storage_2026": "26", "storage_2027": "27"} {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(strings.Repeat(digits, 32)+"\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	configure := func(text string) {
		t.Helper()
		if err := os.WriteFile(filepath.Join(dir, "fondaco.yaml"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	start := func() *process {
		t.Helper()
		return startCommand(t, []string{"run", "--no-watch", "--secrets", secrets, dir}, "ARCHIVE="+backend.URL)
	}
	p := start()
	const rosa = "RSSMRA80A01L736U"
	post := func(path string, number int) (int, string) {
		t.Helper()
		token := "Bearer " + login.token(t, map[string]any{"cf": "TINIT-" + rosa, "sub": "s-" + rosa})
		code, body, _ := p.ask(http.MethodPost, path, fmt.Sprintf(`{"number":%d,"name":%q}`, number, sealedName), "Authorization", token,
			"Idempotency-Key", fmt.Sprintf("a-key-that-nobody-guesses-%d", number))
		if code >= 300 {
			t.Fatal(code, body)
		}
		return code, body
	}
	data := filepath.Join(dir, "data")
	hidden := func(folder string) {
		t.Helper()
		if where := readableIn(t, folder, sealedName); where != "" {
			t.Errorf("the citizen's name can be read in%s", where)
		}
	}

	post("/direct", 16)
	system.down.Store(true)
	post("/files", 14)
	post("/files", 15)
	hidden(data) // while they wait
	system.down.Store(false)
	letters := func() (list []string) {
		out := done(t, dir, "dead", "list", "--console", p.console)
		return regexp.MustCompile(`(?m)^[a-z0-9]{20,}`).FindAllString(out, -1)
	}
	eventually(t, func() string {
		if list := letters(); len(list) != 1 {
			return fmt.Sprint(list)
		}
		return ""
	})
	reads := func() {
		t.Helper()
		if _, body := post("/direct", 16); !strings.Contains(body, sealedName) {
			t.Errorf("a repetition is answered %s", body)
		}
		list := letters()
		if len(list) != 1 {
			t.Fatal("the letters are ", list)
		}
		if out := done(t, dir, "dead", "show", list[0], "--reveal", "--reason", "she asks", "--console", p.console); !strings.Contains(out,
			sealedName) {
			t.Errorf("the letter is shown as %s", out)
		}
		var out, problems bytes.Buffer
		w := &engine.World{
			Args: []string{"privacy", "export", "--subject", "-", "--why", "she asks", "--console", p.console}, Dir: dir, Now: time.Now,
			Stdin: strings.NewReader(rosa), Stdout: &out, Stderr: &problems, Env: func(string) (string, bool) { return "", false },
		}
		if code := run(t.Context(), w); code != exitOK || strings.Count(out.String(), sealedName) < 4 {
			t.Errorf("exported are %d\n%s%s", code, out.String(), problems.String())
		}
	}
	eventually(t, func() string { // both requests are done
		out := done(t, dir, "topics", "--console", p.console)
		for _, want := range []string{`gather +filed +gather +2 +2 `, `file +fondaco\.file +fondaco +2 +2 `} {
			if !regexp.MustCompile(want).MatchString(out) {
				return out
			}
		}
		return ""
	})
	reads()
	hidden(data)
	backup := filepath.Join(t.TempDir(), "one")
	done(t, dir, "backup", backup)
	hidden(backup)
	refusedCommand(t, "has it open; stop it", dir, "storage", "rewrap", "--secrets", secrets)
	p.end()
	hidden(data)

	// The key is missing, or is another's.
	first, second := storetest.Keys(t, 0x26).First(), storetest.Keys(t, 0x27).First()
	for _, text := range []string{plain, with(`"${secret.storage_2027}"`)} {
		configure(text)
		code, out, problems := command(t, dir, "run", "--secrets", secrets)
		if code != exitFailed || !strings.Contains(problems, "the key "+first+", which ") || !strings.Contains(problems, "nothing was changed") {
			t.Errorf("it starts without its key: %d %s%s", code, out, problems)
		}
		if text == plain {
			if code, out, said := command(t, dir, "check"); code != exitFailed || said != problems {
				t.Errorf("check says %d %s%s\nand the start\n%s", code, out, said, problems)
			}
		}
	}
	refusedCommand(t, first, dir, "storage", "rewrap", "--secrets", secrets)

	// Rotation.
	configure(with(`"${secret.storage_2027}", "${secret.storage_2026}"`))
	p = start()
	reads()
	p.end()
	out := done(t, dir, "storage", "rewrap", "--secrets", secrets)
	for _, want := range []string{
		"state: ", "data keys encrypted anew, and 0 records", "is encrypted with the key " + second,
		"no file needs " + first + " any more",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("it lacks %q:\n%s", want, out)
		}
	}
	configure(with(`"${secret.storage_2027}"`))
	p = start()
	reads()
	p.end()

	// The backup is of before: it needs the key of then.
	done(t, dir, "restore", backup, "--replace")
	if code, out, problems := command(t, dir, "run", "--secrets", secrets); code != exitFailed || !strings.Contains(problems, first) {
		t.Errorf("an old backup starts without its key: %d %s%s", code, out, problems)
	}
	configure(with(`"${secret.storage_2027}", "${secret.storage_2026}"`))
	p = start()
	reads()
	hidden(data)
}

// TestEncryptionSaid: keys that cannot be, and what cannot be beside them, are problems with their place, in the words that the
// start uses, and no word of them holds a key.
func TestEncryptionSaid(t *testing.T) {
	t.Parallel()
	secrets := t.TempDir()
	for name, text := range map[string]string{
		"good": strings.Repeat("01", 32), "short": "c2hvcnQ=", "text": "this is no key!",
		"same": strings.Repeat("01", 32),
	} {
		if err := os.WriteFile(filepath.Join(secrets, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for storage, want := range map[string]string{
		"{ encryption: { keys: [] } }":                                         "found no key, expected one or several",
		"{ encryption: {} }":                                                   `missing "keys"`,
		"{ encryption: { keys: [0123456789abcdef] } }":                         "a secret is written into the file",
		"{ encryption: { key: x } }":                                           `unknown key "key"`,
		"{ encryption: { keys: ['${secret.short}'] } }":                        "found a key of 5 bytes, expected 32",
		"{ encryption: { keys: ['${secret.good}', '${secret.text}'] } }":       "found 15 characters that are neither",
		"{ encryption: { keys: ['${secret.good}', '${secret.same}'] } }":       "stands twice",
		"{ topics: 'kafka://k:9092', encryption: { keys: '${secret.good}' } }": "a state that all processes of the project share",
		"{ cache: 'redis://r:6379', encryption: { keys: '${secret.good}' } }":  "storage.encryption needs cache: memory",
	} {
		files := maps.Clone(officeProject)
		files["fondaco.yaml"] += "storage: " + storage + "\n"
		dir := written(t, files)
		code, out, problems := command(t, dir, "run", "--secrets", secrets)
		if code != exitFailed || !strings.Contains(problems, want) || !strings.Contains(problems, "fondaco.yaml:") ||
			strings.Contains(problems, "no key!") {
			t.Errorf("%s: %d %s%s, expected %s", storage, code, out, problems, want)
		}
		if _, err := os.Stat(filepath.Join(dir, "data")); err == nil {
			t.Errorf("%s: something was written", storage)
		}
	}
}
