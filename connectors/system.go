package connectors

import (
	"fmt"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"sync/atomic"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors/network"
	"fondaco/schema"
)

// System is a connector bound in a project, with its parameters. Its policies are read by connectors/policy from
// Policies.
type System struct {
	Name      string
	Connector *Connector // nil if it could not be read
	Params    map[string]config.Ref
	Policies  *config.Node // the system's whole node in fondaco.yaml, for the policies' fields
	Pos       diag.Pos
	lookup    func(space, name string) (value string, secret, ok bool)
	folder    string // of the project, on this machine
	override  map[string]string
	confined  *confined      // nil if its parameters say where it is
	guard     *network.Guard // nil for the rules that no project can change
	uses      uses
	tolerated atomic.Int64           // how often an answer was not as its schema says, where the connector lets that pass
	stale     atomic.Int64           // how many kept answers that are too old stood in for it
	counts    atomic.Pointer[System] // whose place it has taken, and where its count is; nil for its own
}

// Bind says where environment and secrets come from (config.Source.Lookup). Call it before Resolve.
func (s *System) Bind(lookup func(space, name string) (value string, secret, ok bool)) {
	s.lookup = lookup
}

// In says which folder of this machine the project is in. Call it before the system is opened.
func (s *System) In(folder string) { s.folder = folder }

// Path returns where a relative path of an address is: in the project's folder.
func (s *System) Path(relative string) string {
	return filepath.Join(s.folder, filepath.FromSlash(relative))
}

// Override returns a parameter another value.
func (s *System) Override(param, value string) {
	if s.override == nil {
		s.override = map[string]string{}
	}
	s.override[param] = value
}

// Concurrency returns how many calls the project lets be under way at once, 0 if it says nothing.
func (s *System) Concurrency() int {
	if s.Policies == nil {
		return 0
	}
	n, _ := s.Policies.Get("concurrency").Int()
	return int(max(n, 0))
}

// Resolve returns what a text of the connector with references (${param.endpoint}) stands for in this system, and whether
// a secret is in it. The error names the reference that cannot be resolved, never a value.
func (s *System) Resolve(r config.Ref) (text string, secret bool, err error) {
	var cause error
	text, secret, err = r.Resolve(func(space, name string) (string, bool, bool) {
		if space != "param" {
			return s.outside(space, name)
		}
		v, hidden, err := s.Param(name)
		if err != nil {
			cause = err
		}
		return v, hidden, err == nil
	})
	if cause != nil {
		return "", false, cause
	}
	if err != nil {
		return "", false, fmt.Errorf("system %s: %w", s.Name, err)
	}
	return text, secret, nil
}

// Value returns what one reference of the connector stands for in this system; the space is param, env or secret.
func (s *System) Value(space, name string) (value string, secret bool, err error) {
	if space == "param" {
		return s.Param(name)
	}
	value, secret, ok := s.outside(space, name)
	if !ok {
		return "", secret, fmt.Errorf("system %s: ${%s.%s} %w", s.Name, space, name, config.ErrNoReference)
	}
	return value, secret, nil
}

// maxFile is how large a file that a reference names may be: certificates and keys.
const maxFile = 1 << 20

// File returns what a reference holds in PEM, or the file of the project that it names; nil for no reference. The error
// holds nothing of it.
func (s *System) File(r config.Ref) ([]byte, error) {
	return s.FileUnless(r, func(text string) bool { return strings.Contains(text, "-----BEGIN") })
}

// FileUnless is File of what has another form: is reports whether a text is the thing itself.
func (s *System) FileUnless(r config.Ref, is func(text string) bool) ([]byte, error) {
	if r.IsZero() {
		return nil, nil
	}
	text, _, err := s.Resolve(r)
	if err != nil || text == "" || is(text) {
		return []byte(text), err
	}
	b, err := s.plain(text)
	if err != nil {
		return nil, fmt.Errorf("system %s: %w", s.Name, err)
	}
	return b, nil
}

// outside looks a name of the environment or of the secrets up.
func (s *System) outside(space, name string) (value string, secret, ok bool) {
	if s.Simulated() {
		return s.madeUpOutside(space, name)
	}
	if s.lookup == nil {
		return "", false, false
	}
	value, secret, ok = s.lookup(space, name)
	s.uses.note(space+"."+name+" "+strconv.FormatBool(ok), value)
	return value, secret, ok
}

