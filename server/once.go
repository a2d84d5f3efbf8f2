package server

import (
	"context"
	"net/http"
	"sync/atomic"
	"time"

	"fondaco/routes"
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
	claim.Marks = v.marks(user)
	if problem == nil {
		req.Exchange, problem = v.exchangeOf(claim)
	}
	if problem != nil {
		v.problem(problem)
		return
	}
	defer v.s.accepting.begin(claim)()
	r, err := keys.Reserve(ctx, claim, v.s.clock.Now())
	if err != nil {
		v.unkept(err, notStored)
		return
	}
	switch {
	case r.State == store.Mismatch:
		v.refuse(http.StatusUnprocessableEntity, "This Idempotency-Key was already used with a different request.")
	case r.State == store.Answered:
		v.stored(r.Answer)
	case r.State == store.Running && !v.s.accepting.abandoned(claim, v.s.clock.Now().Sub(r.Since), 1):
		v.w.Header()["Retry-After"] = []string{askAgain}
		v.refuse(http.StatusConflict, stillRunning)
	case r.State != store.Reserved: // whoever ran it was killed
		v.resume(ctx, keys, r.Token, v.s.accepting.by(claim) == 1, req)
	default:
		v.firstOf(ctx, keys, r.Token, req)
	}
}

// firstOf runs the exchange of a reserved key and answers.
func (v *visit) firstOf(ctx context.Context, keys store.Idempotency, token int64, req *trigger.Request) {
	res, err := v.kept(ctx, keys, token, req)
	if err != nil {
		res.Release()
		v.failed(err)
		return
	}
	v.answered(res) //nolint:contextcheck // a stream ends with the connection, not with the exchange
}

// kept runs the exchange of a reserved key. Its answer is kept if there may have been an effect; otherwise the key is
// free again, after a panic too. After a panic amid effects the outcome stays unknown.
func (v *visit) kept(ctx context.Context, keys store.Idempotency, token int64, req *trigger.Request) (res *trigger.Response, err error) {
	var affected atomic.Bool
	req.Effect = func() { affected.Store(true) }
	after := context.WithoutCancel(ctx)
	failed := func(what string, err error) {
		v.s.log.Error(what+": repetitions are answered 409", "route", v.route.ID, "request_id", v.trace.RequestID, "error", err)
	}
	defer func() {
		if affected.Load() {
			return
		}
		if err := keys.Release(after, token); err != nil {
			failed("an Idempotency-Key could not be freed", err)
		}
	}()
	res, err = v.route.Serve(ctx, req)
	if _, undecided := routes.Undecided(err); affected.Load() && !undecided { // a repetition asks the system
		v.record(after, keys, token, req, storedAnswer(res, err))
	}
	return res, err
}

// record keeps the answer of an exchange. What was noted of its calls is wanted no more then.
func (v *visit) record(ctx context.Context, keys store.Idempotency, token int64, req *trigger.Request, a store.Answer) {
	if err := keys.Record(ctx, token, a, v.s.clock.Now()); err != nil {
		v.s.log.Error("the answer under an Idempotency-Key could not be kept: repetitions are answered 409", "route", v.route.ID, "request_id",
			v.trace.RequestID, "error", err)
		return
	}
	if req.Exchange == "" {
		return
	}
	if err := v.s.topics.Intents.End(ctx, req.Exchange); err != nil {
		v.s.log.Warn("the intents of calls whose answer is kept stay for the time being", "route", v.route.ID, "request_id", v.trace.RequestID,
			"error", err)
	}
}

// storedAnswer is what a repetition is answered with.
func storedAnswer(res *trigger.Response, err error) store.Answer {
	if err != nil {
		return routes.StoredProblem(problemOf(err))
	}
	if len(res.Body) > mostStored {
		return routes.StoredProblem(&trigger.Problem{
			Status: http.StatusConflict, Title: "Answer not kept",
			Detail: "The first request with this Idempotency-Key was done. Its answer is over 1 MiB and was not kept; the request is not repeated.",
		})
	}
	return routes.StoredAnswer(res)
}
