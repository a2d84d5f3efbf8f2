package routes

import (
	"slices"
	"strings"
	"time"

	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/routes/trigger"
	"fondaco/schema"
)

// byHTTP starts a route by a request of the public API.
type byHTTP struct{}

func (byHTTP) key() string { return "http" }

func (byHTTP) said(d *RouteModel) bool { return d.Public() }

func (byHTTP) spec(d *RouteModel, o *spec.Object) {
	o.Text("http", &d.HTTP).
		Doc("Method and path of the request that starts it. A route without is a sub-route.").Example("GET /multe/{numero}")
}

func (byHTTP) read(d *RouteModel, out *diag.List) {
	d.Pattern = trigger.ParsePattern(d.HTTP, out)
	if list := pathParams(d, d.Pattern.Holes(), out); list != nil {
		d.Params["path"] = list
	}
}

func (byHTTP) check(c *checker, r *TypedRoute) {
	d := r.Model
	c.checkReplyTo(d)
	if most := d.mostKept(); d.Async && d.MaxBody > most {
		c.out.Report(diag.BadRoute, d.ID.Pos,
			"the route %q has accept: async and takes bodies of %d bytes; at most %d, which is %dKiB, can be kept until they are worked on",
			d.ID.Value, d.MaxBody, most, most>>10).
			WithLen(len(d.ID.Value)).WithHint("say limits: { body: %dKiB } or less, and let larger things come by reference", most>>10)
	}
	if d.Async && d.Pattern.Method == "GET" {
		c.out.Report(diag.BadRoute, d.ID.Pos,
			"the route %q accepts requests to do them later, and is a GET: whoever reads waits for the answer", d.ID.Value).
			WithLen(len(d.ID.Value))
	}
	switch off := d.idempotency == "off"; {
	case off && d.Async:
		c.out.Report(diag.BadRoute, d.ID.Pos,
			"the route %q has accept: async and idempotency: off: accepted requests always honour an Idempotency-Key", d.ID.Value).
			WithLen(len(d.ID.Value)).WithHint("leave out idempotency")
	case off && d.Pattern.Method == "GET":
		c.out.Report(diag.BadRoute, d.ID.Pos,
			"the route %q is a GET and has idempotency: off: only POST, PUT, PATCH and DELETE honour an Idempotency-Key", d.ID.Value).
			WithLen(len(d.ID.Value)).WithHint("leave out idempotency")
	}
	if d.input.node != nil {
		c.out.Report(diag.BadRoute, d.input.node.Pos(), "the route has http and input; input is a sub-route's, which has no http")
	}
	if d.body.node != nil && strings.HasPrefix(d.HTTP.Value, "GET ") {
		c.out.Report(diag.BadRoute, d.body.node.Pos(), "a GET has no body")
	}
	a := &d.auth
	switch {
	case !a.given:
		c.out.Report(diag.MissingAuth, d.ID.Pos, "the route %q does not say who may call it", d.ID.Value).WithLen(len(d.ID.Value)).
			WithHint("say auth: none if it is public, or auth: { scheme: NAME }")
	case a.None || a.scheme.Value == "":
	case !slices.Contains(c.model.schemes(), a.scheme.Value) && !c.model.unsaid(len(c.model.Project.Auth)):
		a.scheme.Report(c.out, diag.BadRoute, "fondaco.yaml has no auth scheme %q", a.scheme.Value).WithNearest(a.scheme.Value, c.model.schemes())
	default:
		c.model.checkKeyed(d.Auth, a, c.out)
		c.model.readsKey(d, c.out)
	}
}

func (byHTTP) bring(r *TypedRoute, s *Scope) {
	r.bodySlot = s.given("body", trigger.WithDefaults(r.Model.Body))
	if !r.Model.Auth.None {
		r.knows(s, r.Model.Auth)
	}
}

func (byHTTP) list(t *Typed) *[]*TypedRoute { return &t.Routes }

func (byHTTP) compile(b *Builder, t *Typed) {
	for _, r := range t.Routes {
		b.program.Routes = append(b.program.Routes, b.route(r, b.unit(r)))
	}
}

func (byHTTP) messages() bool { return false }

func (byHTTP) own() bool { return false }

func (byHTTP) title(r *TypedRoute) string {
	return r.Model.Pattern.Method + " " + r.Model.Pattern.Path
}

func (byHTTP) about(r *TypedRoute, _ time.Time) []string {
	return []string{"auth: " + r.Model.Auth.whoMayCall()}
}

// pathParams returns the parameters of the path in the order of its holes; one that says nothing is a text.
func pathParams(d *RouteModel, holes []string, out *diag.List) []trigger.Param {
	var list []trigger.Param
	for _, name := range holes {
		i := slices.IndexFunc(d.params[0].List, func(p trigger.Param) bool { return p.Name == name })
		if i < 0 {
			p := trigger.Param{Name: name, In: "path", Type: schema.TypeText, Required: true}
			if d.Pattern.Broken {
				p.Type = schema.TypeUnknown
			}
			list = append(list, p)
			continue
		}
		p := d.params[0].List[i]
		p.Required = true
		list = append(list, p)
	}
	for _, p := range d.params[0].List {
		if !slices.Contains(holes, p.Name) && !d.Pattern.Broken {
			out.Report(diag.BadRoute, p.Pos, "%s has no {%s}", d.HTTP.Value, p.Name).WithLen(len(p.Name)).WithNearest(p.Name, holes)
		}
	}
	return list
}
