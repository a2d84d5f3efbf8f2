package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"fondaco/engine"
)

// command runs a command line in a folder and returns the exit code and what was printed.
func command(t *testing.T, dir string, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, problems bytes.Buffer
	w := &engine.World{
		Args: args, Env: func(string) (string, bool) { return "", false }, Dir: dir, Stdout: &out, Stderr: &problems,
		Now: time.Now,
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Minute) // the tests of a city, by a busy machine under the race detector
	defer cancel()
	code = run(ctx, w)
	return code, out.String(), problems.String()
}

func TestExampleCity(t *testing.T) {
	t.Parallel()
	for _, args := range [][]string{
		{"check", "examples/dime"},
		{"test", "examples/dime"},
		{"explain", "--project", "examples/dime", "elenco-multe"},
		{"openapi", "examples/dime"},
	} {
		if code, out, problems := command(t, "../..", args...); code != exitOK {
			t.Errorf("%v: exit code %d\n%s%s", args, code, out, problems)
		}
	}
	_, out, _ := command(t, "../..", "explain", "--project", "examples/dime", "elenco-multe")
	for _, want := range []string{
		"GET /multe", "polizia-locale.elencoVerbali", "importo: decimal", "retry 2 attempts",
		"504 No answer in time",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("explain does not say %q:\n%s", want, out)
		}
	}
}

func TestNewProjectIsClean(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, args := range [][]string{{"new", "my-city"}, {"check", "my-city"}, {"test", "my-city"}} {
		if code, out, problems := command(t, dir, args...); code != exitOK {
			t.Fatalf("%v: exit code %d\n%s%s", args, code, out, problems)
		}
	}
	if code, _, problems := command(t, dir, "new", "my-city"); code != exitFailed || !strings.Contains(problems, "my-city is there already") {
		t.Errorf("a second time: exit code %d, %s", code, problems)
	}
	if code, _, _ := command(t, dir, "new", "My City"); code != exitUsage {
		t.Errorf("a name with spaces: exit code %d", code)
	}
}

func TestProblemsForToolsAndPeople(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	command(t, dir, "new", "town")
	file := filepath.Join(dir, "town", "routes", "libraries.yaml")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	text = bytes.Replace(text, []byte("${b.NAME}"), []byte("${b.NAM}"), 1)
	text = bytes.Replace(text, []byte("cache: 60s"), []byte("cache: 60"), 1)
	if err := os.WriteFile(file, text, 0o644); err != nil {
		t.Fatal(err)
	}
	code, out, _ := command(t, dir, "check", "--format", "json", "town")
	var problems []struct {
		Code, File, Message, Hint string
		Line, Column              int
	}
	if err := json.Unmarshal([]byte(out), &problems); err != nil || code != exitFailed || len(problems) != 2 {
		t.Fatalf("exit code %d, %v: %s", code, err, out)
	}
	code, _, printed := command(t, dir, "check", "town")
	if want := "routes/libraries.yaml:20:21: E203 b has no field \"NAM\""; code != exitFailed || !strings.Contains(printed, want) ||
		!strings.Contains(printed, `did you mean "NAME"?`) {
		t.Errorf("exit code %d, expected %s in\n%s", code, want, printed)
	}
}

func TestUsage(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		code int
		want string
	}{
		{[]string{"chek"}, exitUsage, "unknown command"},
		{[]string{"check", "--fromat", "json"}, exitUsage, "unknown flag"},
		{[]string{"check", "--format", "xml"}, exitUsage, "expected text or json"},
		{[]string{"check", "nowhere"}, exitFailed, "there is no project in nowhere"},
		{[]string{"help", "E999"}, exitUsage, "there is no problem with the code E999"},
		{[]string{"help", "e203"}, exitOK, ""},
		{[]string{"schema", "cities"}, exitUsage, `there is no schema "cities"`},
		{[]string{"version"}, exitOK, ""},
	} {
		code, _, problems := command(t, t.TempDir(), c.args...)
		if code != c.code || !strings.Contains(problems, c.want) {
			t.Errorf("%v: exit code %d, expected %d; %s", c.args, code, c.code, problems)
		}
	}
}

// TestGenerated: the reference pages and the editors' schemas are those of the definitions.
func TestGenerated(t *testing.T) {
	t.Parallel()
	for name, want := range references(commands(&engine.World{})) {
		got, err := os.ReadFile(filepath.Join("../../docs/reference", name+".md"))
		if err != nil || string(got) != want {
			t.Errorf("docs/reference/%s.md is not as generated: run make generate", name)
		}
	}
	for name, s := range schemas() {
		want, err := schemaBytes(s)
		if err != nil {
			t.Fatal(err)
		}
		got, err := os.ReadFile(filepath.Join("../../examples/dime/.fondaco", name+".schema.json"))
		if err != nil || !bytes.Equal(got, want) {
			t.Errorf("examples/dime/.fondaco/%s.schema.json is not as generated: run make generate", name)
		}
	}
}
