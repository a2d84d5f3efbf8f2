package rest

import (
	"fmt"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
)

// compose makes the input of parameters and body, one flat record unless a name stands twice, and reports whether all of
// it can be written.
func (p *op) compose(operation *connectors.Operation, at config.Text, params []parameter, body *bodyShape, required bool,
	out *diag.List,
) bool {
	in, fine := &schema.Type{Kind: schema.KindRecord}, true
	if p.ticket != nil {
		params = beside(params, []parameter{*p.ticket})
	}
	var query []string
	for _, x := range params {
		if x.in == "query" {
			query = append(query, x.name)
		}
	}
	names := inputNames(params)
	for i, x := range params {
		laid, err := x.laidOut()
		if err == nil {
			err = checked(x.t)
		}
		if err != nil {
			p.refuse(operation, x.key, out, fmt.Sprintf("the %s parameter %s cannot be written", x.in, x.name), err)
			fine = false
			continue
		}
		if in.Index(names[i]) >= 0 {
			report(operation, out, "two parameters are called "+x.name)
			fine = false
			continue
		}
		laid.field = len(in.Fields)
		if x.in == "query" {
			laid.taken = slices.DeleteFunc(slices.Clone(query), func(name string) bool { return name == x.name })
		}
		p.params = append(p.params, laid)
		needed := x.required && x.t.Default.IsAbsent() && !mayBeEmpty(&x, &laid.layout)
		in.Fields = append(in.Fields, schema.Field{Name: names[i], Type: x.t, Required: needed, Doc: x.doc})
	}
	if body != nil {
		own := *body
		own.written = true
		own.t = schema.DropFields(body.t, func(f *schema.Field) bool { return f.ReadOnly })
		err := checked(own.t)
		if err == nil {
			p.bodyMedia, p.bodyType, err = spoken(own)
		}
		if err != nil {
			p.refuse(operation, p.content, out, "the request's body cannot be written", err)
			return false
		}
		if p.bodyMedia.kind == asParts {
			p.sentOn = &connectors.UploadForm{Type: own.t, Parts: own.encoding}
		}
	}
	p.place(in, required)
	for _, x := range params {
		if x.in == "path" && !slices.Contains(holes(at.Value), x.name) {
			at.Report(out, diag.BadConnector, "%s: the path has no {%s}", operation.Name, x.name)
		}
	}
	if !fine {
		return false
	}
	operation.Input = in.Seal()
	return p.cut(operation, at, out)
}

// checked returns an error of a type that does not say all that its schema asks: what is sent might not be what the system takes.
func checked(t *schema.Type) error {
	if what := schema.UncheckedIn(t); what != "" {
		return fmt.Errorf("its schema has %s, which is not supported", what)
	}
	return nil
}

// inputNames sets the field name of each parameter. Of several with one name the first keeps it, in the order path,
// query, header, cookie, and before all the ticket of a session; the others bear their place before it.
func inputNames(params []parameter) []string {
	names := make([]string, len(params))
	for i, x := range params {
		if x.ticket {
			names[i] = x.name
		}
	}
	for _, in := range []string{"path", "query", "header", "cookie"} {
		for i, x := range params {
			if x.in != in || x.ticket {
				continue
			}
			if names[i] = x.name; slices.Contains(names[:i], x.name) || slices.Contains(names[i+1:], x.name) {
				names[i] = in + "_" + x.name
			}
		}
	}
	return names
}

// place sets where the body stands in the input: its fields beside the parameters, or a field of its own.
func (p *op) place(in *schema.Type, required bool) {
	body := p.bodyType
	taken := func(f schema.Field) bool { return in.Index(f.Name) >= 0 }
	switch {
	case body == nil:
	case body.Kind == schema.KindRecord && !body.Nullable && !slices.ContainsFunc(body.Fields, taken):
		p.body = flatBody
		in.Fields = append(in.Fields, body.Fields...)
		in.Present = body.Present
	default:
		p.body = fieldBody
		if i := in.Index("body"); i >= 0 {
			in.Fields[i].Name = p.params[i].in + "_body"
		}
		in.Fields = append(in.Fields, schema.Field{Name: "body", Type: body, Required: required})
	}
}

// cut cuts the path at its holes, and reports whether each has a parameter. A fragment, by which documents tell operations
// of one path apart, is never sent (RFC 9110 §7.1).
func (p *op) cut(operation *connectors.Operation, at config.Text, out *diag.List) bool {
	p.segments = p.segments[:0]
	rest, _, _ := strings.Cut(at.Value, "#")
	for rest != "" {
		fixed, hole, found := strings.Cut(rest, "{")
		if fixed != "" {
			p.segments = append(p.segments, segment{fixed, -1})
		}
		if !found {
			break
		}
		name, after, _ := strings.Cut(hole, "}")
		i := slices.IndexFunc(p.params, func(x param) bool { return x.in == "path" && x.name == name })
		if i < 0 {
			at.Report(out, diag.BadConnector, "%s: the path's parameter %q has no schema", operation.Name, name)
			return false
		}
		p.segments = append(p.segments, segment{"", i})
		rest = after
	}
	return true
}
