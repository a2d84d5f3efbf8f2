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
	"net/http/httptrace"
	"net/url"
	"strconv"
	"sync/atomic"
	"time"

	"fondaco/config"
	"fondaco/connectors"
	"fondaco/connectors/errand"
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
	Clock     config.Clock                                                         // of tokens and signatures
	Dial      func(ctx context.Context, network, address string) (net.Conn, error) // the system's; nil for any address
	Proxy     func(*http.Request) (*url.URL, error)                                // the system's; nil for none
	sign      signer                                                               // adds signatures, last of all; nil for none
}

const (
	defaultConns  = 64
	defaultAnswer = 10 << 20
	maxHead       = 64 << 10
)

// Client calls one system. Safe for concurrent use; Close ends it.
type Client struct {
	system    string
	scheme    string
	host      string // from the connector alone: nothing that a caller says may change it
	path      string // the endpoint's, percent-encoded
	pool      *http.Transport
	sender    *http.Client
	errands   http.RoundTripper // beside the calls: for tokens
	auth      authorizer
	sign      signer // nil if nothing is signed
	maxAnswer int64
	clock     config.Clock
	log       *slog.Logger
}

// Request is one call.
type Request struct {
	Method    string
	Target    string             // path and query, percent-encoded, after the endpoint's path
	Header    http.Header        // not changed, may be shared by calls
	Body      []byte             // nil for none; not written to afterwards
	Upload    *connectors.Upload // in place of Body: sent on as it comes, once; nil for none
	Operation string             // for faults
	Effect    connectors.Effect
}

// Response is an answer, whatever its status. The body is the caller's.
type Response struct {
	Status int
	Header http.Header
	Body   []byte
	Stream io.ReadCloser // in place of Body, where Stream gave it
	Length int64         // of Stream, -1 if it is not said
	Came   time.Time     // by the clock that the client was handed
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
	if o.Dial == nil {
		o.Dial = (&connectors.System{Name: o.System}).Dial
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	c := &Client{
		system: o.System, scheme: o.Endpoint.Scheme, host: o.Endpoint.Host, path: o.Endpoint.EscapedPath(),
		maxAnswer: o.MaxAnswer, log: o.Log, sign: o.sign, clock: o.Clock,
	}
	c.pool = &http.Transport{
		DialContext:            o.Dial,
		Proxy:                  o.Proxy,
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
	c.sender, c.errands = sender(c.pool), errand.Transport(c.pool)
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
	res, sent, err := c.once(ctx, r)
	if err == nil && res.Status == http.StatusUnauthorized && c.auth != nil && c.auth.renew(sent, res.Header) && r.Upload == nil {
		res, _, err = c.once(ctx, r) // the token was no longer good; the system has done nothing
	}
	return res, err
}

// once sends a request, and returns the header that it was sent with.
func (c *Client) once(ctx context.Context, r *Request) (*Response, http.Header, error) {
	began := time.Now()
	answer, req, reached, err := c.send(ctx, ctx, r)
	if err != nil {
		if f := connectors.AsFault(err); f != nil {
			return nil, nil, f
		}
		return nil, nil, c.told(ctx, r, began, c.classify(ctx, r, err, reached()))
	}
	res, err := c.whole(ctx, r, req, answer, began)
	return res, req.Header, err
}

// send writes a request and returns the head of its answer; living ends the answer's body. An error is a fault of what was not
// sent, or of how sending ended; reached then reports whether the request may have been written.
func (c *Client) send(ctx, living context.Context, r *Request) (answer *http.Response, req *http.Request, reached func() bool, err error) {
	if err := ctx.Err(); err != nil {
		return nil, nil, nil, c.classify(ctx, r, err, false) // nothing starts after the deadline
	}
	target, err := c.url(r.Target)
	if err != nil {
		return nil, nil, nil, c.fault(r, connectors.Refused, false, err)
	}
	out := &outgoing{method: r.Method, header: headerOf(ctx, r), url: target, body: r.Body}
	if c.auth != nil {
		if err := c.auth.authorize(ctx, out); err != nil {
			return nil, nil, nil, c.classify(ctx, r, err, false)
		}
	}
	if c.sign != nil {
		if err := c.sign(ctx, out); err != nil {
			return nil, nil, nil, c.fault(r, connectors.Refused, false, err)
		}
	}
	req = &http.Request{Method: r.Method, URL: target, Header: out.header, Host: target.Host, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1}
	if r.Body != nil {
		req.ContentLength = int64(len(r.Body))
		req.Body = io.NopCloser(bytes.NewReader(r.Body))
		req.GetBody = func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(r.Body)), nil }
	}
	if r.Upload != nil {
		req.ContentLength, req.Body = r.Upload.Length, io.NopCloser(r.Upload)
		if r.Upload.Length == 0 {
			req.Body = http.NoBody
		}
	}
	written := new(atomic.Bool)
	if r.Effect == connectors.Once {
		living = httptrace.WithClientTrace(living, &httptrace.ClientTrace{GotConn: func(httptrace.GotConnInfo) { written.Store(true) }})
		neverAgain(req)
	} else {
		written.Store(true)
	}
	began := time.Now()
	answer, err = c.sender.Do(req.WithContext(living))
	if tap := connectors.TapOf(ctx); err != nil && tap != nil {
		tap(trip(r, req, nil, nil, began, err))
	}
	return answer, req, written.Load, err
}

