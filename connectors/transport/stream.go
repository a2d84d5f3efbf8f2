package transport

import (
	"context"
	"errors"
	"io"
	"net/http"
	"sync"
	"time"

	"fondaco/connectors"
)

var (
	errIdle        = errors.New("the system sent nothing more in time")
	errBrokenOff   = errors.New("the system broke off")
	errCodedStream = errors.New("the answer is compressed, which was not asked for, and is handed on as it is")
)

// Stream sends a request and returns once the head of the answer has come. The body of a good answer is Stream, which is to be
// closed: it outlives ctx, and ends with an error when the system sends nothing for as long as idle, or breaks off. Other
// answers are read whole. Errors are those of Do.
func (c *Client) Stream(ctx context.Context, idle time.Duration, r *Request, good func(status int) bool) (*Response, error) {
	res, sent, err := c.head(ctx, idle, r, good)
	if err == nil && res.Status == http.StatusUnauthorized && c.auth != nil && c.auth.renew(sent, res.Header) && r.Upload == nil {
		res, _, err = c.head(ctx, idle, r, good)
	}
	return res, err
}

func (c *Client) head(ctx context.Context, idle time.Duration, r *Request, good func(status int) bool) (*Response, http.Header, error) {
	began := time.Now()
	living, cancel := context.WithCancelCause(context.WithoutCancel(ctx))
	until := context.AfterFunc(ctx, func() { cancel(context.Cause(ctx)) })
	plainly := *r
	plainly.Header = r.Header.Clone()
	plainly.Header.Set("Accept-Encoding", "identity")
	answer, req, reached, err := c.send(ctx, living, &plainly)
	if err != nil {
		cancel(nil)
		if f := connectors.AsFault(err); f != nil {
			return nil, nil, f
		}
		return nil, nil, c.told(ctx, r, began, c.classify(ctx, r, err, reached()))
	}
	if !good(answer.StatusCode) {
		res, err := c.whole(ctx, &plainly, req, answer, began)
		until()
		cancel(nil)
		return res, req.Header, err
	}
	if tap := connectors.TapOf(ctx); tap != nil {
		tap(trip(&plainly, req, answer, nil, began, nil))
	}
	if coded := answer.Header.Get("Content-Encoding"); coded != "" && coded != "identity" {
		_ = answer.Body.Close()
		cancel(nil)
		f := c.fault(r, connectors.Invalid, true, errCodedStream)
		f.Status = answer.StatusCode
		return nil, nil, f
	}
	if !until() { // ctx ended meanwhile: the head came too late
		_ = answer.Body.Close()
		cancel(nil)
		return nil, nil, c.told(ctx, r, began, c.broken(ctx, r, answer.StatusCode, ctx.Err()))
	}
	body := &stream{from: answer.Body, cancel: cancel, idle: idle}
	return &Response{
		Status: answer.StatusCode, Header: answer.Header, Stream: body, Length: answer.ContentLength, Came: c.clock.Now(),
	}, req.Header, nil
}

// stream is the body of an answer that is handed on.
type stream struct {
	from   io.ReadCloser
	cancel context.CancelCauseFunc
	idle   time.Duration
	once   sync.Once
}

// Read reads what the system sends. Its errors hold nothing of it.
func (s *stream) Read(p []byte) (int, error) {
	timer := time.AfterFunc(s.idle, func() { s.cancel(errIdle) })
	n, err := s.from.Read(p)
	if !timer.Stop() && err != nil && !errors.Is(err, io.EOF) {
		return n, errIdle
	}
	if err != nil && !errors.Is(err, io.EOF) {
		err = errBrokenOff
	}
	return n, err
}

// Close ends the exchange with the system; a Read that waits ends too.
func (s *stream) Close() error {
	s.once.Do(func() {
		s.cancel(context.Canceled)
		_ = s.from.Close()
	})
	return nil
}
