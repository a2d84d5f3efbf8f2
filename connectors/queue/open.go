package queue

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"

	"fondaco/connectors"
	"fondaco/connectors/queue/driver"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// caller is an open system.
type caller struct {
	system *connectors.System
	driver *driver.Driver
	broker driver.Broker
	played bool // by a simulator
	most   int64
}

// open resolves the connector's references in the system. It connects to nothing.
func open(_ context.Context, s *connectors.System, _ connectors.Deps) (connectors.Caller, error) {
	w, ok := s.Connector.Wire.(*wire)
	if !ok {
		return nil, errors.New("the connector says nothing under queue")
	}
	d, o, err := w.reached(s)
	if err != nil {
		return nil, err
	}
	_, placed := s.Place()
	return &caller{system: s, driver: d, broker: d.Open(o), played: placed, most: w.largest}, nil
}

// Close ends the connection.
func (c *caller) Close() error { return c.broker.Close() }

// prepared is one operation ready to be called.
type prepared struct {
	*caller
	operation *connectors.Operation
	op        *op
	want      *schema.Type // of the answer
	decode    *codec.JSONDecoder
	fails     func(context.Context, schema.Value, int) *connectors.Fault
}

// Call prepares the calls of one operation.
func (c *caller) Call(operation *connectors.Operation, want *schema.Type) (connectors.Call, error) {
	p, ok := operation.Wire.(*op)
	if !ok || p.kind == "" {
		return nil, fmt.Errorf("%s publishes nothing", operation.Name)
	}
	if !c.played {
		if err := p.suits(c.driver); err != nil {
			return nil, fmt.Errorf("%s.%s: %w", c.system.Name, operation.Name, err)
		}
	}
	params, err := c.system.RuleParams(operation)
	if err != nil {
		return nil, err
	}
	x := &prepared{caller: c, operation: operation, op: p, want: want, fails: operation.FailRules(want, params)}
	if p.kind == doRequest {
		x.decode = codec.CompileJSON(want, codec.JSONOptions{})
	}
	return x.watched(x.call), nil
}

// suits reports fields that the system's wire does not have.
func (p *op) suits(d *driver.Driver) error {
	switch {
	case p.exchange.Value != "" && !d.Exchanges:
		return fmt.Errorf("exchange belongs to AMQP, and the system's address is of %s", d.Name)
	case p.retain && d.Exchanges:
		return fmt.Errorf("retain belongs to MQTT, and the system's address is of %s", d.Name)
	}
	return nil
}

// dots reports whether the words of the topic are separated by dots.
func (x *prepared) dots() bool { return x.driver.Exchanges || x.op.exchange.Value != "" }

// message returns what is sent.
func (x *prepared) message(ctx context.Context, in schema.Value) (*driver.Message, error) {
	topic, err := x.op.topic.fill(in.Get, x.dots())
	if err != nil {
		return nil, err
	}
	m := &driver.Message{
		Exchange: x.op.exchange.Value, Topic: topic, ID: connectors.EffectID(ctx), ContentType: x.op.mediaTyped(), Body: x.op.encode(in),
		Retained: x.op.retain, Once: x.op.qos == 1, Expires: x.op.expires,
		Mandatory: x.op.unroutable == unroutableFault || x.op.unroutable == "" && x.driver.Exchanges,
	}
	if m.ID == "" {
		m.ID = rand.Text()
	}
	for _, f := range x.op.headersTyped {
		if v := in.Get(f.Name); !v.IsNil() {
			m.Headers = append(m.Headers, [2]string{f.Name, argument(v)})
		}
	}
	if x.played {
		m.Labels = [][2]string{{labelOperation, x.operation.Name}}
		m.Mandatory = true // a sample says so
	}
	if limit := min(x.most, int64(connectors.BodyLimit(ctx))); int64(len(m.Body)) > limit {
		return nil, fmt.Errorf("the message is larger than %d octets, which max_message allows", limit)
	}
	return m, nil
}

// call does what the operation does.
func (x *prepared) call(ctx context.Context, in schema.Value) (schema.Value, error) {
	m, err := x.message(ctx, in)
	if err != nil {
		return schema.Value{}, &connectors.Fault{System: x.system.Name, Operation: x.operation.Name, Kind: connectors.Invalid, Err: err}
	}
	if ctx.Err() != nil {
		return schema.Value{}, x.fault(ctx, driver.Broken(ctx, ctx.Err(), false))
	}
	var v schema.Value
	if x.op.kind == doRequest {
		v, err = x.request(ctx, m)
	} else {
		var id string
		if id, err = x.broker.Publish(ctx, m); err == nil {
			v = x.published(id)
		}
	}
	if err != nil {
		return schema.Value{}, x.fault(ctx, err)
	}
	if x.fails != nil {
		if f := x.fails(ctx, v, 0); f != nil {
			f.System, f.Operation = x.system.Name, x.operation.Name
			return schema.Value{}, f
		}
	}
	return v, nil
}

// published is what publishing answers.
func (x *prepared) published(id string) schema.Value {
	if x.want.Kind != schema.KindRecord {
		return schema.Null
	}
	slots := schema.Slots(x.want)
	for i := range x.want.Fields {
		slots[i+1] = schema.Text(id)
	}
	return schema.Record(x.want, slots)
}

// request asks, and reads the reply.
func (x *prepared) request(ctx context.Context, m *driver.Message) (schema.Value, error) {
	reply, err := x.broker.Request(ctx, m)
	if err != nil {
		return schema.Value{}, err
	}
	v, err := x.decode.Decode(reply.Body)
	if err == nil {
		return v, nil
	}
	f := &connectors.Fault{Kind: connectors.Invalid, Sent: true, Err: err}
	var wrong schema.Violations
	if errors.As(err, &wrong) {
		f.Path = wrong[0].Path
	}
	return v, f
}
