package server

import (
	"context"
	"encoding/json"
	"errors"
	"net/http"
	"strconv"
	"strings"
	"time"

	"fondaco/connectors"
	"fondaco/routes"
	"fondaco/routes/trigger"
	"fondaco/store"
)

// operationMethods is the Allow of /operations/{id}, resultMethods that of /operations/{id}/result.
const (
	operationMethods = "GET, HEAD, DELETE, OPTIONS"
	resultMethods    = "GET, HEAD, OPTIONS"
)

// operationPath reads /operations/{id} and /operations/{id}/result, also below base, so that the links in answers lead
// here without a gateway too; ok is false for any other path.
func operationPath(base, path string) (id string, result, ok bool) {
	rest, ok := strings.CutPrefix(strings.TrimPrefix(path, base), OperationsPath)
	id, wanted, more := strings.Cut(rest, "/")
	return id, more, ok && id != "" && (!more || wanted == "result")
}

// operation answers for /operations/{id} and /operations/{id}/result: the state of an accepted request, its result, and
// its cancellation (ModI, NONBLOCK_PULL_REST). Another caller's operation answers 404.
func (v *visit) operation(g *Routing, path string) {
	id, result, ok := operationPath(v.base, path)
	if v.s.topics.Operations == nil || !ok {
		v.refuse(http.StatusNotFound, "There is nothing under this path.")
		return
	}
	cancels := v.r.Method == http.MethodDelete && !result
	if v.r.Method != http.MethodGet && v.r.Method != http.MethodHead && !cancels {
		allow := operationMethods
		if result {
			allow = resultMethods
		}
		v.w.Header()["Allow"] = []string{allow}
		v.refuse(http.StatusMethodNotAllowed, "This path does not support that method; the header Allow lists those it does.")
		return
	}
	ctx, cancel := context.WithTimeout(connectors.WithTrace(v.r.Context(), v.trace), v.s.config.Timeout)
	defer cancel()
	op, ok := v.ownOperation(ctx, g, id)
	if !ok {
		return
	}
	switch {
	case cancels:
		v.cancel(ctx, op)
	case result:
		v.result(op)
	default:
		v.state(op)
	}
}

// ownOperation returns the operation if the caller may ask for it; otherwise it has answered.
func (v *visit) ownOperation(ctx context.Context, g *Routing, id string) (op store.Operation, ok bool) {
	op, err := v.s.topics.Operations.Get(ctx, id)
	if err != nil && !errors.Is(err, store.ErrAbsent) {
		v.unkept(err, "The state of operations cannot be read right now.")
		return op, false
	}
	if err == nil {
		if v.route = g.router.named(op.Route); v.route == nil {
			v.route = v.orphan(ctx, g, op)
		}
	}
	if v.route == nil {
		v.refuse(http.StatusNotFound, noOperation)
		return op, false
	}
	if v.route.Auth.None {
		return op, true
	}
	user := v.authenticate(ctx)
	if user == nil {
		return op, false
	}
	if op.Owner != "" && op.Owner != v.owner(user) {
		v.refuse(http.StatusNotFound, noOperation)
		return op, false
	}
	return op, true
}

const noOperation = "There is no such operation."

// result answers what the route answered, or the problem with which it ended; 410 once that is kept no longer.
func (v *visit) result(op store.Operation) {
	if !op.State.Ended() {
		v.w.Header()["Retry-After"] = []string{pollAfter(op, v.s.clock.Now())}
		v.refuse(http.StatusNotFound, "The operation has not ended.")
		return
	}
	if op.Answer.Status == 0 {
		v.refuse(http.StatusGone, "The result has expired.")
		return
	}
	v.stored(op.Answer)
}

// state answers 200 while the operation goes on, and 303 to its result once it has ended. Its ETag changes with the
// state: a poll that brings it in If-None-Match is answered 304 as long as nothing has changed.
func (v *visit) state(op store.Operation) {
	h := v.w.Header()
	h["Cache-Control"] = []string{"private, no-cache"}
	tag := `"` + string(op.State) + "-" + strconv.FormatInt(op.Updated.UnixMicro(), 36) + `"`
	h["Etag"] = []string{tag}
	status := http.StatusOK
	if op.State.Ended() {
		h["Location"] = []string{v.base + OperationsPath + op.ID + "/result"}
		status = http.StatusSeeOther
	} else {
		h["Retry-After"] = []string{pollAfter(op, v.s.clock.Now())}
		if trigger.NoneMatch(v.r.Header["If-None-Match"], tag) {
			v.write(http.StatusNotModified, nil)
			return
		}
	}
	v.writeState(status, op)
}

func (v *visit) writeState(status int, op store.Operation) {
	body, _ := json.Marshal(map[string]string{
		"id": op.ID, "state": string(op.State), "created": op.Created.UTC().Format(time.RFC3339), "updated": op.Updated.UTC().
			Format(time.RFC3339),
	})
	v.w.Header()["Content-Type"] = jsonType
	v.write(status, body)
}

// cancelledAnswer is the result of a cancelled operation.
var cancelledAnswer = routes.StoredProblem(&trigger.Problem{
	Status: http.StatusGone, Title: "Cancelled",
	Detail: "The request was cancelled before work on it began.",
})

// cancel answers DELETE /operations/{id}: a request on which no work has begun is never worked on, and its end is sent to
// whoever asked for that with X-ReplyTo. Once work has begun it answers 409. Cancelling twice answers as the first time.
func (v *visit) cancel(ctx context.Context, op store.Operation) {
	t := &v.s.topics
	refuse := func() {
		v.w.Header()["Retry-After"] = []string{pollAfter(op, v.s.clock.Now())}
		v.refuse(http.StatusConflict, "Work on the request has begun: it cannot be cancelled any more.")
	}
	switch {
	case op.State == store.Cancelled:
		v.writeState(http.StatusOK, op)
		return
	case op.State != store.Accepted:
		refuse()
		return
	case !t.Alone:
		v.refuse(http.StatusConflict, "The request cannot be cancelled: other processes may be working on it.")
		return
	}
	now := v.s.clock.Now()
	err := v.s.work.Withdraw(op.ID, func() error {
		if op.ReplyTo != "" { // a cancelled operation's end is durable before its state is
			if err := routes.TellEnd(ctx, routes.TopicsOf(t.Broker), op, store.Cancelled, 1, v.trace.Parent(), now); err != nil {
				return err
			}
		}
		return t.Operations.Cancel(ctx, op.ID, cancelledAnswer, now)
	})
	switch {
	case errors.Is(err, store.ErrBegun):
		refuse()
	case err != nil:
		v.unkept(err, "It is not known whether the request was cancelled. Ask again.")
	default:
		v.s.log.Info("an accepted request was cancelled", "route", op.Route, "operation", op.ID, "request_id", v.trace.RequestID)
		op.State, op.Updated = store.Cancelled, now
		v.writeState(http.StatusOK, op)
	}
}

// pollAfter is the number of seconds after which a state is worth asking for again: a tenth of the operation's age,
// at least 1 and at most 60.
func pollAfter(op store.Operation, now time.Time) string {
	return strconv.Itoa(int(min(max(now.Sub(op.Created)/10, time.Second), time.Minute) / time.Second))
}
