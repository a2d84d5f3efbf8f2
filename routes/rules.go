package routes

import (
	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// Decode reads the list of rules of validate. It is spec.Value's.
func (r *rules) Decode(n *config.Node, out *diag.List) {
	items := n.Items
	if n.Kind == config.NodeMap {
		items = []*config.Node{n}
	} else if n.Kind != config.NodeList {
		n.Report(out, diag.WrongType, "validate: found %s, expected a list of rules", n.Found()).WithHint("- that: a condition, field: a name, detail: a text")
		return
	}
	for _, item := range items {
		one := &rule{}
		r.c.rules = append(r.c.rules, one)
		spec.Decode(item, out, func(o *spec.Object) { ruleSpec(o, r.f, one) })
	}
}

// Schema describes the rules to editors.
func (r *rules) Schema() spec.Schema {
	return spec.Schema{"type": "array", "items": spec.ObjectSchema(func(o *spec.Object) { ruleSpec(o, r.f, &rule{}) })}
}

func ruleSpec(o *spec.Object, f *fields, one *rule) {
	inner := *f
	inner.Object = o
	o.Text("that", &one.that).Required().Doc("A condition that must hold.").Example("query.dal <= query.al")
	o.Text("field", &one.field).Doc("The parameter or field that is wrong otherwise.")
	inner.Mapping("detail", &one.detail).Required().Doc("What is told to the caller otherwise.")
}
