package server

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"fondaco/routes/trigger"
	"fondaco/server/auth"
	"fondaco/store"
)

const (
	onceMargin     = 30 * time.Second // how much longer than its time limit an exchange under a key may take
	mostStored     = 1 << 20          // bytes of an answer that is kept under a key
	stillRunning   = "The first request with this Idempotency-Key is still being worked on."
	outcomeUnknown = "It is not known whether the first request with this Idempotency-Key took effect. It is not repeated."
)

// once runs an exchange under the caller's Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): a repetition gets
// the answer of the first, and no second effect. What ended before anything had an effect is forgotten, so that it can be
// repeated. The exchange goes on when its caller leaves: the answer is kept for the repetition.
func (v *visit) once(ctx context.Context, key string, req *trigger.Request, user *auth.User) {
	keys := v.s.topics.Idempotency
	if keys == nil {
		v.problem(&trigger.Problem{Status: http.StatusServiceUnavailable, Detail: "There is no storage for answers under an Idempotency-Key."})
		return
	}
	deadline, _ := ctx.Deadline()
	ctx, cancel := context.WithDeadline(context.WithoutCancel(ctx), deadline)
	defer cancel()
	claim, problem := v.claim(key, v.owner(user), req.Body, time.Until(deadline)+onceMargin)
	if problem != nil {
		v.problem(problem)
		return
	}
	r, err := keys.Reserve(ctx, claim, time.Now())
	if err != nil {
		v.unkept(err, asleep)
		return
	}
	switch {
	case r.State == store.Mismatch:
		v.refuse(http.StatusUnprocessableEntity, "This Idempotency-Key came before with another request.")
	case r.State == store.Answered:
		v.stored(r.Answer)
	case r.State == store.Running && !v.s.accepting.abandoned(claim, r.Since):
		v.w.Header()["Retry-After"] = []string{askAgain}
		v.refuse(http.StatusConflict, stillRunning)
	case r.State != store.Reserved: // whoever ran it was killed
		v.problem(&trigger.Problem{Status: http.StatusConflict, Title: "Outcome unknown", Detail: outcomeUnknown})
	default:
		defer v.s.accepting.begin(claim)()
		v.firstOf(ctx, keys, r.Token, req)
	}
}

// firstOf runs the exchange of a reserved key, keeps its answer if there may have been an effect, and answers.
func (v *visit) firstOf(ctx context.Context, keys store.Idempotency, token int64, req *trigger.Request) {
	var affected atomic.Bool
	req.Effect = func() { affected.Store(true) }
	ended := false
	defer func() {
		if !ended { // a panic: the outcome of what had an effect stays unknown
			v.release(ctx, keys, token, affected.Load())
		}
	}()
	res, err := v.route.Serve(ctx, req)
	ended = true
	if !affected.Load() {
		v.release(ctx, keys, token, false)
	} else if err := keys.Record(context.WithoutCancel(ctx), token, storedAnswer(res, err), time.Now()); err != nil {
		v.s.log.Error("the answer under an Idempotency-Key could not be kept: repetitions are answered 409", "route", v.route.ID, "request_id", v.trace.RequestID, "error", err)
	}
	if err != nil {
		res.Release()
		v.failed(err)
		return
	}
	v.answered(res)
}

// release frees a key whose request had no effect.
func (v *visit) release(ctx context.Context, keys store.Idempotency, token int64, affected bool) {
	if affected {
		return
	}
	if err := keys.Release(context.WithoutCancel(ctx), token); err != nil {
		v.s.log.Error("an Idempotency-Key could not be freed: repetitions are answered 409", "route", v.route.ID, "request_id", v.trace.RequestID, "error", err)
	}
}

// storedAnswer is what a repetition is answered with.
func storedAnswer(res *trigger.Response, err error) store.Answer {
	if err != nil {
		p := problemOf(err)
		return store.Answer{Status: p.Status, Header: [][2]string{{"Content-Type", trigger.ProblemType}}, Body: p.AppendJSON(nil)}
	}
	if len(res.Body) > mostStored {
		p := &trigger.Problem{Status: http.StatusConflict, Title: "Answer not kept", Detail: "The first request with this Idempotency-Key was done. Its answer is over 1 MiB and was not kept; the request is not repeated."}
		return store.Answer{Status: p.Status, Header: [][2]string{{"Content-Type", trigger.ProblemType}}, Body: p.AppendJSON(nil)}
	}
	a := store.Answer{Status: res.Status, Body: append([]byte(nil), res.Body...)}
	if res.ContentType != "" {
		a.Header = append(a.Header, [2]string{"Content-Type", res.ContentType})
	}
	for _, h := range res.Header {
		a.Header = append(a.Header, [2]string{h.Name, h.Value})
	}
	return a
}
