package rest

import (
	"context"
	"fmt"

	"fondaco/connectors"
	"fondaco/connectors/transport"
	"fondaco/schema"
)

// handOver calls the operation and hands the body of a good answer on; its value has what stands beside the body.
func (x *prepared) handOver(ctx context.Context, h *connectors.Handover, r *transport.Request, in schema.Value) (schema.Value, error) {
	res, err := x.client.Stream(ctx, h.Idle, r, x.op.ok)
	if err != nil {
		return schema.Value{}, err
	}
	if res.Stream == nil {
		return schema.Value{}, x.failing.fault(ctx, res, in)
	}
	contentType := res.Header.Get("Content-Type")
	if _, _, fits := x.op.answered.takes(contentType); !fits {
		_ = res.Stream.Close()
		return schema.Value{}, x.fault(connectors.Invalid, res.Status, fmt.Errorf("the answer's Content-Type is not %s", x.op.answered.base))
	}
	v := schema.Null
	if len(x.op.headers) > 0 {
		var f *connectors.Fault
		if v, f = x.withHeaders(v, res); f != nil {
			_ = res.Stream.Close()
			return v, f
		}
	}
	if x.fails != nil {
		if f := x.fails(ctx, v, res.Status); f != nil {
			_ = res.Stream.Close()
			f.System, f.Operation = x.system.Name, x.operation.Name
			return schema.Value{}, f
		}
	}
	h.Body, h.Length, h.Type, h.Disposition = res.Stream, res.Length, contentType, res.Header.Get("Content-Disposition")
	return v, nil
}
