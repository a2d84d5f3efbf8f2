package main

import (
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"fondaco/console"
)

// twoSystems is officeProject with a second system, so that a route's messages need one or the other.
func twoSystems() map[string]string {
	files := map[string]string{}
	for name, text := range officeProject {
		files[name] = text
	}
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "topics:\n", `  registry:
    connector: ./connectors/archive
    params: { endpoint: "${env.REGISTRY}" }
    breaker: { failures: 3, open: 1s }
topics:
`, 1)
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "open: 300ms", "open: 6s", 1)
	files["routes/files.yaml"] = `routes:
  file:
    http: POST /files
    auth: none
    body: { type: object, required: [number], properties: { number: { type: integer } } }
    steps:
      - publish: filed
        key: ${text(body.number % 100)}
        event: { number: "${body.number}" }
    respond: { status: 204 }
  note:
    topic: filed
    work: { attempts: 3, backoff: 10ms..50ms }
    steps:
      - choose:
          - when: message.data.number % 100 < 5
            steps:
              - call: archive.file
                with: { number: "${message.data.number}" }
          - when: message.data.number % 100 < 10
            steps:
              - call: archive.note
                with: { number: "${message.data.number}" }
          - otherwise:
              - call: registry.note
                with: { number: "${message.data.number}" }
`
	return files
}

// TestDownHoldsItsOwn: of eighty messages ten keys need a system that is down; the others are done at once while those
// wait, and so are others that come behind them; when it is back each key is done in order.
func TestDownHoldsItsOwn(t *testing.T) {
	t.Parallel()
	port, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := port.Addr().String()
	_ = port.Close() // nothing listens: it is the whole system that is down, and not one operation
	well := &archive{kept: map[string]int{}}
	well.refuses.Store(-1)
	second := httptest.NewServer(well)
	t.Cleanup(second.Close)
	p := startProcess(t, written(t, twoSystems()), "ARCHIVE=http://"+address, "REGISTRY="+second.URL)
	publish := func(n int) {
		t.Helper()
		if code, text, _ := p.ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, n)); code != http.StatusNoContent {
			t.Fatal(code, text)
		}
	}
	row := func() (r console.Topic) {
		t.Helper()
		code, out, problems := command(t, ".", "topics", "--format", "json", "--console", p.console)
		var rows []console.Topic
		if err := json.Unmarshal([]byte(out), &rows); code != exitOK || err != nil {
			t.Fatal(code, problems, err)
		}
		return rows[0]
	}
	for round := range 3 {
		for n := range 80 {
			publish(100*round + n)
		}
		begin := time.Now()
		eventually(t, func() string {
			if r := row(); r.Done != int64(70*(round+1)) || r.Dead != 0 {
				return fmt.Sprintf("round %d: %+v", round, r)
			}
			return ""
		})
		if took := time.Since(begin); took > 20*time.Second { // with the consumer paused for what is down it is over 40 s
			t.Errorf("round %d: what needs a system that is well waited for %v", round, took)
		}
	}
	eventually(t, func() string { // all but the few that were tried lately
		r := row()
		if n := r.WaitsFor["archive.note"] + r.WaitsFor["archive.file"] + r.WaitsFor["archive"]; n < 5 || r.State != "working" ||
			r.InFlight != 30 {
			return fmt.Sprintf("%+v", r)
		}
		return ""
	})
	_, text, _ := command(t, ".", "topics", "--console", p.console)
	if !strings.Contains(text, "wait for archive") {
		t.Error(text)
	}
	if port, err = net.Listen("tcp", address); err != nil {
		t.Skip("somebody else took the port of the system that was down")
	}
	back := &archive{kept: map[string]int{}}
	back.refuses.Store(-1)
	first := &httptest.Server{Listener: port, Config: &http.Server{Handler: back}}
	first.Start()
	t.Cleanup(first.Close)
	eventually(t, func() string {
		if r := row(); r.Done != 240 || r.WaitsFor != nil {
			return fmt.Sprintf("%+v", r)
		}
		return ""
	})
}
