package main

import (
	"strings"
	"testing"

	"fondaco/engine"
)

// What is written after --console is what fondaco.yaml and the start's lines show: HOST:PORT, or a URL.
func TestConsoleAddress(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"127.0.0.1:8081":           "http://127.0.0.1:8081",
		":8081":                    "http://127.0.0.1:8081",
		"localhost:8081":           "http://localhost:8081",
		"[::1]:8081":               "http://[::1]:8081",
		"http://127.0.0.1:8081":    "http://127.0.0.1:8081",
		"http://127.0.0.1:8081/":   "http://127.0.0.1:8081",
		"https://fondaco.example":  "https://fondaco.example",
		"https://city.example/bus": "https://city.example/bus",
	} {
		if got, err := consoleAddress(text); err != nil || got != want {
			t.Errorf("consoleAddress(%q) = %q, %v; want %q", text, got, err, want)
		}
	}
	for _, text := range []string{"", "ftp://127.0.0.1:21", "http://", "http://u:p@h:1", "127.0.0.1:x", "http://h:1/?a=b"} {
		if got, err := consoleAddress(text); err == nil || !strings.Contains(err.Error(), "expected HOST:PORT") {
			t.Errorf("consoleAddress(%q) = %q, %v; want an error that says what to write", text, got, err)
		}
	}
	code, _, problems := command(t, ".", "dead", "list", "--console", "ftp://127.0.0.1:21")
	if code != exitUsage || !strings.Contains(problems, "expected HOST:PORT or http://HOST:PORT") {
		t.Errorf("exit %d:\n%s", code, problems)
	}
}

// TestConsoleRoot: without --console an operator's command asks where the environment says, or the project in its folder.
func TestConsoleRoot(t *testing.T) {
	t.Parallel()
	dir := written(t, map[string]string{"fondaco.yaml": "project: x\ntitle: X\nserver: { console: \"127.0.0.1:${env.PORT}\" }\n"})
	empty := t.TempDir()
	for name, one := range map[string]struct {
		dir, said, env, port, root, source string
	}{
		"said":                    {dir, ":1", ":2", "3", "http://127.0.0.1:1", "--console"},
		"by the environment":      {dir, "", ":2", "3", "http://127.0.0.1:2", consoleVariable},
		"by the project":          {dir, "", "", "3", "http://127.0.0.1:3", "server.console"},
		"by nobody":               {empty, "", "", "3", "http://127.0.0.1:8081", "nothing else"},
		"any port of the project": {dir, "", "", "0", "http://127.0.0.1:8081", "nothing else"},
		"nothing in environment":  {dir, "", "", "", "http://127.0.0.1:8081", "nothing else"},
	} {
		w := &engine.World{Dir: one.dir, Env: func(name string) (string, bool) {
			text := map[string]string{consoleVariable: one.env, "PORT": one.port}[name]
			return text, text != ""
		}}
		root, source, err := consoleRoot(w, one.said)
		if err != nil || root != one.root || !strings.HasPrefix(source, one.source) {
			t.Errorf("%s: %q by %q, %v; expected %q by %q", name, root, source, err, one.root, one.source)
		}
	}
	w := &engine.World{Dir: empty, Env: func(string) (string, bool) { return "ftp://x", true }}
	if _, _, err := consoleRoot(w, ""); err == nil || !strings.Contains(err.Error(), `FONDACO_CONSOLE "ftp://x": expected HOST:PORT`) {
		t.Error(err)
	}
}
