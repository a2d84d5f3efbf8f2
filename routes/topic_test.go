package routes_test

import (
	"context"
	"errors"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/messaging"
	"fondaco/messaging/embedded"
	"fondaco/routes"
	"fondaco/routes/trigger"
)

const topicProject = `project: prova
title: Prova
topics:
  pratiche:
    type: it.prova.pratica
    schema: { type: object, required: [id, importo], properties: { id: { type: string }, importo: { type: number } } }
  esiti:
    schema: { type: object, required: [di, esito], properties: { di: { type: string }, esito: { type: string } } }
`

const topicRoutes = `routes:
  nuova:
    http: POST /pratiche
    auth: none
    body: { type: object, required: [id, importo], properties: { id: { type: string }, importo: { type: number } } }
    steps:
      - publish: pratiche
        key: ${body.id}
        subject: pratica ${body.id}
        event: { id: "${body.id}", importo: "${body.importo}" }
    respond: { status: 202 }
  lavora:
    topic: pratiche
    work: { group: ufficio, workers: 4, attempts: 3, backoff: 10ms..50ms }
    steps:
      - fail: { status: 422, title: Importo negativo }
        when: message.data.importo < 0
      - publish: esiti
        key: ${message.key}
        event: { di: "${message.data.id}", esito: "importo ${message.data.importo}" }
`

// onTopics publishes to a broker.
type onTopics struct{ messaging.Broker }

func (t onTopics) Publish(ctx context.Context, topic string, m messaging.Message) error {
	return messaging.Publish(ctx, t.Broker, topic, m)
}

// TestTopics: what a request publishes is durable with its key and type, a route works on it, what it publishes has the
// same id however often it is worked on, and what is refused is no message to try again.
func TestTopics(t *testing.T) {
	var out diag.List
	fsys := fstest.MapFS{"fondaco.yaml": {Data: []byte(topicProject)}, "routes/pratiche.yaml": {Data: []byte(topicRoutes)}}
	m := routes.Load(config.Source{FS: fsys}, connectors.Registry{}, &out)
	typed := routes.Check(m, &out)
	for _, p := range out.Sorted() {
		t.Errorf("%s: %s %s", p.Pos, p.Message, p.Hint)
	}
	if t.Failed() {
		return
	}
	broker, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "topics.db"), embedded.Options{Project: "prova"})
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	p := routes.Compile(typed)
	if err := p.Start(t.Context(), routes.Deps{Topics: onTopics{broker}}); err != nil {
		t.Fatal(err)
	}
	defer p.Close(context.Background())
	if len(p.Consumers) != 1 || p.Consumers[0].Group != "ufficio" || p.Consumers[0].Workers != 4 || p.Consumers[0].Backoff.Attempts != 3 {
		t.Fatalf("got %+v", p.Consumers)
	}
	read := func(topic string) messaging.Message {
		t.Helper()
		s, err := broker.Subscriber("prova", messaging.Options{})
		if err != nil {
			t.Fatal(err)
		}
		defer s.Close()
		ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
		defer cancel()
		in, err := s.Subscribe(ctx, topic)
		if err != nil {
			t.Fatal(err)
		}
		e, ok := <-in
		if !ok {
			t.Fatalf("nothing came on %s", topic)
		}
		got, flaw := messaging.Received(e)
		if flaw != nil {
			t.Fatal(flaw)
		}
		e.Ack()
		return got
	}
	res, err := p.Route("nuova").Serve(t.Context(), &trigger.Request{
		Header: map[string][]string{"Content-Type": {"application/json"}},
		Body:   []byte(`{"id":"P1","importo":12.50}`),
	})
	if err != nil || res.Status != 202 {
		t.Fatal(res, err)
	}
	first := read("pratiche")
	if first.Type != "it.prova.pratica" || first.Key != "P1" || first.Subject != "pratica P1" || first.Source != "/fondaco/prova/nuova" ||
		string(first.Body) != `{"id":"P1","importo":12.50}` || len(first.ID) != 32 {
		t.Errorf("got %+v", first)
	}
	first.Attempt = 1
	if err := p.Consumers[0].Handle(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	once := read("esiti")
	if err := p.Consumers[0].Handle(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	again := read("esiti")
	if string(once.Body) != `{"di":"P1","esito":"importo 12.50"}` || once.ID != again.ID || once.Type != "esiti" {
		t.Errorf("got %s %s and %s", once.Body, once.ID, again.ID)
	}
	for body, want := range map[string]string{
		`{"id":"P1","importo":-1}`:         "refused: ",
		`{"id":"P1"}`:                      "schema: the data does not fit the topic's schema: /importo: expected a decimal, found nothing",
		`{"id":"segreto","importo":"mia"}`: "schema: the data does not fit the topic's schema: /importo: expected a decimal, found text",
		`non è json`:                       "schema: the data is not JSON that can be read",
	} {
		bad := first
		bad.Body = []byte(body)
		err := p.Consumers[0].Handle(t.Context(), bad)
		var dead *messaging.Dead
		if !errors.As(err, &dead) || !strings.HasPrefix(dead.Error(), want) || strings.Contains(dead.Error(), "segreto") {
			t.Errorf("%s: got %v, expected %s", body, err, want)
		}
	}
	broker.Close()
	_, err = p.Route("nuova").Serve(t.Context(), &trigger.Request{
		Header: map[string][]string{"Content-Type": {"application/json"}},
		Body:   []byte(`{"id":"P1","importo":1}`),
	})
	var problem *trigger.Problem
	if !errors.As(err, &problem) || problem.Status != 503 {
		t.Errorf("with the topics closed: got %v", err)
	}
}
