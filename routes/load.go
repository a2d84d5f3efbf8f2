package routes

import (
	"path"
	"slices"
	"strings"
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/policy"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/typing"
)

// Load reads a project whole: fondaco.yaml, its connectors and its routes. What is wrong goes to out. Nil if there is no
// fondaco.yaml to speak of.
func Load(src config.Source, reg connectors.Registry, out *diag.List) *Model {
	p := project.Read(src.FS, out)
	if p == nil {
		return nil
	}
	l := &loader{Model: &Model{Project: p, Source: src}, reg: reg, out: out, connectors: map[string]*connectors.Connector{}, policies: map[string]*policy.Set{}}
	l.types = typing.NewReader(func(file string, at diag.Pos) *config.Node { return config.ReadFile(src.FS, file, out, at) }, out)
	for _, e := range p.Systems {
		l.system(e)
	}
	for _, file := range project.Files(src.FS, out).Routes {
		if n := config.ReadFile(src.FS, file, out, diag.Pos{}); n != nil {
			l.file(n)
		}
	}
	l.unique()
	l.Model.policies = l.policies
	return l.Model
}

type loader struct {
	*Model
	reg        connectors.Registry
	types      *typing.Reader
	out        *diag.List
	connectors map[string]*connectors.Connector
	policies   map[string]*policy.Set
}

func (l *loader) system(e config.Entry) {
	set := &policy.Set{}
	s := connectors.LoadSystem(e, func(dir string, at diag.Pos) *connectors.Connector {
		c, known := l.connectors[dir]
		if !known {
			c = connectors.Load(l.Source.FS, dir, l.reg, l.out, at)
			l.connectors[dir] = c
		}
		return c
	}, set.Spec, l.out)
	s.Bind(l.Source.Lookup)
	l.policies[s.Name] = set
	l.Systems = append(l.Systems, s)
}

func (l *loader) file(n *config.Node) {
	spec.Decode(n, l.out, func(o *spec.Object) {
		o.Map("routes", func(key config.Text) func(*spec.Object) {
			r := &RouteModel{ID: key, Pos: key.Pos, Params: map[string][]trigger.Param{}, Timeout: 0}
			config.CheckID(key, l.out)
			l.Routes = append(l.Routes, r)
			return func(o *spec.Object) { r.spec(o, l.fields(o)) }
		}).Required().Doc("The routes, by name.")
	})
	for _, r := range l.Routes {
		if r.Pos.File == n.Pos().File {
			r.finish(l.out)
		}
	}
}

func (l *loader) fields(o *spec.Object) *fields {
	return &fields{Object: o, types: l.types, out: l.out, files: func(name config.Text) *config.Node {
		return config.ReadFile(l.Source.FS, path.Clean(name.Value), l.out, name.Pos)
	}}
}

// Spec declares the fields of a file of routes, for documentation and editors.
func Spec(o *spec.Object) {
	f := &fields{types: typing.NewReader(nil, &diag.List{}), out: &diag.List{}}
	o.Map("routes", func(config.Text) func(*spec.Object) {
		return func(o *spec.Object) {
			f.Object = o
			(&RouteModel{Params: map[string][]trigger.Param{}}).spec(o, f)
		}
	}).Required().Doc("The routes, by name.")
}

// StepSpecs lists the kinds of steps with their fields, for documentation and editors.
func StepSpecs() (names []string, declare map[string]func(*spec.Object)) {
	declare = map[string]func(*spec.Object){}
	for _, k := range kinds {
		names = append(names, k.key)
		declare[k.key] = func(o *spec.Object) {
			m := stepModel{step: k.new()}
			m.spec(o, &fields{types: typing.NewReader(nil, &diag.List{}), out: &diag.List{}})
		}
	}
	return names, declare
}

// defaultTimeout is how long an exchange may take unless its route says otherwise.
const defaultTimeout = 30 * time.Second

