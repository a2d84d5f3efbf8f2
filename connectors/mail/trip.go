package mail

import (
	"net/url"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// watched has calls report the input and the answer to the tap of their context. Octets are reported by their number.
func (x *prepared) watched(next connectors.Call) connectors.Call {
	shown := func(v schema.Value) []byte { return codec.AppendJSON(nil, counted(v)) }
	return connectors.Reporting(next, func(in schema.Value) *connectors.Trip {
		return &connectors.Trip{
			Operation: x.operation.Name, Method: "SEND", URL: &url.URL{Scheme: "smtp", Host: x.system.Name}, Body: shown(in),
		}
	}, shown)
}

// counted returns a value with the number of octets in their place, at any depth.
func counted(v schema.Value) schema.Value {
	switch v.Kind() {
	case schema.KindBytes:
		return schema.MapOf(&schema.Map{Keys: []string{"octets"}, Values: []schema.Value{schema.Int(int64(len(schema.Octets(v))))}})
	case schema.KindList:
		all := make([]schema.Value, v.Len())
		for i, item := range v.Items() {
			all[i] = counted(item)
		}
		return schema.List(all)
	case schema.KindRecord:
		m := &schema.Map{}
		for i, f := range v.Type().Fields {
			if field := v.Field(i); !field.IsAbsent() {
				m.Keys, m.Values = append(m.Keys, f.Name), append(m.Values, counted(field))
			}
		}
		return schema.MapOf(m)
	}
	return v
}
