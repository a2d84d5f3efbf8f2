package soap

import (
	"math"
	"net/http"
	"time"

	"fondaco/connectors"
	"fondaco/schema"
)

// played makes the handler of a simulator, answering from samples. Where the system is known, callers must present
// its user and password of WS-Security, and what its auth and sign say. Nothing is signed by WS-Security.
func played(c *connectors.Connector, s connectors.Simulation) (http.Handler, error) {
	x, err := newService(c, s.System(), nil)
	if err != nil {
		return nil, err
	}
	x.limit = maxRequest
	x.give = func(w *reply, r *http.Request, e *endpoint, in schema.Value) {
		w.sample(r, e, s.Find(e.operation.Name, in))
	}
	if s.System() == nil {
		return x, nil
	}
	guard, err := x.wire.access.Guard(s.System(), maxRequest)
	if err != nil {
		return x, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		switch {
		case guard.Answer(w, r):
		case r.Method != http.MethodGet && !guard.Known(r): // a description is for all
			guard.Ask(w.Header())
			http.Error(w, "unknown caller", http.StatusUnauthorized)
		default:
			x.ServeHTTP(w, r)
		}
	}), nil
}

// sample answers with the first sample that fits.
func (w *reply) sample(r *http.Request, e *endpoint, c *connectors.Sample) {
	if c == nil {
		w.fault(nil, &connectors.SampleFault{Code: "Server", Text: "no sample of " + e.operation.Name + " fits this input"},
			http.StatusInternalServerError)
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
	case e.op.out.OneWay:
		if c.Status == 0 {
			status = http.StatusAccepted
		}
		w.WriteHeader(status)
	case c.Answer.IsAbsent() && !e.op.out.Empty:
		w.send(status, nil)
	default:
		if err := w.value(e, c.Answer, status, math.MaxInt); err != nil {
			w.fault(nil, &connectors.SampleFault{Code: "Server", Text: "the sample of " + e.operation.Name + " does not fit its schema: " +
				err.Error()}, http.StatusInternalServerError)
		}
	}
}
