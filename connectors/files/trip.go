package files

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// watched makes calls report the request and the answer to the tap of their context. Octets are reported by their number.
func (x *prepared) watched(next connectors.Call) connectors.Call {
	return func(ctx context.Context, in schema.Value) (schema.Value, error) {
		tap := connectors.TapOf(ctx)
		if tap == nil {
			return next(ctx, in)
		}
		began := time.Now()
		v, err := next(ctx, in)
		head := http.Header{"Content-Type": {"application/json"}} // which is masked by the names of fields
		trip := &connectors.Trip{
			Operation: x.operation.Name, Method: strings.ToUpper(x.op.kind), URL: &url.URL{Scheme: "files", Host: x.system.Name}, Header: head,
			Body: codec.AppendJSON(nil, countedOctets(in)), Took: time.Since(began),
		}
		if err != nil {
			trip.Err = err
		} else {
			trip.Status, trip.Answer, trip.Got = http.StatusOK, head, codec.AppendJSON(nil, countedOctets(v))
		}
		tap(trip)
		return v, err
	}
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
