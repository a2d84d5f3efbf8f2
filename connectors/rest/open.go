package rest

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"fondaco/connectors"
	"fondaco/connectors/mask"
	"fondaco/connectors/transport"
	"fondaco/schema"
)

// caller is an open system.
type caller struct {
	system *connectors.System
	client *transport.Client
	header http.Header // of every request
	mask   func() *mask.Mask

	tolerant bool
}

// open resolves the connector's references in the system. It connects to nothing.
func open(_ context.Context, s *connectors.System, d connectors.Deps) (connectors.Caller, error) {
	w, ok := s.Connector.Wire.(*wire)
	if !ok {
		return nil, errors.New("the connector says nothing under rest")
	}
	o, header, err := w.access.Resolve(s, d.Now)
	if err != nil {
		return nil, err
	}
	o.Log = d.Log
	if o.Endpoint, err = base(o.Endpoint); err != nil {
		return nil, err
	}
	c := &caller{system: s, header: header, mask: mask.Of(s), tolerant: w.tolerant}
	if c.client, err = transport.New(o); err != nil {
		return nil, fmt.Errorf("system %s: %w", s.Name, err)
	}
	return c, nil
}

// base returns the address that all paths begin with: the endpoint without the slash at its end.
func base(endpoint *url.URL) (*url.URL, error) {
	return url.Parse(strings.TrimSuffix(endpoint.String(), "/"))
}

// Close ends the system's connections.
func (c *caller) Close() error {
	c.client.Close()
	return nil
}

// Call prepares the calls of one operation.
func (c *caller) Call(operation *connectors.Operation, want *schema.Type) (connectors.Call, error) {
	p, ok := operation.Wire.(*op)
	if !ok {
		return nil, fmt.Errorf("%s is no operation of rest", operation.Name)
	}
	body := p.bodyOf(want)
	header := c.header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if header.Get("Accept") == "" {
		header.Set("Accept", strings.Join(p.accept, ", "))
		if len(p.accept) == 0 {
			header.Set("Accept", jsonType)
		}
	}
	params, err := c.system.RuleParams(operation)
	if err != nil {
		return nil, err
	}
	x := &prepared{
		caller: c, operation: operation, op: p, want: want, read: c.reading(&p.answered, body),
		header: header, fails: operation.FailRules(want, params), failing: c.failing(operation, p, params),
	}
	if p.body != noBody {
		x.withBody = header.Clone()
		x.withBody.Set("Content-Type", p.bodyMedia.contentType())
	}
	for i := range p.params {
		x.dynamic = x.dynamic || p.params[i].in == "header" || p.params[i].in == "cookie"
	}
	return x.call, nil
}

// reading prepares the reading of answers, as freely as the connector says.
func (c *caller) reading(m *media, want *schema.Type) *reading {
	o := answers
	o.Claimed = c.system.Tolerate
	if c.tolerant {
		o.Tolerated = c.system.Tolerate
	}
	r := m.reading(want, o)
	if r != nil && c.tolerant {
		r.tolerate = c.system.Tolerate
	}
	return r
}

// bodyOf returns the type of the body alone: want without the fields that are headers.
func (p *op) bodyOf(want *schema.Type) *schema.Type {
	if len(p.headers) == 0 {
		return want
	}
	switch {
	case p.wrapped:
		if i := want.Index(bodyField); i >= 0 {
			return want.Fields[i].Type
		}
		return schema.TypeNull
	case p.output == nil || p.output.Kind != schema.KindRecord:
		return schema.TypeNull
	}
	t := *want
	t.Fields, t.Open = nil, true
	for _, f := range want.Fields {
		if !p.isHeader(f.Name) {
			t.Fields = append(t.Fields, f)
		}
	}
	sealed := t
	return sealed.Seal()
}

func (p *op) isHeader(name string) bool {
	for _, h := range p.headers {
		if h.field == name {
			return true
		}
	}
	return false
}

// prepared is one operation ready to be called.
type prepared struct {
	*caller
	operation *connectors.Operation
	op        *op
	want      *schema.Type
	read      *reading // nil if nothing of the body is read
	header    http.Header
	withBody  http.Header // of a request with a body
	dynamic   bool        // some parameters are headers or cookies
	fails     func(context.Context, schema.Value, int) *connectors.Fault
	failing   *failing
}

func (x *prepared) fault(kind connectors.FaultKind, status int, err error) *connectors.Fault {
	return &connectors.Fault{System: x.system.Name, Operation: x.operation.Name, Kind: kind, Status: status, Sent: true, Err: err}
}

// unsent returns the fault of a request that cannot be written: nothing was sent.
func (x *prepared) unsent(err error) *connectors.Fault {
	f := x.fault(connectors.Refused, 0, err)
	f.Sent = false
	var wrong schema.Violations
	if errors.As(err, &wrong) {
		f.Path = wrong[0].Path
	}
	return f
}

