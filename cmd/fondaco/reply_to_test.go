package main

import (
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"fondaco/console"
)

// desk is whom ends are told: it answers as it is told to, and remembers what it heard.
type desk struct {
	mu     sync.Mutex
	answer func(number, times int) int // the status, by the request's number and how often it was told before
	heard  map[string][]hearing        // by operation
}

type hearing struct {
	header http.Header
	body   string
	path   string
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, _ := io.ReadAll(r.Body)
	d.mu.Lock()
	defer d.mu.Unlock()
	id := r.Header.Get("X-Correlation-ID")
	var number int
	_, _ = fmt.Sscanf(r.URL.Query().Get("n"), "%d", &number)
	status := d.answer(number, len(d.heard[id]))
	d.heard[id] = append(d.heard[id], hearing{r.Header.Clone(), string(body), r.URL.Path})
	if status/100 == 3 {
		w.Header().Set("Location", "/elsewhere")
	}
	w.WriteHeader(status)
}

func (d *desk) answers(f func(number, times int) int) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.answer = f
}

func (d *desk) of(id string) []hearing {
	d.mu.Lock()
	defer d.mu.Unlock()
	return append([]hearing(nil), d.heard[id]...)
}

// office is a served project whose requests end at a desk.
type office struct {
	*process
	desk *desk
	at   string // the desk's address
	dir  string
	env  []string
}

func newOffice(t *testing.T) *office {
	t.Helper()
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(-1)
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	d := &desk{heard: map[string][]hearing{}, answer: func(int, int) int { return 204 }}
	receiver := httptest.NewServer(d)
	t.Cleanup(receiver.Close)
	files := maps.Clone(officeProject)
	files["routes/files.yaml"] = strings.Replace(files["routes/files.yaml"], "    accept: async\n",
		"    accept: async\n    reply_to: { allow: [\"${env.DESK}/ends/\"], attempts: 100, backoff: 20ms..200ms }\n", 1)
	files["connectors/archive/connector.yaml"] += "  refuse: { put: \"/refused/{number}\", effect: idempotent, path: { number: { type: " +
		"integer } }, answer: { type: object, properties: {} } }\n"
	o := &office{desk: d, at: receiver.URL, dir: written(t, files), env: []string{"ARCHIVE=" + backend.URL, "DESK=" + receiver.URL}}
	o.process = startProcess(t, o.dir, o.env...)
	return o
}

// file asks for a file, and returns the operation.
func (o *office) file(number int, to string) (id string) {
	o.t.Helper()
	code, body, header := o.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, number), "X-ReplyTo", to, "Idempotency-Key",
		fmt.Sprint("the-key-of-a-file-", number))
	id = header.Get("X-Correlation-ID")
	if code != 202 || id == "" || header.Get("Location") != "/operations/"+id {
		o.t.Fatalf("%d %s %v", code, body, header)
	}
	return id
}

func (o *office) url(number int) string { return fmt.Sprintf("%s/ends/x?n=%d", o.at, number) }

// account is a route's row of fondaco topics, which must hold.
func (o *office) account(topic string) console.Topic {
	o.t.Helper()
	code, out, problems := command(o.t, o.dir, "topics", "--format", "json", "--console", o.console)
	var rows []console.Topic
	if err := json.Unmarshal([]byte(out), &rows); code != exitOK || err != nil {
		o.t.Fatal(code, err, out, problems)
	}
	for _, r := range rows {
		if r.Accepted != r.Done+r.Failed+r.Dead+r.InFlight {
			o.t.Fatalf("the account does not hold: %+v", r)
		}
		if r.Topic == topic {
			return r
		}
	}
	return console.Topic{}
}

