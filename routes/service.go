package routes

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/expr"
)

// Service is a connector turned round: the project serves its operations, each by a route, on one path.
type Service struct {
	Name   string
	System *connectors.System // the connector, and what callers must present
	Path   config.Text
	Auth   Auth
	Title  string
	Pos    diag.Pos

	auth authValue
}

// ServiceSpec declares the fields of a service in fondaco.yaml, for documentation and editors.
func ServiceSpec(o *spec.Object) {
	connectors.SystemSpec(o, (&Service{}).spec)
}

func (s *Service) spec(o *spec.Object) {
	o.Text("path", &s.Path).Required().Doc("Where it is reached; ?wsdl gives its description.").Example("/soap/pagopa")
	o.Var("auth", &s.auth).Doc("Who may call, beside what the connector says of the message: none, or a scheme.")
}

// loadServices reads the services of fondaco.yaml.
func (m *Model) loadServices(load func(dir string, at diag.Pos) *connectors.Connector, out *diag.List) {
	for _, e := range m.Project.Services {
		s := &Service{Name: e.Key.Value, Pos: e.Key.Pos}
		s.System = connectors.LoadService(e, load, s.spec, out)
		s.System.Bind(m.Source.Lookup)
		s.Auth = s.auth.auth()
		if c := s.System.Connector; c != nil {
			s.Title = c.Title
			if c.Protocol != nil && c.Protocol.Serve == nil {
				out.Report(diag.BadRoute, s.Pos, "the service %s is a connector of %s, which is not served; soap is", s.Name, c.Protocol.Name).WithLen(len(s.Name))
			}
		}
		switch {
		case !s.auth.given:
			out.Report(diag.MissingAuth, s.Pos, "the service %q does not say who may call it", s.Name).WithLen(len(s.Name)).
				WithHint("say auth: none if what the connector asks of the message is enough, or auth: { scheme: NAME }")
		case !s.Auth.None && !slices.Contains(m.schemes(), s.Auth.Scheme) && s.Auth.Scheme != "":
			s.auth.scheme.Report(out, diag.BadRoute, "fondaco.yaml has no auth scheme %q", s.Auth.Scheme).WithNearest(s.Auth.Scheme, m.schemes())
		}
		if s.Path.Value != "" && (!strings.HasPrefix(s.Path.Value, "/") || strings.ContainsAny(s.Path.Value, "{}?# ")) {
			s.Path.Report(out, diag.BadValue, "found the path %q, expected one without holes, as /soap/pagopa", s.Path.Value)
		}
		m.Services = append(m.Services, s)
	}
}

