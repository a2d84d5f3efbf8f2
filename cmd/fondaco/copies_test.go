package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"fondaco/messaging/kafka/kafkatest"
)

// copiesProject publishes events of an id that its callers choose, on lanes that they choose, and works on each once.
func copiesProject(topics string) map[string]string {
	files := map[string]string{"connectors/registry/connector.yaml": numberingProject["connectors/registry/connector.yaml"]}
	files["fondaco.yaml"] = numberingProject["fondaco.yaml"] + `storage: { state: state.db` + topics + ` }
topics:
  entries: { schema: { type: object, required: [text], properties: { text: { type: string } } } }
`
	files["routes/entries.yaml"] = `routes:
  tell:
    http: POST /entries
    auth: none
    body: { type: object, required: [id, lane], properties: { id: { type: string }, lane: { type: string } } }
    steps:
      - publish: entries
        id: ${body.id}
        key: ${body.lane}
        event: { text: "${body.id}" }
    respond: { status: 204 }
  enter:
    topic: entries
    steps:
      - call: registry.register
        with: { text: "${message.data.text}" }
`
	return files
}

// slowRegistry takes its time, and counts.
type slowRegistry struct{ calls atomic.Int64 }

func (s *slowRegistry) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	time.Sleep(400 * time.Millisecond) // the work, not a wait for anything
	w.Header().Set("Content-Type", "application/json")
	fmt.Fprintf(w, `{"number":%d}`, s.calls.Add(1))
}

// copies publishes five copies of one id at the same time, on lanes of their own, and expects one call.
func copies(t *testing.T, topics string, env ...string) {
	system := &slowRegistry{}
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	p := startProcess(t, written(t, copiesProject(topics)), append(env, "REGISTRY="+backend.URL)...)
	eventually(t, func() string {
		if code, body, _ := p.ask(http.MethodPost, "/entries", `{"id":"first","lane":"first"}`); code != 204 {
			return fmt.Sprint(code, " ", body)
		}
		return ""
	})
	eventually(t, func() string {
		if system.calls.Load() == 0 {
			return "the first event is not worked on"
		}
		return ""
	})
	before := system.calls.Load()
	var wait sync.WaitGroup
	for i := range 5 {
		wait.Go(func() {
			if code, body, _ := p.ask(http.MethodPost, "/entries", fmt.Sprintf(`{"id":"peak/7","lane":"lane %d"}`, i)); code != 204 {
				t.Errorf("%d %s", code, body)
			}
		})
	}
	wait.Wait()
	ended := func() (n int) {
		_, metrics, _ := p.ask(http.MethodGet, p.console+"/metrics", "")
		for line := range strings.Lines(metrics) {
			var value int
			if !strings.HasPrefix(line, "#") && strings.Contains(line, `route="enter"`) &&
				(strings.Contains(line, `"done"`) || strings.Contains(line, `"repeated"`)) && strings.Contains(line, "messages") {
				if _, err := fmt.Sscanf(line[strings.LastIndexByte(line, ' ')+1:], "%d", &value); err == nil {
					n += value
				}
			}
		}
		return n
	}
	eventually(t, func() string {
		if n := ended(); n < 6 {
			return fmt.Sprintf("%d messages have ended, expected 6", n)
		}
		return ""
	})
	if n := system.calls.Load() - before; n != 1 {
		t.Errorf("five copies of one event caused %d calls", n)
	}
}

// TestCopies: of copies of one event that are published at the same time one has an effect.
func TestCopies(t *testing.T) {
	t.Parallel()
	copies(t, "")
}

// TestCopiesOnKafka: also across partitions.
func TestCopiesOnKafka(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	copies(t, `, topics: "${env.TOPICS}"`, "TOPICS=kafka://"+n.Addr+"?instance=one")
}
