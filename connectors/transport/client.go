// Package transport is the HTTP client that protocols share: one tuned pool of connections for each system, its
// authentication, and the classification of what goes wrong into faults. Retrying is the policies' decision alone.
package transport

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"fondaco/connectors"
)

// Options say which system a client speaks with.
type Options struct {
	System    string
	Endpoint  *url.URL // http or https; its path comes before every target
	Auth      Auth
	TLS       TLS
	MaxConns  int   // idle connections that are kept; 64 if 0
	MaxAnswer int64 // bytes of an answer; 10 MiB if 0
	Log       *slog.Logger
}

const (
	defaultConns  = 64
	defaultAnswer = 10 << 20
	maxHead       = 64 << 10
)

// Client calls one system. Safe for concurrent use; Close ends it.
type Client struct {
	system    string
	base      url.URL // without query
	pool      *http.Transport
	auth      authorizer
	maxAnswer int64
}

// Request is one call.
type Request struct {
	Method    string
	Target    string      // path and query, percent-encoded, after the endpoint's path
	Header    http.Header // not changed, may be shared by calls
	Body      []byte      // nil for none; not written to afterwards
	Operation string      // for faults
	Effect    connectors.Effect
}

// Response is an answer, whatever its status. The body is the caller's.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
}

// New makes a client. It connects to nothing.
func New(o Options) (*Client, error) {
	if o.MaxConns == 0 {
		o.MaxConns = defaultConns
	}
	if o.MaxAnswer == 0 {
		o.MaxAnswer = defaultAnswer
	}
	tlsConfig, err := o.TLS.config()
	if err != nil {
		return nil, err
	}
	dialer := &net.Dialer{Timeout: 5 * time.Second, KeepAlive: 30 * time.Second}
	c := &Client{system: o.System, base: *o.Endpoint, maxAnswer: o.MaxAnswer}
	c.base.RawQuery, c.base.Fragment = "", ""
	c.pool = &http.Transport{
		DialContext:            dialer.DialContext,
		TLSClientConfig:        tlsConfig,
		TLSHandshakeTimeout:    5 * time.Second,
		MaxIdleConns:           o.MaxConns,
		MaxIdleConnsPerHost:    o.MaxConns,
		IdleConnTimeout:        90 * time.Second,
		ExpectContinueTimeout:  time.Second,
		MaxResponseHeaderBytes: maxHead,
		DisableCompression:     true,
		Protocols:              http1(),
	}
	if c.auth, err = o.Auth.authorizer(c); err != nil {
		return nil, err
	}
	return c, nil
}

func http1() *http.Protocols {
	p := new(http.Protocols)
	p.SetHTTP1(true)
	return p
}

// Close ends the connections that are idle; calls under way end by themselves.
func (c *Client) Close() { c.pool.CloseIdleConnections() }

// Do sends a request and reads the answer whole. Any HTTP answer is a Response; an error is always a
// *connectors.Fault, classified by what may have happened to the system.
func (c *Client) Do(ctx context.Context, r *Request) (*Response, error) {
	res, err := c.once(ctx, r)
	if err == nil && res.Status == http.StatusUnauthorized && c.auth != nil && c.auth.renew(res) {
		return c.once(ctx, r) // the token was no longer good; the system has done nothing
	}
	return res, err
}

func (c *Client) once(ctx context.Context, r *Request) (*Response, error) {
	target, err := c.url(r.Target)
	if err != nil {
		return nil, c.fault(r, connectors.Refused, false, err)
	}
	header := make(http.Header, len(r.Header)+4)
	for k, v := range r.Header {
		header[k] = v
	}
	if t := connectors.TraceOf(ctx); t != nil {
		header["Traceparent"] = []string{t.Parent()}
		header["X-Request-Id"] = []string{t.RequestID}
		if t.State != "" {
			header["Tracestate"] = []string{t.State}
		}
	}
	header["User-Agent"] = agent
	if c.auth != nil {
		if err := c.auth.authorize(ctx, header, target); err != nil {
			return nil, c.classify(ctx, r, err, false)
		}
	}
	req := &http.Request{Method: r.Method, URL: target, Header: header, Host: target.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	if r.Body != nil {
		req.ContentLength = int64(len(r.Body))
		req.Body = io.NopCloser(bytes.NewReader(r.Body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.Body)), nil }
	}
	answer, err := c.pool.RoundTrip(req.WithContext(ctx))
	if err != nil {
		return nil, c.classify(ctx, r, err, true)
	}
	body, err := c.read(answer)
	if err != nil {
		if errors.Is(err, errLarge) {
			return nil, c.fault(r, connectors.Invalid, true, err)
		}
		return nil, c.classify(ctx, r, err, true)
	}
	return &Response{Status: answer.StatusCode, Header: answer.Header, Body: body}, nil
}

var agent = []string{"fondaco"}

// url gives the address of a target: the endpoint's host always.
func (c *Client) url(target string) (*url.URL, error) {
	raw, query, _ := cut(target)
	full := c.base.EscapedPath() + raw
	path, err := url.PathUnescape(full)
	if err != nil {
		return nil, errors.New("the path is not percent-encoded")
	}
	u := &url.URL{Scheme: c.base.Scheme, Host: c.base.Host, Path: path, RawQuery: query}
	if path != full {
		u.RawPath = full
	}
	return u, nil
}

func cut(target string) (path, query string, found bool) {
	for i := range len(target) {
		if target[i] == '?' {
			return target[:i], target[i+1:], true
		}
	}
	return target, "", false
}

var errLarge = errors.New("the answer is larger than allowed")

// read takes the body, in one piece where its length is known.
func (c *Client) read(answer *http.Response) ([]byte, error) {
	defer func() { _ = answer.Body.Close() }()
	n := answer.ContentLength
	if n > c.maxAnswer {
		return nil, errLarge
	}
	if n >= 0 {
		body := make([]byte, n)
		if _, err := io.ReadFull(answer.Body, body); err != nil {
			return nil, err
		}
		// The end must be seen for the connection to be used again.
		var one [1]byte
		if k, err := answer.Body.Read(one[:]); k > 0 || err != nil && !errors.Is(err, io.EOF) {
			return nil, errors.New("the answer is longer than it says")
		}
		return body, nil
	}
	body, err := io.ReadAll(io.LimitReader(answer.Body, c.maxAnswer+1))
	if int64(len(body)) > c.maxAnswer {
		return nil, errLarge
	}
	return body, err
}

func (c *Client) fault(r *Request, kind connectors.FaultKind, sent bool, err error) *connectors.Fault {
	return &connectors.Fault{System: c.system, Operation: r.Operation, Kind: kind, Sent: sent, Err: err}
}

// retryAfter reads the header of that name in both of its forms (RFC 9110 §10.2.3), at most a day.
func retryAfter(s string, now time.Time) time.Duration {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return time.Duration(min(n, 86_400)) * time.Second
	}
	if t, err := http.ParseTime(s); err == nil && t.After(now) {
		return min(t.Sub(now), 24*time.Hour)
	}
	return 0
}
