package routes

import (
	"net/http"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
)

// Service is a connector turned round: the project serves its operations, each by a route, on one path.
type Service struct {
	Name   string
	System *connectors.System // the connector, and what callers must present
	Path   config.Text
	Auth   Auth
	Title  string
	// MaxBody is how large a request may be, in bytes; 0 if nothing is said.
	MaxBody int64
	// MaxAnswer is how large an answer, or the body of a call for it, may be, in bytes; 0 if nothing is said.
	MaxAnswer int64
	Rate      Rate
	Pos       diag.Pos

	auth authValue
	rate spec.Rate
}

// ServiceSpec declares the fields of a service in fondaco.yaml, for documentation and editors.
func ServiceSpec(o *spec.Object) {
	connectors.SystemSpec(o, (&Service{}).spec)
}

func (s *Service) spec(o *spec.Object) {
	o.Text("path", &s.Path).Required().Doc("Where it is reached; ?wsdl returns its description.").Example("/soap/pagopa")
	o.Var("auth", &s.auth).Doc("Who may call, beside what the connector says of the message: none, or a scheme.")
	o.Object("limits", func(o *spec.Object) {
		o.Size("body", &s.MaxBody).Doc("How large a request may be, with what is attached to it.")
		o.Size("answer", &s.MaxAnswer).Doc("How large an answer may be, and the body of each call that its routes make.")
	}).Doc("Limits of the requests and answers.")
	o.Rate("rate", &s.rate).Doc("How often one caller may call.").Example("100/m")
}

// loadServices reads the services of fondaco.yaml.
func (m *Model) loadServices(load func(dir string, at diag.Pos) *connectors.Connector, out *diag.List) {
	for _, e := range m.Project.Services {
		s := &Service{Name: e.Key.Value, Pos: e.Key.Pos}
		own := &diag.List{}
		s.System = connectors.LoadService(e, load, s.spec, own)
		out.Join(own)
		s.System.Bind(m.Source.Lookup)
		s.Auth, s.Rate = s.auth.auth(), Rate(s.rate)
		if c := s.System.Connector; c != nil {
			s.Title = c.Title
			if c.Protocol != nil && c.Protocol.Serve == nil {
				out.Report(diag.BadRoute, s.Pos, "the service %s is a connector of %s, which cannot be served; soap can", s.Name, c.Protocol.Name).
					WithLen(len(s.Name))
			}
		}
		switch {
		case !s.auth.given && own.Has(diag.UnknownField): // it may stand there
		case !s.auth.given:
			out.Report(diag.MissingAuth, s.Pos, "the service %q does not say who may call it", s.Name).WithLen(len(s.Name)).
				WithHint("say auth: none if what the connector asks of the message is enough, or auth: { scheme: NAME }")
		case !s.Auth.None && !slices.Contains(m.schemes(), s.Auth.Scheme) && s.Auth.Scheme != "" && !m.unsaid(len(m.Project.Auth)):
			s.auth.scheme.Report(out, diag.BadRoute, "fondaco.yaml has no auth scheme %q", s.Auth.Scheme).WithNearest(s.Auth.Scheme, m.schemes())
		default:
			m.checkKeyed(s.Auth, &s.auth, out)
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

// Service returns the service whose operation the route answers, nil for a route that answers none.
func (r *TypedRoute) Service() *Service { return r.service }

// Serves returns the operation that the route answers, nil for a route that answers none.
func (r *TypedRoute) Serves() *connectors.Operation { return r.serves }

// unserved reports the operations of services that no route answers.
func (c *checker) unserved() {
	if slices.ContainsFunc(c.typed.all, func(r *TypedRoute) bool { return r.Model.broken && r.Model.starter() == nil }) {
		return // it may be the route that answers
	}
	for _, s := range c.model.Services {
		if s.System.Connector == nil || s.System.Connector.Unread {
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

// replies checks that the answers of a route are what the operation returns.
func (c *checker) replies(r *TypedRoute) {
	op, d := r.serves, r.Model
	if op.Answered().Kind == schema.KindNull {
		r.Status = http.StatusAccepted
	}
	if op.Answered().Kind == schema.KindUnknown {
		return
	}
	for _, p := range r.replies() {
		at := d.ID
		if p != r.end {
			at = config.Text{Value: "respond", Pos: p.step}
		}
		switch said := p.said; {
		case said != nil && (said.status != 0 || len(said.headers) > 0 || said.content.Value != ""):
			at.Report(c.out, diag.BadRoute, "the answer of a SOAP operation is its body alone: no status, headers or content")
		case op.Answered().Kind == schema.KindNull && p.body != nil:
			at.Report(c.out, diag.BadRoute, "%s returns nothing: it is one-way, and the route has no respond", op.Name)
		case op.Answered().Kind != schema.KindNull && p.body == nil && !d.broken:
			at.Report(c.out, diag.DoesNotFit, "%s returns %s, and the route has no body in respond", op.Name, schema.Article(op.Answered()))
		case p.body != nil:
			p.body.Fit(op.Answered(), op.Name, c.out)
		}
	}
}
