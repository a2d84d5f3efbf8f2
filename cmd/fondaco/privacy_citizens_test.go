package main

import (
	"bytes"
	"encoding/json"
	"io"
	"maps"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/console"
	"fondaco/engine"
)

// fickle is a system that is down for paths that hold a word, keeps those that hold another waiting, and remembers what it took.
type fickle struct {
	mu         sync.Mutex
	down, slow string
	held       int           // requests that it keeps waiting
	free       chan struct{} // closed: it goes on
	took       map[string]int
}

func (f *fickle) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_, _ = io.Copy(io.Discard, r.Body)
	f.mu.Lock()
	if f.slow != "" && strings.Contains(r.URL.Path, f.slow) {
		free := f.free
		f.held++
		f.mu.Unlock()
		<-free
		f.mu.Lock()
		f.held--
	}
	defer f.mu.Unlock()
	if f.down != "" && strings.Contains(r.URL.Path, f.down) {
		w.Header().Set("Retry-After", "1")
		w.WriteHeader(http.StatusServiceUnavailable)
		return
	}
	f.took[r.URL.Path]++
	w.Header().Set("Content-Type", "application/json")
	_, _ = io.WriteString(w, "{}")
}

func (f *fickle) is(down, slow string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.free != nil {
		close(f.free)
	}
	f.down, f.slow, f.free = down, slow, make(chan struct{})
}

func (f *fickle) state() (held int, took map[string]int) {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.held, maps.Clone(f.took)
}

// citizens are two persons who call a served project, and an operator who erases what is kept of them.
type citizens struct {
	*testing.T
	*process
	login *loginService
	dir   string
}

// as calls the project as a person.
func (c *citizens) as(person, method, path, body string, headers ...string) (int, string, http.Header) {
	c.Helper()
	token := "Bearer " + c.login.token(c.T, map[string]any{"cf": "TINIT-" + person, "sub": "s-" + person})
	return c.process.ask(method, path, body, append([]string{"Authorization", token}, headers...)...)
}

// privacy runs the command on a person.
func (c *citizens) privacy(word, person string) (a ofPerson) {
	c.Helper()
	var out, problems bytes.Buffer
	w := &engine.World{
		Args: []string{"privacy", word, "--subject", "-", "--why", "she asks", "--format", "json", "--console", c.console},
		Dir:  c.dir, Now: time.Now, Stdin: strings.NewReader(person), Stdout: &out, Stderr: &problems,
		Env: func(string) (string, bool) { return "", false },
	}
	if code := run(c.Context(), w); code != exitOK {
		c.Fatalf("%s: %d\n%s%s", word, code, out.String(), problems.String())
	}
	if err := json.Unmarshal(out.Bytes(), &a.PersonAnswer); err != nil {
		c.Fatal(err, out.String())
	}
	return a
}

// ofPerson is what the command prints of a person.
type ofPerson struct{ console.PersonAnswer }

// of returns the records of a kind.
func (a ofPerson) of(kind string) (list []console.PersonRecord) {
	for _, r := range a.Records {
		if r.Kind == kind {
			list = append(list, r)
		}
	}
	return list
}

// state is that of an operation, by its Location.
func (c *citizens) state(person, location string) string {
	c.Helper()
	r, err := http.NewRequestWithContext(c.Context(), http.MethodGet, c.api+location, nil)
	if err != nil {
		c.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer "+c.login.token(c.T, map[string]any{"cf": "TINIT-" + person, "sub": "s-" + person}))
	client := &http.Client{Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	defer client.CloseIdleConnections()
	res, err := client.Do(r)
	if err != nil {
		c.Fatal(err)
	}
	defer res.Body.Close()
	var o struct{ State string }
	if err := json.NewDecoder(res.Body).Decode(&o); err != nil {
		c.Fatal(res.StatusCode, err)
	}
	return o.State
}

// row is the account of a route.
func (c *citizens) row(route string) (r console.Topic) {
	c.Helper()
	_, out, problems := command(c.T, c.dir, "topics", "--format", "json", "--console", c.console)
	var rows []console.Topic
	if err := json.Unmarshal([]byte(out), &rows); err != nil {
		c.Fatal(err, out, problems)
	}
	for _, one := range rows {
		if one.Route == route {
			r = one
		}
	}
	return r
}

// serveCitizens serves a project whose routes know citizens, with a place where it keeps things.
func serveCitizens(t *testing.T, storage, routes, connector string, env ...string) *citizens {
	t.Helper()
	return newLoginService(t).serve(t, storage, routes, connector, env...)
}

func (l *loginService) serve(t *testing.T, storage, routes, connector string, env ...string) *citizens {
	t.Helper()
	c := &citizens{T: t, login: l, dir: written(t, l.project(storage, routes, connector))}
	c.process = startProcess(t, c.dir, env...)
	return c
}

// project returns the files of a project whose routes know citizens.
func (l *loginService) project(storage, routes, connector string) map[string]string {
	files := maps.Clone(officeProject)
	files["jwks.json"] = l.jwks()
	files["routes/files.yaml"] = routes
	files["connectors/archive/connector.yaml"] += connector
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "systems:\n",
		"auth:\n  citizen:\n    jwt: { issuer: https://login.example, audience: port, keys: jwks.json, claims: { fiscal_code: cf } }\nsystems:\n",
		1)
	files["fondaco.yaml"] += storage
	return files
}

// kept are the storages with which what waits is erased.
var kept = map[string]string{"as it is": "", "encrypted": "storage: { encryption: { keys: [\"${secret.storage}\"] } }\n"}

var storageKey = "FONDACO_SECRET_STORAGE=" + strings.Repeat("ab", 32)
