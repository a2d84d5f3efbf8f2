package rest

import (
	"context"
	"errors"
	"fmt"
	"io"

	"fondaco/connectors"
	"fondaco/connectors/transport"
	"fondaco/schema"
)

// handOver calls the operation and hands the body of a good answer on; its value has what stands beside the body.
func (x *prepared) handOver(ctx context.Context, h *connectors.Handover, r *transport.Request, in schema.Value) (schema.Value, error) {
	res, err := x.client.Stream(ctx, h.Idle, r, x.op.ok)
	if err != nil {
		return schema.Value{}, cutShort(r, err)
	}
	if res.Stream == nil {
		return schema.Value{}, x.failing.fault(ctx, res, in)
	}
	contentType := res.Header.Get("Content-Type")
	if _, _, fits := x.op.answered.takes(contentType); !fits {
		said, err := io.ReadAll(io.LimitReader(res.Stream, maxMistaken))
		_ = res.Stream.Close()
		if err == nil && len(said) < maxMistaken {
			res.Body, res.Stream = said, nil
			if by := x.failing.mistaken(ctx, res, in); by != nil {
				return schema.Value{}, by
			}
		}
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

// maxMistaken is how large an answer may be that came in the place of a file, to be looked into.
const maxMistaken = 64 << 10

var (
	errSentOn = errors.New("the body of the request was sent on already, and cannot be sent again")
	errCut    = errors.New("the body of the request did not come whole from the caller")
)

// sendOn makes a request that sends on what a caller sends.
func (x *prepared) sendOn(r *transport.Request, u *connectors.Upload) error {
	if u.Begun() {
		return x.unsent(errSentOn)
	}
	r.Upload = u
	r.Header = r.Header.Clone()
	r.Header.Set("Content-Type", x.op.bodyMedia.contentType())
	if u.Type != "" {
		r.Header.Set("Content-Type", u.Type)
	}
	if u.Disposition != "" && r.Header.Get("Content-Disposition") == "" {
		r.Header.Set("Content-Disposition", u.Disposition)
	}
	return nil
}

// cutShort returns what a failed call was: one whose body did not come whole says nothing of the system, which never had a request.
func cutShort(r *transport.Request, err error) error {
	f := connectors.AsFault(err)
	if f == nil || r.Upload == nil || !r.Upload.Failed() {
		return err
	}
	own := *f
	own.Kind, own.Err = connectors.Refused, errCut
	return &own
}
