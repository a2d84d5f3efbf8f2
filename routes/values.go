package routes

import (
	"time"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/routes/trigger"
	"fondaco/schema"
	"fondaco/transform/typing"
)

// authValue reads "auth:": the word none, or a scheme with what it takes.
type authValue struct {
	None   bool
	Level  int
	MaxAge time.Duration
	Pos    diag.Pos
	scheme config.Text
	roles  []config.Text
	given  bool
}

// Decode reads who may call.
func (a *authValue) Decode(n *config.Node, out *diag.List) {
	a.given, a.Pos = true, n.Pos()
	if !n.Is(config.NodeMap) {
		if a.None = n.Is(config.NodeText) && n.Text.Value == "none"; !a.None {
			n.Report(out, diag.BadValue, "auth: found %s, expected none, or a scheme as { scheme: cittadino, level: 2 }", n.Found())
		}
		return
	}
	spec.Decode(n, out, a.spec)
}

func (a *authValue) spec(o *spec.Object) {
	o.Text("scheme", &a.scheme).Required().Doc("A name under auth: in fondaco.yaml.")
	o.Int("level", &a.Level).Range(1, 3).Doc("How surely the person must be identified.")
	o.Duration("max_age", &a.MaxAge).Doc("How long ago the person logged in at most (the token's auth_time). Whoever did so before, or " +
		"whose token does not say, is asked to log in again: 401 as RFC 9470 says.").Example("15m")
	o.Texts("roles", &a.roles).Doc("One of these the person must have.")
}

// Schema describes auth to editors.
func (a *authValue) Schema() spec.Schema {
	return spec.Schema{"anyOf": []any{spec.Schema{"const": "none"}, spec.ObjectSchema((&authValue{}).spec)}}
}

// auth returns what was read.
func (a *authValue) auth() Auth {
	known := Auth{None: a.None, Scheme: a.scheme.Value, Level: a.Level, MaxAge: a.MaxAge, Pos: a.Pos}
	for _, r := range a.roles {
		known.Roles = append(known.Roles, r.Value)
	}
	return known
}

// schemaValue is a schema in a route's file, kept as it came until the project's files are at hand.
type schemaValue struct {
	node *config.Node // nil if there is none
}

// Decode keeps the node.
func (v *schemaValue) Decode(n *config.Node, _ *diag.List) { v.node = n }

// Schema describes a schema to editors.
func (v *schemaValue) Schema() spec.Schema { return typing.Schema() }

// read makes the type, nil if there is none.
func (v *schemaValue) read(types typeReader) *schema.Type {
	if v.node == nil {
		return nil
	}
	return types(v.node)
}

// typeReader makes a type of a schema in a file of the project; what is wrong with it is reported, and the type is
// then unknown.
type typeReader func(n *config.Node) *schema.Type

// paramsValue are the parameters of one place.
type paramsValue struct {
	in   string
	node *config.Node
	List []trigger.Param
}

// Decode keeps the node.
func (v *paramsValue) Decode(n *config.Node, out *diag.List) {
	if !n.Is(config.NodeMap) {
		n.Report(out, diag.WrongType, "%s: found %s, expected parameters by name", v.in, n.Found())
		return
	}
	v.node = n
}

// Schema describes parameters to editors.
func (v *paramsValue) Schema() spec.Schema {
	return spec.Schema{"type": "object", "additionalProperties": typing.Schema()}
}

// read makes the types. In a parameter's schema "required: true" says that the parameter must be there, and "encoded_slash: true" that
// its value may hold a slash.
func (v *paramsValue) read(types typeReader, out *diag.List) {
	if v.node == nil {
		return
	}
	for _, e := range v.node.Entries {
		p, slash := trigger.Param{Name: e.Key.Value, In: v.in, Pos: e.Key.Pos}, config.Text{}
		n := *e.Value
		if n.Kind == config.NodeMap {
			n.Entries = nil
			for _, field := range e.Value.Entries {
				switch {
				case field.Key.Value == "required" && field.Value.Is(config.NodeBool):
					p.Required, _ = field.Value.Bool()
				case field.Key.Value == slashField && field.Value.Is(config.NodeBool):
					p.EncodedSlash, _ = field.Value.Bool()
					slash = field.Key
				default:
					n.Entries = append(n.Entries, field)
				}
			}
		}
		p.Type = types(&n)
		v.check(&p, out)
		v.checkSlash(&p, slash, out)
		v.List = append(v.List, p)
	}
}

// slashField says beside the schema of a parameter of the path that its value may hold a slash.
const slashField = "encoded_slash"

// checkSlash reports encoded_slash where no value can hold a slash.
func (v *paramsValue) checkSlash(p *trigger.Param, at config.Text, out *diag.List) {
	switch {
	case at.Value == "":
	case v.in != "path":
		at.Report(out, diag.BadRoute, "%s is for parameters of the path: those of the %s may hold slashes", slashField, v.in).
			WithHint("leave it out")
	case p.Type.Kind != schema.KindText && p.Type.Kind != schema.KindUnknown:
		at.Report(out, diag.BadRoute, "the parameter %q is %s, which holds no slash", p.Name, p.Type).WithHint("leave out %s", slashField)
	}
}

// check reports a parameter that cannot be: of a type that no text can hold, or required with a default.
func (v *paramsValue) check(p *trigger.Param, out *diag.List) {
	t := p.Type
	if t.Kind == schema.KindList && v.in != "path" {
		t = t.Elem
	}
	switch t.Kind {
	case schema.KindRecord, schema.KindMap, schema.KindList, schema.KindUnion, schema.KindAny, schema.KindNull, schema.KindBytes:
		out.Report(diag.BadRoute, p.Pos,
			"the parameter %q is %s; a parameter of the %s is a text, a number, a boolean, a date or a list of these",
			p.Name, p.Type, v.in).WithLen(len(p.Name))
		p.Type = schema.TypeUnknown
	}
	if p.Required && !p.Type.Default.IsAbsent() {
		out.Report(diag.BadRoute, p.Pos, "the parameter %q is required and has a default: one of them is never used", p.Name).WithLen(len(p.Name))
	}
	if v.in == "header" {
		switch http := canonical(p.Name); http {
		case "Accept", "Authorization", "Content-Type", "Content-Length", "Cookie", "Host", trigger.TimeoutHeader:
			out.Report(diag.BadRoute, p.Pos, "the header %s is the server's own; a route cannot declare it", http).WithLen(len(p.Name))
		}
	}
}
