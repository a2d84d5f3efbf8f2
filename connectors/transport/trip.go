package transport

import (
	"net/http"
	"time"

	"fondaco/connectors"
)

// trip reports what went over the wire; answer is nil if none came.
func trip(r *Request, req *http.Request, answer *http.Response, body []byte, began time.Time, err error) *connectors.Trip {
	t := &connectors.Trip{
		Operation: r.Operation, Method: req.Method, URL: req.URL, Header: req.Header, Body: r.Body,
		Got: body, Took: time.Since(began), Err: err,
	}
	if answer != nil {
		t.Status, t.Answer = answer.StatusCode, answer.Header
	}
	return t
}
