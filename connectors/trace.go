package connectors

import (
	"context"
	"encoding/hex"
)

// Trace says to which request of the outside world a call belongs. The server makes it, transports send it on.
type Trace struct {
	TraceID   [16]byte // as in W3C Trace Context
	SpanID    [8]byte  // of this exchange: what it calls names it as parent
	Sampled   bool
	RequestID string // the caller's X-Request-Id if it was sane, or one of ours
	State     string // the caller's tracestate, sent on as it came; "" for none
}

// traceKey is where a context holds its trace.
type traceKey struct{}

// WithTrace gives a context that carries t; nobody changes t afterwards.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// TraceOf gives the trace that ctx carries, nil if it carries none.
func TraceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

// Parent gives the trace as the value of the header traceparent, for what this exchange calls.
func (t *Trace) Parent() string {
	b := make([]byte, 0, 55)
	b = append(b, "00-"...)
	b = hex.AppendEncode(b, t.TraceID[:])
	b = append(b, '-')
	b = hex.AppendEncode(b, t.SpanID[:])
	if t.Sampled {
		return string(append(b, "-01"...))
	}
	return string(append(b, "-00"...))
}
