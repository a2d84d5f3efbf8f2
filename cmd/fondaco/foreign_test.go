package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"

	"fondaco/messaging/kafka/kafkatest"
)

// paymentsTopic is a topic of others, as a project would first describe it, and paymentsPlain what it says of plain records.
const (
	paymentsTopic = `  payments:
    name: pagopa.ricevute
    schema: { type: object, required: [number], properties: { number: { type: integer }, iuv: { type: string }, ente: { type: string } } }
`
	paymentsPlain = `    format: json
    id: ${data.iuv ?? headers["x-iuv"]}
    key: ${data.ente}
`
	paymentsRoutes = `  pay:
    http: POST /payments
    auth: none
    body: { type: object, required: [number], properties: { number: { type: integer } } }
    steps:
      - publish: payments
        event: { number: "${body.number}", iuv: "own-${body.number}", ente: e }
    respond: { status: 204 }
  read:
    topic: payments
    work: { attempts: 3, backoff: 10ms..50ms, from: beginning }
    steps:
      - call: archive.note
        with: { number: "${message.data.number}" }
  copy:
    topic: payments
    work: { attempts: 3, backoff: 10ms..50ms, from: beginning }
    steps:
      - call: archive.file
        with: { number: "${message.data.number}" }
`
)

// TestForeignTopic: a project reads a topic that others write as plain JSON. Before it says so each record is a letter; then
// records have the id and the key that it says: two of one id are one effect, what cannot be read is a letter with its
// bytes, what the project publishes is plain JSON too, and letters are replayed for the group where they died.
func TestForeignTopic(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	system := &archive{kept: map[string]int{}}
	system.refuses.Store(14)
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	files := maps.Clone(officeProject)
	files["fondaco.yaml"] += paymentsTopic + "storage: { topics: \"kafka://" + n.Addr + "\" }\n"
	files["routes/files.yaml"] += paymentsRoutes
	dir := written(t, files)
	p := startWatching(t, dir, "ARCHIVE="+backend.URL)
	pay := func(number int) {
		t.Helper()
		eventually(t, func() string {
			if code, text, _ := p.ask(http.MethodPost, "/payments", fmt.Sprintf(`{"number":%d}`, number)); code != 204 {
				return fmt.Sprintf("%d %s", code, text)
			}
			return ""
		})
	}
	times := func(path string) int {
		system.mu.Lock()
		defer system.mu.Unlock()
		return system.kept[path]
	}
	done := func(paths ...string) {
		t.Helper()
		eventually(t, func() string {
			for _, path := range paths {
				if got := times(path); got != 1 {
					return fmt.Sprintf("%s was done %d times, expected once\n%s", path, got, p.log.String())
				}
			}
			return ""
		})
	}
	reasons := func(route string, want ...string) {
		t.Helper()
		eventually(t, func() string {
			var got []string
			for _, l := range p.letters(dir, "--route", route) {
				got = append(got, l.Reason)
			}
			if slices.Sort(got); !slices.Equal(got, want) {
				return fmt.Sprintf("%s has the letters %q, expected %q\n%s", route, got, want, p.log.String())
			}
			return ""
		})
	}
	pay(100)
	done("/notes/100", "/files/100")
	n.Produce("pagopa.ricevute", kafkatest.Record{Value: `{"number":1,"iuv":"1"}`})
	reasons("read", "no-event")
	reasons("copy", "no-event")

	rewrite(t, dir, "fondaco.yaml", strings.Replace(files["fondaco.yaml"], paymentsTopic, paymentsTopic+paymentsPlain, 1))
	p.reloads("done", 1)
	iuv := func(values ...string) (hs [][2]string) {
		for _, v := range values {
			hs = append(hs, [2]string{"x-iuv", v})
		}
		return hs
	}
	n.Produce("pagopa.ricevute",
		kafkatest.Record{Key: "k", Value: `{"number":2,"iuv":"2","ente":"a"}`},
		kafkatest.Record{Key: "k", Value: `{"number":3,"iuv":"2","ente":"a"}`},                 // of the id before it
		kafkatest.Record{Value: `{"number":5}`, Headers: iuv("4", "5")},                        // the last header counts
		kafkatest.Record{Value: `{"number":14,"iuv":"14"}`},                                    // refused
		kafkatest.Record{Value: `not JSON: segreto`},                                           // garbage
		kafkatest.Record{Value: `{"number":"six","iuv":"6"}`},                                  // does not fit
		kafkatest.Record{Value: `{"number":7}`, Headers: [][2]string{{"x-note", "riservato"}}}, // no id
		kafkatest.Record{Key: "k", Null: true},                                                 // a tombstone
	)
	pay(200)
	done("/notes/2", "/files/2", "/notes/5", "/files/5", "/files/14", "/notes/200", "/files/200")
	reasons("read", "bad-attribute", "no-event", "refused", "schema", "schema", "tombstone")
	reasons("copy", "bad-attribute", "no-event", "schema", "schema", "tombstone")
	plainOnly(t, n)

	shown := false
	for _, l := range p.letters(dir, "--route", "read", "--reason", "schema") {
		_, out, _ := command(t, dir, "dead", "show", l.ID, "--reveal", "--reason", "a test", "--console", p.console)
		shown = shown || strings.Contains(out, "not JSON: segreto")
	}
	if !shown || strings.Contains(p.log.String(), "segreto") {
		t.Errorf("the raw bytes of a letter are not shown, or are logged\n%s", p.log.String())
	}
	for _, l := range p.letters(dir, "--route", "copy", "--reason", "bad-attribute") {
		_, out, _ := command(t, dir, "dead", "show", l.ID, "--console", p.console)
		if !strings.Contains(out, "header fondaco_header_x-note") || strings.Contains(out, "riservato") {
			t.Errorf("headers that no type describes are not hidden:\n%s", out)
		}
	}
	system.refuses.Store(-1)
	for range 2 {
		if _, out, problems := command(t, dir, "dead", "replay", "--route", "read", "--yes", "--console", p.console); strings.Contains(problems,
			"cannot be replayed") {
			t.Errorf("%s%s", out, problems)
		}
		done("/notes/14", "/notes/1")
	}
	eventually(t, func() string {
		results := map[string]int{}
		for _, l := range p.letters(dir, "--route", "read", "--state", "all") {
			results[l.State+" "+l.Result]++
		}
		if results["replayed done"] != 2 || results["waiting "] != 4 {
			return fmt.Sprint(results)
		}
		return ""
	})
	reasons("read", "bad-attribute", "schema", "schema", "tombstone")
	if again := [4]int{times("/notes/3"), times("/files/3"), times("/files/1"), times("/files/14")}; again != [4]int{0, 0, 0, 1} {
		t.Errorf("what was done already, or is another group's, was done %v times", again)
	}
	code, out, problems := command(t, dir, "asyncapi", "--format", "yaml")
	if at := strings.Index(out, "\n    Payments:"); code != exitOK || at < 0 || strings.Contains(out[at:at+200], "ce_") {
		t.Errorf("asyncapi: %d %s%s", code, out, problems)
	}
}

// plainOnly checks what the project itself has published: the first record before it knew, and one that is plain JSON.
func plainOnly(t *testing.T, n *kafkatest.Node) {
	t.Helper()
	found := 0
	for _, r := range n.Records("pagopa.ricevute") {
		if r.Value != `{"number":200,"iuv":"own-200","ente":"e"}` {
			continue
		}
		found++
		for _, h := range r.Headers {
			if strings.HasPrefix(h[0], "ce_") {
				t.Errorf("a plain record has the header %s", h[0])
			}
		}
		if r.Key != "e" || !slices.Contains(r.Headers, [2]string{"content-type", "application/json"}) {
			t.Errorf("a plain record has the key %q and the headers %q", r.Key, r.Headers)
		}
	}
	if found == 0 {
		t.Errorf("the record of the project is not there: %v", n.Records("pagopa.ricevute"))
	}
}
