package main

import (
	"fmt"
	"maps"
	"net/http"
	"strings"
	"testing"

	"fondaco/messaging/watermill/nats/natstest"
)

// TestNATSAway: without NATS a process starts and goes on; what needs no topic is served, accepted is nothing, readiness warns, and all is
// well again by itself when NATS comes. Its account is that of the topics.
func TestNATSAway(t *testing.T) {
	t.Parallel()
	n := natstest.Away(t)
	system, at := newDues(t)
	dir := written(t, kafkaProject())
	p := startProcess(t, dir, "DUES="+at.URL, "FONDACO_SECRET_DUES=k", "TOPICS=nats://"+n.Addr+"?ack_wait=2s")
	away, there := brokerDays(t, p, system)
	away("before NATS was there")
	n.Start()
	there("NATS has come")
	n.Kill()
	away("NATS has gone")
	n.Start()
	there("NATS is back")
	eventually(t, func() string {
		if r := p.rows(dir)["pay"]; r.Accepted != 2 || r.Done != 2 || r.InFlight != 0 || r.State != "working" {
			return fmt.Sprintf("the account is %+v", r)
		}
		return ""
	})
}

// TestNATSKilledEngine: a process is killed again and again amid requests on NATS; all that it accepted is done.
func TestNATSKilledEngine(t *testing.T) {
	t.Parallel()
	n := natstest.New(t)
	system, at := newDues(t)
	dir := written(t, kafkaProject())
	begin := func() *process {
		return startProcess(t, dir, "DUES="+at.URL, "FONDACO_SECRET_DUES=k", "TOPICS=nats://"+n.Addr+"?ack_wait=1s")
	}
	var accepted []string
	const each = 20
	p := begin()
	for kill := range 3 {
		for i := range each {
			number := fmt.Sprint(2000 + kill*each + i)
			eventually(t, func() string {
				if code, body, _ := p.ask(http.MethodPost, "/payments", `{"number":`+number+`}`); code != 202 {
					return fmt.Sprintf("an asynchronous route returns %d %s", code, body)
				}
				return ""
			})
			accepted = append(accepted, number)
		}
		p.kill()
		p = begin()
	}
	for _, number := range accepted {
		eventually(t, func() string {
			system.mu.Lock()
			defer system.mu.Unlock()
			if system.paid[number] == 0 {
				return number + " was accepted and is not done"
			}
			return ""
		})
	}
}

// TestUnkeptPromises: what a project needs of its topics and NATS does not promise is a problem with its place, and none on Kafka.
func TestUnkeptPromises(t *testing.T) {
	t.Parallel()
	files := maps.Clone(kafkaProject())
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "${env.TOPICS}", "nats://nats-1:4222", 1) +
		"topics:\n  ship.paid: { schema: { type: object, properties: {} } }\n" +
		"  ship.raw: { format: json, schema: { type: object, properties: {} } }\n"
	files["routes/paid.yaml"] = `routes:
  paid:
    topic: ship.paid
    steps:
      - publish: ship.raw
        event: {}
        key: ${message.id}
        after: 1m
`
	code, out, problems := command(t, written(t, files), "check")
	if code == exitOK {
		t.Fatalf("no problem: %s", out)
	}
	for _, want := range []string{
		"routes/paid.yaml:7:14", "key: storage.topics is on NATS, which keeps no order by key",
		"routes/paid.yaml:5:9", "after: storage.topics is on NATS, which keeps no due times",
		`topics on NATS are CloudEvents alone: "ship.raw" has format: json`,
	} {
		if !strings.Contains(problems+out, want) {
			t.Errorf("%q is not among\n%s%s", want, out, problems)
		}
	}
	files["fondaco.yaml"] = strings.Replace(files["fondaco.yaml"], "nats://nats-1:4222", "kafka://kafka-1:9092", 1)
	if code, out, problems := command(t, written(t, files), "check"); strings.Contains(out+problems, "storage.topics is on") {
		t.Errorf("on Kafka: %d %s%s", code, out, problems)
	}
}
