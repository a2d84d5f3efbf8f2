package work

import (
	"context"
	"errors"
	"time"

	"fondaco/connectors"
	"fondaco/messaging"
	"fondaco/routes"
	"fondaco/store/traces"
)

// What became of one attempt of the work on a message, as traces have it.
const (
	outcomeDone       = "done"
	outcomeAgain      = "again"      // it comes again, or was tried for the last time
	outcomeWaits      = "waits"      // a system is down: no attempt is used up
	outcomeDead       = "dead"       // it is kept as a letter
	outcomeCancelled  = "cancelled"  // its sender took it back
	outcomeSuperseded = "superseded" // it gave way to the next
	outcomePanicked   = "panicked"
)

// traced has do work on messages as exchanges of their traces, each attempt recorded.
func (w *workers) traced(k workKey, do messaging.Handler) messaging.Handler {
	return func(ctx context.Context, m messaging.Message) (err error) {
		trace := routes.TraceOfMessage(m)
		ctx = connectors.WithTrace(ctx, trace)
		if w.topics.Traces == nil {
			return do(ctx, m)
		}
		var r traces.Recording
		began, outcome := time.Now(), outcomePanicked
		w.topics.Traces.Begin(&r, began)
		trace.Recorder = &r
		defer func() {
			w.topics.Traces.End(&r, true, trace.SpanID, func() traces.Exchange {
				x := traces.Exchange{
					Kind: traces.Message, Route: k.id, Topic: k.topic, Group: k.group, Request: trace.RequestID, Message: m.ID, Trace: trace.TraceID,
					Parent: trace.From, Began: began, Took: time.Since(began), Outcome: outcome, Attempt: max(m.Attempt, 1),
				}
				if k.accepts {
					x.Operation = m.ID
				}
				if f := connectors.AsFault(err); f != nil {
					x.Fault = f.System + "." + f.Operation + " " + f.Kind.String()
				}
				return x
			})
		}()
		err = do(ctx, m)
		outcome = outcomeOf(err)
		return err
	}
}

// outcomeOf says in a word what a handler's error makes of an attempt.
func outcomeOf(err error) string {
	var dead *messaging.Dead
	var retry *messaging.Retry
	switch {
	case err == nil:
		return outcomeDone
	case errors.Is(err, messaging.ErrCancelled):
		return outcomeCancelled
	case errors.Is(err, messaging.ErrSuperseded):
		return outcomeSuperseded
	case errors.As(err, &dead):
		return outcomeDead
	case errors.As(err, &retry) && !retry.Counts:
		return outcomeWaits
	}
	return outcomeAgain
}
