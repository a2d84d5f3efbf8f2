package routes

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"math/rand/v2"
	"strings"

	"fondaco/connectors"
	"fondaco/messaging"
)

// The CloudEvents extensions by which a message carries its trace: traceparent and tracestate as the distributed tracing
// extension has them, and the id of the request that it all began with.
const (
	extensionRequest = "requestid"
	extensionParent  = "traceparent"
	extensionState   = "tracestate"
)

// ExtensionMarks is the CloudEvents extension by which a message bears the pseudonyms of the persons whose matter it is:
// store.Marks.
const ExtensionMarks = messaging.ExtensionMarks

// TraceExtensions returns the extensions of a message that an exchange with the trace t makes, ordered by name; none if t
// is nil. An error is that the pseudonyms of the persons whose matter it is cannot be said now.
func TraceExtensions(t *connectors.Trace) ([]messaging.Attribute, error) {
	if t == nil {
		return nil, nil
	}
	list := make([]messaging.Attribute, 0, 4)
	if t.Marks != nil {
		marks, err := t.Marks()
		if err != nil {
			return nil, err
		}
		if marks != "" {
			list = append(list, messaging.Attribute{Name: ExtensionMarks, Value: marks})
		}
	}
	if t.RequestID != "" {
		list = append(list, messaging.Attribute{Name: extensionRequest, Value: t.RequestID})
	}
	list = append(list, messaging.Attribute{Name: extensionParent, Value: t.Parent()})
	if t.State != "" {
		list = append(list, messaging.Attribute{Name: extensionState, Value: t.State})
	}
	return list, nil
}

// TraceOfMessage returns the trace of an exchange that works on a message: the one that the message carries, or one that
// follows from the message's source and id, so that all attempts are in the same trace. The span is new each time.
func TraceOfMessage(m messaging.Message) *connectors.Trace {
	t := &connectors.Trace{}
	if t.ParseParent(m.Extension(extensionParent)) {
		if state := m.Extension(extensionState); len(state) <= 512 &&
			!strings.ContainsFunc(state, func(c rune) bool { return c < ' ' || c > '~' }) {
			t.State = state
		}
	} else {
		sum := sha256.Sum256([]byte("fondaco trace\x00" + m.Source + " " + m.ID))
		*t = connectors.Trace{TraceID: [16]byte(sum[:16])}
	}
	binary.BigEndian.PutUint64(t.SpanID[:], rand.Uint64()|1) // never zero
	if t.RequestID = m.Extension(extensionRequest); !connectors.SaneRequestID(t.RequestID) {
		t.RequestID = hex.EncodeToString(t.TraceID[:])
	}
	if marks := m.Extension(ExtensionMarks); marks != "" && m.Type != batchEvent { // what follows from a batch is of nobody by himself
		t.Marks = func() (string, error) { return marks, nil }
	}
	t.Behalf = connectors.BehalfOfMessage(m.Key, m.Identity(), m.Since)
	return t
}
