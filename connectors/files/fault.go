package files

import (
	"context"
	"errors"

	"fondaco/connectors"
	"fondaco/connectors/files/driver"
)

// fault returns the fault of a failed call.
func (x *prepared) fault(ctx context.Context, err error) *connectors.Fault {
	if f := connectors.AsFault(err); f != nil {
		f.System, f.Operation = x.system.Name, x.operation.Name
		return f
	}
	f := &connectors.Fault{System: x.system.Name, Operation: x.operation.Name, Sent: true, Err: err}
	if u := connectors.UploadOf(ctx, x.operation.Name); u != nil && u.Failed() {
		f.Kind, f.Err = connectors.Refused, errCut
		return f
	}
	e := &driver.Error{Kind: driver.Other, Sent: true, Err: err}
	if errors.As(err, &e) {
		f.Sent = e.Sent || e.Kind > driver.Lost
	}
	f.Kind = x.kind(ctx, e)
	return f
}

// kind returns the kind of fault that callers see.
func (x *prepared) kind(ctx context.Context, e *driver.Error) connectors.FaultKind {
	switch {
	case e.Sent && x.operation.Effect == connectors.Once:
		return connectors.Unknown
	case errors.Is(ctx.Err(), context.DeadlineExceeded):
		return connectors.Timeout
	}
	switch e.Kind {
	case driver.Missing:
		return connectors.NotFound
	case driver.Exists:
		return connectors.Conflict
	case driver.Outside, driver.NoFile, driver.Unsupported:
		return connectors.Invalid
	case driver.Denied:
		return connectors.Refused
	case driver.Silent:
		return connectors.Timeout
	}
	return connectors.Unavailable
}
