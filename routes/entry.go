package routes

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"time"

	"fondaco/connectors"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
	"fondaco/transform/funcs"
	"fondaco/transform/parts"
)

// entry runs the unit of a route for requests: it reads them and writes the answers.
type entry struct {
	unit     *unit
	route    *Route
	program  *Program
	params   [4]*trigger.Params
	slots    [4]int
	body     *codec.JSONDecoder // nil if there is none
	form     *parts.Form        // of a body with files, nil for JSON
	fill     *schema.Type       // of the body, if it has defaults
	bodySlot int
	userSlot int
	key      func(f *expr.Frame) (string, error) // of an accepted request, nil for none
	needs    []int                               // fields of user that the route reads and relies on
	kept     keptParts                           // of an accepted request
	keptAs   string                              // the route's name where it is kept
	telling  *telling                            // of an accepted request, nil if nobody is told
}

// serve runs one exchange, within the route's time and what ctx has left. Its error is always a *trigger.Problem.
func (e *entry) serve(ctx context.Context, req *trigger.Request) (resp *trigger.Response, err error) {
	if e.route.down != nil {
		return nil, &trigger.Problem{
			Status: 503, Title: "Not ready",
			Detail: "This operation is not ready: a system that it needs is not set up.", RetryAfter: time.Minute, Err: e.route.down,
		}
	}
	ctx, cancel := context.WithTimeout(ctx, e.route.Timeout)
	defer cancel()
	if resp, err = e.exchange(ctx, req); err != nil {
		if p := failedUpload(req); p != nil {
			return nil, p
		}
		return nil, problemOf(err)
	}
	return resp, nil
}

// exchange reads the request, runs the steps and writes the answer. A panic in it is its error.
func (e *entry) exchange(ctx context.Context, req *trigger.Request) (resp *trigger.Response, err error) {
	defer contained(&err)
	now := e.program.now()
	x := e.unit.begin(func() time.Time { return now },
		&shared{
			observe: e.program.observe, affect: req.Effect, id: req.Exchange, idle: e.route.Timeout, upload: req.Upload, head: req.Header,
		})
	x.Frame.Account = req.Account
	if err := e.read(x, req); err != nil {
		e.unit.end(x)
		return nil, err
	}
	said, err := e.unit.answered(ctx, x)
	if err == nil {
		resp, err = e.answer(ctx, x, said)
	}
	if h := x.shared.handover; err != nil || resp.Status == http.StatusNotModified {
		h.Close()
	} else if h != nil && h.Body != nil {
		resp.Stream = &trigger.Stream{ReadCloser: h.Body, Length: h.Length, Disposition: h.Disposition}
		resp.ContentType = h.Type
	}
	e.unit.end(x)
	return resp, err
}

// read decodes the request into the exchange's slots. All values that do not fit are told together.
func (e *entry) read(x *Exchange, req *trigger.Request) error {
	var bad []trigger.Invalid
	for i, p := range e.params {
		v, problem := p.Decode(req, &x.Frame.Arena, &bad)
		if problem != nil {
			return problem
		}
		if e.slots[i] >= 0 {
			x.Frame.Slots[e.slots[i]] = v
		}
	}
	if e.userSlot >= 0 {
		if problem := unsaid(req.User, e.needs); problem != nil {
			return problem
		}
		x.Frame.Slots[e.userSlot] = req.User
	}
	if e.body != nil {
		v, problem := e.readBody(req, &bad)
		if problem != nil {
			return problem
		}
		if e.fill != nil {
			trigger.Fill(v, e.fill)
		}
		x.Frame.Slots[e.bodySlot] = v
	} else if len(req.Body) > 0 {
		return trigger.NewProblem(400, "This operation takes no body.")
	}
	if len(bad) > 0 {
		return &trigger.Problem{Status: 422, Title: "Invalid request", Detail: "Some values of the request do not fit.", Errors: bad}
	}
	return nil
}

// readBody reads the body. One of a request that was accepted is kept as JSON, however it came.
func (e *entry) readBody(req *trigger.Request, bad *[]trigger.Invalid) (schema.Value, *trigger.Problem) {
	if e.form != nil && !req.Kept {
		return trigger.DecodeForm(e.form, req, bad)
	}
	return trigger.DecodeBody(e.body, req, bad)
}

// answer computes an answer.
func (e *entry) answer(ctx context.Context, x *Exchange, said *spoken) (*trigger.Response, error) {
	x.Frame.Context = ctx
	if said.missing >= 0 {
		x.Frame.Slots[said.missing] = x.missed()
	}
	resp := trigger.NewResponse()
	resp.Status, resp.ContentType = said.status, said.contentType
	for _, h := range said.headers {
		v, err := h.eval(&x.Frame)
		if err != nil {
			return nil, err
		}
		if v.IsNil() {
			continue
		}
		if text := funcs.Print(v); text != "" {
			if text, err = e.headerText(x, h.name, text); err != nil {
				return nil, err
			}
			resp.Header = append(resp.Header, trigger.Header{Name: h.name, Value: text})
		}
	}
	if said.tag != nil {
		tag, err := said.tag(&x.Frame)
		if err != nil {
			return nil, err
		}
		if e.tagged(x, resp, tag) {
			return resp, nil
		}
	}
	if said.parts != nil {
		body, contentType, err := said.parts(&x.Frame)
		if err != nil {
			return nil, err
		}
		resp.Body, resp.ContentType, resp.Form = body, contentType, said.form
		return resp, nil
	}
	if said.write == nil {
		return resp, nil
	}
	body, err := said.write(&x.Frame, resp.Body)
	if err != nil {
		codec.Recycle(body)
		return nil, err
	}
	if resp.Body = body; said.tagBody {
		e.tagged(x, resp, tagOf(body))
	}
	return resp, nil
}

// exchangeID returns the id of an exchange that a request starts: of its trace and its span.
func exchangeID(ctx context.Context) string {
	if t := connectors.TraceOf(ctx); t != nil {
		return hex.EncodeToString(t.TraceID[:]) + hex.EncodeToString(t.SpanID[:])
	}
	return rand.Text()
}
