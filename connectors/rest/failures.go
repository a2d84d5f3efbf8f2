package rest

import (
	"context"
	"net/http"
	"sync"

	"fondaco/connectors"
	"fondaco/connectors/mask"
	"fondaco/connectors/transport"
	"fondaco/openapi"
	"fondaco/schema"
)

// readFailures returns the type of the answers whose status is a failure, as far as they are of one media type that is
// read; nil if none is described. JSON stands before others.
func (p *op) readFailures(responses []openapi.Response) (t *schema.Type) {
	if p.method == http.MethodHead {
		return nil
	}
	good := p.successes(responses)
	for _, want := range []func(wireKind) bool{
		func(k wireKind) bool { return k == asJSON }, func(k wireKind) bool { return k == asText || k == asForm },
		func(k wireKind) bool { return k == asXML },
	} {
		for _, r := range responses {
			if r.Body == nil || among(good, r.Status) {
				continue
			}
			shape := shapeOf(r)
			shape.t = schema.DropFields(r.Body, func(f *schema.Field) bool { return f.WriteOnly })
			m, read, err := spoken(shape)
			switch {
			case err != nil || !want(m.kind):
			case t == nil:
				t, p.failed = read, m
			case m.kind == asXML: // of two schemas each has names of its own
			case m.kind == asJSON || m.base == p.failed.base:
				t = schema.Join(t, read)
			}
		}
		if t != nil {
			break
		}
	}
	return t
}

func among(list []openapi.Response, status int) bool {
	for _, r := range list {
		if r.Status == status {
			return true
		}
	}
	return false
}

// failing makes faults of the answers whose status is a failure. Safe for concurrent use.
type failing struct {
	system    *connectors.System
	operation *connectors.Operation
	media     *media
	rules     func(schema.Value, int) *connectors.Fault
	read      func() *reading   // made when it is needed first
	mask      func() *mask.Mask // likewise
}

// failing prepares what is made of an operation's failures.
func (c *caller) failing(operation *connectors.Operation, p *op, params schema.Value) *failing {
	f := &failing{system: c.system, operation: operation, media: &p.failed, rules: operation.ErrorRules(params), mask: c.mask}
	if t := operation.Error; t != nil {
		f.read = sync.OnceValue(func() *reading { return c.reading(&p.failed, t) })
	}
	return f
}

// fault returns what an answer with a failure's status is: as the connector's rules say, and else by the status.
func (f *failing) fault(ctx context.Context, res *transport.Response, in schema.Value) *connectors.Fault {
	fault := transport.StatusFault(f.system.Name, f.operation, res)
	fault.Said = f.said(ctx, res, in)
	if f.read != nil && len(res.Body) > 0 {
		if r := f.read(); r != nil {
			if v, err := r.body(res); err == nil && !v.IsNil() {
				fault.Body = v
			}
		}
	}
	if f.rules == nil {
		return fault
	}
	if by := f.rules(fault.Body, res.Status); by != nil {
		by.System, by.Operation, by.RetryAfter, by.Err = fault.System, fault.Operation, fault.RetryAfter, fault.Err
		by.Body, by.Said = fault.Body, fault.Said
		return by
	}
	return fault
}

// mistaken returns what the rules over error make of an answer with a status that is a success and a media type that is not the
// answer's, as a JSON {"esito":"KO"} in the place of a file; nil if none fits.
func (f *failing) mistaken(ctx context.Context, res *transport.Response, in schema.Value) *connectors.Fault {
	if f.read == nil || f.rules == nil || len(res.Body) == 0 {
		return nil
	}
	if _, _, ok := f.media.takes(res.Header.Get("Content-Type")); !ok {
		return nil
	}
	r := f.read()
	if r == nil {
		return nil
	}
	v, err := r.body(res)
	if err != nil || v.IsNil() {
		return nil
	}
	by := f.rules(v, res.Status)
	if by != nil {
		by.System, by.Operation, by.Body, by.Said = f.system.Name, f.operation.Name, v, f.said(ctx, res, in)
	}
	return by
}

// said returns the body of an answer for logs, masked and cut.
func (f *failing) said(ctx context.Context, res *transport.Response, in schema.Value) string {
	return f.mask().Said(ctx, f.operation, in, res.Header.Get("Content-Type"), res.Body)
}
