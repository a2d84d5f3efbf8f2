package main

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"fondaco/messaging/kafka/kafkatest"
)

// kafkaProject is the port's, with its topics on Kafka.
func kafkaProject() map[string]string {
	files := maps.Clone(portProject)
	files["fondaco.yaml"] = files["fondaco.yaml"][:strings.Index(files["fondaco.yaml"], "storage:")] +
		"storage: { topics: \"${env.TOPICS}\" }\n"
	return files
}

// TestKafkaAway: without Kafka a process starts and goes on; what needs no topic is served, accepted is nothing, readiness
// warns, and all is well again by itself when Kafka comes.
func TestKafkaAway(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	n.Kill()
	system, at := newDues(t)
	p := startProcess(t, written(t, kafkaProject()), "DUES="+at.URL, "FONDACO_SECRET_DUES=k", "TOPICS=kafka://"+n.Addr+
		"?instance=one&session=3s")
	away, there := brokerDays(t, p, system)
	away("before Kafka was there")
	n.Start()
	there("Kafka has come")
	n.Kill()
	away("Kafka has gone")
	n.Start()
	there("Kafka is back")
}

// TestNamesOnKafka: check and the AsyncAPI document name topics and groups as the cluster does.
func TestNamesOnKafka(t *testing.T) {
	t.Parallel()
	files := kafkaProject()
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "${env.TOPICS}", "kafka://kafka-1:9092", 1) +
		"topics: { ship.paid: { schema: { type: object, properties: {} } } }\n"
	files["routes/paid.yaml"] = "routes:\n  paid:\n    topic: ship.paid\n    steps: [ { call: dues.pay, with: { number: 1 } } ]\n"
	dir := written(t, files)
	code, out, problems := command(t, dir, "check")
	if code != exitOK {
		t.Fatalf("%d %s%s", code, out, problems)
	}
	for _, line := range []string{"fondaco.port.pay fondaco.port.pay.work pay", "ship.paid fondaco.port.paid paid"} {
		if !strings.Contains(strings.Join(strings.Fields(out), " "), line) {
			t.Errorf("check does not say %q:\n%s", line, out)
		}
	}
	code, out, problems = command(t, dir, "asyncapi")
	if code != exitOK || !strings.Contains(out, `"fondaco.port.paid"`) || !strings.Contains(out, `"address": "ship.paid"`) &&
		!strings.Contains(out, `"address":"ship.paid"`) {
		t.Errorf("asyncapi: %d %s%s", code, out, problems)
	}
}

// TestKeyOnTwoNodes: a request that is sent again to another process, under its Idempotency-Key, as a client does whose
// node was killed, has the operation that it had and is done once. Each process has a state of its own.
func TestKeyOnTwoNodes(t *testing.T) {
	t.Parallel()
	n := kafkatest.New(t)
	system, at := newDues(t)
	var nodes []*process
	for i := range 2 {
		nodes = append(nodes, startProcess(t, written(t, kafkaProject()), "DUES="+at.URL, "FONDACO_SECRET_DUES=k",
			fmt.Sprintf("TOPICS=kafka://%s?instance=%d&session=30s", n.Addr, i)))
	}
	// Until both are members of the group, and while one is taken for gone, work may pass from one to the other, whose state is another.
	sent := 0
	eventually(t, func() string {
		if nodes[0].handled("pay") > 0 && nodes[1].handled("pay") > 0 {
			return ""
		}
		code, body, _ := nodes[0].ask(http.MethodPost, "/payments", fmt.Sprintf(`{"number":%d}`, 3000+sent))
		if code == http.StatusAccepted {
			sent++
		}
		return fmt.Sprintf("not both nodes work on %d payments: %d %s", sent, code, body)
	})
	eventually(t, func() string {
		if done := nodes[0].handled("pay") + nodes[1].handled("pay"); done < sent {
			return fmt.Sprintf("%d of %d payments are handled", done, sent)
		}
		return ""
	})
	warm := nodes[0].handled("pay") + nodes[1].handled("pay")
	const many = 20
	for i := range many {
		key, places := fmt.Sprintf("0123456789abcdef-%d", i), map[string]bool{}
		for _, p := range nodes {
			eventually(t, func() string {
				code, body, header := p.ask(http.MethodPost, "/payments", fmt.Sprintf(`{"number":%d}`, 2000+i), "Idempotency-Key", key)
				places[header.Get("Location")] = true
				if code != http.StatusAccepted {
					return fmt.Sprintf("POST returns %d %s", code, body)
				}
				return ""
			})
		}
		if delete(places, ""); len(places) != 1 {
			t.Fatalf("one request has the operations %v", slices.Collect(maps.Keys(places)))
		}
	}
	eventually(t, func() string { // each copy counts: as done, or as repeated
		if n := nodes[0].handled("pay") + nodes[1].handled("pay"); n < warm+2*many {
			return fmt.Sprintf("%d messages were handled, expected %d", n, warm+2*many)
		}
		return ""
	})
	system.mu.Lock()
	defer system.mu.Unlock()
	for i := range many {
		if times := system.paid[fmt.Sprint(2000+i)]; times != 1 {
			t.Errorf("%d was paid %d times", 2000+i, times)
		}
	}
}
