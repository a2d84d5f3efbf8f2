package smtp

import (
	"context"
	"errors"
	"fmt"
	"net/textproto"
	"regexp"
)

// Kind says what went wrong.
type Kind uint8

// The kinds of errors.
const (
	Lost     Kind = iota + 1 // no connection, or it broke, or what came was no SMTP
	Insecure                 // the server offers no TLS, or shows a certificate that is not trusted
	Denied                   // the server does not know us, or not by that password
	Busy                     // the server said that a later attempt may fare better: 4xx
	Away                     // likewise, and it speaks of itself: 421
	Rejected                 // the server said no for good: 5xx
	Unfit                    // likewise, and the message or an address is wrong, or the server cannot carry it
)

// Error is a letter that was not sent, or may not have been.
type Error struct {
	Kind   Kind
	Sent   bool   // the whole letter may have reached the server, which has not answered
	Code   int    // of the server's reply, 0 for none
	Status string // the enhanced code of it (RFC 3463), as 5.1.1; "" for none
	Text   string // of it: it may quote addresses, and is not for logs
	Whose  string // the recipient of whom it speaks, "" for none; likewise
	Err    error  // of any other cause
}

// Error says what went wrong, without addresses and the server's own words.
func (e *Error) Error() string {
	switch {
	case e.Code == 0:
		return e.Err.Error()
	case e.Status != "":
		return fmt.Sprintf("the server replied %d %s", e.Code, e.Status)
	}
	return fmt.Sprintf("the server replied %d", e.Code)
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// The causes of errors that no server has told.
var (
	errNoTLS    = errors.New("the server offers no STARTTLS: what is sent could be read and changed on the way")
	errNoUTF8   = errors.New("an address has letters beyond ASCII before the @, and the server does not offer SMTPUTF8")
	errTooLarge = errors.New("the message is larger than the server takes")
	errNoAuth   = errors.New("the server offers no way to log in that is supported: PLAIN, LOGIN or XOAUTH2")
	errNoOne    = errors.New("the message has no recipient")
	errNotSMTP  = errors.New("the server's reply is not understood")
)

var enhanced = regexp.MustCompile(`^([245]\.\d{1,3}\.\d{1,3})(?:\s+|$)`)

// replied splits the text of a reply into the enhanced code and the rest.
func replied(text string) (status, rest string) {
	if m := enhanced.FindStringSubmatch(text); m != nil {
		return m[1], text[len(m[0]):]
	}
	return "", text
}

// failed returns what an error of the connection or of a reply is; unfit are codes that speak of what was sent.
func failed(ctx context.Context, err error, sent bool) *Error {
	var own *Error
	if errors.As(err, &own) {
		return own
	}
	if ctx.Err() != nil {
		return &Error{Kind: Lost, Sent: sent, Err: ctx.Err()}
	}
	var odd textproto.ProtocolError // which quotes what came
	if errors.As(err, &odd) {
		err = errNotSMTP
	}
	var reply *textproto.Error
	if !errors.As(err, &reply) {
		return &Error{Kind: Lost, Sent: sent, Err: err}
	}
	e := &Error{Code: reply.Code}
	e.Status, e.Text = replied(reply.Msg)
	switch code := reply.Code; {
	case code == 421:
		e.Kind = Away
	case code >= 400 && code < 500:
		e.Kind = Busy
	case code == 530 || code == 534 || code == 535 || code == 538:
		e.Kind = Denied
	case code == 501 || code == 552 || code == 553 || code == 555, e.Status == "5.1.3" || e.Status == "5.2.3" || e.Status == "5.3.4",
		e.Status == "5.6.7": // RFC 6531 §3.5
		e.Kind = Unfit
	case code >= 500 && code < 600:
		e.Kind = Rejected
	default:
		return &Error{Kind: Lost, Sent: sent, Err: errNotSMTP}
	}
	return e
}
