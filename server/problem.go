package server

import (
	"context"
	"errors"
	"math"
	"net/http"
	"strconv"
	"time"

	"fondaco/connectors"
	"fondaco/routes/trigger"
)

// clientGone is the status that logs and metrics give to an exchange whose caller went away; nobody sees it answered.
const clientGone = 499

// faults says what answers a fault that a route did not catch.
var faults = [...]struct {
	status int
	detail string
}{
	connectors.Unavailable: {http.StatusServiceUnavailable, "A system that this answer depends on is not available."},
	connectors.Timeout:     {http.StatusGatewayTimeout, "A system that this answer depends on did not answer in time."},
	connectors.Refused:     {http.StatusUnprocessableEntity, "A system that this answer depends on refused the request."},
	connectors.Invalid:     {http.StatusBadGateway, "A system that this answer depends on gave an answer that is not understood."},
	connectors.NotFound:    {http.StatusNotFound, "What was asked for does not exist."},
	connectors.Conflict:    {http.StatusConflict, "The present state does not allow this."},
	connectors.Unknown:     {http.StatusBadGateway, "The outcome is unknown: it is not known whether the request took effect."},
}

// problemOf returns the problem that answers an error.
func problemOf(err error) *trigger.Problem {
	var p *trigger.Problem
	if errors.As(err, &p) {
		return p
	}
	if f := connectors.AsFault(err); f != nil && int(f.Kind) < len(faults) && f.Kind != 0 {
		p := &trigger.Problem{Status: faults[f.Kind].status, Detail: faults[f.Kind].detail, RetryAfter: f.RetryAfter, Err: err}
		if f.Detail != "" {
			p.Detail = f.Detail
		}
		if f.Kind == connectors.Unknown {
			p.Members = []byte(trigger.OutcomeUnknown)
		}
		return p
	}
	if errors.Is(err, context.DeadlineExceeded) {
		return &trigger.Problem{Status: http.StatusGatewayTimeout, Detail: "The answer was not ready in time.", Err: err}
	}
	return &trigger.Problem{Status: http.StatusInternalServerError, Err: err}
}

// problem answers with a problem. It never fails: whoever does not take it is gone.
func (v *visit) problem(p *trigger.Problem) {
	h := v.w.Header()
	if p.RetryAfter == 0 && p.Status == http.StatusServiceUnavailable {
		h["Retry-After"] = retrySoon
	}
	if p.RetryAfter > 0 {
		h["Retry-After"] = []string{strconv.Itoa(seconds(p.RetryAfter))}
	}
	contentType, body := v.language.Answer(p)
	if p.Own != nil {
		h["Content-Type"], h["Content-Security-Policy"] = []string{contentType}, nothingMore
	} else {
		h["Content-Type"] = problemType
		body = append(body[:len(body)-1], `,"request_id":"`...)
		body = append(body, v.trace.RequestID...)
		body = append(body, `"}`...)
	}
	v.failure = p
	v.write(p.Status, body)
}

// refuse answers with a problem of the server's own.
func (v *visit) refuse(status int, detail string) { v.problem(trigger.NewProblem(status, detail)) }

// seconds rounds up: to wait less than is asked for would be refused again.
func seconds(d time.Duration) int { return int(math.Ceil(d.Seconds())) }