// Param returns the value of a parameter.
func (s *System) Param(name string) (value string, secret bool, err error) {
	p := s.Connector.Param(name)
	if p == nil {
		return "", false, fmt.Errorf("system %s has no parameter %q", s.Name, name)
	}
	if v, ok := s.override[name]; ok {
		return v, p.Secret, nil
	}
	ref, given := s.Params[name]
	if s.Simulated() {
		return s.madeUpParam(p, ref, given)
	}
	if !given {
		if p.Required {
			return "", false, fmt.Errorf("system %s: parameter %q is not given", s.Name, name)
		}
		return p.Default, p.Secret, nil
	}
	v, hidden, err := ref.Resolve(s.outside)
	if err != nil {
		return "", false, fmt.Errorf("system %s, parameter %q: %w", s.Name, p.Name, err)
	}
	return v, hidden || p.Secret, nil
}

// LoadSystem reads one entry of systems: in fondaco.yaml. more declares the fields that belong to others, the policies'.
// Systems that name the same folder share the connector that load returns.
func LoadSystem(e config.Entry, load func(dir string, at diag.Pos) *Connector, more func(*spec.Object), out *diag.List) *System {
	return loadSystem(e, load, more, out, "system")
}

// LoadService reads one entry of services: in fondaco.yaml: a connector whose operations the project serves. Parameters that
// say where a system is need not be given.
func LoadService(e config.Entry, load func(dir string, at diag.Pos) *Connector, more func(*spec.Object), out *diag.List) *System {
	return loadSystem(e, load, more, out, "service")
}

func loadSystem(e config.Entry, load func(dir string, at diag.Pos) *Connector, more func(*spec.Object), out *diag.List,
	what string,
) *System {
	s := &System{Name: e.Key.Value, Params: map[string]config.Ref{}, Policies: e.Value, Pos: e.Key.Pos}
	var connector config.Text
	names := map[string]config.Text{}
	own := &diag.List{}
	spec.Decode(e.Value, own, func(o *spec.Object) { s.spec(o, &connector, names, more) })
	out.Join(own)
	if connector.Value == "" {
		return s
	}
	s.Connector = load(path.Clean(strings.TrimPrefix(connector.Value, "./")), connector.Pos)
	if s.Connector == nil || s.Connector.Unread {
		return s
	}
	var known []string
	for _, p := range s.Connector.Params {
		known = append(known, p.Name)
		ref, given := s.Params[p.Name]
		switch {
		case given && p.Secret:
			config.CheckSecret(p.Name, ref, out)
		case given && ref.IsLiteral():
			p.check(ref, out)
		case !given && p.Required && !own.Has(diag.UnknownField) && (what == "system" || !s.Connector.locates(p.Name)):
			out.Report(diag.MissingField, s.Pos, "%s %s: the parameter %q of connector %s is not given", what, s.Name, p.Name, s.Connector.Name).
				WithLen(len(s.Name)).WithHint("write it under params")
		}
	}
	for name, at := range names {
		if s.Connector.Param(name) == nil {
			at.Report(out, diag.UnknownField, "connector %s has no parameter %q", s.Connector.Name, name).WithNearest(name, known)
		}
	}
	return s
}

// check reports a value that is written into the project file and does not fit the parameter's type.
func (p *Param) check(r config.Ref, out *diag.List) {
	v, err := schema.ParseText(r.Text.Value, p.Type)
	if err == nil {
		if wrong := schema.Check(v, p.Type); wrong != nil {
			r.Text.Report(out, diag.BadValue, "%s: %v", p.Name, wrong[0])
		}
		return
	}
	r.Text.Report(out, diag.BadValue, "%s: %v", p.Name, err)
}

// SystemSpec declares the fields of a system, for documentation and editors.
func SystemSpec(o *spec.Object, more func(*spec.Object)) {
	(&System{Params: map[string]config.Ref{}}).spec(o, new(config.Text), map[string]config.Text{}, more)
}

func (s *System) spec(o *spec.Object, connector *config.Text, names map[string]config.Text, more func(*spec.Object)) {
	o.Text("connector", connector).Required().Doc("The folder of its connector in the project.").Example("./connectors/polizia-locale")
	o.Entries("params", spec.Schema{"type": []string{"string", "number", "boolean"}},
		func(key config.Text, value *config.Node, out *diag.List) {
			if !value.IsScalar() {
				value.Report(out, diag.WrongType, "found %s, expected text", value.Found())
				return
			}
			names[key.Value] = key
			s.Params[key.Value] = config.ParseRefs(value.Said(out), []string{"env", "secret"}, out)
		}).Doc("The connector's parameters: ${env.X} and ${secret.x} stand for the environment and for secrets, " +
		"${project.x} for a constant of the project.")
	if more != nil {
		more(o)
	}
}
