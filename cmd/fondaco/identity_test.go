package main

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"fondaco/messaging/kafka/kafkatest"
)

// registry is a system that breaks for the first attempts at a case: the first kills whoever asks.
type registry struct {
	mu      sync.Mutex
	kill    func()
	numbers []string // that cases were registered under, in their order
	notices []string // the ids of the events that were handled
}

const registryAttempts = 5

func (s *registry) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	switch attempt := s.note(r.URL.Path); {
	case attempt == 1:
		s.kill()
		panic(http.ErrAbortHandler)
	case attempt > 1 && attempt < registryAttempts:
		w.WriteHeader(http.StatusInternalServerError)
	default:
		fmt.Fprint(w, "{}")
	}
}

// note takes up a request and returns which attempt at a case it is, 0 for a notice.
func (s *registry) note(path string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	if id, notice := strings.CutPrefix(path, "/notices/"); notice {
		s.notices = append(s.notices, id)
		return 0
	}
	s.numbers = append(s.numbers, strings.TrimPrefix(path, "/cases/"))
	return len(s.numbers)
}

func (s *registry) seen() (numbers, notices []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.numbers), slices.Clone(s.notices)
}

const registryProject = `project: cases
server: { listen: "127.0.0.1:0", console: "127.0.0.1:0" }
systems:
  registry:
    connector: ./connectors/registry
    params: { endpoint: "${env.REGISTRY}" }
    breaker: { failures: 100, open: 100ms }
sequences:
  cases: { start: 700 }
topics:
  filed: { schema: {} }
  noticed: { schema: { type: object, required: [at, attempt], properties: { at: { type: string }, attempt: { type: integer } } } }
storage: { topics: %s }
`

const registryRoutes = `routes:
  file:
    http: POST /cases
    auth: none
    accept: async
    steps:
      - publish: filed
        event: { at: "${now()}" }
  now:
    http: POST /numbers
    auth: none
    steps:
      - set: { number: "${sequence(\"cases\")}" }
    respond: { body: { number: "${number}" } }
  work:
    topic: filed
    work: { attempts: 50, backoff: 50ms..100ms }
    steps:
      - set: { moment: "${now()}" }%s
      - publish: noticed
        key: same
        event: { at: "${moment}", attempt: "${message.attempt}" }
      - call: registry.register
        with: { number: "${sequence(\"cases\")}" }
  notice:
    topic: noticed
    work: { backoff: 50ms..100ms }
    steps:
      - call: registry.notice
        with: { id: "${message.id}" }
`

const registryConnector = `connector: registry
version: 1.0.0
params: { endpoint: { type: string } }
rest: { endpoint: "${param.endpoint}" }
operations:
  register: { put: "/cases/{number}", effect: idempotent, path: { number: { type: integer } }, answer: { type: object, properties: {} } }
  notice: { put: "/notices/{id}", effect: idempotent, path: { id: { type: string } }, answer: { type: object, properties: {} } }
`

// A message is worked on five times: the first ends with kill -9, and the project is changed before the second. What it
// does has the same identity each time: the system hears one number, and its event, whose data is another every time,
// is handled once. Others get other numbers, and higher ones after the restart.
func identityThroughAttempts(t *testing.T, topics string) {
	system := &registry{}
	backend := httptest.NewServer(system)
	t.Cleanup(backend.Close)
	dir := written(t, map[string]string{
		"fondaco.yaml": fmt.Sprintf(registryProject, topics), "routes/cases.yaml": fmt.Sprintf(registryRoutes, ""),
		"connectors/registry/connector.yaml": registryConnector,
	})
	p := startProcess(t, dir, "REGISTRY="+backend.URL)
	drawn := func(p *process, number string) {
		t.Helper()
		if status, body, _ := p.ask(http.MethodPost, "/numbers", ""); status != http.StatusOK || body != `{"number":`+number+`}` {
			t.Errorf("%d %s, expected the number %s", status, body, number)
		}
	}
	drawn(p, "700")
	killed := make(chan struct{})
	system.kill = sync.OnceFunc(func() {
		for end := time.Now().Add(2 * time.Minute); p.handled("notice") == 0 && time.Now().Before(end); {
			time.Sleep(10 * time.Millisecond)
		}
		_ = p.cmd.Process.Kill()
		close(killed)
	})
	if status, body, _ := p.ask(http.MethodPost, "/cases", ""); status != http.StatusAccepted {
		t.Fatalf("%d %s", status, body)
	}
	<-killed
	_ = p.cmd.Wait()
	changed := fmt.Sprintf(registryRoutes, "\n      - set: { more: \"${moment}\" }\n      - publish: filed\n        when: message.attempt "+
		"< 0\n        event: { at: \"${more}\" }")
	if err := os.WriteFile(filepath.Join(dir, "routes/cases.yaml"), []byte(changed), 0o600); err != nil {
		t.Fatal(err)
	}
	again := startProcess(t, dir, "REGISTRY="+backend.URL)
	drawn(again, "702")
	eventually(t, func() string {
		if n := again.handled("notice"); n < registryAttempts-1 {
			numbers, notices := system.seen()
			return fmt.Sprintf("registered under %q, handled %d events: %q", numbers, n, notices)
		}
		return ""
	})
	numbers, notices := system.seen()
	if !slices.Equal(slices.Compact(slices.Clone(numbers)), []string{"701"}) {
		t.Errorf("registered under %q", numbers)
	}
	if len(notices) != 1 {
		t.Errorf("the event was handled as %q", notices)
	}
	drawn(again, "703")
}

// handled counts the messages that a route has done with, those that it knew included.
func (p *process) handled(route string) (n int) {
	p.t.Helper()
	_, body, _ := p.ask(http.MethodGet, p.console+"/metrics", "")
	for _, m := range regexp.MustCompile(`(?m)^fondaco_messages_total\{outcome="(?:done|repeated)",route="`+route+`"\} (\d+)`).
		FindAllStringSubmatch(body, -1) {
		one, err := strconv.Atoi(m[1])
		if err != nil {
			p.t.Error(err)
		}
		n += one
	}
	return n
}

func TestIdentityThroughAttempts(t *testing.T) {
	t.Parallel()
	t.Run("embedded", func(t *testing.T) { identityThroughAttempts(t, "embedded") })
	t.Run("kafka", func(t *testing.T) {
		n := kafkatest.New(t)
		identityThroughAttempts(t, fmt.Sprintf("%q", "kafka://"+n.Addr+"?instance=a&session=6s"))
	})
}
