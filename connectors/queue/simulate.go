package queue

import (
	"context"
	"errors"
	"net"
	"sync/atomic"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/queue/driver"
	"fondaco/connectors/queue/mqtt"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// labelOperation is the header by which a simulator knows the operation; no real broker gets it.
const labelOperation = "fondaco-operation"

// simulatedMost is how large a message may be on the way to and from a simulator. Those of the connector are checked before.
const simulatedMost = 64 << 20

// simulator plays a broker with samples: on MQTT 5, whatever the real one speaks.
type simulator struct {
	connectors.Listener
	answers atomic.Pointer[answers]
	server  mqtt.Server
}

// answers are what a simulator answers.
type answers struct {
	connector  *connectors.Connector
	simulation connectors.Simulation
}

// simulated creates the simulator of a connector.
func simulated(c *connectors.Connector, s connectors.Simulation) (connectors.Simulator, error) {
	if _, ok := c.Wire.(*wire); !ok {
		return nil, errors.New("the connector says nothing under queue")
	}
	made := &simulator{}
	made.answers.Store(&answers{c, s})
	made.Scheme = mqtt.Driver.Schemes[0]
	made.Serve = func(ctx context.Context, conn net.Conn) { made.server.Serve(ctx, conn, simulatedMost) }
	made.server.Down = made.IsDown
	made.server.Published = func(ctx context.Context, m *driver.Message) *mqtt.Answer {
		return made.answers.Load().published(ctx, m)
	}
	made.server.Subscribed = func(label string) []*driver.Message { return made.answers.Load().told(label) }
	return made, nil
}

// Follow answers as next from here on.
func (s *simulator) Follow(next connectors.Simulator) bool {
	other, ok := next.(*simulator)
	if ok {
		s.answers.Store(other.answers.Load())
	}
	return ok
}

// published returns what a sample says of a message.
func (a *answers) published(ctx context.Context, m *driver.Message) *mqtt.Answer {
	name := header(m, labelOperation)
	operation := a.connector.Operation(name)
	if operation == nil {
		return &mqtt.Answer{Error: driver.Other}
	}
	p, ok := operation.Wire.(*op)
	if !ok || p.kind == "" {
		return &mqtt.Answer{Error: driver.Other}
	}
	in, err := p.arrived(operation, m)
	if err != nil {
		return &mqtt.Answer{Error: driver.Unfit}
	}
	sample := a.simulation.Find(name, in)
	switch {
	case sample == nil && p.kind == doPublish:
		return &mqtt.Answer{} // a broker takes what comes
	case sample == nil:
		return &mqtt.Answer{Error: driver.Other}
	case !waited(ctx, sample.Delay):
		return nil
	case sample.Fault != nil:
		kind := driver.KindOf(sample.Fault.Code)
		if kind == driver.Lost {
			return nil
		}
		if kind == 0 {
			kind = driver.Other
		}
		return &mqtt.Answer{Error: kind}
	case p.kind == doPublish:
		return &mqtt.Answer{ID: sample.Answer.Get("id").Str()}
	case sample.Raw != "":
		return &mqtt.Answer{Reply: []byte(sample.Raw)}
	}
	return &mqtt.Answer{Reply: codec.AppendJSON(nil, sample.Answer)}
}

func header(m *driver.Message, name string) string {
	for _, h := range m.Headers {
		if h[0] == name {
			return h[1]
		}
	}
	return ""
}

// arrived returns the input of an operation that a message was made of.
func (p *op) arrived(operation *connectors.Operation, m *driver.Message) (schema.Value, error) {
	t := operation.Wired()
	slots := schema.Slots(t)
	var document schema.Value
	var err error
	if p.content == contentJSON {
		if document, err = codec.CompileJSON(p.sent, codec.JSONOptions{}).Decode(m.Body); err != nil {
			return document, err
		}
	}
	words, fits := p.topic.words(m.Topic)
	if !fits {
		return document, errTopic
	}
	for i, f := range t.Fields {
		word, is := words[f.Name]
		switch {
		case p.sent != nil && p.sent.Index(f.Name) >= 0:
			slots[i+1] = document.Get(f.Name)
			continue
		case f.Name == bodyField && p.content == contentBytes:
			slots[i+1] = schema.Bytes(m.Body)
			continue
		case f.Name == bodyField && p.content == contentText:
			slots[i+1] = schema.Text(string(m.Body))
			continue
		case !is:
			if word = header(m, f.Name); word == "" {
				continue
			}
		}
		if slots[i+1], err = scalar(f.Type, word); err != nil {
			return document, err
		}
	}
	return schema.Record(t, slots), nil
}

var errTopic = errors.New("the topic is another one")

// scalar returns the value of a type that a word or a header holds.
func scalar(t *schema.Type, text string) (schema.Value, error) {
	json := []byte(text)
	if t.Kind != schema.KindInt {
		json = codec.AppendJSON(nil, schema.Text(text))
	}
	return codec.CompileJSON(t, codec.JSONOptions{}).Decode(json)
}

// waited waits, and reports whether the call may go on.
func waited(ctx context.Context, d time.Duration) bool {
	if d <= 0 {
		return ctx.Err() == nil
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}
