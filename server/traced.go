package server

import (
	"net/http"
	"time"

	"fondaco/connectors"
	"fondaco/store/traces"
)

// traced ends the recording of the visit. It is kept if it failed by us or by a system, or was accepted to be done later.
func (v *visit) traced(took time.Duration) {
	if v.s.traces == nil {
		return
	}
	var fault *connectors.Fault
	if v.failure != nil {
		fault = connectors.AsFault(v.failure.Err)
	}
	always := v.accepted != "" || v.status >= http.StatusInternalServerError || fault != nil
	v.s.traces.End(&v.recording, always, v.trace.SpanID, func() traces.Exchange {
		x := traces.Exchange{
			Kind: traces.Request, Route: v.routeID(), Request: v.trace.RequestID, Operation: v.accepted, Trace: v.trace.TraceID,
			Parent: v.trace.From, Began: v.began, Took: took, Status: v.status,
		}
		if v.accepted != "" {
			x.Kind = traces.Accepted
		}
		if fault != nil {
			x.Fault = fault.System + "." + fault.Operation + " " + fault.Kind.String()
		}
		return x
	})
}
