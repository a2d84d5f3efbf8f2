package routes

import (
	"context"
	"errors"
	"net/http"
	"time"

	"fondaco/connectors"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
)

// server gives what serves one request of a route: parameters and body in, steps, the answer out.
func (b *builder) server(r *TypedRoute, run Run, route *Route) func(context.Context, *trigger.Request) (*trigger.Response, error) {
	program := b.program
	var body *codec.JSONDecoder
	if r.Model.Body != nil {
		body = codec.CompileJSON(r.Model.Body, codec.JSONOptions{Unknown: codec.Refuse})
	}
	var write transform.JSONWriter
	if r.respond != nil {
		write = r.respond.CompileJSON()
	}
	headers := make([]struct {
		name string
		eval expr.Eval
	}, len(r.headers))
	for i, h := range r.headers {
		headers[i].name, headers[i].eval = h.name, h.value.Compile(nil)
	}
	size, slots := r.scope.Size(), r.slots
	missing, hasMissing := slots["missing"]
	userSlot, hasUser := slots["user"]
	places := []struct {
		params *trigger.Params
		slot   int
	}{{r.params["path"], slots["path"]}, {r.params["query"], slots["query"]}, {r.params["header"], slots["header"]}, {r.params["cookie"], slots["cookie"]}}
	return func(ctx context.Context, req *trigger.Request) (*trigger.Response, error) {
		x := &Exchange{shared: &shared{watch: program.watch}, Frame: expr.Frame{Slots: make([]schema.Value, size), Budget: evalBudget}}
		now := program.now()
		x.Frame.Now = func() time.Time { return now }
		var bad []trigger.Invalid
		for _, p := range places {
			v, problem := p.params.Decode(req, &x.Frame.Arena, &bad)
			if problem != nil {
				return nil, problem
			}
			x.Frame.Slots[p.slot] = v
		}
		if body != nil {
			v, problem := trigger.DecodeBody(body, req, &bad)
			if problem != nil {
				return nil, problem
			}
			x.Frame.Slots[slots["body"]] = v
		}
		if len(bad) > 0 {
			return nil, &trigger.Problem{Status: http.StatusUnprocessableEntity, Detail: "The request does not fit what this operation takes.", Errors: bad}
		}
		if hasUser {
			x.Frame.Slots[userSlot] = req.User
		}
		if err := run(ctx, x); err != nil {
			return nil, problemOf(ctx, err)
		}
		if hasMissing {
			x.Frame.Slots[missing] = x.missed()
		}
		res := trigger.NewResponse()
		res.Status = r.Status
		for _, h := range headers {
			v, err := h.eval(&x.Frame)
			if err != nil {
				res.Release()
				return nil, problemOf(ctx, err)
			}
			if !v.IsNil() {
				res.Header = append(res.Header, trigger.Header{Name: h.name, Value: v.Str()})
			}
		}
		if write == nil {
			return res, nil
		}
		var err error
		res.ContentType = "application/json"
		if res.Body, err = write(&x.Frame, res.Body); err != nil {
			res.Release()
			return nil, problemOf(ctx, err)
		}
		return res, nil
	}
}

// problemOf gives the problem that an exchange ends with. What is wrong inside is for the log alone.
func problemOf(ctx context.Context, err error) *trigger.Problem {
	var p *trigger.Problem
	if errors.As(err, &p) {
		return p
	}
	if f := connectors.AsFault(err); f != nil {
		return faultProblem(f, err)
	}
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(ctx.Err(), context.DeadlineExceeded) {
		return &trigger.Problem{Status: http.StatusGatewayTimeout, Detail: "The answer was not ready in time.", Err: err}
	}
	if errors.Is(err, context.Canceled) {
		return &trigger.Problem{Status: http.StatusServiceUnavailable, Detail: "The request was cancelled.", Err: err}
	}
	return &trigger.Problem{Status: http.StatusInternalServerError, Detail: "The operation could not be carried out.", Err: err}
}

var faultDetails = map[connectors.FaultKind]string{
	connectors.Unavailable: "A system that this answer depends on is not available.",
	connectors.Timeout:     "A system that this answer depends on did not answer in time.",
	connectors.Refused:     "A system that this answer depends on refused the request.",
	connectors.Invalid:     "A system that this answer depends on gave an answer that is not understood.",
	connectors.NotFound:    "What was asked for does not exist.",
	connectors.Conflict:    "The present state does not allow this.",
	connectors.Unknown:     "The outcome is unknown: it cannot be told whether the request took effect.",
}

func faultProblem(f *connectors.Fault, err error) *trigger.Problem {
	p := &trigger.Problem{Status: faultStatus(f.Kind), Detail: faultDetails[f.Kind], RetryAfter: f.RetryAfter, Err: err}
	if f.Detail != "" {
		p.Detail = f.Detail
	}
	return p
}
