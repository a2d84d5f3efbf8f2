package mail

import (
	"context"
	"errors"
	"strconv"

	"fondaco/connectors"
	"fondaco/connectors/mail/smtp"
	"fondaco/schema"
)

// invalid returns the fault of a message that cannot be sent as it is: nothing was dialled.
func (x *prepared) invalid(err error) *connectors.Fault {
	return &connectors.Fault{System: x.system.Name, Operation: x.operation.Name, Kind: connectors.Invalid, Err: err}
}

// fault says what a message was that was not sent, or may not have been.
func (x *prepared) fault(ctx context.Context, err error) *connectors.Fault {
	f := &connectors.Fault{System: x.system.Name, Operation: x.operation.Name, Err: err}
	var e *smtp.Error
	if !errors.As(err, &e) {
		f.Kind = connectors.Invalid
		return f
	}
	f.Sent, f.Err = e.Sent, &said{e}
	switch e.Kind {
	case smtp.Rejected:
		f.Kind = connectors.Refused
	case smtp.Unfit:
		f.Kind = connectors.Invalid
	case smtp.Busy:
		f.Kind, f.Status = connectors.Unavailable, e.Code // it may be this message alone
	default:
		f.Kind = connectors.Unavailable
		switch {
		case e.Sent && x.operation.Effect == connectors.Once:
			f.Kind = connectors.Unknown
		case errors.Is(ctx.Err(), context.DeadlineExceeded):
			f.Kind = connectors.Timeout
		}
	}
	if e.Kind == smtp.Denied && x.token != nil {
		x.token.drop()
	}
	if x.rules == nil || e.Code == 0 {
		return f
	}
	code, text, detail := (&said{e}).Said()
	if by := x.rules(schema.RecordOf(x.faultType, schema.Text(code), optional(e.Status), schema.Text(text), detail), 0); by != nil {
		by.System, by.Operation, by.Sent = f.System, f.Operation, f.Sent
		if by.Err == nil {
			by.Err = f.Err
		}
		return by
	}
	return f
}

// said is what a server said, in its own words. It is a connectors.SystemFault.
type said struct{ cause *smtp.Error }

// Error returns the cause without addresses.
func (s *said) Error() string { return s.cause.Error() }

// Unwrap returns the cause.
func (s *said) Unwrap() error { return s.cause }

// Said returns the code of the reply, its text, and the recipient.
func (s *said) Said() (code, text string, detail schema.Value) {
	return strconv.Itoa(s.cause.Code), s.cause.Text, schema.RecordOf(faultDetail, optional(s.cause.Whose))
}

// optional returns a text, absent if it is empty.
func optional(s string) schema.Value {
	if s == "" {
		return schema.Value{}
	}
	return schema.Text(s)
}
