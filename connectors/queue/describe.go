package queue

import (
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/typing"
)

// describe sets the types of operations and watches, by their parameters and their content.
func describe(c *connectors.Connector, out *diag.List) {
	w, ok := c.Wire.(*wire)
	if !ok {
		return
	}
	c.CheckRefs(out, w.address, w.user, w.password, w.ca, w.certificate, w.key, w.client)
	c.CheckSecret(out, "password", w.password)
	c.CheckAddress(w.address, func(text string) error { _, err := parseAddress(text); return err }, out)
	types := typing.NewReader(func(file string, at diag.Pos) *config.Node { return config.ReadFile(c.FS, file, out, at) }, out)
	for _, operation := range c.Operations {
		p, ok := operation.Wire.(*op)
		if !ok {
			p = &op{topics: map[string]*config.Text{}}
			operation.Wire = p
		}
		p.describe(operation, w, types, out)
	}
	for _, watch := range c.Watches {
		x, ok := watch.Wire.(*watched)
		if !ok {
			x = newWatched()
			watch.Wire = x
		}
		x.describe(watch, w, types, out)
	}
}

func (p *op) describe(operation *connectors.Operation, w *wire, types *typing.Reader, out *diag.List) {
	var said []string
	for _, k := range kinds {
		if at := p.topics[k.key]; at != nil && at.Value != "" {
			said = append(said, k.key)
		}
	}
	switch {
	case operation.Input != nil:
		report(operation, out, "input belongs to operations with of:").WithHint("write what the topic is made of under parameters:")
		return
	case len(said) == 0:
		if !operation.Unread {
			report(operation, out, "the operation does not say where a message is published").WithHint("write publish:, or request:")
		}
		return
	case len(said) > 1:
		report(operation, out, "found "+strings.Join(said, " and ")+", expected one of them").WithHint("make an operation of each")
		return
	}
	kind := said[0]
	p.checkFields(operation, kind, w, out)
	document := documentType(operation.Name, p.content, p.document, types, out)
	if document == nil && p.content == contentJSON && !operation.Unread {
		report(operation, out, "the operation does not say what the document holds").WithHint("write schema:")
	}
	if document != nil && document.Kind != schema.KindRecord && document.Kind != schema.KindUnknown {
		p.document.Report(out, diag.BadConnector, "%s: the document is %s, expected an object", operation.Name, document).
			WithHint("write type: object, and the list as one of its properties")
	}
	fields, good := p.fields(operation, kind, document, types, out)
	p.typed(operation, kind, document, fields, types)
	if good {
		p.kind = kind
	}
}

// checkFields reports fields that belong to another kind of operation, or to another version.
func (p *op) checkFields(operation *connectors.Operation, kind string, w *wire, out *diag.List) {
	switch {
	case p.content == "" && !operation.Unread:
		report(operation, out, "the operation does not say what a message holds").WithHint("write content: json, text or bytes")
	case kind == doPublish && operation.Effect == connectors.Read:
		report(operation, out, "its effect is read, and it publishes a message").
			WithHint("write effect: once, or effect: idempotent if receivers know what comes twice by its id")
	}
	if kind == doPublish && p.reply != nil {
		p.reply.Report(out, diag.BadConnector, "%s: reply belongs to request", operation.Name)
	}
	if kind == doRequest {
		if p.reply == nil && !operation.Unread {
			report(operation, out, "the operation does not say what the reply holds").WithHint("write reply: and its schema")
		}
		if p.retain {
			report(operation, out, "retain belongs to publish")
		}
	}
	if w.version == version3 {
		switch {
		case kind == doRequest:
			report(operation, out, "MQTT 3.1.1 has no requests").WithHint("write version: 5, if the broker speaks it")
		case len(p.headers) > 0:
			p.headers[0].key.Report(out, diag.BadConnector, "%s: MQTT 3.1.1 has no headers", operation.Name).
				WithHint("write version: 5, if the broker speaks it")
		case p.expires > 0:
			report(operation, out, "MQTT 3.1.1 has no expiry").WithHint("write version: 5, if the broker speaks it")
		}
	}
}

// documentType returns the type of a JSON document, nil if there is none.
func documentType(who, content string, document *config.Node, types *typing.Reader, out *diag.List) *schema.Type {
	switch {
	case document == nil:
		return nil
	case content != contentJSON:
		document.Report(out, diag.BadConnector, "%s: schema belongs to content: json", who)
		return nil
	}
	return types.Read(document)
}

