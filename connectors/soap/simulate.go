package soap

import (
	"math"
	"net/http"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
)

// simulate gives the server side of a connector, answering from samples. Where the system is known, callers must present
// its user and password.
func simulate(c *connectors.Connector, s *connectors.Simulation) (http.Handler, error) {
	x, err := newService(c, s.System)
	if err != nil {
		return nil, err
	}
	x.limit = maxRequest
	x.give = func(w *reply, r *http.Request, e *endpoint, in schema.Value) {
		w.sample(r, e, s.Find(e.operation.Name, in))
	}
	return x, nil
}

// sample answers with the first sample that fits.
func (w *reply) sample(r *http.Request, e *endpoint, c *connectors.Case) {
	if c == nil {
		w.fault(nil, &connectors.SampleFault{Code: "Server", Text: "no sample of " + e.operation.Name + " fits this input"}, http.StatusInternalServerError)
		return
	}
	if c.Delay > 0 {
		timer := time.NewTimer(c.Delay)
		defer timer.Stop()
		select {
		case <-timer.C:
		case <-r.Context().Done():
			return
		}
	}
	for _, h := range c.Headers {
		w.Header().Add(h[0], h[1])
	}
	status := c.Status
	switch {
	case c.Fault != nil:
		if status == 0 {
			status = http.StatusInternalServerError
		}
		w.fault(e, c.Fault, status)
		return
	case status == 0:
		status = http.StatusOK
	}
	switch {
	case c.Raw != "":
		w.send(status, []byte(c.Raw))
	case c.Answer.IsAbsent() && !e.op.out.none:
		w.send(status, nil)
	default:
		if err := w.value(e, c.Answer, status, math.MaxInt); err != nil {
			w.fault(nil, &connectors.SampleFault{Code: "Server", Text: "the sample of " + e.operation.Name + " does not fit its schema: " + err.Error()}, http.StatusInternalServerError)
		}
	}
}
