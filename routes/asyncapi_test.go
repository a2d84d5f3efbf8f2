package routes_test

import (
	"encoding/json"
	"slices"
	"testing"
	"testing/fstest"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/messaging"
	"fondaco/openapi"
	"fondaco/openapi/asyncapi"
	"fondaco/routes"
)

// TestEvents: each topic once with its type, each route once for a topic, whoever runs it; nothing of the engine's own.
func TestEvents(t *testing.T) {
	var out diag.List
	src := config.Source{FS: fstest.MapFS{
		"fondaco.yaml": {Data: []byte(topicProject)},
		"routes/altre.yaml": {Data: []byte(`routes:
  dopo:
    http: POST /dopo
    auth: none
    accept: async
    tag: Dopo
    steps:
      - publish: esiti
        event: { di: a, esito: b }
      - publish: esiti
        event: { di: c, esito: d }
      - route: interna
  interna:
    steps:
      - publish: esiti
        event: { di: e, esito: f }
`)},
		"routes/pratiche.yaml": {Data: []byte(topicRoutes)},
	}}
	typed := routes.Check(routes.Load(src, connectors.Registry{}, &out), &out)
	if out.Failed() {
		t.Fatal(out.Sorted())
	}
	channels, operations := typed.Events()
	var told []string
	for _, c := range channels {
		told = append(told, c.Topic+" "+c.Event)
	}
	for _, o := range operations {
		told = append(told, o.Route+" "+string(o.Action)+" "+o.Topic+" "+o.Source+o.Group+o.Tag)
	}
	want := []string{
		"pratiche it.prova.pratica", "esiti esiti",
		"dopo send esiti /fondaco/prova/dopoDopo", "interna send esiti /fondaco/prova/interna",
		"nuova send pratiche /fondaco/prova/nuova", "lavora send esiti /fondaco/prova/lavora", "lavora receive pratiche ufficio",
	}
	if !slices.Equal(told, want) {
		t.Errorf("found\n%q\nexpected\n%q", told, want)
	}
}

// TestEventHeaders: the headers that the document states are those that messages have, all of them.
func TestEventHeaders(t *testing.T) {
	doc, err := asyncapi.Write(asyncapi.Document{Info: openapi.Info{Title: "t"}, Channels: []asyncapi.Channel{{Topic: "t", Event: "t"}}})
	if err != nil {
		t.Fatal(err)
	}
	var read struct {
		Components struct {
			Schemas map[string]struct {
				Required   []string
				Properties map[string]any
			}
		}
	}
	if err := json.Unmarshal(doc, &read); err != nil {
		t.Fatal(err)
	}
	headers := read.Components.Schemas["CloudEventHeaders"]
	full := messaging.Message{
		ID: "1", Key: "k", Type: "t", Source: "/s", Subject: "s", Time: time.Now(), ContentType: "application/json",
		Extensions: []messaging.Attribute{{Name: "traceparent", Value: "00-x-y-01"}},
	}
	var names []string
	for _, h := range full.Headers() {
		names = append(names, h.Name)
		if headers.Properties[h.Name] == nil {
			t.Errorf("the header %s is not told", h.Name)
		}
	}
	if len(names) != len(headers.Properties) {
		t.Errorf("messages have %q, told are %v", names, headers.Properties)
	}
	var least []messaging.Attribute
	for _, name := range headers.Required {
		least = append(least, messaging.Attribute{Name: name, Value: "1.0"})
	}
	if _, flaw := messaging.Read(least, nil, time.Now()); flaw != nil {
		t.Errorf("what is told to suffice is %v", flaw)
	}
	for i := range least {
		if _, flaw := messaging.Read(slices.Delete(slices.Clone(least), i, i+1), nil, time.Now()); flaw == nil {
			t.Errorf("%s is told to be needed, and is not", least[i].Name)
		}
	}
}
