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
