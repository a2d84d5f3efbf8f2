package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"fondaco/engine"
)

// keyed runs fondaco key with a standard input.
func keyed(t *testing.T, stdin string, args ...string) (code int, lines, said string) {
	t.Helper()
	var out, problems bytes.Buffer
	w := &engine.World{
		Args: append([]string{"key"}, args...), Env: func(string) (string, bool) { return "", false }, Dir: t.TempDir(), Stdout: &out,
		Stderr: &problems, Now: time.Now, Stdin: strings.NewReader(stdin),
	}
	code = run(t.Context(), w)
	return code, out.String(), problems.String()
}

// TestKey: a key made by the command lets its caller in, where the file has the lines that it wrote, and no longer when they are taken out
// of the file of a running project; so does a password.
func TestKey(t *testing.T) {
	t.Parallel()
	code, lines, said := keyed(t, "", "mira", "--owner", "Comune di \"Mira\"", "--expires", "2099-12-31")
	found := regexp.MustCompile(`(?m)^fondaco_[A-Za-z0-9_-]{43}$`).FindString(said)
	if code != exitOK || found == "" || strings.Contains(lines, found[8:]) {
		t.Fatalf("%d %s%s", code, lines, said)
	}
	const password = "una frase: lunga"
	code, office, said := keyed(t, password+"\n", "protocollo", "--password")
	if code != exitOK || said != "" || strings.Contains(office, "frase") {
		t.Fatalf("%d %s%s", code, office, said)
	}
	dir := written(t, map[string]string{
		"fondaco.yaml": "project: port\ntitle: A port\nserver: { listen: 127.0.0.1:0, console: 127.0.0.1:0 }\nauth:\n" +
			"  partners: { api_key: { callers: callers/partners.yaml } }\n  offices: { basic: { callers: callers/offices.yaml } }\n",
		"callers/partners.yaml": "callers:\n" + lines, "callers/offices.yaml": "callers:\n" + office,
		"routes/who.yaml": "routes:\n  partner:\n    http: GET /partner\n    auth: { scheme: partners }\n    steps: []\n" +
			"    respond: { body: { who: \"${user.subject}\" } }\n" +
			"  office:\n    http: GET /office\n    auth: { scheme: offices }\n    steps: []\n    respond: { body: { who: \"${user.subject}\" } }\n",
	})
	p := startWatching(t, dir)
	ask := func(path string, header ...string) string {
		code, body, _ := p.ask("GET", path, "", header...)
		if code != 200 {
			body = ""
		}
		return fmt.Sprint(code, " ", body)
	}
	basic := "Basic " + base64.StdEncoding.EncodeToString([]byte("protocollo:"+password))
	for _, one := range []struct {
		path, want string
		header     []string
	}{
		{"/partner", `200 {"who":"mira"}`, []string{"X-Api-Key", found}},
		{"/partner", "401 ", []string{"X-Api-Key", found + "x"}},
		{"/partner", "401 ", []string{"Authorization", basic}},
		{"/office", `200 {"who":"protocollo"}`, []string{"Authorization", basic}},
		{"/office", "401 ", []string{"X-Api-Key", found}},
	} {
		if got := ask(one.path, one.header...); got != one.want {
			t.Errorf("%s: %s, expected %s", one.path, got, one.want)
		}
	}
	if err := os.WriteFile(filepath.Join(dir, "callers", "partners.yaml"), []byte("callers: {}\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() string {
		if got := ask("/partner", "X-Api-Key", found); got != "401 " {
			return "a caller that was taken out of the file is let in: " + got
		}
		return ""
	})
	if log := p.log.String(); strings.Contains(log, found[8:30]) || strings.Contains(log, "frase") {
		t.Errorf("the log has a secret: %s", log)
	}
}

// TestKeyMisused: what cannot be a caller is said, and no line is written.
func TestKeyMisused(t *testing.T) {
	t.Parallel()
	for _, one := range []struct {
		stdin, want string
		args        []string
	}{
		{"", "found 0 names, expected that of the caller", nil},
		{"", "found 2 names", []string{"a", "b"}},
		{"", `in the name "a b"`, []string{"a b"}},
		{"", `in the name "comune:mira"`, []string{"comune:mira"}},
		{"", `--expires: found "domani", expected a day as 2027-12-31`, []string{"a", "--expires", "domani"}},
		{"short\n", "fewer than 12 characters", []string{"a", "--password"}},
		{"una frase lunga\nun'altra\n", "several lines", []string{"a", "--password"}},
	} {
		if code, lines, said := keyed(t, one.stdin, one.args...); code != exitUsage || lines != "" || !strings.Contains(said, one.want) {
			t.Errorf("%v: %d %s%s", one.args, code, lines, said)
		}
	}
}
