package connectors

import (
	"context"
	"encoding/hex"
	"strings"
)

// Trace says to which request of the outside world a call belongs. The server makes it, transports send it on.
type Trace struct {
	TraceID   [16]byte // as in W3C Trace Context
	SpanID    [8]byte  // of this exchange: what it calls names it as parent
	From      [8]byte  // the span that it follows from; zero for none
	Sampled   bool
	RequestID string // the caller's X-Request-Id if it was sane, or one of ours
	State     string // the caller's tracestate, sent on as it came; "" for none
	Behalf    Behalf // on whose behalf; never sent on

	// Marks returns the pseudonyms of the persons whose matter it is, which messages bear and calls do not; nil for nobody
	// who is known. An error is that they cannot be said now: nothing may be kept without them.
	Marks func() (string, error)

	Recorder Recorder // of this exchange; nil for none. Never sent on
}

// traceKey is where a context holds its trace.
type traceKey struct{}

// WithTrace returns a context that carries t; nobody changes t afterwards.
func WithTrace(ctx context.Context, t *Trace) context.Context {
	return context.WithValue(ctx, traceKey{}, t)
}

// TraceOf returns the trace that ctx carries, nil if it carries none.
func TraceOf(ctx context.Context) *Trace {
	t, _ := ctx.Value(traceKey{}).(*Trace)
	return t
}

// Parent returns the trace as the value of the header traceparent, for what this exchange calls.
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

// ParseParent takes trace id and flags from a traceparent of version 00 (W3C Trace Context §3.2) and reports whether it
// is one; t is then another's trace, without a span of its own. What is not valid leaves nothing usable in t.
func (t *Trace) ParseParent(s string) bool {
	if len(s) != 55 || s[:3] != "00-" || s[35] != '-' || s[52] != '-' || strings.ToLower(s) != s {
		return false
	}
	var flags [1]byte
	if !unhex(t.TraceID[:], s[3:35]) || !unhex(t.From[:], s[36:52]) || !unhex(flags[:], s[53:]) {
		return false
	}
	t.Sampled = flags[0]&1 != 0
	return t.TraceID != [16]byte{} && t.From != [8]byte{}
}

func unhex(dst []byte, s string) bool {
	_, err := hex.Decode(dst, []byte(s))
	return err == nil
}

// SaneRequestID reports whether another's request id may be repeated in answers, messages and logs: 1 to 128 letters,
// digits, "-", "_" and ".".
func SaneRequestID(s string) bool {
	if len(s) == 0 || len(s) > 128 {
		return false
	}
	for i := range len(s) {
		c := s[i]
		if (c < '0' || c > '9') && (c|0x20 < 'a' || c|0x20 > 'z') && c != '-' && c != '_' && c != '.' {
			return false
		}
	}
	return true
}
