package main

import (
	"fmt"
	"net"
	"strings"
	"testing"
)

// TestSimulateOneSystem: one system of a project is simulated alone, on the port that was asked for.
func TestSimulateOneSystem(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	port := l.Addr().(*net.TCPAddr).Port
	_ = l.Close()
	env := func(string) (string, bool) { return "", false }
	out := background(t, "../..", env, "simulate", "examples/dime", "--system", fmt.Sprintf("iris=%d", port))
	shown(t, out, `(every secret is)`)
	if text := out.String(); !strings.Contains(text, fmt.Sprintf("http://127.0.0.1:%d ", port)) ||
		strings.Count(text, "http://127.0.0.1:") != 1 {
		t.Errorf("expected iris on port %d, and nothing else:\n%s", port, text)
	}
	for flag, said := range map[string]string{
		"iriss=8801":   `the project has no system "iriss"; did you mean "iris"?`,
		"iris=":        `found "", expected a port from 1 to 65535, or HOST:PORT`,
		"iris=0":       `found "0", expected a port`,
		"iris=70000":   `found "70000", expected a port`,
		"iris=host:ab": `found "host:ab", expected a port`,
	} {
		if code, _, problems := command(t, "../..", "simulate", "examples/dime", "--system", flag); code != exitUsage ||
			!strings.Contains(problems, said) {
			t.Errorf("--system %s: exit code %d, %s", flag, code, problems)
		}
	}
}

// TestMockedFiles: a system of files that another process simulates is called at the address that simulate prints.
func TestMockedFiles(t *testing.T) {
	t.Parallel()
	env := func(string) (string, bool) { return "", false }
	out := background(t, "../..", env, "simulate", "examples/dime", "--system", "veritas-bollette")
	address := shown(t, out, `veritas-bollette +(\S+)`)
	with := map[string]string{"VERITAS_BOLLETTE_URL": address, "FONDACO_SECRET_VERITAS-SFTP": "simulated"}
	const known, unknown = `{"utenza":"4400123456","numero":"2025-881204"}`, `{"utenza":"4400123456","numero":"2025-000000"}`
	if code, text, problems := calling(t, known, with, "veritas-bollette.bolletta", "--with", "-"); code != exitOK ||
		!strings.Contains(text, "JVBERi0xLjQK") {
		t.Errorf("exit code %d: %s%s", code, text, problems)
	}
	if code, _, problems := calling(t, unknown, with, "veritas-bollette.bolletta", "--with", "-"); code != exitFailed ||
		!strings.Contains(problems, "not-found") {
		t.Errorf("exit code %d: %s", code, problems)
	}
	with["VERITAS_BOLLETTE_URL"] = "files://127.0.0.1"
	if code, _, problems := calling(t, known, with, "veritas-bollette.bolletta", "--with", "-"); code != exitFailed ||
		!strings.Contains(problems, "found no port") {
		t.Errorf("exit code %d: %s", code, problems)
	}
}