// headerOf returns the header of a request as far as it does not prove who we are.
func headerOf(ctx context.Context, r *Request) http.Header {
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
	if header["Accept-Encoding"] == nil {
		header["Accept-Encoding"] = codings
	}
	return header
}

// whole reads an answer.
func (c *Client) whole(ctx context.Context, r *Request, req *http.Request, answer *http.Response, began time.Time) (*Response, error) {
	body, err := c.read(answer)
	if coded := answer.Header["Content-Encoding"]; err == nil && len(coded) > 0 && len(body) > 0 {
		body, err = decoded(body, coded, c.maxAnswer)
	}
	if tap := connectors.TapOf(ctx); tap != nil {
		tap(trip(r, req, answer, body, began, err))
	}
	if err != nil {
		return nil, c.told(ctx, r, began, c.broken(ctx, r, answer.StatusCode, err))
	}
	if c.log.Enabled(ctx, slog.LevelDebug) {
		c.log.LogAttrs(ctx, slog.LevelDebug, "call", slog.String("system", c.system), slog.String("operation", r.Operation),
			slog.Int("status", answer.StatusCode), slog.Int("bytes", len(body)), slog.Float64("ms", float64(time.Since(began).Microseconds())/1000))
	}
	return &Response{Status: answer.StatusCode, Header: answer.Header, Body: body, Came: c.clock.Now()}, nil
}

// told logs a fault, without any value of the message, and returns it.
func (c *Client) told(ctx context.Context, r *Request, began time.Time, f *connectors.Fault) *connectors.Fault {
	if c.log.Enabled(ctx, slog.LevelDebug) {
		c.log.LogAttrs(ctx, slog.LevelDebug, "call failed", slog.String("system", c.system), slog.String("operation", r.Operation),
			slog.String("fault", f.Kind.String()), slog.Bool("sent", f.Sent), slog.Float64("ms", float64(time.Since(began).Microseconds())/1000),
			slog.Any("error", f.Err))
	}
	return f
}

// neverAgain keeps net/http from sending a request of GET's kind anew by itself when a connection that was used before
// breaks: the operation counts, not the method. A body of nothing does that, and is not sent.
func neverAgain(req *http.Request) {
	switch req.Method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		req.GetBody = nil
		if req.Body == nil {
			req.Body = nothing{}
		}
	}
}

type nothing struct{}

func (nothing) Read([]byte) (int, error) { return 0, io.EOF }
func (nothing) Close() error             { return nil }

var agent = []string{"fondaco"}

// url returns the address of a target: the endpoint's host always.
func (c *Client) url(target string) (*url.URL, error) {
	raw, query, _ := cut(target)
	full := c.path + raw
	path, err := url.PathUnescape(full)
	if err != nil {
		return nil, errors.New("the path is not percent-encoded")
	}
	u := &url.URL{Scheme: c.scheme, Host: c.host, Path: path, RawQuery: query}
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

var (
	errLarge = errors.New("the answer is larger than allowed")
	errLong  = errors.New("the answer is longer than it says")

	errControl = errors.New("it holds control characters, which no header may")
)

// trusted is how many bytes an answer may announce for which room is made before they come.
const trusted = 1 << 20

// read takes the body, in one piece where its length is known.
func (c *Client) read(answer *http.Response) ([]byte, error) {
	defer func() { _ = answer.Body.Close() }()
	n := answer.ContentLength
	if answer.Request != nil && answer.Request.Method == http.MethodHead {
		n = 0 // what it says is the length that the answer to GET has
	}
	if n > c.maxAnswer {
		return nil, errLarge
	}
	if n >= 0 && n <= trusted {
		body := make([]byte, n)
		if _, err := io.ReadFull(answer.Body, body); err != nil {
			return nil, err
		}
		// The end must be seen for the connection to be used again.
		var one [1]byte
		if k, err := answer.Body.Read(one[:]); k > 0 || err != nil && !errors.Is(err, io.EOF) {
			return nil, errLong
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
func retryAfter(s string, now time.Time) (after time.Duration, said bool) {
	if n, err := strconv.Atoi(s); err == nil && n >= 0 {
		return time.Duration(min(n, 86_400)) * time.Second, true
	}
	if t, err := http.ParseTime(s); err == nil {
		return min(max(t.Sub(now), 0), 24*time.Hour), true
	}
	return 0, false
}
