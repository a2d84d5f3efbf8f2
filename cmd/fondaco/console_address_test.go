package main

import (
	"strings"
	"testing"
)

// What is written after --console is what fondaco.yaml and the start's lines show: HOST:PORT, or a URL.
func TestConsoleAddress(t *testing.T) {
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