// Service finds a service by name, nil if there is none.
func (m *Model) Service(name string) *Service {
	i := slices.IndexFunc(m.Services, func(s *Service) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return m.Services[i]
}

// serves checks what a route that answers a service's operation says, and finds the operation.
func (c *checker) serves(r *TypedRoute) {
	d := r.Model
	for key, n := range map[string]*config.Node{"input": d.input.node, "body": d.body.node, "path": d.params[0].node, "query": d.params[1].node, "header": d.params[2].node, "cookie": d.params[3].node} {
		if n != nil {
			c.out.Report(diag.BadRoute, n.Pos(), "the route has %s and soap; what it is given is body, of the operation's input", key)
		}
	}
	if d.auth.given {
		c.out.Report(diag.BadRoute, d.Auth.Pos, "the route has auth and soap; who may call is said by the service in fondaco.yaml")
	}
	name, operation, ok := strings.Cut(d.SOAP.Value, ".")
	if !ok || name == "" || operation == "" {
		d.SOAP.Report(c.out, diag.BadValue, "found %q, expected service.operation", d.SOAP.Value)
		return
	}
	s := c.model.Service(name)
	if s == nil {
		var all []string
		for _, s := range c.model.Services {
			all = append(all, s.Name)
		}
		c.out.Report(diag.UnknownSystem, d.SOAP.Pos, "the project has no service %q", name).WithLen(len(name)).WithNearest(name, all)
		return
	}
	if s.System.Connector == nil {
		return
	}
	op := s.System.Connector.Operation(operation)
	if op == nil {
		c.out.Report(diag.UnknownOperation, d.SOAP.At(len(name)+1), "%s has no operation %q", name, operation).WithLen(len(operation)).
			WithNearest(operation, s.System.Connector.OperationNames())
		return
	}
	for _, other := range c.typed.SOAP {
		if other != r && other.serves == op && other.service == s {
			d.SOAP.Report(c.out, diag.DuplicateRoute, "the route %q answers %s already, at %s", other.Model.ID.Value, d.SOAP.Value, other.Model.ID.Pos)
		}
	}
	r.service, r.serves = s, op
}

// unserved reports the operations of services that no route answers.
func (c *checker) unserved() {
	for _, s := range c.model.Services {
		if s.System.Connector == nil {
			continue
		}
		for _, op := range s.System.Connector.Operations {
			if !slices.ContainsFunc(c.typed.SOAP, func(r *TypedRoute) bool { return r.serves == op && r.service == s }) {
				c.out.Report(diag.BadRoute, s.Pos, "no route answers %s.%s", s.Name, op.Name).WithLen(len(s.Name)).
					WithHint("write a route with soap: %s.%s, or leave the operation out of the connector", s.Name, op.Name)
			}
		}
	}
}

// replies checks that the answer of a route is what the operation gives.
func (c *checker) replies(r *TypedRoute) {
	op, d := r.serves, r.Model
	if op == nil || op.Output.Kind == schema.KindUnknown {
		return
	}
	at := d.ID
	switch {
	case d.respond != nil && (d.respond.status != 0 || len(d.respond.headers) > 0 || d.respond.content.Value != ""):
		at.Report(c.out, diag.BadRoute, "the answer of a SOAP operation is its body alone: no status, headers or content")
	case op.Output.Kind == schema.KindNull && r.body != nil:
		at.Report(c.out, diag.BadRoute, "%s gives nothing: it is one-way, and the route has no respond", op.Name)
	case op.Output.Kind != schema.KindNull && r.body == nil:
		at.Report(c.out, diag.DoesNotFit, "%s gives %s, and the route has no body in respond", op.Name, schema.Article(op.Output))
	case r.body != nil:
		r.body.Fit(op.Output, op.Name, c.out)
	}
}

// host is a service as a program runs it.
type host struct {
	model   *Service
	program *Program
	served  map[*connectors.Operation]*served
	handler http.Handler // set by Start
}

// served is an operation of a service with its route.
type served struct {
	id       string
	unit     *unit
	timeout  time.Duration
	bodySlot int
	userSlot int
	output   expr.Eval // nil for one-way
}

// hosts makes what the services need of the program's routes.
func (b *Builder) hosts(t *Typed) {
	for _, s := range t.Model.Services {
		h := &host{model: s, program: b.program, served: map[*connectors.Operation]*served{}}
		bindings := map[*binding]bool{}
		for _, r := range t.SOAP {
			if r.service != s {
				continue
			}
			u := b.unit(r)
			for needed := range u.bindings {
				bindings[needed] = true
			}
			x := &served{id: r.Model.ID.Value, unit: u, timeout: r.Model.Timeout, bodySlot: r.bodySlot, userSlot: r.userSlot}
			if r.body != nil {
				x.output = compileInput(r.body, r.serves.Output)
			}
			h.served[r.serves] = x
		}
		b.program.hosts = append(b.program.hosts, h)
		for _, method := range []string{http.MethodPost, http.MethodGet} {
			public := &Route{ID: s.Name, Method: method, Path: s.Path.Value, Summary: s.Title, Pos: s.Pos, Auth: s.Auth, Timeout: defaultTimeout, HasBody: method == http.MethodPost, Raw: true, bindings: bindings, down: errNotStarted}
			if method == http.MethodGet {
				public.ID, public.Auth, public.bindings = s.Name+".description", Auth{None: true}, nil
			}
			public.serve = h.serve(public)
			b.program.Routes = append(b.program.Routes, public)
		}
	}
}

// open makes the service ready to answer.
func (h *host) open() error {
	c := h.model.System.Connector
	var err error
	if h.handler, err = c.Protocol.Serve(c, h.model.System, h.answer); err != nil {
		return fmt.Errorf("service %s: %w", h.model.Name, err)
	}
	return nil
}

// userKey is where a context holds who calls a service.
type userKey struct{}

// serve gives requests of the program's server to the service.
func (h *host) serve(r *Route) func(ctx context.Context, req *trigger.Request) (*trigger.Response, error) {
	return func(ctx context.Context, req *trigger.Request) (*trigger.Response, error) {
		if h.handler == nil {
			return nil, &trigger.Problem{Status: 503, Title: "Not ready", Detail: "This service is not ready.", RetryAfter: time.Minute, Err: r.down}
		}
		failure := new(error)
		ctx = context.WithValue(context.WithValue(ctx, userKey{}, req.User), failureKey{}, failure)
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
	f := &connectors.SampleFault{Code: "Server", Text: p.Title}
	if p.Status < 500 {
		f.Code = "Client"
	}
	if p.Detail != "" {
		f.Text = strings.TrimPrefix(p.Title+": "+p.Detail, ": ")
	}
	return schema.Value{}, f
}

func (h *host) exchange(ctx context.Context, s *served, in schema.Value) (out schema.Value, err error) {
	defer contained(&err)
	now := h.program.now()
	x := s.unit.begin(evalBudget, func() time.Time { return now }, &shared{watch: h.program.watch})
	if s.bodySlot >= 0 {
		x.Frame.Slots[s.bodySlot] = in
	}
	if user, ok := ctx.Value(userKey{}).(schema.Value); ok && s.userSlot >= 0 {
		x.Frame.Slots[s.userSlot] = user
	}
	if err = s.unit.run(ctx, x); err == nil && s.output != nil {
		if out, err = s.output(&x.Frame); err != nil {
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

// Header gives the answer's head.
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