func (r *RouteModel) spec(o *spec.Object, f *fields) {
	o.String("summary", &r.Summary).Doc("What the route is for, in one line.")
	o.String("description", &r.Description).Doc("More about it, in Markdown.")
	o.String("tag", &r.Tag).Doc("The group it is shown in.")
	o.Bool("deprecated", &r.Deprecated).Doc("It still works and should not be used any more.")
	o.Text("http", &r.HTTP).Doc("The method and path that it answers.").Example("GET /multe/{numero}")
	o.Var("auth", &authValue{r}).Doc("Who may call: none, or a scheme of fondaco.yaml with a level and roles.")
	for _, in := range []string{"path", "query", "header", "cookie"} {
		o.Entries(in, typing.Schema(), func(key config.Text, n *config.Node, out *diag.List) {
			t := f.types.Read(n, "required")
			p := trigger.Param{Name: key.Value, In: in, Type: t, Doc: t.Doc, Pos: key.Pos, Required: in == "path"}
			if q := n.Get("required"); q != nil {
				p.Required = p.Required || q.Text.Value == "true"
			}
			r.Params[in] = append(r.Params[in], p)
		}).AnyKeys().Doc("The parameters of the " + in + " and their schemas.")
	}
	o.Var("body", &typeValue{f, &r.Body}).Doc("The schema of the request's body.")
	o.Var("input", &typeValue{f, &r.Input}).Doc("Of a route that other routes run: the schema of its input.")
	o.Duration("timeout", &r.Timeout).Within(time.Millisecond, time.Hour).Default("30s").Doc("How long the whole exchange may take.")
	o.Object("limits", func(o *spec.Object) {
		o.Size("body", &r.MaxBody).Doc("How large the request's body may be.")
	}).Doc("What one request may take.")
	rate := &spec.Rate{}
	o.Alternative("rate", spec.Own(rateValue{r, rate})).Doc("How often one caller may call, as 100/m.")
	f2 := *f
	f2.Object = o
	f2.Steps("steps", &r.Steps).Doc("What the route does, in order.")
	o.Object("respond", func(o *spec.Object) {
		r.Respond = &respond{}
		f3 := *f
		f3.Object = o
		o.Int("status", &r.Respond.status).Range(200, 399).Default("200, or 204 without a body").Doc("The HTTP status.")
		o.Entries("headers", spec.Schema{"type": "string"}, func(key config.Text, n *config.Node, out *diag.List) {
			h := headerModel{name: key}
			h.value.Decode(n, out)
			r.Respond.headers = append(r.Respond.headers, h)
		}).AnyKeys().Doc("Headers of the answer.")
		f3.Mapping("body", &r.Respond.body).Doc("The answer.")
	}).Doc("What the route answers.")
}

// authValue reads "auth: none" or an object.
type authValue struct{ r *RouteModel }

func (a *authValue) Decode(n *config.Node, out *diag.List) {
	a.r.authGiven = true
	a.r.Auth.Pos = n.Pos()
	if n.Kind == config.NodeText {
		if n.Text.Value != "none" {
			n.Report(out, diag.BadValue, "found %s, expected none or { scheme: a name }", n.Found())
			return
		}
		a.r.Auth.None = true
		return
	}
	spec.Decode(n, out, a.declare)
}

func (a *authValue) declare(o *spec.Object) {
	o.String("scheme", &a.r.Auth.Scheme).Required().Doc("A scheme of fondaco.yaml.")
	o.Int("level", &a.r.Auth.Level).Range(1, 9).Doc("How surely the person must be identified.")
	o.Var("roles", &roleValue{&a.r.Auth.Roles}).Doc("One of these roles is needed.")
}

func (a *authValue) Schema() spec.Schema {
	return spec.Schema{"anyOf": []any{spec.Schema{"const": "none"}, spec.ObjectSchema((&authValue{&RouteModel{}}).declare)}}
}

type roleValue struct{ to *[]string }

func (v *roleValue) Decode(n *config.Node, out *diag.List) {
	items := n.Items
	if n.Kind != config.NodeList {
		items = []*config.Node{n}
	}
	for _, item := range items {
		if item.Kind != config.NodeText {
			item.Report(out, diag.WrongType, "roles: found %s, expected a word", item.Found())
			continue
		}
		*v.to = append(*v.to, item.Text.Value)
	}
}

func (v *roleValue) Schema() spec.Schema {
	return spec.Schema{"type": "array", "items": spec.Schema{"type": "string"}}
}

