package queue

import (
	"context"
	"errors"

	"fondaco/connectors"
	"fondaco/connectors/queue/driver"
)

// fault returns the fault of a failed call.
func (x *prepared) fault(ctx context.Context, err error) *connectors.Fault {
	if f := connectors.AsFault(err); f != nil {
		f.System, f.Operation = x.system.Name, x.operation.Name
		return f
	}
	e := &driver.Error{Kind: driver.Other, Sent: true, Err: err}
	_ = errors.As(err, &e)
	f := &connectors.Fault{System: x.system.Name, Operation: x.operation.Name, Sent: e.Sent || e.Kind > driver.Lost, Err: err}
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
	case driver.Unroutable, driver.Missing:
		return connectors.NotFound
	case driver.Denied, driver.Unfit, driver.Other:
		return connectors.Refused
	}
	return connectors.Unavailable
}
