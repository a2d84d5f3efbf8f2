package main

import (
	"log/slog"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"

	"fondaco/engine"
)

// TestLogLevel: the flag, or else the environment, says from which level on lines are written, those of the step log too.
func TestLogLevel(t *testing.T) {
	dir := written(t, map[string]string{
		"fondaco.yaml": "project: prova\nserver: { listen: 127.0.0.1:0, console: 127.0.0.1:0 }\n",
		"routes/r.yaml": `routes:
  qui:
    http: GET /qui
    auth: none
    steps:
      - { log: riga debug, level: debug }
      - { log: riga info }
      - { log: riga warn, level: warn }
      - { log: riga error, level: error }
    respond: { body: qui }
`,
	})
	for _, c := range []struct{ flag, env, least string }{
		{"", "", "info"}, {"debug", "", "debug"}, {"", "debug", "debug"}, {"warn", "debug", "warn"}, {"", "error", "error"},
	} {
		args := []string{"run", "--no-watch", dir}
		if c.flag != "" {
			args = append(args, "--log-level", c.flag)
		}
		p := startWith(t, exec.Command(os.Args[0], args...), "FONDACO_LOG_LEVEL="+c.env)
		if code, text, _ := p.ask(http.MethodGet, "/qui", ""); code != 200 {
			t.Fatal(code, text)
		}
		eventually(t, func() string { // the last of the four is always written
			if !p.log.tells("riga error") {
				return "no line of the route:\n" + p.log.String()
			}
			return ""
		})
		below := true
		for _, level := range logLevels {
			below = below && level != c.least
			if found := strings.Contains(p.log.String(), "riga "+level); found == below {
				t.Errorf("%+v: a line of the level %s is there: %t\n%s", c, level, found, p.log.String())
			}
		}
		p.kill()
	}
	for _, c := range []struct{ flag, want string }{
		{"verbose", `--log-level: found "verbose", expected one of debug, info, warn, error`},
		{"INFO", `--log-level: found "INFO", expected one of debug, info, warn, error`},
	} {
		if code, out, errs := command(t, dir, "demo", "--log-level", c.flag, "."); code == 0 || !strings.Contains(errs, c.want) {
			t.Errorf("demo: exit %d, expected %q in:\n%s%s", code, c.want, out, errs)
		}
		if code, out, errs := command(t, dir, "run", "--log-level", c.flag, "."); code == 0 || !strings.Contains(errs, c.want) {
			t.Errorf("exit %d, expected %q in:\n%s%s", code, c.want, out, errs)
		}
	}
}

// TestLogFormat: the flag, or else the environment, says how lines are written; else it is JSON where no person reads them. The demo writes
// what it is told to.
func TestLogFormat(t *testing.T) {
	t.Parallel()
	dir := written(t, map[string]string{
		"fondaco.yaml": "project: prova\nserver: { listen: 127.0.0.1:0, console: 127.0.0.1:0 }\n",
		"routes/r.yaml": `routes:
  qui:
    http: GET /qui
    auth: none
    steps:
      - { log: una riga }
    respond: { body: qui }
`,
	})
	for _, c := range []struct {
		args []string
		env  string
		want string
	}{
		{[]string{"run"}, "", `"level":"INFO","msg":"una riga"`},
		{[]string{"run", "--log-format", "text"}, "json", `level=INFO msg="una riga" route=qui`},
		{[]string{"run"}, "text", `level=INFO msg="una riga" route=qui`},
		{[]string{"run", "--log-format", "json"}, "text", `"level":"INFO","msg":"una riga"`},
		{[]string{"demo", "--log-level", "info", "--log-format", "text"}, "", `level=INFO msg="una riga" route=qui`},
	} {
		var p *process
		if c.args[0] == "demo" {
			p = startDemoIn(t, dir, t.TempDir(), append(c.args[1:], "--no-watch")...)
		} else {
			p = startWith(t, exec.Command(os.Args[0], append(c.args, "--no-watch", dir)...), "FONDACO_LOG_FORMAT="+c.env)
		}
		if code, text, _ := p.ask(http.MethodGet, "/qui", ""); code != 200 {
			t.Fatal(code, text)
		}
		eventually(t, func() string {
			if !p.log.tells(c.want) {
				return "expected " + c.want + " in:\n" + p.log.String()
			}
			return ""
		})
		p.end()
		for _, line := range []string{"stopping: what is under way ends", "stopped"} {
			if !p.log.tells(line) {
				t.Errorf("expected %s in:\n%s", line, p.log.String())
			}
		}
	}
	for _, terminal := range []bool{true, false} {
		w := &engine.World{Env: func(string) (string, bool) { return "", false }, Terminal: terminal}
		if form, err := (&logFlags{}).read(w, slog.LevelInfo); err != nil || form.text != terminal || form.level != slog.LevelInfo {
			t.Errorf("on a terminal %t: %+v %v", terminal, form, err)
		}
	}
	const want = `--log-format: found "xml", expected one of json, text`
	if code, _, errs := command(t, dir, "run", "--log-format", "xml", "."); code == 0 || !strings.Contains(errs, want) {
		t.Errorf("exit %d, expected %q in:\n%s", code, want, errs)
	}
}
