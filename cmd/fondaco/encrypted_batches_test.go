package main

import (
	"fmt"
	"net/http"
	"regexp"
	"strings"
	"testing"

	"fondaco/messaging/kafka/kafkatest"
)

// sealedBatchRoutes gather events of citizens on a declared topic into batches of several persons.
const sealedBatchRoutes = `routes:
  file:
    http: POST /files
    auth: { scheme: citizen }
    body: { type: object, required: [number], properties: { number: { type: integer } } }
    steps:
      - publish: filed
        event: { number: "${body.number}" }
    respond: { status: 204 }
  digest:
    topic: filed
    collect: { count: 100, within: 1h, until: message.data.number == 99 }
    work: { attempts: 100, backoff: 20ms..100ms }
    steps:
      - call: archive.digest
        with: { numbers: { $for: m in messages, $item: "${m.data.number}" } }
`

// TestEncryptedBatches: of a citizen who is erased nothing is read in a batch of several persons any more, whether it waits on Kafka for a
// system that is down or is a dead letter; the others' messages in it are worked on.
func TestEncryptedBatches(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	system := &digests{}
	c := sealedCityOf(t, n, system, func(files map[string]string) {
		files["routes/files.yaml"] = sealedBatchRoutes
		files["connectors/archive/connector.yaml"] += `  digest:
    post: /digests
    effect: idempotent
    body: { type: object, required: [numbers], properties: { numbers: { type: array, items: { type: integer } } } }
    answer: { type: object, properties: {} }
`
	})
	c.start(`"${secret.storage_2026}"`)
	batches := 0
	// batch gathers a batch, and waits until it is a message on Kafka.
	batch := func(first int) {
		t.Helper()
		for i, citizen := range []string{rosaCode, biceCode, rosaCode} {
			c.files(i%2, citizen, first+i)
		}
		for citizen, want := range map[string]int{rosaCode: 2, biceCode: 1} { // messages without a key have no order
			eventually(t, func() string {
				code, out, problems := c.says(citizen, "privacy", "export", "--subject", "-", "--why", "a test", "--console", c.nodes[0].console)
				if found := strings.Count(out, `"kind": "collected"`); code != exitOK || found != want {
					return fmt.Sprintf("%d of %s are gathered, expected %d: %s%s", found, citizen, want, out, problems)
				}
				return ""
			})
		}
		c.files(1, biceCode, 99)
		batches++
		eventually(t, func() string {
			out := done(t, c.dirs[0], "topics", "--console", c.nodes[0].console)
			if !regexp.MustCompile(fmt.Sprintf(`digest +fondaco\.digest +fondaco +%d `, batches)).MatchString(out) {
				return out
			}
			return ""
		})
	}
	worked := func(want string) {
		t.Helper()
		eventually(t, func() string {
			if n, numbers := system.all(); fmt.Sprint(n, numbers) != want {
				return fmt.Sprintf("%d batches of %v were worked on, expected %s", n, numbers, want)
			}
			return ""
		})
	}
	is := func(down bool) {
		system.mu.Lock()
		defer system.mu.Unlock()
		system.down = down
	}
	is(true)
	batch(1)
	if code, said := c.erases(rosaCode); code != exitOK || !regexp.MustCompile(`[1-9] data keys of messages on Kafka`).MatchString(said) ||
		strings.Contains(said, "batches of a route") {
		t.Errorf("the erasure says %d %s", code, said)
	}
	is(false)
	worked("1 [2 99]")

	batch(13) // which the system refuses
	eventually(t, func() string {
		if out := done(t, c.dirs[0], "dead", "list", "--console", c.nodes[0].console); !strings.Contains(out, "digest") {
			return out
		}
		return ""
	})
	if code, said := c.erases(rosaCode); code != exitOK || !strings.Contains(said, "1 batches of several persons") {
		t.Errorf("the erasure says %d %s", code, said)
	}
	if code, out, problems := c.says("", "dead", "replay", "--route", "digest", "--yes", "--console", c.nodes[0].console); code != exitOK {
		t.Fatal(code, out, problems)
	}
	worked("2 [2 14 99 99]")
}

// files has a node publish an event of a citizen.
func (c *sealedCity) files(node int, citizen string, number int) {
	c.Helper()
	token := "Bearer " + c.login.token(c.T, map[string]any{"cf": "TINIT-" + citizen, "sub": "s-" + citizen})
	eventually(c.T, func() string {
		code, body, _ := c.nodes[node].ask(http.MethodPost, "/files", fmt.Sprintf(`{"number":%d}`, number), "Authorization", token)
		if code != http.StatusNoContent {
			return fmt.Sprintf("POST returns %d %s", code, body)
		}
		return ""
	})
}
