package database

import (
	"context"
	"net/http"
	"net/url"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// watched has calls tell the tap of their context what was asked of the database and what came back.
func (x *prepared) watched(next connectors.Call) connectors.Call {
	return func(ctx context.Context, in schema.Value) (schema.Value, error) {
		tap := connectors.TapOf(ctx)
		if tap == nil {
			return next(ctx, in)
		}
		began := time.Now()
		v, err := next(ctx, in)
		head := http.Header{"Content-Type": {"application/json"}} // which is masked by the names of fields
		body := append(codec.AppendText([]byte(`{"sql":`), x.statement.Text), `,"parameters":`...)
		trip := &connectors.Trip{
			Operation: x.operation.Name, Method: "SQL", URL: &url.URL{Scheme: x.driver.Schemes[0], Host: x.host}, Header: head,
			Body: append(codec.AppendJSON(body, in), '}'), Took: time.Since(began),
		}
		if err != nil {
			trip.Err = err
		} else {
			trip.Status, trip.Answer, trip.Got = http.StatusOK, head, codec.AppendJSON(nil, v)
		}
		tap(trip)
		return v, err
	}
}
