package mail

import (
	"context"
	"errors"
	"fmt"
	"net"
	"time"

	"fondaco/connectors"
	"fondaco/connectors/mail/smtp"
	"fondaco/schema"
)

// caller is an open system.
type caller struct {
	system *connectors.System
	server *smtp.Server
	placed bool // it is at a simulator
	token  *granted
	from   smtp.Address
	now    func() time.Time
}

// open resolves the connector's references in the system. It connects to nothing.
func open(_ context.Context, s *connectors.System, d connectors.Deps) (connectors.Caller, error) {
	w, ok := s.Connector.Wire.(*wire)
	if !ok {
		return nil, errors.New("the connector says nothing under mail")
	}
	c := &caller{system: s, now: d.Now.Now}
	at, err := w.reached(s, w.smtp, smtpSchemes)
	if err != nil {
		return nil, err
	}
	c.server = &smtp.Server{Host: at.host, TLS: at.tls, Implicit: at.implicit, User: at.user, Password: at.password}
	place, placed := s.Place()
	c.placed = placed
	if w.token != nil && !placed {
		if c.token, err = w.token.open(s, d.Now); err != nil {
			return nil, err
		}
		c.server.Token = c.token.get
	}
	c.server.Dial = func(ctx context.Context) (net.Conn, error) {
		if placed {
			return dialPlace(ctx, s, place)
		}
		return s.Dial(ctx, "tcp", at.hostPort())
	}
	if w.from.IsZero() {
		return c, nil
	}
	text, _, err := s.Resolve(w.from)
	if err != nil {
		return nil, err
	}
	if c.from, err = smtp.ParseAddress(text); err != nil {
		if !s.Simulated() {
			return nil, fmt.Errorf("system %s: from: %w", s.Name, err)
		}
		c.from = smtp.Address{Local: "simulato", Host: "example.org"} // the parameter is made up
	}
	return c, nil
}

// dialPlace connects to a simulator.
func dialPlace(ctx context.Context, s *connectors.System, place connectors.Place) (net.Conn, error) {
	network := place.Network
	if network == "" {
		network = "tcp"
	}
	return s.Dial(ctx, network, place.Address)
}

// Close ends the connections.
func (c *caller) Close() error {
	if c.token != nil {
		c.token.close()
	}
	return nil
}

// prepared is one operation ready to be called.
type prepared struct {
	*caller
	operation *connectors.Operation
	op        *op
	want      *schema.Type // of the answer
	fails     func(context.Context, schema.Value, int) *connectors.Fault
	rules     func(schema.Value, int) *connectors.Fault
	faultType *schema.Type
}

// Call prepares the calls of one operation.
func (c *caller) Call(operation *connectors.Operation, want *schema.Type) (connectors.Call, error) {
	p, ok := operation.Wire.(*op)
	if !ok || p.letter == nil {
		return nil, fmt.Errorf("%s is not an operation of mail", operation.Name)
	}
	params, err := c.system.RuleParams(operation)
	if err != nil {
		return nil, err
	}
	x := &prepared{
		caller: c, operation: operation, op: p, want: want, fails: operation.FailRules(want, params), rules: operation.FaultRules(params),
		faultType: operation.FaultType(),
	}
	return x.watched(x.call), nil
}

// call sends the message.
func (x *prepared) call(ctx context.Context, in schema.Value) (schema.Value, error) {
	if ctx.Err() != nil {
		return schema.Value{}, x.fault(ctx, &smtp.Error{Kind: smtp.Lost, Err: ctx.Err()})
	}
	l, err := x.compose(ctx, in)
	if err != nil {
		return schema.Value{}, x.invalid(err)
	}
	raw, err := l.Render()
	if err != nil {
		return schema.Value{}, x.invalid(err)
	}
	var v schema.Value
	if x.placed {
		v, err = x.play(ctx, in, l, raw)
	} else {
		var receipt *smtp.Receipt
		if receipt, err = x.server.Send(ctx, l, raw, nil); err == nil {
			v = x.answer(l, receipt)
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

// answer returns what became of a message as a value of what is wanted.
func (x *prepared) answer(l *smtp.Letter, r *smtp.Receipt) schema.Value {
	return fields(x.want, func(name string, t *schema.Type) schema.Value {
		if name == "message_id" {
			return schema.Text("<" + l.ID + ">")
		}
		var all []schema.Value
		for _, refused := range r.Refused {
			all = append(all, fields(t.Elem, func(name string, _ *schema.Type) schema.Value {
				switch name {
				case "address":
					return schema.Text(refused.Address.String())
				case "code":
					return schema.Int(int64(refused.Code))
				case "status":
					return optional(refused.Status)
				}
				return schema.Text(refused.Text)
			}))
		}
		return schema.List(all)
	})
}

// fields makes a record of a type, which may have lost fields, and of which nothing at all may be wanted.
func fields(t *schema.Type, field func(name string, t *schema.Type) schema.Value) schema.Value {
	if t.Kind != schema.KindRecord {
		return schema.Null
	}
	slots := schema.Slots(t)
	for i, f := range t.Fields {
		slots[i+1] = field(f.Name, f.Type)
	}
	return schema.Record(t, slots)
}
