package routes

import (
	"net/textproto"
	"slices"
	"sync/atomic"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/policy"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/typing"
)

// maxRoutes is how many routes a project may have: they are loaded and checked in about a second.
const maxRoutes = 20_000

// Load reads a project: fondaco.yaml, the connectors that its systems name, and its routes. What is wrong goes to out,
// all of it; the model is never nil and holds what could be read. Nothing is opened but files.
func Load(src config.Source, reg connectors.Registry, out *diag.List) *Model {
	m := &Model{Source: src, policies: map[*connectors.System]*policy.Set{}}
	if m.Project = project.Read(src.FS, out); m.Project == nil {
		m.Project = &project.Project{}
		return m
	}
	if m.constants = transform.ReadConstants(m.Project.Constants, out); m.Project.Unknown {
		m.constants = transform.UnknownConstants()
	}
	m.loadSystems(reg, out)
	reader := typing.NewReader(func(file string, at diag.Pos) *config.Node { return config.ReadFile(src.FS, file, out, at) }, out)
	types := func(n *config.Node) *schema.Type { return reader.Read(n) }
	m.loadTopics(types, out)
	m.loadProblems(types, out)
	m.loadFiles(project.Files(src.FS, out).Routes, types, out)
	return m
}

// loadSystems reads the systems with their policies, and their connectors, each connector once.
func (m *Model) loadSystems(reg connectors.Registry, out *diag.List) {
	read := map[string]*connectors.Connector{}
	load := func(dir string, at diag.Pos) *connectors.Connector {
		c, known := read[dir]
		if !known {
			c = connectors.Load(m.Source.FS, dir, reg, m.constants, out, at)
			read[dir] = c
		}
		return c
	}
	for _, e := range m.Project.Systems {
		policies := &policy.Set{}
		s := connectors.LoadSystem(e, load, policies.Spec, out)
		s.Bind(m.Source.Lookup)
		s.In(m.Source.Dir)
		m.Systems = append(m.Systems, s)
		policies.CheckSystem(s, out)
		m.policies[s] = policies
	}
	m.loadServices(load, out)
}

// loadFiles reads the files of routes, several at once; what becomes of them does not depend on which is ready first.
func (m *Model) loadFiles(files []string, types typeReader, out *diag.List) {
	decoded := make([]routesOfFile, len(files))
	var count atomic.Int64
	unread := config.ReadFiles(m.Source.FS, files, func(i int, n *config.Node) bool {
		decoded[i] = decodeRoutes(n)
		return count.Add(int64(len(decoded[i].routes))) <= maxRoutes
	})
	for i := range decoded {
		out.Join(&unread[i])
		m.loadRoutes(&decoded[i], types, out)
		decoded[i] = routesOfFile{}
		if len(m.Routes) > maxRoutes {
			out.Report(diag.BadRoute, m.Routes[maxRoutes].Pos, "the project has more than %d routes, and this is one too many", maxRoutes).
				WithHint("make it several projects")
			m.Routes = m.Routes[:maxRoutes]
			return
		}
	}
}

// routesOfFile is what a file of routes says, and what is wrong with its form.
type routesOfFile struct {
	routes   []*RouteModel
	problems diag.List
}

// decodeRoutes reads the routes of one file, without their types.
func decodeRoutes(n *config.Node) (f routesOfFile) {
	spec.Decode(n, &f.problems, func(o *spec.Object) { routesFile(o, func(d *RouteModel) { f.routes = append(f.routes, d) }) })
	for p := range f.problems.All() {
		if d := within(f.routes, p.Pos); d != nil && !p.Warning {
			d.broken = true
			d.headless = d.headless || p.Code == diag.UnknownField && n.Get("routes").Get(d.ID.Value).Holds(p.Pos)
		}
	}
	return f
}

// loadRoutes takes the routes of one file into the model, with their types.
func (m *Model) loadRoutes(f *routesOfFile, types typeReader, out *diag.List) {
	out.Join(&f.problems)
	for _, d := range f.routes {
		own := &diag.List{}
		d.read(types, own)
		d.broken = d.broken || own.Failed()
		out.Join(own)
	}
	m.Routes = append(m.Routes, f.routes...)
}

// within returns the route of a file in which a place is, nil for none.
func within(routes []*RouteModel, at diag.Pos) (in *RouteModel) {
	for _, d := range routes {
		if d.Pos.File == at.File && d.Pos.Line <= at.Line && (in == nil || in.Pos.Line <= d.Pos.Line) {
			in = d
		}
	}
	return in
}

// routesFile declares what a file of routes holds.
func routesFile(o *spec.Object, add func(*RouteModel)) {
	o.Map("routes", func(key config.Text) func(*spec.Object) {
		d := &RouteModel{ID: key, Pos: key.Pos}
		add(d)
		return d.Spec
	}).Required().Doc("The routes by name.").Form("each route stands below its name: multa: { http: GET /multe/{numero}, … }")
}

// read makes the types that a route declares, once.
func (d *RouteModel) read(types typeReader, out *diag.List) {
	if d.typed {
		return
	}
	d.typed = true
	d.Async = d.accept == "async"
	d.Auth, d.Rate, d.Params = d.auth.auth(), Rate(d.rate), map[string][]trigger.Param{}
	for i, place := range places {
		d.params[i].read(types, out)
		if list := d.params[i].List; list != nil {
			d.Params[place] = list
		}
	}
	d.Input, d.Body = d.input.read(types), d.body.read(types)
	d.Body = d.content.read(d, d.Body, out)
	if s := d.starter(); s != nil {
		s.read(d, out)
	}
}

// Spec declares the fields of a file of routes, for documentation and editors.
func Spec(o *spec.Object) { routesFile(o, func(*RouteModel) {}) }

// StepSpecs lists the kinds of steps with their fields, for documentation and editors.
func StepSpecs() (names []string, declare map[string]func(*spec.Object)) {
	declare = map[string]func(*spec.Object){}
	for _, key := range Kinds() {
		declare[key] = func(o *spec.Object) { (&step{kind: newKind(key)}).Spec(o) }
	}
	return Kinds(), declare
}

// System finds a system by name, nil if there is none.
func (m *Model) System(name string) *connectors.System {
	i := slices.IndexFunc(m.Systems, func(s *connectors.System) bool { return s.Name == name })
	if i < 0 {
		return nil
	}
	return m.Systems[i]
}

// Route finds a route by name, nil if there is none.
func (m *Model) Route(name string) *RouteModel {
	i := slices.IndexFunc(m.Routes, func(r *RouteModel) bool { return r.ID.Value == name })
	if i < 0 {
		return nil
	}
	return m.Routes[i]
}

func (m *Model) systemNames() []string {
	var names []string
	for _, s := range m.Systems {
		names = append(names, s.Name)
	}
	return names
}

// unsaid reports whether a section of fondaco.yaml that holds nothing may stand under a key that could not be read: what it should hold
// is then not missed.
func (m *Model) unsaid(entries int) bool { return entries == 0 && m.Project.Unread }

func (m *Model) schemes() []string {
	var names []string
	for _, s := range m.Project.Auth {
		names = append(names, s.Name.Value)
	}
	return names
}

// canonical returns a header's name as net/http has it.
func canonical(name string) string { return textproto.CanonicalMIMEHeaderKey(name) }
