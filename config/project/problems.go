package project

import (
	"net/url"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
)

// Problem is a kind of problem that the project names: routes answer it by its name.
type Problem struct {
	Name   config.Text
	Type   config.Text  // the URI that identifies it (RFC 9457 §3.1.1)
	Status int          // 0 if it could not be read
	With   *config.Node // its further members by name, each with its schema; nil for none

	Unread bool // it has members that could not be read

	title problemTitle
}

// Title returns the kind of problem in words: in a language, as en or it, or in the one in which it is written.
func (p *Problem) Title(language string) string {
	for _, wanted := range []string{language, "en"} {
		for _, t := range p.title.by {
			if t.Key.Value == wanted {
				return t.Value.Text.Value
			}
		}
	}
	if len(p.title.by) > 0 {
		return p.title.by[0].Value.Text.Value
	}
	return p.title.one
}

// problemTitle is one text, or one for each language.
type problemTitle struct {
	one string
	by  []config.Entry
}

// Decode reads a text, or texts by language.
func (t *problemTitle) Decode(n *config.Node, out *diag.List) {
	if n.Is(config.NodeText) {
		if t.one = n.Text.Value; t.one == "" {
			n.Report(out, diag.BadValue, "title: found an empty text, expected the kind of problem in words")
		}
		return
	}
	if !n.Is(config.NodeMap) || len(n.Entries) == 0 {
		n.Report(out, diag.WrongType, "title: found %s, expected a text, or one for each language", n.Found()).
			WithHint("title: { it: Multa non pagabile, en: Fine not payable }")
		return
	}
	for _, e := range n.Entries {
		switch {
		case !slices.Contains(languages, e.Key.Value):
			e.Key.Report(out, diag.BadValue, "title: found the language %q, expected one of %s", e.Key.Value, strings.Join(languages, ", ")).
				WithNearest(e.Key.Value, languages)
		case !e.Value.Is(config.NodeText) || e.Value.Text.Value == "":
			e.Value.Report(out, diag.WrongType, "title.%s: found %s, expected a text", e.Key.Value, e.Value.Found())
		default:
			t.by = append(t.by, e)
		}
	}
}

// Schema describes the title to editors.
func (t *problemTitle) Schema() spec.Schema {
	text := spec.Schema{"type": "string", "minLength": 1}
	by := spec.Schema{}
	for _, l := range languages {
		by[l] = text
	}
	return spec.Schema{"anyOf": []any{
		text, spec.Schema{"type": "object", "minProperties": 1, "properties": by, "additionalProperties": false},
	}}
}

// problemType is the URI of a problem.
type problemType struct{ to *config.Text }

// Decode reads an absolute URI.
func (t problemType) Decode(n *config.Node, out *diag.List) {
	u, err := url.Parse(n.Text.Value)
	switch {
	case !n.Is(config.NodeText) || err != nil || !u.IsAbs():
		n.Report(out, diag.BadValue, "type: found %s, expected an absolute URI, as https://api.comune.example/problemi/multa-non-pagabile",
			n.Found())
	case u.Scheme == "about":
		n.Report(out, diag.BadValue, "type: found %s, which says that a problem is of no kind but its status", n.Found()).
			WithHint("write a URI of your own, as https://api.comune.example/problemi/multa-non-pagabile")
	default:
		*t.to = n.Text
	}
}

// Schema is that of an absolute URI.
func (t problemType) Schema() spec.Schema { return spec.Schema{"type": "string", "format": "uri"} }

// problemWith keeps the members until the project's files are at hand.
type problemWith struct{ to **config.Node }

// Decode keeps the node.
func (w problemWith) Decode(n *config.Node, out *diag.List) {
	if !n.Is(config.NodeMap) {
		n.Report(out, diag.WrongType, "with: found %s, expected members by name, each with its schema, as { importo: { type: number } }",
			n.Found())
		return
	}
	*w.to = n
}

// Schema describes the members to editors.
func (w problemWith) Schema() spec.Schema {
	return spec.Schema{"type": "object", "additionalProperties": spec.Schema{"type": "object"}}
}

func (p *Problem) spec(o *spec.Object) {
	o.Var("type", problemType{&p.Type}).Required().Doc("The URI that identifies the kind of problem (RFC 9457 §3.1.1), an absolute one. It " +
		"need not lead anywhere; best it is a page that explains the problem.").Example("https://api.comune.example/problemi/multa-non-pagabile")
	o.Int("status", &p.Status).Range(400, 599).Required().Doc("The HTTP status, from 400 to 599.")
	o.Var("title", &p.title).Required().Doc("The kind of problem in words, the same every time: one text, or one for each language, of " +
		"which the project's is answered (English where language is left out).").Example("{ it: Multa non pagabile, en: Fine not payable }")
	o.Var("with", problemWith{&p.With}).Doc("Its further members (RFC 9457 §3.2) by name, each with its schema; beside it, required: true " +
		"says that the member is always there.").Example("{ importo: { type: number, required: true } }")
}

// checkProblems reports names that cannot be, and two problems of one type. n are the problems as they are written.
func (p *Project) checkProblems(n *config.Node, out *diag.List) {
	known := []string{"type", "status", "title"}
	for i, one := range p.Problems {
		config.CheckID(one.Name, out)
		other := func(key string) bool { return !slices.Contains(known, key) }
		one.Unread = one.With == nil && slices.ContainsFunc(n.Get(one.Name.Value).Keys(), other)
		for _, other := range p.Problems[:i] {
			if one.Type.Value != "" && one.Type.Value == other.Type.Value {
				one.Type.Report(out, diag.BadValue, "the problem %q has this type already: a type identifies one kind of problem", other.Name.Value)
				break
			}
		}
	}
}
