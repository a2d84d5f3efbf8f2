package rest

import (
	"net/http"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/openapi"
	"fondaco/schema"
	"fondaco/transform/typing"
)

// bodyField is the field of input or output that a body has which is not an object.
const bodyField = "body"

// successes returns the answers that are no failure: those of the statuses under success, or of 2xx; where none is
// described, default stands for them.
func (p *op) successes(responses []openapi.Response) (list []openapi.Response) {
	of2xx := len(p.statuses) == 0 || slices.ContainsFunc(p.statuses, func(status int) bool { return status/100 == 2 })
	for _, r := range responses {
		if r.Status > 99 && p.ok(r.Status) || r.Status == 2 && of2xx {
			list = append(list, r)
		}
	}
	if len(list) == 0 {
		return slices.DeleteFunc(slices.Clone(responses), func(r openapi.Response) bool { return r.Status != 0 })
	}
	return list
}

// readAnswers finds how the answers are read and the type of all of them: null where some have no body. It reports whether
// they can be read.
func (p *op) readAnswers(operation *connectors.Operation, answers []bodyShape, out *diag.List) bool {
	p.output, p.answered = nil, media{name: jsonType, base: jsonType}
	if p.method == http.MethodHead { // its answer has the head alone
		answers = nil
	}
	bodies := 0
	for _, a := range answers {
		t := schema.TypeNull
		if a.t != nil {
			a.t = schema.DropFields(a.t, func(f *schema.Field) bool { return f.WriteOnly })
			a.answer = true
			m, read, err := spoken(a)
			if err != nil {
				p.refuse(operation, p.answerType, out, "the answer cannot be read", err)
				return false
			}
			if bodies++; bodies > 1 && m.kind == asXML && p.answered.kind == asXML && m.xml.shape != p.answered.xml.shape {
				report(operation, out, "its answers are of several schemas in XML, which is not supported").
					WithHint("name the statuses of one of them under success")
				return false
			}
			if bodies > 1 && (m.kind != p.answered.kind || m.kind != asJSON && m.base != p.answered.base) {
				report(operation, out, "its answers are of several media types, "+p.answered.name+" and "+m.name+", which is not supported").
					WithHint("name the statuses of one of them under success")
				return false
			}
			if bodies == 1 {
				p.answered = m
			}
			p.accepts(m.name)
			t = read
		}
		if p.output == nil {
			p.output = t
		} else {
			p.output = schema.Join(p.output, t)
		}
	}
	if p.output == nil {
		p.output = schema.TypeNull
	}
	return true
}

// accepts adds a media type to what is asked for.
func (p *op) accepts(name string) {
	if !slices.Contains(p.accept, name) {
		p.accept = append(p.accept, name)
	}
}

// readSuccess reads the statuses that are no failure.
func (p *op) readSuccess(operation *connectors.Operation, out *diag.List) {
	if p.success == nil {
		return
	}
	items := p.success.Items
	if p.success.Kind != config.NodeList {
		items = []*config.Node{p.success}
	}
	for _, item := range items {
		status, ok := item.Int()
		if !ok || status < 100 || status > 599 {
			item.Report(out, diag.BadValue, "success: found %s, expected an HTTP status", item.Found())
			continue
		}
		p.statuses = append(p.statuses, int(status))
	}
}

// ok reports whether a status is no failure.
func (p *op) ok(status int) bool {
	if len(p.statuses) == 0 {
		return status >= 200 && status < 300
	}
	return slices.Contains(p.statuses, status)
}

// answerHeaders adds headers and cookies of the answer to the output, which is then a record.
func (p *op) answerHeaders(operation *connectors.Operation, types *typing.Reader, out *diag.List) {
	if p.answerHeader == nil && p.answerCookie == nil || operation.Output == nil {
		return
	}
	t := &schema.Type{Kind: schema.KindRecord, Open: true}
	switch operation.Output.Kind {
	case schema.KindRecord:
		t.Fields = slices.Clone(operation.Output.Fields)
		t.Present = operation.Output.Present
		t.Name = operation.Output.Name
	case schema.KindNull, schema.KindUnknown:
	default:
		p.wrapped = true
		t.Fields = []schema.Field{{Name: bodyField, Type: operation.Output, Required: true}}
	}
	for _, n := range []*config.Node{p.answerHeader, p.answerCookie} {
		if n == nil {
			continue
		}
		for _, e := range n.Entries {
			h := answerHeader{name: http.CanonicalHeaderKey(e.Key.Value), field: e.Key.Value, t: types.Read(e.Value, "required")}
			if h.cookie = n == p.answerCookie; h.cookie {
				h.name = e.Key.Value
			}
			if problem := h.problem(t); problem != "" {
				e.Key.Report(out, diag.BadConnector, "%s: %s", operation.Name, problem)
				continue
			}
			h.required = flag(e.Value, "required", false, out)
			p.headers = append(p.headers, h)
			t.Fields = append(t.Fields, schema.Field{Name: h.field, Type: h.t, Required: h.required})
		}
	}
	operation.Output = t.Seal()
}

// problem returns why a header or cookie cannot be a field of an output beside those that it has, "" if it can.
func (h *answerHeader) problem(output *schema.Type) string {
	taken := slices.ContainsFunc(output.Fields, func(f schema.Field) bool { return f.Name == h.field })
	switch {
	case h.cookie && taken:
		return "the output has a field " + h.field + " already, which the cookie would stand for"
	case h.cookie && !schema.Single(h.t):
		return "a cookie holds a single value, and its schema is of " + schema.Noun(h.t)
	case !schema.Single(h.t) && (h.t.Kind != schema.KindList || !schema.Single(h.t.Elem)):
		return "a header holds a single value or a list of such, and its schema is of " + schema.Noun(h.t)
	}
	return ""
}

// value reads the header of an answer: a single value is the first of the lines that bear its name; a list has the items of all of
// them, which commas separate (RFC 9110 §5.3) but in Set-Cookie (RFC 6265 §3). Absent if there is none.
func (h *answerHeader) value(head http.Header) (schema.Value, error) {
	if h.cookie {
		text, set := setCookie(head, h.name)
		if !set {
			return schema.Value{}, nil
		}
		return schema.ParseText(text, h.t)
	}
	lines := head.Values(h.name)
	if len(lines) == 0 || h.t.Kind != schema.KindList {
		if text := head.Get(h.name); text != "" {
			return schema.ParseText(text, h.t)
		}
		return schema.Value{}, nil
	}
	var items []schema.Value
	for _, line := range lines {
		texts := []string{line}
		if h.name != "Set-Cookie" {
			texts = strings.Split(line, ",")
		}
		for _, text := range texts {
			v, err := schema.ParseText(strings.TrimSpace(text), h.t.Elem)
			if err != nil {
				return v, err
			}
			items = append(items, v)
		}
	}
	return schema.List(items), nil
}

// word names what it is in messages.
func (h *answerHeader) word() string {
	if h.cookie {
		return "cookie"
	}
	return "header"
}
