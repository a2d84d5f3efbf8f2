package routestest

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"sync"
	"time"

	"fondaco/config"
	"fondaco/connectors/simulate"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// publications are what a test's exchanges published: a topic of the runner's, for tests to look at.
type publications struct {
	mu   sync.Mutex
	ids  bool              // they are looked at too
	now  map[string]string // present names of topics, by those they are kept under
	list []schema.Value
}

// named reports whether a test says of any event which id it has.
func named(want *config.Node) bool {
	return want != nil && slices.ContainsFunc(want.Items, func(n *config.Node) bool { return n.Get("id") != nil })
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
	x := &schema.Map{Keys: []string{"topic"}, Values: []schema.Value{schema.Text(cmp.Or(p.now[topic], topic))}}
	if p.ids {
		x.Keys, x.Values = append(x.Keys, "id"), append(x.Values, schema.Text(m.ID))
	}
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

// message hands the test's message to the routes that work on its topic.
func (t *Test) message(ctx context.Context, p *routes.Program) string {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	m := messaging.Message{
		ID: testID, Key: t.Request.Key, Type: t.Request.Topic, Source: "/test", Time: time.Now(), ContentType: "application/json", Attempt: 1,
		Body: codec.AppendJSON(nil, simulate.Plain(t.Request.Body)),
	}
	if t.Request.Batch == nil {
		topic := p.Typed().Model.Topic(t.Request.Topic)
		if topic == nil || !worksOn(p, topic.Kept()) {
			return "no route works on the topic " + t.Request.Topic
		}
		if plain := p.Typed().Plain(topic); plain != nil {
			var flaw *messaging.Flaw
			if m, flaw = t.record(plain, m); flaw != nil {
				return t.Answer.compare(http.StatusUnprocessableEntity, nil, refusedAs(&messaging.Dead{Reason: flaw.Reason}), flaw)
			}
		}
		return t.deliver(ctx, p, m, topic.Kept())
	}
	var all []messaging.Message
	for i, data := range t.Request.Batch.Items {
		one := m
		one.ID, one.Body = fmt.Sprintf("test-%d", i+1), codec.AppendJSON(nil, simulate.Plain(data))
		all = append(all, one)
	}
	for _, c := range p.Collectors {
		if topic := p.Typed().Model.Topic(t.Request.Topic); topic == nil || c.Reads != topic.Kept() {
			continue
		}
		batch, err := c.Batch(t.Request.Key, all)
		var dead *messaging.Dead
		if errors.As(err, &dead) {
			return t.Answer.compare(http.StatusUnprocessableEntity, nil, refusedAs(dead), err)
		}
		if failed := t.deliver(ctx, p, batch, c.Topic); failed != "" {
			return failed
		}
	}
	return ""
}

// record makes the message of a record of a plain topic.
func (t *Test) record(plain *messaging.Plain, m messaging.Message) (messaging.Message, *messaging.Flaw) {
	r := messaging.PlainRecord{Key: m.Key, Body: m.Body, Arrived: m.Time, Place: messaging.Place{Log: "test", Offset: 1}}
	for _, h := range t.Request.Headers {
		r.Headers = append(r.Headers, messaging.Attribute{Name: h[0], Value: h[1]})
	}
	m, flaw := plain.Message(r)
	m.Attempt = 1
	return m, flaw
}

// worksOn reports whether a route works on a topic, by the name under which it is kept.
func worksOn(p *routes.Program, kept string) bool {
	return slices.ContainsFunc(p.Consumers, func(c *routes.Consumer) bool { return c.Topic == kept })
}

// when returns the moment of a test, now if it says none.
func (r *Request) when() (time.Time, error) {
	if r.At == "" {
		return time.Now(), nil
	}
	when, err := time.Parse(time.RFC3339, r.At)
	if err != nil {
		return when, fmt.Errorf("at: found %q, expected a moment as 2026-01-31T09:00:00+01:00", r.At)
	}
	return when, nil
}

// due has a route run that starts by itself.
func (t *Test) due(ctx context.Context, p *routes.Program) string {
	ctx, cancel := context.WithTimeout(ctx, 20*time.Second)
	defer cancel()
	for _, s := range p.Schedules {
		if s.Name != t.Request.Schedule {
			continue
		}
		when, err := t.Request.when()
		if err != nil {
			return err.Error()
		}
		m := s.Message(when, when)
		m.Attempt = 1
		return t.deliver(ctx, p, m, s.Topic)
	}
	return "no route " + t.Request.Schedule + " has a schedule"
}

// deliver hands a message to the routes that work on its topic.
func (t *Test) deliver(ctx context.Context, p *routes.Program, m messaging.Message, topic string) string {
	found := false
	for _, c := range p.Consumers {
		if c.Topic != topic {
			continue
		}
		found = true
		err := c.Handle(traced(ctx), m)
		var dead *messaging.Dead
		switch {
		case errors.As(err, &dead):
			return t.Answer.compare(http.StatusUnprocessableEntity, nil, refusedAs(dead), err)
		case err != nil:
			return t.Answer.compare(http.StatusServiceUnavailable, nil, nil, err)
		}
	}
	if !found {
		return "no route works on the topic " + topic
	}
	return t.Answer.compare(http.StatusOK, nil, nil, nil)
}

// refusedAs is what a test sees of a dead letter.
func refusedAs(d *messaging.Dead) []byte {
	return codec.AppendJSON(nil, schema.MapOf(&schema.Map{Keys: []string{"dead"}, Values: []schema.Value{schema.Text(string(d.Reason))}}))
}
