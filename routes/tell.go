package routes

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"time"

	"fondaco/messaging"
	"fondaco/routes/callback"
	"fondaco/schema"
	"fondaco/store"
)

// The reasons of dead letters of ends that could not be told, beside reasonRefused.
const (
	reasonNotAllowed messaging.Reason = "not-allowed"    // the address is no longer one of those agreed
	reasonGone       messaging.Reason = "operation-gone" // the operation is kept no longer
)

const (
	tellers   = 64                    // ends that are being told at the same time
	settling  = 2 * time.Second       // how long an end that is being written down is waited for
	askSettle = 20 * time.Millisecond // between two looks at it
	settleBy  = time.Second           // the same where news tell of an end
	maxAfter  = 24 * time.Hour        // of a receiver's Retry-After
)

// toldType is the type of the messages that say that an end is to be told: callback.Ended.
var toldType = schema.RecordType(
	schema.Field{Name: "operation", Type: schema.TypeText, Required: true}, schema.Field{Name: "route", Type: schema.TypeText, Required: true},
	schema.Field{Name: "state", Type: schema.TypeText, Required: true}, schema.Field{Name: "end", Type: schema.TypeInt},
)

// teller returns the consumer that sends outcomes to callers. One stands for all routes: what a removed route left is sent too.
func (b *Builder) teller() *Consumer {
	p := b.program
	// The routes say how often; the consumer's own plan is for what costs no attempt.
	c := &Consumer{
		ID: "reply_to", Topic: callback.Topic, Group: "fondaco", Workers: tellers,
		Backoff: messaging.Backoff{First: time.Second, Max: time.Minute, Attempts: 1000}, read: reads(toldType),
	}
	c.Handle = func(ctx context.Context, m messaging.Message) error {
		end, err := callback.Read(m)
		if err != nil {
			return &messaging.Dead{Reason: reasonSchema, Detail: err.Error()}
		}
		op, err := p.ended(ctx, end)
		if err != nil || op == nil {
			return err
		}
		return p.tell(ctx, m, op)
	}
	return c
}

// ended returns the operation that has ended as the message says. Nil where it has ended otherwise since: that end has a
// message of its own.
func (p *Program) ended(ctx context.Context, end callback.Ended) (*store.Operation, error) {
	if p.operations == nil {
		return nil, &messaging.Retry{Err: errors.New("there is no storage of operations")}
	}
	woken, stop := p.wake.On(store.OperationEnded)
	defer stop()
	pause := askSettle
	if woken != nil {
		pause = settleBy
	}
	for until := time.Now().Add(settling); ; {
		op, err := p.operations.Get(ctx, end.Operation)
		switch {
		case errors.Is(err, store.ErrAbsent):
			return nil, &messaging.Dead{Reason: reasonGone, Detail: "the operation has expired, and its answer with it"}
		case err != nil:
			return nil, &messaging.Retry{Err: err}
		case op.State == end.State && (op.End == end.End || op.State == store.Done):
			return &op, nil
		case op.State.Ended() && op.State != store.Failed || op.End > end.End:
			return nil, nil //nolint:nilnil // nothing is to be told, and nothing is wrong
		case !time.Now().Before(until):
			return nil, &messaging.Retry{Err: errors.New("the operation has not ended")}
		}
		select {
		case <-ctx.Done():
			return nil, &messaging.Retry{Err: ctx.Err()}
		case <-woken:
		case <-time.After(pause):
		}
	}
}

// tell sends an operation's outcome once. The operation stays as it is, whatever comes of it.
func (p *Program) tell(ctx context.Context, m messaging.Message, op *store.Operation) error {
	t := p.telling[op.Route]
	if t == nil && !p.has(op.Route) {
		t = p.agreed(op.ReplyTo)
	}
	if t == nil {
		return &messaging.Dead{Reason: reasonNotAllowed, Detail: fmt.Sprintf("the route %s has no reply_to any longer", op.Route)}
	}
	if op.Answer.Status == 0 {
		return &messaging.Dead{Reason: reasonGone, Detail: "the operation's answer has expired"}
	}
	to, err := callback.Address(op.ReplyTo, t.allowed)
	if err != nil {
		return &messaging.Dead{Reason: reasonNotAllowed, Detail: err.Error()}
	}
	ctx, cancel := context.WithTimeout(ctx, t.timeout)
	defer cancel()
	told := callback.Told{Operation: op.ID, ID: m.ID, Body: op.Answer.Body, Trace: m.Extension("traceparent")}
	for _, h := range op.Answer.Header {
		if h[0] == "Content-Type" {
			told.ContentType = h[1]
		}
	}
	err = p.tellTo(ctx, to, told)
	if err == nil || errors.Is(err, callback.ErrBusy) {
		return uncounted(err)
	}
	after := t.backoff.After(m.Attempt)
	var answer *callback.Answer
	if errors.As(err, &answer) {
		if answer.Final() {
			return &messaging.Dead{Reason: reasonRefused, Detail: answer.Error()}
		}
		after = min(max(after, answer.RetryAfter), maxAfter)
	}
	if m.Attempt >= t.backoff.Attempts {
		return &messaging.Dead{Reason: messaging.Exhausted, Detail: fmt.Sprintf("%d attempts failed, the last: %s", m.Attempt, err)}
	}
	return &messaging.Retry{After: after, Counts: true, Err: err}
}

// has reports whether the project has a route of that name.
func (p *Program) has(route string) bool {
	return slices.ContainsFunc(p.typed.Routes, func(r *TypedRoute) bool { return r.Model.ID.Value == route })
}

// agreed returns how ends are told to an address of which a route says that it may be told, for the requests of a route that is
// gone; nil if none does.
func (p *Program) agreed(address string) *telling {
	for _, route := range slices.Sorted(maps.Keys(p.telling)) {
		if _, err := callback.Address(address, p.telling[route].allowed); err == nil {
			return p.telling[route]
		}
	}
	return nil
}

// uncounted asks for the message again without using up an attempt; nil stays nil.
func uncounted(err error) error {
	if err == nil {
		return nil
	}
	return &messaging.Retry{Err: err}
}
