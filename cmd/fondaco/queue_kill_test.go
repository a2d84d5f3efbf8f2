package main

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"

	"fondaco/connectors/queue/queuetest"
)

// queueConnector is the connector of a broker on which messages are put, and from which they are received.
const queueConnector = `connector: sensori
version: 1.0.0
params: { endpoint: { type: string } }
queue:
  address: "${param.endpoint}"
  client_id: uccisa
operations:
  metti:
    publish: misure/{chi}
    content: json
    schema: { type: object, required: [numero], properties: { numero: { type: integer } } }
watches:
  misure:
    topic: misure/{chi}
    content: json
    schema: { type: object, required: [numero], properties: { numero: { type: integer } } }
    id: [chi, payload.numero]
    key: chi
    prefetch: 20
    every: 200ms
    personal: [chi, topic]
`

// TestQueueKilled: messages are received while the process is killed: each has its effect, in the order of its key.
func TestQueueKilled(t *testing.T) {
	count := inLong(4_000, 600)
	broker := queuetest.Mosquitto(t)
	seen := &effects{known: map[string]bool{}, order: map[string][]int{}}
	system := httptest.NewServer(seen)
	defer system.Close()
	dir := written(t, map[string]string{
		"fondaco.yaml": strings.Replace(officeProject["fondaco.yaml"], "systems:\n",
			"systems:\n  sensori: { connector: ./connectors/sensori, params: { endpoint: \""+broker.Address+"\" } }\n", 1),
		"connectors/archive/connector.yaml": watchedOffice["connectors/archive/connector.yaml"],
		"connectors/sensori/connector.yaml": queueConnector,
		"routes/queue.yaml": `routes:
  misura:
    queue: sensori.misure
    work: { workers: 4, backoff: 10ms..50ms }
    steps:
      - call: archive.file
        with: { table: righe, key: "${message.data.chi}", number: "${message.data.payload.numero}" }
`,
	})
	s := queuetest.System(t, broker.Address, queueConnector)
	watch := queuetest.Watching(t, s, "misure") // what is published before the subscription is nobody's
	if _, err := watch.Poll(t.Context(), ""); err != nil {
		t.Fatal(err)
	}
	if err := watch.Close(); err != nil {
		t.Fatal(err)
	}

	env := []string{"ARCHIVE=" + system.URL}
	p := startProcess(t, dir, env...)
	put := queuetest.Calling(t, s, queuetest.Opened(t, s), "metti")
	published := make(chan error, 1)
	go func() {
		for n := range count {
			if _, err := put(t.Context(), fmt.Sprintf(`{"chi":"chiave-%d","numero":%d}`, n%7, n)); err != nil {
				published <- err
				return
			}
		}
		published <- nil
	}()
	for range inLong(5, 2) {
		from := seen.count()
		eventually(t, func() string {
			if now := seen.count(); now < min(from+1, count) {
				return fmt.Sprintf("%d effects more\n%s", now-from, p.log.String())
			}
			return ""
		})
		if err := p.cmd.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		_ = p.cmd.Wait()
		p = startProcess(t, dir, env...)
	}
	if err := <-published; err != nil {
		t.Fatal(err)
	}
	for seen.count() < count { // however slow the machine is
		from := seen.count()
		eventually(t, func() string {
			if now := seen.count(); now < min(from+200, count) {
				return fmt.Sprintf("%d effects of %d messages\n%s", now, count, p.log.String())
			}
			return ""
		})
	}
	seen.mu.Lock()
	defer seen.mu.Unlock()
	if len(seen.known) != count {
		t.Errorf("%d effects of %d messages", len(seen.known), count)
	}
	for key, order := range seen.order {
		for i := 1; i < len(order); i++ {
			if order[i] < order[i-1] {
				t.Errorf("%s: %d came after %d", key, order[i], order[i-1])
			}
		}
	}
	if text := p.log.String(); strings.Contains(text, "chiave-") {
		t.Error("the log contains a value of a message")
	}
}
