package routes

import (
	"slices"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/project"
	"fondaco/openapi/texts"
	"fondaco/routes/trigger"
	"fondaco/schema"
)

// NamedProblem is a kind of problem that fondaco.yaml names, with its types.
type NamedProblem struct {
	*project.Problem
	Words   string       // its title, in the project's language
	Members *schema.Type // a record of its further members; without fields if there are none, unknown if it was not read
	Whole   *schema.Type // of the problem as it is answered, for documents
}

// loadProblems reads the problems of fondaco.yaml.
func (m *Model) loadProblems(types typeReader, out *diag.List) {
	for _, p := range m.Project.Problems {
		kind := &NamedProblem{Problem: p, Words: p.Title(m.Project.Language), Members: schema.RecordType()}
		switch {
		case p.With != nil:
			kind.Members = problemFields(p.With, types, out)
		case p.Unread: // that it lacks a member is no mistake of a route
			kind.Members = schema.TypeUnknown
		}
		kind.Whole = kind.whole(texts.Language(m.Project.Language))
		m.Problems = append(m.Problems, kind)
	}
}

// problemFields makes the record of members: in a member's schema "required: true" says that it is always there.
func problemFields(with *config.Node, types typeReader, out *diag.List) *schema.Type {
	var fields []schema.Field
	for _, e := range with.Entries {
		if ofProblems(e.Key.Value) {
			e.Key.Report(out, diag.BadValue, "every problem has its own %q", e.Key.Value).WithHint("give the member another name")
			continue
		}
		f, n := schema.Field{Name: e.Key.Value}, *e.Value
		if n.Kind == config.NodeMap {
			n.Entries = slices.DeleteFunc(slices.Clone(n.Entries), func(word config.Entry) bool {
				is := word.Key.Value == "required" && word.Value.Is(config.NodeBool)
				if is {
					f.Required, _ = word.Value.Bool()
				}
				return is
			})
		}
		f.Type = types(&n)
		f.Doc = f.Type.Doc
		fields = append(fields, f)
	}
	return schema.RecordType(fields...)
}

// ofProblems reports whether problems have a member of themselves.
func ofProblems(name string) bool {
	return slices.ContainsFunc(trigger.ProblemSchema.Fields, func(own schema.Field) bool { return own.Name == name })
}

// whole returns the type of the problem as it is answered.
func (k *NamedProblem) whole(l texts.Language) *schema.Type {
	text := func(most int) *schema.Type { return &schema.Type{Kind: schema.KindText, MaxLength: &most} }
	title := text(1024)
	title.Example = schema.Text(k.Words)
	fields := []schema.Field{
		{
			Name: "type", Required: true, Doc: l.Text(texts.ProblemType),
			Type: &schema.Type{Kind: schema.KindText, Format: "uri", Enum: []schema.Value{schema.Text(k.Type.Value)}},
		},
		{Name: "title", Required: true, Doc: l.Text(texts.ProblemTitle), Type: title},
		{
			Name: "status", Required: true, Doc: l.Text(texts.ProblemStatus),
			Type: &schema.Type{Kind: schema.KindInt, Format: "int32", Enum: []schema.Value{schema.Int(int64(k.Status))}},
		},
		{Name: "detail", Doc: l.Text(texts.ProblemDetail), Type: text(4096)},
		{Name: "request_id", Doc: l.Text(texts.ProblemRequest), Type: text(64)},
	}
	t := schema.RecordType(append(fields, k.Members.Fields...)...)
	t.Name, t.Doc, t.Open = k.Name.Value, k.Words, true
	return t
}

// problem finds the problem that a step names, and reports what is not there.
func (m *Model) problem(name config.Text, out *diag.List) *NamedProblem {
	var all []string
	for _, k := range m.Problems {
		if k.Name.Value == name.Value {
			return k
		}
		all = append(all, k.Name.Value)
	}
	if !m.unsaid(len(all)) {
		p := name.Report(out, diag.UnknownProblem, "fondaco.yaml has no problem %q", name.Value).WithNearest(name.Value, all)
		if p.Hint == "" {
			p.WithHint("declare it there: problems: { %s: { type: …, status: …, title: … } }", name.Value)
		}
	}
	return nil
}

// kinds lists the named problems that the route's failures of a status may be.
func (r *TypedRoute) kinds(status int) (list []*schema.Type) {
	for _, e := range r.extended {
		if e.kind != nil && e.status == status && !slices.Contains(list, e.kind.Whole) {
			list = append(list, e.kind.Whole)
		}
	}
	return list
}
