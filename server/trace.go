package server

import (
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"net/http"
	"strings"

	"fondaco/connectors"
)

// traceOf gives the trace of a request: the caller's if it sent a sane one, a new one otherwise. What is not sane is
// ignored, never sent on.
func traceOf(head http.Header) *connectors.Trace {
	t := &connectors.Trace{}
	if parent := head["Traceparent"]; len(parent) == 1 && parseParent(parent[0], t) {
		if state := head["Tracestate"]; len(state) == 1 && len(state[0]) <= 512 {
			t.State = state[0]
		}
	} else {
		*t = connectors.Trace{}
		binary.BigEndian.PutUint64(t.TraceID[:8], rand.Uint64())
		binary.BigEndian.PutUint64(t.TraceID[8:], rand.Uint64()|1) // never zero
	}
	binary.BigEndian.PutUint64(t.SpanID[:], rand.Uint64()|1)
	if id := head["X-Request-Id"]; len(id) == 1 && saneID(id[0]) {
		t.RequestID = id[0]
	} else {
		t.RequestID = hex.EncodeToString(t.TraceID[:])
	}
	return t
}

// parseParent reads a traceparent of version 00.
func parseParent(s string, t *connectors.Trace) bool {
	if len(s) != 55 || s[:3] != "00-" || s[35] != '-' || s[52] != '-' || strings.ToLower(s) != s {
		return false
	}
	var parent [8]byte
	var flags [1]byte
	if !unhex(t.TraceID[:], s[3:35]) || !unhex(parent[:], s[36:52]) || !unhex(flags[:], s[53:]) {
		return false
	}
	t.Sampled = flags[0]&1 != 0
	return t.TraceID != [16]byte{} && parent != [8]byte{}
}

func unhex(dst []byte, s string) bool {
	_, err := hex.Decode(dst, []byte(s))
	return err == nil
}

// saneID tells whether a caller's request id may be repeated in answers and logs.
func saneID(s string) bool {
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
