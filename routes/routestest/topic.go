package routestest

import (
	"context"
	"errors"
	"net/http"
	"sync"
	"time"

	"fondaco/config"
	"fondaco/connectors"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// publications are what a test's exchanges published: a topic of the runner's, for tests to look at.
type publications struct {
	mu   sync.Mutex
	list []schema.Value
}

// Publish notes a message.
func (p *publications) Publish(_ context.Context, topic string, m messaging.Message) error {
	if err := m.Check(0); err != nil {
		return err
	}
	event, err := codec.CompileJSON(schema.TypeAny, codec.JSONOptions{}).Decode(m.Body)
	if err != nil {
		return err
	}
	x := &schema.Map{Keys: []string{"topic"}, Values: []schema.Value{schema.Text(topic)}}
	if m.Key != "" {
		x.Keys, x.Values = append(x.Keys, "key"), append(x.Values, schema.Text(m.Key))
	}
	x.Keys, x.Values = append(x.Keys, "event"), append(x.Values, event)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.list = append(p.list, schema.MapOf(x))
	return nil
}

func (p *publications) compare(want *config.Node) string {
	p.mu.Lock()
	defer p.mu.Unlock()
	a := Answer{Status: http.StatusOK, Body: want}
	if failed := a.compare(http.StatusOK, nil, codec.AppendJSON(nil, schema.List(p.list)), nil); failed != "" {
		return "published: " + failed
	}
	return ""
}

// message gives a message to the routes that work on its topic.
func (t *Test) message(ctx context.Context, p *routes.Program) string {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	m := messaging.Message{
		ID: "test", Key: t.Request.Key, Type: t.Request.Topic, Source: "/test", Time: time.Now(), ContentType: "application/json", Attempt: 1,
		Body: codec.AppendJSON(nil, connectors.Plain(t.Request.Body)),
	}
	found := false
	for _, c := range p.Consumers {
		if c.Topic != t.Request.Topic {
			continue
		}
		found = true
		err := c.Handle(ctx, m)
		var dead *messaging.Dead
		switch {
		case errors.As(err, &dead):
			reason := schema.MapOf(&schema.Map{Keys: []string{"dead"}, Values: []schema.Value{schema.Text(string(dead.Reason))}})
			return t.Answer.compare(http.StatusUnprocessableEntity, nil, codec.AppendJSON(nil, reason), err)
		case err != nil:
			return t.Answer.compare(http.StatusServiceUnavailable, nil, nil, err)
		}
	}
	if !found {
		return "no route works on the topic " + t.Request.Topic
	}
	return t.Answer.compare(http.StatusOK, nil, nil, nil)
}
