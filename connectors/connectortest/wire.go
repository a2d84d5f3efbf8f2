package connectortest

import (
	"testing"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// Wire is what the suite has to know of the wire that a protocol speaks.
type Wire struct {
	// Address returns how the parameter endpoint names a system at a host and port.
	Address func(hostPort string) string
	// NullIsAbsent says that the wire has one word for what is null and for what is absent: what may be null is then null,
	// other fields are absent.
	NullIsAbsent bool
	// Confirms is the field that scrivi answers, where the wire has a word of its own for that something was done; "" for codice.
	Confirms string
	// Names says that codice is a part of a name in the system: one that would lead elsewhere is the fault invalid, and nothing is sent.
	Names bool
}

// confirmed returns the answer of scrivi that has a text, as JSON.
func (w Wire) confirmed(text string) string { return `{"` + w.confirms() + `":"` + text + `"}` }

func (w Wire) confirms() string {
	if w.Confirms == "" {
		return "codice"
	}
	return w.Confirms
}

// arriving returns what arrives of an answer of leggi on the wire, as JSON.
func (s *Suite) arriving(t *testing.T, answer string) string {
	t.Helper()
	if !s.wire.NullIsAbsent {
		return answer
	}
	v := s.value(t, s.connector.Operation("leggi").Output, answer)
	fields := make([]schema.Value, len(v.Type().Fields))
	for i, f := range v.Type().Fields {
		if fields[i] = v.Field(i); fields[i].IsAbsent() && f.Type.Nullable {
			fields[i] = schema.Null
		}
	}
	return string(codec.AppendJSON(nil, schema.RecordOf(v.Type(), fields...)))
}
