package server

import (
	"bytes"
	"context"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"runtime"
	"sync/atomic"
	"testing"

	"fondaco/connectors"
	"fondaco/routes/trigger"
)

// leftBody is a stream whose caller leaves while it is read.
type leftBody struct {
	leave  func()
	closed atomic.Int32
}

func (b *leftBody) Read([]byte) (int, error) {
	b.leave()
	return 0, errors.New("the system has gone too")
}

func (b *leftBody) Close() error {
	b.closed.Add(1)
	return nil
}

// TestStreamLeft: a caller who leaves while a stream ends closes that stream and nothing else. The answer's buffers are used again at
// once, and what the next answer streams stays open.
func TestStreamLeft(t *testing.T) {
	for range 2000 {
		ctx, leave := context.WithCancel(t.Context())
		r := httptest.NewRequestWithContext(ctx, http.MethodGet, "/", nil)
		v := &visit{s: &Server{log: slog.New(slog.DiscardHandler)}, w: httptest.NewRecorder(), r: r, trace: &connectors.Trace{}}
		body, other := &leftBody{leave: leave}, &leftBody{leave: func() {}}
		res := trigger.NewResponse()
		res.Status, res.Stream = http.StatusOK, &trigger.Stream{ReadCloser: body, Length: -1}
		func() {
			defer func() {
				if cause := recover(); cause != http.ErrAbortHandler {
					t.Fatalf("the stream has ended with %v", cause)
				}
			}()
			v.stream(res)
		}()
		next := trigger.NewResponse()
		next.Stream = &trigger.Stream{ReadCloser: struct {
			io.Reader
			io.Closer
		}{bytes.NewReader(nil), other}, Length: 0}
		for body.closed.Load() < 2 && other.closed.Load() == 0 { // closed by Release, and because the caller has left
			runtime.Gosched()
		}
		if other.closed.Load() != 0 {
			t.Fatal("the next answer's stream was closed")
		}
		next.Release()
	}
}
