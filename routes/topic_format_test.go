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

const plainProject = `project: prova
title: Prova
topics:
  pagamenti:
    name: pagopa.ricevute
    format: json
    type: it.prova.ricevuta
    id: ${data.ente.codice}/${data.iuv}
    key: ${data.ente.gruppo}
    schema:
      type: object
      required: [iuv, ente]
      properties:
        iuv: { type: string }
        importo: { type: number }
        ente: { type: object, required: [codice], properties: { codice: { type: string }, gruppo: { type: string } } }
  intestati: { format: json, id: "${headers[\"x-id\"]}", schema: { type: object, properties: { n: { type: integer } } } }
  divisi: { format: json, id: "${text(10 / data.n)}", schema: { type: object, required: [n], properties: { n: { type: integer } } } }
  interi: { format: json, id: "${data.n}", key: fisso, schema: { type: object, properties: { n: { type: integer } } } }
  citati: { format: json, id: "cf-${data.cf}", key: "${data.cf}", schema: { type: object, required: [cf], properties: { cf: { type: string, personal: true } } } }
  nudi: { format: json, schema: { type: object } }
`

const plainRoutes = `routes:
  cita: { topic: citati, steps: [ { set: { cf: "${message.data.cf}" } } ] }
  incassa: { topic: pagamenti, steps: [ { set: { iuv: "${message.data.iuv}" } } ] }
  paga:
    http: POST /pagamenti
    auth: none
    body: { type: object, required: [iuv], properties: { iuv: { type: string } } }
    steps:
      - publish: pagamenti
        event: { iuv: "${body.iuv}", importo: 1.50, ente: { codice: c1, gruppo: g } }
      - publish: interi
        event: { n: "${len(body.iuv) > 3 ? nil : 7}" }
    respond: { status: 202 }
`

func plainTyped(t *testing.T) *routes.Typed {
	t.Helper()
	var out diag.List
	fsys := fstest.MapFS{"fondaco.yaml": {Data: []byte(plainProject)}, "routes/pagamenti.yaml": {Data: []byte(plainRoutes)}}
	typed := routes.Check(routes.Load(config.Source{FS: fsys}, connectors.Registry{}, &out), &out)
	for _, p := range out.Sorted() {
		t.Fatalf("%s: %s %s", p.Pos, p.Message, p.Hint)
	}
	return typed
}

// TestPlainRecords: id and key of a record of others, or why it is no good message.
func TestPlainRecords(t *testing.T) {
	typed := plainTyped(t)
	place := messaging.Place{Log: "log", Partition: 3, Offset: 14}
	id := func(values ...string) (hs []messaging.Attribute) {
		for _, v := range values {
			hs = append(hs, messaging.Attribute{Name: "x-id", Value: v})
		}
		return hs
	}
	for _, c := range []struct {
		topic, body, id, key string
		headers              []messaging.Attribute
		flaw                 string // its beginning, "" for none
	}{
		{topic: "pagamenti", body: `{"iuv":"01","ente":{"codice":"c1","gruppo":"g"},"altro":{}}`, id: "c1/01", key: "g"},
		{topic: "pagamenti", body: ` {"ente":{"codice":"c1"},"iuv":"01"} `, id: "c1/01"},
		// the route's to refuse
		{topic: "pagamenti", body: `{"iuv":"01","importo":"molto","ente":{"codice":"c1","gruppo":"g"}}`, id: "c1/01", key: "g"},
		{
			topic: "pagamenti", body: `{"iuv":"01"}`, key: "record",
			flaw: "schema: the data does not fit the topic's schema: /ente: expected a record, found nothing",
		},
		{topic: "pagamenti", body: `{"iuv":"segreto`, key: "record", flaw: "schema: the data is not JSON that can be read"},
		{topic: "pagamenti", body: ``, key: "record", flaw: "schema: "},
		{topic: "pagamenti", body: `null`, key: "record", flaw: "schema: "},
		{
			topic: "pagamenti", body: "{\"iuv\":\"0\\n1\",\"ente\":{\"codice\":\"c1\"}}", key: "record",
			flaw: "bad-attribute: id: it holds control characters",
		},
		{
			topic: "pagamenti", body: `{"iuv":"` + strings.Repeat("x", 2000) + `","ente":{"codice":"c1"}}`, key: "record",
			flaw: "bad-attribute: id: it has 2003 bytes",
		},
		{topic: "intestati", body: `{}`, headers: id("7"), id: "7", key: "record"},
		{topic: "intestati", body: `{}`, headers: id("7", "8"), id: "8", key: "record"}, // the last counts
		{topic: "intestati", body: `{}`, headers: id("\xff\x00"), id: "/wA=", key: "record"},
		{topic: "intestati", body: `{}`, key: "record", flaw: "bad-attribute: id: what the topic says under id is absent or empty here"},
		{topic: "intestati", body: `{}`, headers: id(""), key: "record", flaw: "bad-attribute: id: "},
		{topic: "intestati", body: `no`, headers: id("7"), key: "record", flaw: "schema: "},
		{topic: "divisi", body: `{"n":5}`, id: "2", key: "record"},
		{topic: "divisi", body: `{"n":0}`, key: "record", flaw: "bad-attribute: id: it cannot be computed: fondaco.yaml:"},
		{topic: "interi", body: `{"n":7}`, id: "7", key: "fisso"},
		{topic: "interi", body: `{"n":null}`, key: "record", flaw: "schema: "},
		{topic: "interi", body: `{}`, key: "record", flaw: "bad-attribute: id: "},
		// of cf-RSSMRA80A01L736U
		{topic: "citati", body: `{"cf":"RSSMRA80A01L736U"}`, id: "fae65c58bd59d3eb526ed5afa3aa0101", key: "RSSMRA80A01L736U"},
		{topic: "nudi", body: `anything`, id: "log/3/14", key: "record"},
	} {
		plain := typed.Plain(typed.Model.Topic(c.topic))
		body := []byte(c.body)
		m, flaw := plain.Message(messaging.PlainRecord{Headers: c.headers, Key: "record", Body: body, Arrived: time.Now(), Place: place})
		clear(body) // nothing of the message is the body's memory
		if m.ID != c.id || m.Key != c.key || m.Source != "/topics/"+typed.Model.Topic(c.topic).Kept() {
			t.Errorf("%s %.40s: found the id %q and the key %q of %s, expected %q and %q", c.topic, c.body, m.ID, m.Key, m.Source, c.id, c.key)
		}
		switch {
		case c.flaw == "" && flaw != nil:
			t.Errorf("%s %.40s: found the flaw %v", c.topic, c.body, flaw)
		case c.flaw != "" && (flaw == nil || !strings.HasPrefix(flaw.Error(), c.flaw) || strings.Contains(flaw.Error(), "segreto")):
			t.Errorf("%s %.40s: found the flaw %v, expected %s", c.topic, c.body, flaw, c.flaw)
		}
	}
}

