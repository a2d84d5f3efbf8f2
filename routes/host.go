package routes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"fondaco/connectors"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/expr"
)

// host is a service as a program runs it.
type host struct {
	model   *Service
	program *Program
	served  map[*connectors.Operation]*served
	limit   int          // bytes of an answer
	handler http.Handler // set by Start
}

// served is an operation of a service with its route.
type served struct {
	id       string
	unit     *unit
	timeout  time.Duration
	bodySlot int
	userSlot int
	signer   int   // slot, -1 if nobody signs
	needs    []int // fields of user that the route reads and relies on
}

// hosts makes what the services need of the program's routes.
func (b *Builder) hosts(t *Typed) {
	for _, s := range t.Model.Services {
		h := &host{model: s, program: b.program, limit: limitOf(s.MaxAnswer, t.Model), served: map[*connectors.Operation]*served{}}
		passes := false
		bindings, timeout := map[*binding]bool{}, defaultTimeout
		for _, r := range t.SOAP {
			if r.service != s {
				continue
			}
			passes = passes || r.passesToken(t.Model.System)
			u := b.unit(r)
			for needed := range u.bindings {
				bindings[needed] = true
			}
			timeout = max(timeout, r.Model.Timeout)
			x := &served{
				id: r.Model.ID.Value, unit: u, timeout: r.Model.Timeout, bodySlot: r.bodySlot, userSlot: r.userSlot, signer: r.signerSlot,
				needs: r.needs(),
			}
			h.served[r.serves] = x
		}
		b.program.hosts = append(b.program.hosts, h)
		for _, method := range []string{http.MethodPost, http.MethodGet} {
			public := &Route{
				ID: s.Name, Method: method, Path: s.Path.Value, Summary: s.Title, Pos: s.Pos, Auth: s.Auth, Timeout: timeout, MaxBody: s.MaxBody,
				Rate: s.Rate, HasBody: method == http.MethodPost, Raw: true, PassesToken: passes, bindings: bindings, down: errNotStarted,
			}
			if method == http.MethodGet {
				public.ID, public.Auth, public.bindings = s.Name+".description", Auth{None: true}, nil
			}
			public.Serve = h.serve(public)
			b.program.Routes = append(b.program.Routes, public)
		}
	}
}

// open makes the service ready to answer.
func (h *host) open(d connectors.Deps) error {
	c := h.model.System.Connector
	var err error
	if h.handler, err = c.Protocol.Serve(c, h.model.System, h.answer, d); err != nil {
		return fmt.Errorf("service %s: %w", h.model.Name, err)
	}
	return nil
}

// userKey is where a context holds who calls a service.
type userKey struct{}

// serve passes requests of the program's server to the service.
func (h *host) serve(r *Route) func(ctx context.Context, req *trigger.Request) (*trigger.Response, error) {
	return func(ctx context.Context, req *trigger.Request) (*trigger.Response, error) {
		if h.handler == nil {
			return nil, &trigger.Problem{Status: 503, Title: "Not ready", Detail: "This service is not ready.", RetryAfter: time.Minute, Err: r.down}
		}
		failure := new(error)
		ctx = context.WithValue(context.WithValue(ctx, userKey{}, req.User), failureKey{}, failure)
		if req.Account != nil {
			ctx = context.WithValue(ctx, accountKey{}, req.Account)
		}
		ctx = connectors.WithFailure(connectors.WithBodyLimit(ctx, h.limit), func(err error) {
			*failure = fmt.Errorf("%s: the answer of the service %s: %w", r.Pos, h.model.Name, err)
		})
		in, err := http.NewRequestWithContext(ctx, r.Method, "http://"+req.Host+r.Path+"?"+req.Query, bytes.NewReader(req.Body))
		if err != nil {
			return nil, &trigger.Problem{Status: 400, Detail: "The address of the request cannot be read.", Err: err}
		}
		in.Header = req.Header
		w := &recorder{header: http.Header{}, resp: trigger.NewResponse()}
		h.handler.ServeHTTP(w, in)
		w.finish()
		w.resp.Failure = *failure
		return w.resp, nil
	}
}

// accountKey is where a context holds the account of a service's request.
type accountKey struct{}

// failureKey is where a context holds the cause of a fault, for the log.
type failureKey struct{}

// answer runs the route of an operation.
func (h *host) answer(ctx context.Context, op *connectors.Operation, in schema.Value) (out schema.Value, fault *connectors.SampleFault) {
	x := h.served[op]
	if x == nil {
		return schema.Value{}, &connectors.SampleFault{Code: "Client", Text: "the operation " + op.Name + " is not offered here"}
	}
	ctx, cancel := context.WithTimeout(ctx, x.timeout)
	defer cancel()
	out, err := h.exchange(ctx, x, in)
	if err == nil {
		return out, nil
	}
	if to, ok := ctx.Value(failureKey{}).(*error); ok {
		*to = err
	}
	p := problemOf(err)
	f := &connectors.SampleFault{Code: faultCode(p.Status), Text: p.Title}
	if p.Detail != "" {
		f.Text = strings.TrimPrefix(p.Title+": "+trigger.Brief(p.Detail), ": ")
	}
	var d *detailed
	if errors.As(err, &d) {
		f.Detail = d.detail
	}
	return schema.Value{}, f
}

// faultCode says whose fault a problem is: below 500 the caller's, else ours, so that the caller comes again.
func faultCode(status int) string {
	if status < 500 {
		return "Client"
	}
	return "Server"
}

func (h *host) exchange(ctx context.Context, s *served, in schema.Value) (out schema.Value, err error) {
	defer contained(&err)
	user, _ := ctx.Value(userKey{}).(schema.Value)
	if problem := unsaid(user, s.needs); problem != nil {
		return out, problem
	}
	now := h.program.now()
	x := s.unit.begin(func() time.Time { return now }, &shared{observe: h.program.observe})
	x.Frame.Account, _ = ctx.Value(accountKey{}).(expr.Account)
	if s.bodySlot >= 0 {
		x.Frame.Slots[s.bodySlot] = in
	}
	if s.userSlot >= 0 {
		x.Frame.Slots[s.userSlot] = user
	}
	if s.signer >= 0 {
		by, signed := connectors.SignerOf(ctx)
		if !signed {
			s.unit.end(x)
			return out, errUnsigned
		}
		x.Frame.Slots[s.signer] = by
	}
	said, err := s.unit.answered(ctx, x)
	if err == nil && said.output != nil {
		x.Frame.Context = ctx
		if out, err = said.output(&x.Frame); err != nil {
			var wrong *inputError
			if errors.As(err, &wrong) {
				err = fmt.Errorf("the answer of the route %s does not fit: %w", s.id, wrong.Violations)
			}
		}
	}
	s.unit.end(x)
	return out, err
}

// recorder makes an answer of what a handler writes.
type recorder struct {
	header http.Header
	resp   *trigger.Response
}

// Header returns the answer's head.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader notes the status.
func (w *recorder) WriteHeader(status int) {
	if w.resp.Status == 0 {
		w.resp.Status = status
	}
}

// Write appends to the body.
func (w *recorder) Write(b []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	w.resp.Body = append(w.resp.Body, b...)
	return len(b), nil
}

// finish moves the head to the answer.
func (w *recorder) finish() {
	w.WriteHeader(http.StatusOK)
	for name, values := range w.header {
		switch name {
		case "Content-Type":
			w.resp.ContentType = values[0]
		case "X-Content-Type-Options":
		default:
			for _, v := range values {
				w.resp.Header = append(w.resp.Header, trigger.Header{Name: name, Value: v})
			}
		}
	}
}
