package main

import (
	"net/http"
	"os"
	"os/exec"
	"strings"
	"testing"
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
		if code, out, errs := command(t, dir, "run", "--log-level", c.flag, "."); code == 0 || !strings.Contains(errs, c.want) {
			t.Errorf("exit %d, expected %q in:\n%s%s", code, c.want, out, errs)
		}
	}
}
