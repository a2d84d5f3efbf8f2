package files

import (
	"net/url"
	"strings"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// watched has calls report the request and the answer to the tap of their context. Octets are reported by their number.
func (x *prepared) watched(next connectors.Call) connectors.Call {
	shown := func(v schema.Value) []byte { return codec.AppendJSON(nil, countedOctets(v)) }
	return connectors.Reporting(next, func(in schema.Value) *connectors.Trip {
		return &connectors.Trip{
			Operation: x.operation.Name, Method: strings.ToUpper(x.op.kind), URL: &url.URL{Scheme: "files", Host: x.system.Name}, Body: shown(in),
		}
	}, shown)
}

// countedOctets returns a value with the number of octets in their place.
func countedOctets(v schema.Value) schema.Value {
	count := func(v schema.Value) schema.Value {
		return schema.MapOf(&schema.Map{Keys: []string{"octets"}, Values: []schema.Value{schema.Int(int64(len(schema.Octets(v))))}})
	}
	switch v.Kind() {
	case schema.KindBytes:
		return count(v)
	case schema.KindRecord:
		m := &schema.Map{}
		for i, f := range v.Type().Fields {
			field := v.Field(i)
			if field.IsAbsent() {
				continue
			}
			if field.Kind() == schema.KindBytes {
				field = count(field)
			}
			m.Keys, m.Values = append(m.Keys, f.Name), append(m.Values, field)
		}
		return schema.MapOf(m)
	}
	return v
}
