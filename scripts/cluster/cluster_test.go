package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/messaging/kafka/kafkatest"
	"fondaco/store/postgres/postgrestest"
)

// TestCluster: what make cluster starts answers, each part is killed and started again under load, and all that was accepted is done.
func TestCluster(t *testing.T) {
	if testing.Short() {
		t.Skip("in its short form the torture kills the parts of a cluster")
	}
	program := filepath.Join(t.TempDir(), "fondaco")
	if out, err := exec.CommandContext(t.Context(), "go", "build", "-o", program, "../../cmd/fondaco").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
	c, err := begin(t.Context(), options{
		program: program, project: "../../examples/dime", listen: "127.0.0.1:0", control: "127.0.0.1:0",
		nodes: 3,
	})
	if absent := errors.Is(err, kafkatest.ErrAbsent) || errors.Is(err, postgrestest.ErrAbsent); absent && os.Getenv("CI") != "true" {
		t.Skip(err)
	}
	if err != nil {
		t.Fatal(err)
	}
	defer c.end()
	var said bytes.Buffer
	c.announce(&said, time.Minute)
	for _, p := range c.parts {
		for _, want := range []string{p.address, c.desk + "/" + p.name + "/kill", c.desk + "/" + p.name + "/start"} {
			if !strings.Contains(said.String(), want) {
				t.Errorf("what is printed lacks %q:\n%s", want, said.String())
			}
		}
	}
	l := &load{t: t, c: c, halt: make(chan struct{})}
	l.running.Go(l.report)
	l.accepts(5)
	for _, name := range []string{"node-1", "node-2", "node-3"} { // each node is changed in its turn, as for another program
		for _, verb := range []string{"stop", "start"} {
			do(t, c, name, verb)
			l.accepts(5)
		}
	}
	for _, name := range []string{"node-1", "node-2", "node-3"} {
		said, err := os.ReadFile(c.log(name))
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(said)) {
			if strings.Contains(line, `"status":503`) && strings.Contains(line, "is not known yet") {
				t.Errorf("%s was given a request before it could keep one: %s", name, line)
			}
			if strings.Contains(line, `"level":"ERROR"`) {
				t.Errorf("%s logged an error while nothing was wrong: %s", name, line)
			}
		}
	}
	for _, name := range c.names() {
		if text := do(t, c, name, "kill"); text != name+" is stopped\n" {
			t.Errorf("kill: %q", text)
		}
		if name == "postgres" || name == "kafka" {
			l.refused()
		} else {
			l.accepts(5)
		}
		if code, body := ask(t, c, http.MethodGet, c.api+"/openapi.json", ""); code != http.StatusOK {
			t.Errorf("while %s is away what needs no state is answered %d %.200s", name, code, body)
		}
		if text := do(t, c, name, "start"); text != name+" is running\n" {
			t.Errorf("start: %q", text)
		}
		l.accepts(5)
	}
	do(t, c, "node-2", "freeze")
	do(t, c, "node-2", "thaw")
	l.end()
}

// load is a client that reports broken lamps, one after the other.
type load struct {
	t       *testing.T
	c       *cluster
	halt    chan struct{}
	running sync.WaitGroup

	mu       sync.Mutex
	places   []string // of the operations of those that were answered 202
	rejected int      // how many were answered 503
}

func (l *load) report() {
	const body = `{"titolo":"Lampione spento","categoria":"manutenzione","posizione":{"lat":45.43,"lon":12.33}}`
	for {
		select {
		case <-l.halt:
			return
		case <-time.After(20 * time.Millisecond):
		}
		code, _, place := send(l.t.Context(), l.c, http.MethodPost, l.c.api+"/segnalazioni", body)
		l.mu.Lock()
		switch code {
		case http.StatusAccepted:
			l.places = append(l.places, place)
		case http.StatusServiceUnavailable:
			l.rejected++
		}
		l.mu.Unlock()
	}
}

// accepts waits until n more were accepted.
func (l *load) accepts(n int) {
	l.t.Helper()
	count := func() int {
		l.mu.Lock()
		defer l.mu.Unlock()
		return len(l.places)
	}
	before := count()
	eventually(l.t, func() string {
		if now := count(); now < before+n {
			return fmt.Sprintf("%d reports are accepted, expected %d", now, before+n)
		}
		return ""
	})
}

// refused waits until one more was answered 503.
func (l *load) refused() {
	l.t.Helper()
	l.mu.Lock()
	before := l.rejected
	l.mu.Unlock()
	eventually(l.t, func() string {
		l.mu.Lock()
		defer l.mu.Unlock()
		if l.rejected == before {
			return "nobody was told 503"
		}
		return ""
	})
}

// end waits until all that was accepted is done.
func (l *load) end() {
	l.t.Helper()
	close(l.halt)
	l.running.Wait()
	for _, place := range l.places {
		eventually(l.t, func() string {
			var told struct{ State string }
			code, body := ask(l.t, l.c, http.MethodGet, l.c.api+place, "")
			if err := json.Unmarshal([]byte(body), &told); err != nil || told.State != "done" {
				return fmt.Sprintf("%s is answered %d %s, expected that it is done", place, code, body)
			}
			return ""
		})
	}
	l.t.Logf("%d reports were accepted and done, %d were refused", len(l.places), l.rejected)
}

func do(t *testing.T, c *cluster, name, verb string) string {
	t.Helper()
	_, body := ask(t, c, http.MethodPost, c.desk+"/"+name+"/"+verb, "")
	return body
}

func ask(t *testing.T, c *cluster, method, url, body string) (int, string) {
	t.Helper()
	code, text, _ := send(t.Context(), c, method, url, body)
	return code, text
}

// direct shows where an operation that is done leads to.
var direct = &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}

func send(ctx context.Context, c *cluster, method, url, body string) (code int, text, place string) {
	ctx, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, url, strings.NewReader(body))
	if err != nil {
		return 0, err.Error(), ""
	}
	r.Header.Set("Authorization", "Bearer "+c.city.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := direct.Do(r)
	if err != nil {
		return 0, err.Error(), ""
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	if err != nil {
		return 0, err.Error(), ""
	}
	return res.StatusCode, string(b), res.Header.Get("Location")
}

// eventually waits until what returns "".
func eventually(t *testing.T, what func() string) {
	t.Helper()
	for end := time.Now().Add(patience); ; {
		said := what()
		if said == "" {
			return
		}
		if time.Now().After(end) {
			t.Fatal(said)
		}
		<-time.After(20 * time.Millisecond)
	}
}