// TestReplyTo: whoever gave an agreed address is told there how the request ended, again until heard; anybody else's
// request is refused before it is kept.
func TestReplyTo(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.desk.answers(func(number, times int) int {
		switch {
		case number == 1 && times < 3:
			return 503
		case number == 2:
			return 410
		case number == 3:
			return 302
		}
		return 204
	})
	for _, to := range []string{
		"https://elsewhere.example/ends/", o.at + "/other/", strings.Replace(o.at, "http://", "http://user@", 1) + "/ends/", o.at +
			"/ends/../other",
		o.at + "/ends/%2e%2e/other", "file:///etc/passwd", "http://169.254.169.254/ends/",
	} {
		code, body, _ := o.ask(http.MethodPost, "/files", `{"number":9}`, "X-ReplyTo", to)
		if code != 422 && code != 400 || !strings.Contains(body, "X-ReplyTo") || strings.Contains(body, to) {
			t.Errorf("%s: %d %s", to, code, body)
		}
	}
	if r := o.account("fondaco.file"); r.Accepted != 0 {
		t.Errorf("what was refused was kept: %+v", r)
	}
	first, gone, moved := o.file(1, o.url(1)), o.file(2, o.url(2)), o.file(3, o.url(3))
	if again := o.file(1, o.url(1)); again != first {
		t.Error("the same key, another operation")
	}
	eventually(t, func() string {
		if n := len(o.desk.of(first)); n != 4 {
			return fmt.Sprintf("told %d times, expected four", n)
		}
		return ""
	})
	_, result, _ := o.ask(http.MethodGet, "/operations/"+first+"/result", "")
	key := ""
	for i, h := range o.desk.of(first) {
		if h.body != result || h.body != `{"number":1}` || h.path != "/ends/x" || h.header.Get("Content-Type") != "application/json" {
			t.Errorf("%d: told %s at %s with %v; the result is %s", i, h.body, h.path, h.header, result)
		}
		if k := h.header.Get("Idempotency-Key"); k == "" || i > 0 && k != key {
			t.Errorf("%d: the key is %q, and was %q", i, k, key)
		}
		key = h.header.Get("Idempotency-Key")
		if h.header.Get("Traceparent") == "" {
			t.Errorf("%d: no trace", i)
		}
	}
	eventually(t, func() string {
		if r := o.account("fondaco.reply_to"); r.Accepted != 3 || r.Done != 1 || r.Failed != 2 || r.Dead != 0 || r.InFlight != 0 {
			return fmt.Sprintf("%+v", r)
		}
		return ""
	})
	if a, b := len(o.desk.of(gone)), len(o.desk.of(moved)); a != 1 || b != 1 {
		t.Errorf("an answer that is final was asked for %d and %d times", a, b)
	}
	if code, _, _ := o.ask(http.MethodGet, "/operations/"+gone+"/result", ""); code != 201 {
		t.Errorf("the result of the operation whose caller could not be notified answers %d", code)
	}
	_, list, _ := command(t, o.dir, "dead", "list", "--topic", "fondaco.reply_to", "--console", o.console)
	if !strings.Contains(list, "answered 410") || !strings.Contains(list, "answered 302") || strings.Contains(list, "?n=") {
		t.Error(list)
	}
	o.desk.answers(func(int, int) int { return 200 })
	if code, out, problems := command(t, o.dir, "dead", "replay", "--topic", "fondaco.reply_to", "--yes", "--console",
		o.console); code != exitOK {
		t.Fatal(out, problems)
	}
	eventually(t, func() string {
		if a, b := len(o.desk.of(gone)), len(o.desk.of(moved)); a != 2 || b != 2 {
			return fmt.Sprintf("replayed, and told %d and %d times", a, b)
		}
		return ""
	})
	if strings.Contains(o.log.String(), "?n=") || strings.Contains(o.log.String(), "/ends/") {
		t.Errorf("an address is in the log:\n%s", o.log.String())
	}
}

// TestReplyToKilled: kill -9 between a request's end and its telling loses no telling, and repeats at most those that
// were under way, under their keys.
func TestReplyToKilled(t *testing.T) {
	t.Parallel()
	o := newOffice(t)
	o.desk.answers(func(int, int) int { return 503 })
	const many = 30
	var ids []string
	for n := range many {
		ids = append(ids, o.file(n, o.url(n)))
	}
	eventually(t, func() string {
		if r := o.account("fondaco.reply_to"); r.Accepted < many/2 {
			return fmt.Sprintf("%+v", r)
		}
		return ""
	})
	if err := o.cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	_ = o.cmd.Wait()
	defer func() {
		if t.Failed() {
			_, list, _ := command(t, o.dir, "dead", "list", "--console", o.console)
			t.Logf("%+v %+v\n%s\n%s", o.account("fondaco.file"), o.account("fondaco.reply_to"), list, o.log.String())
		}
	}()
	told := map[string]int{}
	o.desk.mu.Lock()
	o.desk.heard = map[string][]hearing{}
	o.desk.mu.Unlock()
	o.desk.answers(func(int, int) int { return 204 })
	o.process = startProcess(t, o.dir, o.env...)
	eventually(t, func() string {
		for n, id := range ids {
			heard := o.desk.of(id)
			if len(heard) == 0 {
				return fmt.Sprintf("the end of %d is not told", n)
			}
			told[heard[0].header.Get("Idempotency-Key")] = len(heard)
		}
		return ""
	})
	eventually(t, func() string { // what comes twice has come
		if at := o.account("fondaco.reply_to"); at.InFlight != 0 {
			return fmt.Sprintf("%+v", at)
		}
		return ""
	})
	for n, id := range ids {
		heard := o.desk.of(id)
		if len(heard) > 2 || len(heard) == 2 && heard[0].header.Get("Idempotency-Key") != heard[1].header.Get("Idempotency-Key") {
			t.Errorf("the end of %d was heard %d times; twice, under one key, if it was under way at the kill", n, len(heard))
		}
	}
	if len(told) != many {
		t.Errorf("%d keys for %d ends", len(told), many)
	}
}