// maxTarget is how many bytes a request's target, and each of its headers, may have: more than any server takes.
const maxTarget = 1 << 20

// keyed returns the head with the id of the effect as Idempotency-Key, unless the mapping sets one.
func (x *prepared) keyed(ctx context.Context, header http.Header) http.Header {
	id := connectors.EffectID(ctx)
	if id == "" || x.operation.Effect != connectors.Once || header.Get(idempotencyHeader) != "" {
		return header
	}
	header = header.Clone()
	header.Set(idempotencyHeader, id)
	return header
}

const idempotencyHeader = "Idempotency-Key"

func (x *prepared) call(ctx context.Context, in schema.Value) (schema.Value, error) {
	limit := connectors.BodyLimit(ctx)
	target, err := x.op.target(make([]byte, 0, 128), in, min(limit, maxTarget))
	if err != nil {
		return schema.Value{}, x.unsent(err)
	}
	body, contentType, err := x.op.payload(in, limit)
	if err != nil {
		return schema.Value{}, x.unsent(err)
	}
	header := x.header
	if body != nil {
		header = x.withBody
	}
	if contentType != "" {
		header = header.Clone()
		header.Set("Content-Type", contentType)
	}
	if x.dynamic {
		header = header.Clone()
		if err := x.op.given(header, in, min(limit, maxTarget)); err != nil {
			return schema.Value{}, x.unsent(err)
		}
	}
	header = x.keyed(ctx, header)
	request := &transport.Request{
		Method: x.op.method, Target: string(target), Header: header, Body: body,
		Operation: x.operation.Name, Effect: x.operation.Effect,
	}
	if u := connectors.UploadOf(ctx, x.operation.Name); u != nil {
		if err := x.sendOn(request, u); err != nil {
			return schema.Value{}, err
		}
	}
	if h := connectors.HandoverOf(ctx, x.operation.Name); h != nil {
		return x.handOver(ctx, h, request, in)
	}
	res, err := x.client.Do(ctx, request)
	if err != nil {
		return schema.Value{}, cutShort(request, err)
	}
	return x.answer(ctx, res, in)
}

// answer turns the HTTP answer to in into a value or a fault.
func (x *prepared) answer(ctx context.Context, res *transport.Response, in schema.Value) (schema.Value, error) {
	if !x.op.ok(res.Status) {
		return schema.Value{}, x.failing.fault(ctx, res, in)
	}
	v := schema.Null
	if x.read != nil {
		var err error
		if v, err = x.read.body(res); err != nil {
			if _, _, fits := x.op.answered.takes(res.Header.Get("Content-Type")); !fits {
				if by := x.failing.mistaken(ctx, res, in); by != nil {
					return v, by
				}
			}
			f := x.fault(connectors.Invalid, res.Status, err)
			var wrong schema.Violations
			if errors.As(err, &wrong) {
				f.Path = wrong[0].Path
				if x.op.wrapped {
					f.Path = "/" + bodyField + f.Path
				}
			}
			return v, f
		}
	}
	if len(x.op.headers) > 0 {
		var f *connectors.Fault
		if v, f = x.withHeaders(v, res); f != nil {
			return v, f
		}
	}
	if x.fails != nil {
		if f := x.fails(ctx, v, res.Status); f != nil {
			f.System, f.Operation = x.system.Name, x.operation.Name
			return schema.Value{}, f
		}
	}
	return v, nil
}

// withHeaders adds the listed headers of the answer to its value.
func (x *prepared) withHeaders(body schema.Value, res *transport.Response) (schema.Value, *connectors.Fault) {
	slots := schema.Slots(x.want)
	for i, f := range x.want.Fields {
		switch {
		case x.op.isHeader(f.Name):
		case x.op.wrapped:
			slots[i+1] = body
		default:
			slots[i+1] = body.Get(f.Name)
		}
	}
	for n := range x.op.headers {
		h := &x.op.headers[n]
		i := x.want.Index(h.field)
		v, err := h.value(res.Header)
		switch {
		case err != nil && i >= 0 && x.tolerant && !h.required:
			x.system.Tolerate(1)
			continue
		case err != nil && i >= 0:
			err = fmt.Errorf("%s %s: %w", h.word(), h.name, err)
		case err == nil && v.IsAbsent() && h.required:
			err = fmt.Errorf("the answer has no %s %s", h.word(), h.name)
		case i < 0 || v.IsAbsent():
			continue
		}
		if err != nil {
			f := x.fault(connectors.Invalid, res.Status, err)
			f.Path = "/" + h.field
			return body, f
		}
		slots[i+1] = v
	}
	return schema.Record(x.want, slots), nil
}
