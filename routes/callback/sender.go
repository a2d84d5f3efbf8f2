package callback

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"sync"
	"time"

	"fondaco/connectors/network"
)

// The headers of ModI's pattern, as it writes them.
const (
	ReplyToHeader     = "X-ReplyTo"
	CorrelationHeader = "X-Correlation-ID"
)

const (
	maxIgnored = 64 << 10 // bytes of an answer that are read to use the connection again
	maxHead    = 64 << 10 // bytes of an answer's head
	perHost    = 16       // tellings under way to one host: a slow one never takes the others' place
)

// Told is one telling.
type Told struct {
	Operation   string // X-Correlation-ID
	ID          string // Idempotency-Key: the same for every repetition
	ContentType string // "" without a body
	Body        []byte
	Trace       string // traceparent, "" for none
}

// Errors that a Sender returns, beside those of the network. None holds more of an address than its host.
var (
	// ErrBusy says that nothing was sent: enough is under way to this host.
	ErrBusy = errors.New("too many callbacks to this host are under way")
)

// Answer is an answer of a receiver that is no 2xx.
type Answer struct {
	Host       string
	Status     int
	RetryAfter time.Duration // 0 if nothing was asked for
}

// Error returns the answer's status.
func (a *Answer) Error() string { return fmt.Sprintf("%s answered %d", a.Host, a.Status) }

// Final reports whether the receiver would answer the same again: it sends elsewhere, which is not followed, or cannot
// take what it was told. A 404 is not: the end may come before the receiver has taken up the correlation id.
func (a *Answer) Final() bool {
	switch a.Status {
	case http.StatusBadRequest, http.StatusGone, http.StatusRequestEntityTooLarge, http.StatusUnsupportedMediaType,
		http.StatusUnprocessableEntity:
		return true
	}
	return a.Status < 400
}

// Sender notifies callers of how their requests ended. It sends nothing that a caller said but the address: no token, no cookie,
// no header. It follows no
// redirect, uses no proxy but the project's, and connects to no address of this machine unless the host is written as
// such, nor to those that a network.Guard refuses.
// Safe for concurrent use; Close ends it.
type Sender struct {
	client *http.Client
	pool   *http.Transport
	mu     sync.Mutex
	busy   map[string]int // by host
}

// NewSender makes a sender that connects by the rules of g. It connects to nothing yet.
func NewSender(g *network.Guard) *Sender {
	protocols := new(http.Protocols)
	protocols.SetHTTP1(true)
	pool := &http.Transport{
		DialContext: g.DialOutside, Proxy: g.Proxy, TLSHandshakeTimeout: 5 * time.Second, MaxIdleConns: 64, MaxIdleConnsPerHost: perHost,
		IdleConnTimeout:        30 * time.Second,
		MaxResponseHeaderBytes: maxHead, DisableCompression: true, Protocols: protocols,
	}
	return &Sender{pool: pool, busy: map[string]int{}, client: &http.Client{
		Transport: pool, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
}

// Close ends the connections that are idle; tellings under way end by themselves.
func (s *Sender) Close() { s.pool.CloseIdleConnections() }

// Tell sends what is told to an address that Address has read: nil once the receiver has answered 2xx, whose body is
// passed over. The error is *Answer, ErrBusy, *network.Denied (wrapped), or what the network said.
func (s *Sender) Tell(ctx context.Context, to *url.URL, t Told) error {
	if !s.enter(to.Host) {
		return ErrBusy
	}
	defer s.leave(to.Host)
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, to.String(), bytes.NewReader(t.Body))
	if err != nil {
		return plain(to, err)
	}
	for name, value := range map[string]string{
		"Content-Type": t.ContentType, CorrelationHeader: t.Operation, "Idempotency-Key": t.ID, "Traceparent": t.Trace, "User-Agent": "fondaco",
	} {
		if value != "" {
			req.Header[name] = []string{value}
		}
	}
	res, err := s.client.Do(req)
	if err != nil {
		return plain(to, err)
	}
	_, _ = io.CopyN(io.Discard, res.Body, maxIgnored)
	_ = res.Body.Close()
	if res.StatusCode/100 == 2 {
		return nil
	}
	return &Answer{Host: to.Host, Status: res.StatusCode, RetryAfter: retryAfter(res.Header.Get("Retry-After"))}
}

func (s *Sender) enter(host string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[host] >= perHost {
		return false
	}
	s.busy[host]++
	return true
}

func (s *Sender) leave(host string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.busy[host]--; s.busy[host] == 0 {
		delete(s.busy, host)
	}
}

// plain takes the address out of an error of net/http: it may hold what only its owner should know.
func plain(to *url.URL, err error) error {
	var wrapped *url.Error
	if errors.As(err, &wrapped) {
		err = wrapped.Err
	}
	return fmt.Errorf("%s: %w", to.Host, err)
}

// retryAfter reads the header of that name in both of its forms (RFC 9110 §10.2.3), at most a day.
func retryAfter(text string) time.Duration {
	if n, err := strconv.Atoi(text); err == nil && n >= 0 {
		return time.Duration(min(n, 86_400)) * time.Second
	}
	if t, err := http.ParseTime(text); err == nil {
		return min(max(time.Until(t), 0), 24*time.Hour)
	}
	return 0
}
