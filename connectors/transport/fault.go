package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"

	"fondaco/connectors"
)

// classify says what a failed exchange was: whether it reached the system at all, and what is to be thought of it.
func (c *Client) classify(ctx context.Context, r *Request, err error, reached bool) *connectors.Fault {
	if f := connectors.AsFault(err); f != nil {
		own := *f // calls that waited for one token share its fault
		own.System, own.Operation = c.system, r.Operation
		return &own
	}
	err = plain(err)
	sent := reached && !unsent(err)
	late := ctx.Err() != nil || errors.Is(err, context.DeadlineExceeded)
	switch {
	case !sent && late && !errors.Is(ctx.Err(), context.Canceled):
		return c.fault(r, connectors.Timeout, false, cause(ctx, err))
	case !sent:
		return c.fault(r, connectors.Unavailable, false, cause(ctx, err))
	case r.Effect == connectors.Once:
		return c.fault(r, connectors.Unknown, true, cause(ctx, err))
	case late && !errors.Is(ctx.Err(), context.Canceled):
		return c.fault(r, connectors.Timeout, true, cause(ctx, err))
	case garbled(err):
		return c.fault(r, connectors.Invalid, true, errGarbled)
	}
	return c.fault(r, connectors.Unavailable, true, cause(ctx, err))
}

// cause returns the context's error where the context has ended: the network's own words for it vary.
func cause(ctx context.Context, err error) error {
	if ended := ctx.Err(); ended != nil {
		return ended
	}
	if garbled(err) {
		return errGarbled
	}
	return err
}

// broken says what an answer was whose body did not come whole.
func (c *Client) broken(ctx context.Context, r *Request, status int, err error) *connectors.Fault {
	var f *connectors.Fault
	switch {
	case ctx.Err() != nil:
		f = c.classify(ctx, r, err, true)
	case errors.Is(err, errLarge) || errors.Is(err, errLong) || errors.Is(err, errCoded) || r.Effect != connectors.Once:
		f = c.fault(r, connectors.Invalid, true, err)
	default:
		f = c.fault(r, connectors.Unknown, true, err)
	}
	f.Status = status
	return f
}

var errGarbled = errors.New("the answer is not HTTP")

// garbled reports whether a system has answered something that is not HTTP, or whose head is too large. The errors of
// net/http for that quote what came, so they are not passed on.
func garbled(err error) bool {
	var protocol textproto.ProtocolError
	if errors.As(err, &protocol) {
		return true
	}
	text := err.Error()
	for _, sign := range []string{
		"malformed", "response headers exceeded", "transfer encoding", "Content-Length", "Transfer-Encoding",
		"Location header",
	} {
		if strings.Contains(text, sign) {
			return true
		}
	}
	return false
}

// unsent reports whether an error came before any byte of the request could reach the system.
func unsent(err error) bool {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return true
	}
	var stray *connectors.Stray
	if errors.As(err, &stray) {
		return true
	}
	var dns *net.DNSError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
	if err.Error() == "net/http: TLS handshake timeout" { // its type is not exported
		return true
	}
	return errors.As(err, &dns) || errors.As(err, &alert) || errors.As(err, &record) || errors.As(err, &authority) ||
		errors.As(err, &host) || errors.As(err, &invalid) || errors.As(err, &verify)
}

// plain takes the address off an error: it may hold what a caller sent.
func plain(err error) error {
	var u *url.Error
	if errors.As(err, &u) {
		return u.Err
	}
	return err
}

// StatusFault returns the fault of an answer whose status is a failure.
func StatusFault(system string, op *connectors.Operation, res *Response) *connectors.Fault {
	f := &connectors.Fault{System: system, Operation: op.Name, Status: res.Status, Sent: true, Err: fmt.Errorf("HTTP status %d", res.Status)}
	var later bool // it asks to come again: nothing was done
	f.RetryAfter, later = retryAfter(res.Header.Get("Retry-After"), res.Came)
	switch s := res.Status; {
	case s == http.StatusNotFound || s == http.StatusGone:
		f.Kind = connectors.NotFound
	case s == http.StatusConflict || s == http.StatusPreconditionFailed:
		f.Kind = connectors.Conflict
	case s == http.StatusTooManyRequests:
		f.Kind = connectors.Unavailable
	case s == http.StatusUnauthorized || s == http.StatusForbidden:
		f.Kind = connectors.Unavailable // it is us whom it does not let in
	case s == http.StatusRequestTimeout:
		f.Kind = connectors.Timeout
		if op.Effect == connectors.Once {
			f.Kind = connectors.Unknown
		}
	case s >= 300 && s < 400:
		f.Kind = connectors.Invalid
	case s < 500:
		f.Kind = connectors.Refused
	case op.Effect != connectors.Once || s == http.StatusServiceUnavailable && later:
		f.Kind = connectors.Unavailable
	default:
		f.Kind = connectors.Unknown
	}
	return f
}