// TestReplyToAfterReplay: who was told that a request failed is told that it was done once an operator has replayed its
// dead letter, as often as it takes, under keys that differ; the letter's history says who had it replayed and why.
func TestReplyToAfterReplay(t *testing.T) {
	t.Parallel()
	var broken atomic.Bool
	broken.Store(true)
	backend := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		if broken.Load() && strings.HasPrefix(r.URL.Path, "/files/") {
			_, _ = io.WriteString(w, `{`) // an answer that does not fit uses up attempts
			return
		}
		_, _ = io.WriteString(w, `{}`)
	}))
	defer backend.Close()
	d := &desk{heard: map[string][]hearing{}, answer: func(int, int) int { return 204 }}
	receiver := httptest.NewServer(d)
	defer receiver.Close()
	files := maps.Clone(officeProject)
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "breaker: { failures: 3, open: 300ms }",
		"breaker: { failures: 1000, open: 300ms }", 1)
	files["routes/files.yaml"] = strings.Replace(files["routes/files.yaml"], "    accept: async\n",
		"    accept: async\n    reply_to: { allow: [\"${env.DESK}/ends/\"], attempts: 100, backoff: 20ms..200ms }\n", 1)
	o := &office{desk: d, at: receiver.URL, dir: written(t, files), env: []string{"ARCHIVE=" + backend.URL, "DESK=" + receiver.URL}}
	o.process = startProcess(t, o.dir, o.env...)
	id := o.file(1, o.url(1))
	told := func(n int) {
		t.Helper()
		eventually(t, func() string {
			if heard := d.of(id); len(heard) != n {
				return fmt.Sprintf("told %d times, expected %d\n%s", len(heard), n, o.log.String())
			}
			return ""
		})
	}
	told(1)
	replay := func(why string) {
		t.Helper()
		eventually(t, func() string {
			if len(o.letters(o.dir, "--route", "file")) != 1 {
				return "no letter waits"
			}
			return ""
		})
		code, out, problems := command(t, o.dir, "dead", "replay", "--route", "file", "--why", why, "--yes", "--console", o.console)
		if code != exitOK || !strings.Contains(out, "replayed 1 letter") {
			t.Fatal(code, out, problems)
		}
	}
	replay("perhaps it is repaired")
	told(2)
	broken.Store(false)
	replay("it is repaired")
	told(3)
	keys := map[string]bool{}
	for _, h := range d.of(id) {
		keys[h.header.Get("Idempotency-Key")] = true
	}
	if last := d.of(id)[2]; len(keys) != 3 || last.body != `{"number":1}` {
		t.Errorf("the keys are %v, and the last that was told %s", keys, last.body)
	}
	var list letterList
	_, out, _ := command(t, o.dir, "dead", "list", "--state", "all", "--format", "json", "--console", o.console)
	if err := json.Unmarshal([]byte(out), &list); err != nil || len(list.Letters) != 1 {
		t.Fatal(err, out)
	}
	letter := list.Letters[0].ID
	eventually(t, func() string {
		_, shown, _ := command(t, o.dir, "dead", "show", letter, "--console", o.console)
		for _, want := range []string{
			"died", "replayed by " + me() + ": perhaps it is repaired", "replayed by " + me() + ": it is repaired", " done",
			"result",
		} {
			if !strings.Contains(shown, want) {
				return fmt.Sprintf("it lacks %q:\n%s", want, shown)
			}
		}
		return ""
	})
	code, _, problems := command(t, o.dir, "dead", "replay", letter, "--yes", "--console", o.console)
	if code == exitOK || !strings.Contains(problems, me()+" had it replayed at ") || !strings.Contains(problems, "and it was done") {
		t.Errorf("replayed once more: %d %s", code, problems)
	}
	if !o.log.tells("it is repaired") {
		t.Errorf("the log does not say why:\n%s", o.log.String())
	}
}
