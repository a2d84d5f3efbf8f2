package queue

import (
	"net/url"
	"strings"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// watched has calls report the message and the answer to the tap of their context. Octets are reported by their number.
func (x *prepared) watched(next connectors.Call) connectors.Call {
	shown := func(v schema.Value) []byte { return codec.AppendJSON(nil, counted(v)) }
	return connectors.Reporting(next, func(in schema.Value) *connectors.Trip {
		return &connectors.Trip{
			Operation: x.operation.Name, Method: strings.ToUpper(x.op.kind), URL: &url.URL{Scheme: "queue", Host: x.system.Name}, Body: shown(in),
		}
	}, shown)
}

// counted returns an input with the number of octets in the place of a body of octets.
func counted(v schema.Value) schema.Value {
	if v.Kind() != schema.KindRecord {
		return v
	}
	m := &schema.Map{}
	for i, f := range v.Type().Fields {
		field := v.Field(i)
		if field.IsAbsent() {
			continue
		}
		if field.Kind() == schema.KindBytes {
			field = schema.MapOf(&schema.Map{Keys: []string{"octets"}, Values: []schema.Value{schema.Int(int64(len(schema.Octets(field))))}})
		}
		m.Keys, m.Values = append(m.Keys, f.Name), append(m.Values, field)
	}
	return schema.MapOf(m)
}
