package server

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/http"

	"fondaco/connectors"
)

// traceOf returns the trace of a request: the caller's if it sent a sane one, a new one otherwise. What is not sane is
// ignored, never sent on.
func traceOf(head http.Header) *connectors.Trace {
	t := &connectors.Trace{}
	if parent := head["Traceparent"]; len(parent) == 1 && t.ParseParent(parent[0]) {
		if state := head["Tracestate"]; len(state) == 1 && len(state[0]) <= 512 {
			t.State = state[0]
		}
	} else {
		*t = connectors.Trace{}
		binary.BigEndian.PutUint64(t.TraceID[:8], rand.Uint64())
		binary.BigEndian.PutUint64(t.TraceID[8:], rand.Uint64()|1) // never zero
	}
	binary.BigEndian.PutUint64(t.SpanID[:], rand.Uint64()|1)
	if id := head["X-Request-Id"]; len(id) == 1 && connectors.SaneRequestID(id[0]) {
		t.RequestID = id[0]
	} else {
		t.RequestID = hex.EncodeToString(t.TraceID[:])
	}
	return t
}