// TestPlainPersonalKey: a key that is computed of personal data is known as that wherever the topic is read.
func TestPlainPersonalKey(t *testing.T) {
	found := map[string]bool{}
	for _, c := range routes.Compile(plainTyped(t)).Consumers {
		found[c.ID] = c.PersonalKey
	}
	if !found["cita"] || found["incassa"] {
		t.Errorf("personal keys: %v", found)
	}
}

// TestPlainPublished: what a route publishes has the id and the key that readers compute, on embedded topics as well, and
// what would have no id is not published.
func TestPlainPublished(t *testing.T) {
	broker, err := embedded.Open(t.Context(), filepath.Join(t.TempDir(), "topics.db"), embedded.Options{Project: "prova"})
	if err != nil {
		t.Fatal(err)
	}
	defer broker.Close()
	p := routes.Compile(plainTyped(t))
	if err := p.Start(t.Context(), routes.Deps{Topics: onTopics{broker}}); err != nil {
		t.Fatal(err)
	}
	defer p.Close(context.Background())
	s, err := broker.Subscriber("prova", messaging.Options{})
	if err != nil {
		t.Fatal(err)
	}
	defer s.Close()
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	send := func(iuv string) (*trigger.Response, error) {
		return p.Route("paga").Serve(ctx, &trigger.Request{
			Header: map[string][]string{"Content-Type": {"application/json"}},
			Body:   []byte(`{"iuv":"` + iuv + `"}`),
		})
	}
	if res, err := send("01"); err != nil || res.Status != 202 {
		t.Fatal(res, err)
	}
	for topic, want := range map[string][3]string{
		"pagopa.ricevute": {"c1/01", "g", "/topics/pagopa.ricevute"},
		"interi":          {"7", "fisso", "/topics/interi"},
	} {
		in, err := s.Subscribe(ctx, topic)
		if err != nil {
			t.Fatal(err)
		}
		e, open := <-in
		if !open {
			t.Fatalf("nothing came on %s", topic)
		}
		m, flaw := messaging.Received(e)
		if e.Ack(); flaw != nil || [3]string{m.ID, m.Key, m.Source} != want {
			t.Errorf("%s: found %+v %v, expected %q", topic, m, flaw, want)
		}
	}
	var problem *trigger.Problem
	if _, err := send("lungo"); !errors.As(err, &problem) || problem.Status >= 500 && problem.Status != 502 {
		t.Errorf("an event without an id: %v", err)
	}
}