// rateValue reads "100/m".
type rateValue struct {
	r  *RouteModel
	to *spec.Rate
}

func (v rateValue) Decode(n *config.Node, out *diag.List) {
	spec.Decode(&config.Node{Kind: config.NodeMap, Text: n.Text, Entries: []config.Entry{{Key: config.Text{Value: "rate", Pos: n.Pos()}, Value: n}}}, out,
		func(o *spec.Object) { o.Rate("rate", v.to) })
	v.r.Rate = Rate(*v.to)
}

func (v rateValue) Schema() spec.Schema { return spec.SchemaOf(spec.RateOf(v.to)) }

// typeValue reads a schema.
type typeValue struct {
	f  *fields
	to **schema.Type
}

func (v *typeValue) Decode(n *config.Node, _ *diag.List) { *v.to = v.f.types.Read(n) }
func (v *typeValue) Schema() spec.Schema                 { return typing.Schema() }

// finish checks what the fields of a route say together.
func (r *RouteModel) finish(out *diag.List) {
	at := func(code diag.Code, format string, args ...any) *diag.Problem {
		return r.ID.Report(out, code, format, args...)
	}
	switch {
	case r.HTTP.Value == "" && r.Input == nil:
		at(diag.BadRoute, "the route has no trigger").WithHint("write http: GET /path, or input: for a route that others run")
		return
	case r.HTTP.Value != "" && r.Input != nil:
		at(diag.BadRoute, "the route has both http and input")
		return
	case r.Input != nil:
		if r.authGiven {
			at(diag.BadRoute, "a route that others run has no auth: they have")
		}
		return
	}
	if !r.authGiven {
		at(diag.MissingAuth, "the route %s says nothing of auth", r.ID.Value).WithHint("write auth: none for a public route, or auth: { scheme: ... }")
	}
	r.Pattern = trigger.ParsePattern(r.HTTP, out)
	var declared []trigger.Param
	for _, p := range r.Params["path"] {
		if !slices.ContainsFunc(r.Pattern.Segments, func(s trigger.Segment) bool { return s.Hole && s.Text == p.Name }) {
			out.Report(diag.BadRoute, p.Pos, "the path %s has no {%s}", r.Pattern.Path, p.Name).WithLen(len(p.Name))
		}
	}
	for _, s := range r.Pattern.Segments {
		if !s.Hole {
			continue
		}
		p := trigger.Param{Name: s.Text, In: "path", Type: schema.TypeText, Required: true}
		if i := slices.IndexFunc(r.Params["path"], func(p trigger.Param) bool { return p.Name == s.Text }); i >= 0 {
			p = r.Params["path"][i]
		}
		declared = append(declared, p)
	}
	r.Params["path"] = declared
	if r.Body != nil && (r.Pattern.Method == "GET" || r.Pattern.Method == "DELETE") {
		at(diag.BadRoute, "%s takes no body", r.Pattern.Method)
	}
}

// unique reports routes of one name, or of one method and overlapping paths.
func (l *loader) unique() {
	names := map[string]*RouteModel{}
	for i, r := range l.Routes {
		if other := names[r.ID.Value]; other != nil {
			r.ID.Report(l.out, diag.DuplicateRoute, "a route is called %q already, at %s", r.ID.Value, other.Pos)
		}
		names[r.ID.Value] = r
		if r.Pattern.Method == "" {
			continue
		}
		for _, other := range l.Routes[:i] {
			if other.Pattern.Method == r.Pattern.Method && overlap(other.Pattern, r.Pattern) {
				r.HTTP.Report(l.out, diag.DuplicateRoute, "%s %s is answered by %s already, at %s", r.Pattern.Method, r.Pattern.Path, other.ID.Value, other.HTTP.Pos)
			}
		}
	}
}

// overlap tells whether some path fits both patterns equally well: the same holes in the same places.
func overlap(a, b trigger.Pattern) bool {
	if len(a.Segments) != len(b.Segments) {
		return false
	}
	for i := range a.Segments {
		if a.Segments[i].Hole != b.Segments[i].Hole || !a.Segments[i].Hole && !strings.EqualFold(a.Segments[i].Text, b.Segments[i].Text) {
			return false
		}
	}
	return true
}
