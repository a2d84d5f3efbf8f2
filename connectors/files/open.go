package files

import (
	"context"
	"errors"
	"fmt"

	"fondaco/connectors"
	"fondaco/connectors/files/driver"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// caller is an open system.
type caller struct {
	system *connectors.System
	at     address
	store  driver.Store // nil of a simulated system
	player *player      // likewise, of another
}

// open resolves the connector's references in the system. It connects to nothing.
func open(_ context.Context, s *connectors.System, _ connectors.Deps) (connectors.Caller, error) {
	w, ok := s.Connector.Wire.(*wire)
	if !ok {
		return nil, errors.New("the connector says nothing under files")
	}
	c := &caller{system: s}
	var o driver.Options
	var err error
	if c.player, err = w.played(s); c.player != nil || err != nil {
		return c, err
	}
	if c.at, o, err = w.reached(s); err != nil {
		return nil, err
	}
	if c.store, err = c.at.driver.Open(o); err != nil {
		return nil, fmt.Errorf("system %s: %w", s.Name, err)
	}
	return c, nil
}

// Close ends the connections.
func (c *caller) Close() error {
	if c.store != nil {
		return c.store.Close()
	}
	return nil
}

// prepared is one operation ready to be called.
type prepared struct {
	*caller
	operation *connectors.Operation
	op        *op
	want      *schema.Type // of the answer
	input     *schema.Type
	document  *schema.Type // of a JSON document that is written
	decode    *codec.JSONDecoder
	fails     func(context.Context, schema.Value, int) *connectors.Fault
}

// Call prepares the calls of one operation.
func (c *caller) Call(operation *connectors.Operation, want *schema.Type) (connectors.Call, error) {
	p, ok := operation.Wire.(*op)
	if !ok || p.kind == "" {
		return nil, fmt.Errorf("%s is no operation on files", operation.Name)
	}
	params, err := c.system.RuleParams(operation)
	if err != nil {
		return nil, err
	}
	x := &prepared{
		caller: c, operation: operation, op: p, want: want, input: operation.Wired(), fails: operation.FailRules(want, params),
	}
	switch {
	case p.content != contentJSON:
	case p.kind == doRead:
		x.decode = codec.CompileJSON(want, codec.JSONOptions{})
	default:
		x.document = p.written
	}
	return x.watched(x.call), nil
}

// call does what the operation does.
func (x *prepared) call(ctx context.Context, in schema.Value) (schema.Value, error) {
	r := &request{in: in}
	var err error
	get := func(name string) schema.Value { return in.Get(name) }
	if r.path, err = x.op.path.fill(get); err == nil && x.op.target != nil {
		r.to, err = x.op.target.fill(get)
	}
	if err != nil {
		return schema.Value{}, &connectors.Fault{System: x.system.Name, Operation: x.operation.Name, Kind: connectors.Invalid, Err: err}
	}
	if ctx.Err() != nil {
		return schema.Value{}, x.fault(ctx, driver.Broken(ctx, ctx.Err(), false))
	}
	var v schema.Value
	if x.player != nil {
		v, err = x.play(ctx, r)
	} else {
		v, err = x.do(ctx, r)
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