// fields are the parameters of the operation: of its topic and of its headers.
func (p *op) fields(
	operation *connectors.Operation, kind string, document *schema.Type, types *typing.Reader, out *diag.List,
) (fields []schema.Field, good bool) {
	at := p.topics[kind]
	t, bad := parseTopic(at.Value)
	if bad != nil {
		if problem := at.Slice(bad.from, bad.to).Report(out, diag.BadConnector, "%s: %s", operation.Name, bad.message); bad.hint != "" {
			problem.WithHint("%s", bad.hint)
		}
		return nil, false
	}
	p.topic, good = t, true
	var known []string
	add := func(e entry, required bool, what string) {
		typed := types.Read(e.value)
		switch {
		case !typed.Kind.Textual() && typed.Kind != schema.KindInt && typed.Kind != schema.KindUnknown || typed.Nullable:
			e.key.Report(out, diag.BadConnector, "%s: the %s %s is %s, expected a text, a whole number or a date that is never null",
				operation.Name, what, e.key.Value, typed)
			good = false
		case document != nil && document.Kind == schema.KindRecord && document.Index(e.key.Value) >= 0,
			e.key.Value == bodyField && p.content != contentJSON, slices.Contains(known, e.key.Value):
			e.key.Report(out, diag.BadConnector, "%s: the input has another %s", operation.Name, e.key.Value)
			good = false
			return
		}
		known = append(known, e.key.Value)
		fields = append(fields, schema.Field{Name: e.key.Value, Type: typed, Required: required, Doc: typed.Doc})
	}
	for _, e := range p.parameters {
		if !slices.Contains(t.holes(), e.key.Value) {
			e.key.Report(out, diag.BadConnector, "%s: the topic has no {%s}", operation.Name, e.key.Value).WithNearest(e.key.Value, t.holes())
			good = false
			continue
		}
		add(e, true, "parameter")
	}
	fields = p.holes(operation, at, document, fields, known, out)
	for _, e := range p.headers {
		n := len(fields)
		if add(e, false, "header"); len(fields) > n {
			p.headersTyped = append(p.headersTyped, fields[n])
		}
	}
	return fields, good
}

// holes adds the parameters that no schema was given: they are text. The fields of the document are there already.
func (p *op) holes(
	operation *connectors.Operation, at *config.Text, document *schema.Type, fields []schema.Field, known []string, out *diag.List,
) []schema.Field {
	for _, part := range p.topic.parts {
		if !part.hole || slices.Contains(known, part.text) {
			continue
		}
		where := at.Slice(part.at+1, part.at+1+len(part.text))
		if document != nil && document.Kind == schema.KindRecord && document.Index(part.text) >= 0 {
			f := document.Fields[document.Index(part.text)]
			if !f.Type.Kind.Textual() && f.Type.Kind != schema.KindInt || f.Type.Nullable || !f.Required {
				where.Report(out, diag.BadConnector, "%s: the field %s of the document cannot be a word of a topic, expected a required text, whole "+
					"number or date", operation.Name, part.text)
			}
			continue
		}
		config.CheckName(where, out)
		known = append(known, part.text)
		fields = append(fields, schema.Field{Name: part.text, Type: schema.TypeText, Required: true})
	}
	return fields
}

// bodyField is where the content stands in the input, unless it is a document of JSON.
const bodyField = "body"

// publishedType is what publishing answers.
var publishedType = schema.RecordType(schema.Field{
	Name: "id", Type: schema.TypeText, Required: true, Doc: "by which receivers know the message again",
})

// typed makes input and output of the parameters and of what a message holds.
func (p *op) typed(
	operation *connectors.Operation, kind string, document *schema.Type, fields []schema.Field, types *typing.Reader,
) {
	operation.Output = publishedType
	if kind == doRequest {
		operation.Output = schema.TypeUnknown
		if p.reply != nil {
			operation.Output = types.Read(p.reply)
		}
	}
	held := schema.TypeUnknown
	switch p.content {
	case contentText:
		held = schema.TypeText
	case contentBytes:
		held = schema.TypeBytes
	case contentJSON:
		if document == nil || document.Kind != schema.KindRecord {
			operation.Input = schema.TypeUnknown
			return
		}
		p.sent = document
		operation.Input = schema.RecordType(append(slices.Clone(document.Fields), fields...)...)
		return
	}
	operation.Input = schema.RecordType(append(fields, schema.Field{Name: bodyField, Type: held, Required: true})...)
}

func report(operation *connectors.Operation, out *diag.List, message string) *diag.Problem {
	return out.Report(diag.BadConnector, operation.Pos, "%s: %s", operation.Name, message).WithLen(len(operation.Name))
}
