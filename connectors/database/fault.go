package database

import (
	"context"
	"errors"

	"fondaco/connectors"
	"fondaco/connectors/database/driver"
	"fondaco/schema"
)

// invalid returns the fault of an answer that does not fit.
func (x *prepared) invalid(path string, err error) *connectors.Fault {
	return &connectors.Fault{System: x.system.Name, Operation: x.operation.Name, Kind: connectors.Invalid, Path: path, Sent: true, Err: err}
}

// fault says what a failed statement was.
func (x *prepared) fault(ctx context.Context, err error) *connectors.Fault {
	if f := connectors.AsFault(err); f != nil {
		return f
	}
	var e *driver.Error
	if !errors.As(err, &e) {
		return x.invalid("", err)
	}
	f := &connectors.Fault{System: x.system.Name, Operation: x.operation.Name, Sent: e.Sent, Err: &said{e}}
	if e.Kind < driver.Late {
		f.Kind = x.broken(ctx, e)
		return f
	}
	f.Kind = x.kind(e.Kind)
	if x.rules == nil {
		return f
	}
	code, text, detail := (&said{e}).Said()
	if by := x.rules(schema.RecordOf(x.faultType, schema.Text(code), optional(e.Code), schema.Text(text), detail), 0); by != nil {
		by.System, by.Operation = f.System, f.Operation
		if by.Err == nil {
			by.Err = f.Err
		}
		return by
	}
	return f
}

// broken says what a connection was that was not had, or broke.
func (x *prepared) broken(ctx context.Context, e *driver.Error) connectors.FaultKind {
	late := errors.Is(ctx.Err(), context.DeadlineExceeded)
	switch {
	case e.Sent && x.operation.Effect == connectors.Once:
		return connectors.Unknown
	case late:
		return connectors.Timeout
	}
	return connectors.Unavailable
}

// kind says what callers see of an error of the database, which has undone the statement.
func (x *prepared) kind(k driver.Kind) connectors.FaultKind {
	switch k {
	case driver.Late:
		return connectors.Timeout
	case driver.Busy, driver.Denied:
		return connectors.Unavailable
	case driver.Unique, driver.ForeignKey:
		return connectors.Conflict
	case driver.Schema:
		return connectors.Invalid
	case driver.Check, driver.NotNull, driver.Data, driver.Raised:
		return connectors.Refused
	}
	if x.operation.Effect == connectors.Once {
		return connectors.Unknown
	}
	return connectors.Unavailable
}

// said is what a database said, in its own words. It is a connectors.SystemFault.
type said struct{ cause *driver.Error }

// Error returns the cause without values of rows.
func (s *said) Error() string {
	text := s.cause.Error()
	if s.cause.Kind == driver.Schema {
		text += ": correct the statement or its columns in the connector"
	}
	return text
}

// Unwrap returns the cause.
func (s *said) Unwrap() error { return s.cause }

// Said returns the word of the kind, the text and the detail.
func (s *said) Said() (code, text string, detail schema.Value) {
	c := s.cause
	return c.Kind.String(), c.Text, schema.RecordOf(faultDetail, optional(c.Constraint), optional(c.Table), optional(c.Column))
}

// optional returns a text, absent if it is empty.
func optional(s string) schema.Value {
	if s == "" {
		return schema.Value{}
	}
	return schema.Text(s)
}
