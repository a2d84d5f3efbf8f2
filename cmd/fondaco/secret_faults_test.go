package main

import (
	"bytes"
	"context"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"fondaco/engine"
)

// TestSecretsThatCannotBeUsed: a process does not start with a secret that is there and cannot be read, or that others may
// write, and says exactly that, wherever the secret is named; it never shows it.
func TestSecretsThatCannotBeUsed(t *testing.T) {
	t.Parallel()
	const value = "geheim-0815"
	for name, c := range map[string]struct {
		make func(file string) error
		want string
	}{
		"others may write": {
			func(f string) error { return write(f, value, 0o602) },
			"secret pw: others may write to its file; take that right away (chmod go-w)",
		},
		"its group may write": {
			func(f string) error { return write(f, value, 0o620) },
			"secret pw: others may write to its file; take that right away (chmod go-w)",
		},
		"others may replace it": {func(f string) error {
			return errors.Join(write(f, value, 0o600), os.Chmod(filepath.Dir(f), 0o777))
		}, "secret pw: others may replace its file"},
		"a folder":   {func(f string) error { return os.Mkdir(f, 0o700) }, "secret pw: it is not a file"},
		"a pipe":     {func(f string) error { return syscall.Mkfifo(f, 0o600) }, "secret pw: "},
		"a loop":     {func(f string) error { return os.Symlink(f, f) }, "secret pw: its file cannot be read: "},
		"a way out":  {func(f string) error { return os.Symlink("/etc/passwd", f) }, "secret pw: its file cannot be read: "},
		"it is long": {func(f string) error { return write(f, strings.Repeat(value, 10_000), 0o600) }, "secret pw: the file has 110000 bytes"},
	} {
		for where, files := range map[string][2]string{
			"in fondaco.yaml": {"params: { endpoint: \"http://127.0.0.1:1\", password: \"${secret.pw}\" }", "${param.password}"},
			"in a connector":  {"params: { endpoint: \"http://127.0.0.1:1\", password: \"${env.PW}\" }", "${secret.pw}"},
		} {
			t.Run(name+" "+where, func(t *testing.T) {
				dir := written(t, map[string]string{
					"fondaco.yaml": "project: prova\nserver: { listen: \"127.0.0.1:0\" }\nsystems:\n  archive:\n    connector: " +
						"./connectors/archive\n    " + files[0] + "\n",
					"connectors/archive/connector.yaml": "connector: archive\nversion: 1.0.0\nparams: { endpoint: { type: string }, password: { type: " +
						"string, secret: true } }\nrest: { endpoint: \"${param.endpoint}\", auth: { basic: { username: u, password: \"" + files[1] +
						"\" } } }\noperations:\n  look: { get: /look, effect: read, answer: { type: object, properties: {} } }\n",
					"routes/r.yaml": "routes:\n  guarda:\n    http: GET /guarda\n    auth: none\n    steps:\n      - call: " +
						"archive.look\n    respond: { body: { visto: true } }\n",
				})
				secrets := t.TempDir()
				if err := c.make(filepath.Join(secrets, "pw")); err != nil {
					t.Fatal(err)
				}
				var out, problems bytes.Buffer
				w := &engine.World{
					Args: []string{"run", "--no-watch", "--secrets", secrets, dir}, Env: envOf(map[string]string{"PW": "x"}), Dir: dir,
					Stdout: &out, Stderr: &problems, Now: time.Now,
				}
				ctx, cancel := context.WithTimeout(t.Context(), 3*time.Minute)
				defer cancel()
				code := run(ctx, w)
				if code == exitOK || ctx.Err() != nil || !strings.Contains(problems.String(), c.want) ||
					strings.Contains(problems.String(), "is not set") {
					t.Errorf("exit code %d, expected %q, found\n%s%s", code, c.want, out.String(), problems.String())
				}
				if where == "in fondaco.yaml" && !strings.Contains(problems.String(), "fondaco.yaml:6:") {
					t.Errorf("the place is missing: %s", problems.String())
				}
				if strings.Contains(problems.String(), value) {
					t.Errorf("the secret is shown: %s", problems.String())
				}
			})
		}
	}
}

func write(file, text string, mode os.FileMode) error {
	return errors.Join(os.WriteFile(file, []byte(text), 0o600), os.Chmod(file, mode))
}

// TestSecretThatGoesBad: a change that makes a secret one that others may write is not taken up, and the process goes on.
func TestSecretThatGoesBad(t *testing.T) {
	t.Parallel()
	dir := written(t, map[string]string{
		"fondaco.yaml": "project: prova\nserver: { listen: \"127.0.0.1:0\", console: \"127.0.0.1:0\" }\nsystems:\n  " +
			"archive:\n    connector: ./connectors/archive\n    params: { endpoint: \"http://127.0.0.1:1\", password: \"${secret.pw}\" }\n",
		"connectors/archive/connector.yaml": "connector: archive\nversion: 1.0.0\nparams: { endpoint: { type: string }, password: { type: " +
			"string, secret: true } }\nrest: { endpoint: \"${param.endpoint}\", auth: { basic: { username: u, password: \"${param.password}\" } " +
			"} }\noperations:\n  look: { get: /look, effect: read, answer: { type: object, properties: {} } }\n",
		"routes/r.yaml": "routes:\n  guarda: { http: GET /guarda, auth: none, steps: [ { call: archive.look } ], respond: " +
			"{ body: { visto: true } } }\n  qui: { http: GET /qui, auth: none, steps: [], respond: { body: \"qui\" } }\n",
	})
	secrets := t.TempDir()
	file := filepath.Join(secrets, "pw")
	if err := write(file, "geheim", 0o600); err != nil {
		t.Fatal(err)
	}
	p := startCommand(t, []string{"run", "--secrets", secrets, dir})
	for _, change := range []func() error{
		func() error { return write(file, "geheim-2", 0o666) },
		func() error { return errors.Join(os.Remove(file), os.Mkdir(file, 0o700)) },
	} {
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "routes", "r2.yaml"),
			[]byte("routes:\n  la: { http: GET /la, auth: none, steps: [], respond: { body: \"la\" } }\n"), 0o600); err != nil {
			t.Fatal(err)
		}
		eventually(t, func() string {
			if text := p.log.String(); strings.Contains(text, "secret pw: ") && strings.Contains(text, "Still serving the previous version.") {
				return ""
			}
			return "nothing is told of the secret: " + p.log.String() + p.out.String()
		})
		if code, _, _ := p.ask("GET", "/qui", ""); code != 200 {
			t.Errorf("it answers %d", code)
		}
		if code, _, _ := p.ask("GET", "/la", ""); code != 404 {
			t.Errorf("the change was taken up: %d", code)
		}
	}
	if err := errors.Join(os.Remove(file), write(file, "geheim-3", 0o600)); err != nil {
		t.Fatal(err)
	}
	eventually(t, func() string {
		if code, _, _ := p.ask("GET", "/la", ""); code != 200 {
			return "a secret that is good again is not taken up: " + p.log.String()
		}
		return ""
	})
}
