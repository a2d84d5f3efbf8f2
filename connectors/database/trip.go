package database

import (
	"net/url"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/codec"
)

// watched has calls report to the tap of their context what was asked of the database and what came back.
func (x *prepared) watched(next connectors.Call) connectors.Call {
	return connectors.Reporting(next, func(in schema.Value) *connectors.Trip {
		body := append(codec.AppendText([]byte(`{"sql":`), x.statement.Text), `,"parameters":`...)
		return &connectors.Trip{
			Operation: x.operation.Name, Method: "SQL", URL: &url.URL{Scheme: x.driver.Schemes[0], Host: x.host},
			Body: append(codec.AppendJSON(body, in), '}'),
		}
	}, func(answer schema.Value) []byte { return codec.AppendJSON(nil, answer) })
}
