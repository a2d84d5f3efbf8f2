package routes

import (
	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/transform"
	"fondaco/transform/typing"
)

// fields is a spec.Object with what the language of routes needs besides.
type fields struct {
	*spec.Object
	types *typing.Reader
	files func(config.Text) *config.Node // for mappings' $ref; reports what is wrong
	out   *diag.List
}

// Steps declares a list of steps.
func (f *fields) Steps(name string, to *[]stepModel) *spec.Field {
	return f.Var(name, &stepList{f, to})
}

// Mapping declares a mapping.
func (f *fields) Mapping(name string, to *transform.Mapping) *spec.Field {
	return f.Var(name, &mapping{f, to})
}

// mapping reads a mapping and what it includes.
type mapping struct {
	f  *fields
	to *transform.Mapping
}

func (m *mapping) Decode(n *config.Node, out *diag.List) {
	m.to.Decode(n, out)
	m.to.Include(m.f.files, out)
}

func (m *mapping) Schema() spec.Schema { return m.to.Schema() }

// stepList reads a list of steps.
type stepList struct {
	f  *fields
	to *[]stepModel
}

func (l *stepList) Decode(n *config.Node, out *diag.List) {
	if n.Kind != config.NodeList {
		n.Report(out, diag.WrongType, "found %s, expected a list of steps", n.Found()).WithHint("each step begins with a hyphen: - call: system.operation")
		return
	}
	for _, item := range n.Items {
		if s, ok := decodeStep(item, l.f, out); ok {
			*l.to = append(*l.to, s)
		}
	}
}

func (l *stepList) Schema() spec.Schema {
	return spec.Schema{"type": "array", "items": spec.Ref("step")}
}

// decodeStep reads one step: its kind is the key that it has.
func decodeStep(n *config.Node, f *fields, out *diag.List) (stepModel, bool) {
	kind := spec.Pick(n, out, "a step", stepKinds()...)
	if kind == "" {
		return stepModel{}, false
	}
	m := stepModel{kind: kind, pos: n.Entry(kind).Key.Pos, step: newStep(kind)}
	spec.Decode(n, out, func(o *spec.Object) { m.spec(o, f) })
	return m, true
}

// spec declares the fields of a step of any kind.
func (m *stepModel) spec(o *spec.Object, f *fields) {
	inner := *f
	inner.Object = o
	if s, ok := m.step.(stepSpec); ok {
		s.spec(&inner)
	}
	o.Text("id", &m.id).Doc("A name for the step in logs and traces.")
	o.Text("when", &m.when).Doc("A condition: otherwise the step is passed over, and what it names is nil.")
}
