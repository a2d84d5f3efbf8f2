package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"time"

	"fondaco/connectors"
)

// classify says what a failed exchange was: whether it reached the system at all, and what is to be thought of it.
func (c *Client) classify(ctx context.Context, r *Request, err error, began bool) *connectors.Fault {
	if f := connectors.AsFault(err); f != nil {
		f.System, f.Operation = c.system, r.Operation
		return f
	}
	err = plain(err)
	sent := began && !unsent(err)
	late := errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded)
	var timeout net.Error
	if errors.As(err, &timeout) && timeout.Timeout() {
		late = true
	}
	switch {
	case !sent && !late:
		return c.fault(r, connectors.Unavailable, false, err)
	case !sent:
		return c.fault(r, connectors.Timeout, false, err)
	case r.Effect == connectors.Once:
		return c.fault(r, connectors.Unknown, true, err)
	case late:
		return c.fault(r, connectors.Timeout, true, err)
	}
	return c.fault(r, connectors.Unavailable, true, err)
}

// unsent tells whether an error came before any byte of the request could reach the system.
func unsent(err error) bool {
	var dial *net.OpError
	if errors.As(err, &dial) && dial.Op == "dial" {
		return true
	}
	var dns *net.DNSError
	var alert tls.AlertError
	var record tls.RecordHeaderError
	var authority x509.UnknownAuthorityError
	var host x509.HostnameError
	var invalid x509.CertificateInvalidError
	var verify *tls.CertificateVerificationError
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

// StatusFault gives the fault of an answer whose status is a failure.
func StatusFault(system string, op *connectors.Operation, res *Response) *connectors.Fault {
	f := &connectors.Fault{System: system, Operation: op.Name, Status: res.Status, Sent: true, Err: fmt.Errorf("HTTP status %d", res.Status)}
	f.RetryAfter = retryAfter(res.Header.Get("Retry-After"), time.Now())
	switch s := res.Status; {
	case s == http.StatusNotFound || s == http.StatusGone:
		f.Kind = connectors.NotFound
	case s == http.StatusConflict || s == http.StatusPreconditionFailed:
		f.Kind = connectors.Conflict
	case s == http.StatusTooManyRequests:
		f.Kind, f.Sent = connectors.Unavailable, false
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
	case op.Effect != connectors.Once || s == http.StatusServiceUnavailable && f.RetryAfter > 0:
		f.Kind = connectors.Unavailable
		if s == http.StatusServiceUnavailable {
			f.Sent = false
		}
	default:
		f.Kind = connectors.Unknown
	}
	return f
}
