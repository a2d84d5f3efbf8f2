package rest

import (
	"context"
	"errors"
	"fmt"
	"mime"
	"net/http"
	"net/url"
	"strings"

	"fondaco/connectors"
	"fondaco/connectors/transport"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// caller is an open system.
type caller struct {
	system *connectors.System
	client *transport.Client
	header http.Header // of every request
}

// open resolves the connector's references in the system. It connects to nothing.
func open(_ context.Context, s *connectors.System, d connectors.Deps) (connectors.Caller, error) {
	w, ok := s.Connector.Wire.(*wire)
	if !ok {
		return nil, errors.New("the connector says nothing under rest")
	}
	o, header, err := w.access.Resolve(s)
	if err != nil {
		return nil, err
	}
	o.Log = d.Log
	if o.Endpoint, err = base(o.Endpoint); err != nil {
		return nil, err
	}
	if header.Get("Accept") == "" {
		header.Set("Accept", "application/json")
	}
	c := &caller{system: s, header: header}
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
	var decode *codec.JSONDecoder
	if body.Kind != schema.KindNull {
		decode = codec.CompileJSON(body, codec.JSONOptions{Unknown: codec.Ignore, NullAbsent: true})
	}
	header := c.header
	media := ""
	if p.body != noBody {
		header = header.Clone()
		media = p.bodyMedia
		if media == "" {
			media = "application/json"
		}
		header.Set("Content-Type", media)
	}
	x := &prepared{empty: body.Nullable, caller: c, operation: operation, op: p, want: want, decode: decode, header: header, fails: operation.FailRules(want)}
	for i := range p.params {
		x.dynamic = x.dynamic || p.params[i].in == "header"
	}
	return x.call, nil
}

// bodyOf gives the type of the body alone: want without the fields that are headers.
func (p *op) bodyOf(want *schema.Type) *schema.Type {
	if len(p.headers) == 0 {
		return want
	}
	if p.output == nil || p.output.Kind != schema.KindRecord {
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
	decode    *codec.JSONDecoder
	header    http.Header
	dynamic   bool // some parameters are headers
	empty     bool // an answer without a body is null
	fails     func(context.Context, schema.Value, int) *connectors.Fault
}

func (x *prepared) fault(kind connectors.FaultKind, status int, err error) *connectors.Fault {
	return &connectors.Fault{System: x.system.Name, Operation: x.operation.Name, Kind: kind, Status: status, Sent: true, Err: err}
}

// unsent returns the fault of a request that cannot be written: nothing was sent.
func (x *prepared) unsent(err error) *connectors.Fault {
	f := x.fault(connectors.Refused, 0, err)
	f.Sent = false
	return f
}

// maxTarget is how many bytes a request's target, and each of its headers, may have: more than any server takes.
const maxTarget = 1 << 20

// keyed returns the head with the id of the effect as Idempotency-Key, unless the mapping gives one.
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
	header := x.header
	if x.dynamic {
		header = header.Clone()
		for i := range x.op.params {
			p := &x.op.params[i]
			if v := in.Field(p.field); p.in == "header" && !v.IsNil() {
				text, err := print(v, p.t, min(limit, maxTarget))
				if err == nil && !headerOK(text) {
					err = errHeader
				}
				if err != nil {
					return schema.Value{}, x.unsent(err)
				}
				header.Set(p.name, text)
			}
		}
	}
	header = x.keyed(ctx, header)
	body, err := x.op.payload(in, limit)
	if err != nil {
		return schema.Value{}, x.unsent(err)
	}
	res, err := x.client.Do(ctx, &transport.Request{
		Method: x.op.method, Target: string(target), Header: header, Body: body,
		Operation: x.operation.Name, Effect: x.operation.Effect,
	})
	if err != nil {
		return schema.Value{}, err
	}
	return x.answer(ctx, res)
}

// answer turns an HTTP answer into a value or a fault.
func (x *prepared) answer(ctx context.Context, res *transport.Response) (schema.Value, error) {
	if !x.op.ok(res.Status) {
		return schema.Value{}, transport.StatusFault(x.system.Name, x.operation, res)
	}
	v := schema.Null
	if x.decode != nil && !(len(res.Body) == 0 && x.empty) {
		if !jsonMedia(res.Header.Get("Content-Type")) {
			return v, x.fault(connectors.Invalid, res.Status, errors.New("the answer is no JSON by its Content-Type"))
		}
		var err error
		if v, err = x.decode.Decode(res.Body); err != nil {
			f := x.fault(connectors.Invalid, res.Status, err)
			var wrong schema.Violations
			if errors.As(err, &wrong) {
				f.Path = wrong[0].Path
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
		if !x.op.isHeader(f.Name) {
			slots[i+1] = body.Get(f.Name)
		}
	}
	for _, h := range x.op.headers {
		text, i := res.Header.Get(h.name), x.want.Index(h.field)
		switch {
		case text == "" && h.required:
			f := x.fault(connectors.Invalid, res.Status, fmt.Errorf("the answer has no header %s", h.name))
			f.Path = "/" + h.field
			return body, f
		case text == "" || i < 0:
			continue
		}
		v, err := schema.ParseText(text, h.t)
		if err != nil {
			f := x.fault(connectors.Invalid, res.Status, fmt.Errorf("header %s: %w", h.name, err))
			f.Path = "/" + h.field
			return body, f
		}
		slots[i+1] = v
	}
	return schema.Record(x.want, slots), nil
}

// jsonMedia tells whether a Content-Type is JSON: application/json, or a type with +json.
func jsonMedia(s string) bool {
	if s == "application/json" {
		return true
	}
	media, params, err := mime.ParseMediaType(s)
	if err != nil || params["charset"] != "" && !strings.EqualFold(params["charset"], "utf-8") {
		return false
	}
	return media == "application/json" || media == "text/json" || strings.HasSuffix(media, "+json")
}
