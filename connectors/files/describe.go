package files

import (
	"errors"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/typing"
)

var errEmpty = errors.New("it is empty")

// describe sets the types of every operation, by its parameters and its content.
func describe(c *connectors.Connector, out *diag.List) {
	w, ok := c.Wire.(*wire)
	if !ok {
		return
	}
	c.CheckRefs(out, w.address)
	c.CheckAddress(w.address, func(text string) error { _, err := parseAddress(text); return err }, out)
	w.entry.describe(c, w.address, out)
	types := typing.NewReader(func(file string, at diag.Pos) *config.Node { return config.ReadFile(c.FS, file, out, at) }, out)
	for _, f := range w.formats {
		config.CheckName(f.name, out)
		f.compiled = f.declared.Compile(types, out)
	}
	for _, operation := range c.Operations {
		p, ok := operation.Wire.(*op)
		if !ok {
			p = &op{paths: map[string]*config.Text{}}
			operation.Wire = p
		}
		p.describe(operation, types, out)
		if p.kind == doAppend && schemeOf(c, w.address) == "s3" {
			report(operation, out, "a store of S3 does not append: it takes files whole").WithHint("write a file of its own, by write:")
		}
	}
	for _, watch := range c.Watches {
		x, ok := watch.Wire.(*watched)
		if !ok {
			x = newWatched()
			watch.Wire = x
		}
		x.describe(watch, w, out)
	}
}

func (p *op) describe(operation *connectors.Operation, types *typing.Reader, out *diag.List) {
	var said []string
	for _, k := range kinds {
		if at := p.paths[k.key]; at != nil && at.Value != "" {
			said = append(said, k.key)
		}
	}
	switch {
	case operation.Input != nil:
		report(operation, out, "input belongs to operations with of:").WithHint("write what the paths are made of under parameters:")
		return
	case len(said) == 0:
		if !operation.Unread {
			report(operation, out, "the operation does not say what it does").
				WithHint("write list:, read:, write:, append:, move:, delete: or exists:")
		}
		return
	case len(said) > 1:
		report(operation, out, "found "+strings.Join(said, " and ")+", expected one of them").WithHint("make an operation of each")
		return
	}
	kind := said[0]
	document := p.documentType(operation, kind, types, out)
	if reads(kind) {
		operation.Effect = connectors.Read
	} else if operation.Effect == connectors.Read {
		report(operation, out, "its effect is read, and it changes something: "+kind).
			WithHint("write effect: once, or effect: idempotent if it may be repeated")
	}
	p.checkFields(operation, kind, out)
	p.replace = p.existing == existingReplace || p.existing == "" && operation.Effect == connectors.Idempotent
	fields, good := p.fields(operation, kind, document, types, out)
	p.describeContent(operation, kind, document, fields)
	if good {
		p.kind = kind
	}
}

// checkFields reports fields that belong to other kinds of operations.
func (p *op) checkFields(operation *connectors.Operation, kind string, out *diag.List) {
	content := kind == doRead || writes(kind)
	switch {
	case p.content == "" && content && !operation.Unread:
		report(operation, out, "the operation does not say what the file holds").WithHint("write content: bytes, text or json")
	case p.content != "" && !content:
		report(operation, out, "content belongs to read, write and append")
	case kind == doAppend && p.content == contentJSON:
		report(operation, out, "a document of JSON has nothing behind it").WithHint("write content: text, and the line with its end")
	}
	if p.mediaType != "" && p.content != contentBytes {
		report(operation, out, "media_type belongs to content: bytes")
	}
	if p.existing != "" && kind != doWrite && kind != doMove {
		report(operation, out, "existing belongs to write and move")
	}
	if p.to.Value != "" && kind != doMove {
		p.to.Report(out, diag.BadConnector, "%s: to belongs to move", operation.Name)
	}
	if p.to.Value == "" && kind == doMove && !operation.Unread {
		report(operation, out, "the operation does not say where the file is moved to").WithHint("write to:")
	}
}

// documentType returns the type of a JSON document, nil if the operation has none.
func (p *op) documentType(operation *connectors.Operation, kind string, types *typing.Reader, out *diag.List) *schema.Type {
	switch {
	case p.content != contentJSON && p.document == nil:
		return nil
	case p.content != contentJSON:
		p.document.Report(out, diag.BadConnector, "%s: schema belongs to content: json", operation.Name)
		return nil
	case p.document == nil:
		if !operation.Unread {
			report(operation, out, "the operation does not say what the document holds").WithHint("write schema:")
		}
		return schema.TypeUnknown
	}
	t := types.Read(p.document)
	if writes(kind) && t.Kind != schema.KindRecord && t.Kind != schema.KindUnknown {
		p.document.Report(out, diag.BadConnector, "%s: the document that is written is %s, expected an object", operation.Name, t).
			WithHint("write type: object, and the list as one of its properties")
	}
	return t
}

// fields are the parameters of the operation.
func (p *op) fields(
	operation *connectors.Operation, kind string, document *schema.Type, types *typing.Reader, out *diag.List,
) (fields []schema.Field, good bool) {
	paths := []*config.Text{p.paths[kind]}
	if kind == doMove && p.to.Value != "" {
		paths = append(paths, &p.to)
	}
	templates := make([]*template, len(paths))
	good = true
	var used []string
	for i, at := range paths {
		t, bad := parseTemplate(at.Value, kind == doList)
		if bad != nil {
			problem := at.Slice(bad.from, bad.to).Report(out, diag.BadConnector, "%s: %s", operation.Name, bad.message)
			if bad.hint != "" {
				problem.WithHint("%s", bad.hint)
			}
			good = false
			continue
		}
		templates[i] = t
		used = append(used, t.holes()...)
	}
	p.path = templates[0]
	if len(templates) > 1 {
		p.target = templates[1]
	}
	var known []string
	for _, e := range p.parameters {
		t := types.Read(e.value)
		known = append(known, e.key.Value)
		fields = append(fields, schema.Field{Name: e.key.Value, Type: t, Required: true, Doc: t.Doc})
		switch {
		case !t.Kind.Textual() && t.Kind != schema.KindInt && t.Kind != schema.KindUnknown || t.Nullable:
			e.key.Report(out, diag.BadConnector, "%s: the parameter %s is %s, expected a text, a whole number or a date that is never null",
				operation.Name, e.key.Value, t)
		case good && !slices.Contains(used, e.key.Value):
			e.key.Report(out, diag.BadConnector, "%s: the path has no {%s}", operation.Name, e.key.Value).WithNearest(e.key.Value, used)
			good = false
		}
	}
	return p.holes(operation, paths, templates, document, fields, known, out), good
}

// holes adds the parameters that no schema was given: they are text. The fields of a document that is written are there already.
func (p *op) holes(
	operation *connectors.Operation, paths []*config.Text, templates []*template, document *schema.Type, fields []schema.Field,
	known []string, out *diag.List,
) []schema.Field {
	for i, t := range templates {
		if t == nil {
			continue
		}
		for _, part := range t.parts {
			if !part.hole || slices.Contains(known, part.text) {
				continue
			}
			at := paths[i].Slice(part.at+1, part.at+1+len(part.text))
			if document != nil && document.Kind == schema.KindRecord && writes(p.kindOf()) && document.Index(part.text) >= 0 {
				f := document.Fields[document.Index(part.text)]
				if !f.Type.Kind.Textual() && f.Type.Kind != schema.KindInt || f.Type.Nullable || !f.Required {
					at.Report(out, diag.BadConnector, "%s: the field %s of the document cannot be a part of a name, expected a required text, whole "+
						"number or date", operation.Name, part.text)
				}
				continue
			}
			config.CheckName(at, out)
			known = append(known, part.text)
			fields = append(fields, schema.Field{Name: part.text, Type: schema.TypeText, Required: true})
		}
	}
	return fields
}

// kindOf returns the key of what the operation does.
func (p *op) kindOf() string {
	for _, k := range kinds {
		if at := p.paths[k.key]; at != nil && at.Value != "" {
			return k.key
		}
	}
	return ""
}

// bodyField is where what is written stands in the input.
const bodyField = "body"

// The types of answers.
var (
	fileType = schema.RecordType(
		schema.Field{Name: "name", Type: schema.TypeText, Required: true},
		schema.Field{Name: "path", Type: schema.TypeText, Required: true},
		schema.Field{Name: "size", Type: schema.TypeInt, Required: true},
		schema.Field{Name: "modified", Type: schema.TypeDateTime, Required: true},
	)
	writtenType = schema.RecordType(schema.Field{Name: "path", Type: schema.TypeText, Required: true})
	existsType  = schema.RecordType(schema.Field{Name: "exists", Type: schema.TypeBool, Required: true})
)

// describeContent makes input and output of the parameters and of what the file holds.
func (p *op) describeContent(operation *connectors.Operation, kind string, document *schema.Type, fields []schema.Field) {
	held := schema.TypeUnknown
	media := p.mediaType
	if media == "" {
		media = "application/octet-stream"
	}
	switch p.content {
	case contentBytes:
		held = schema.TypeBytes
		if kind == doRead {
			operation.Octets = media
		}
		if kind == doWrite {
			operation.Uploads = media
		}
	case contentText:
		held = schema.TypeText
	case contentJSON:
		held = document
	}
	switch kind {
	case doList:
		operation.Output = schema.ListOf(fileType)
	case doExists:
		operation.Output = existsType
	case doRead:
		operation.Output = held
	default:
		operation.Output = writtenType
	}
	if !writes(kind) {
		operation.Input = schema.RecordType(fields...)
		return
	}
	if p.content == contentJSON {
		if document.Kind != schema.KindRecord {
			operation.Input = schema.TypeUnknown
			return
		}
		p.written = document
		operation.Input = schema.RecordType(append(slices.Clone(document.Fields), fields...)...)
		return
	}
	operation.Input = schema.RecordType(append(fields, schema.Field{Name: bodyField, Type: held, Required: true})...)
}

func report(operation *connectors.Operation, out *diag.List, message string) *diag.Problem {
	return out.Report(diag.BadConnector, operation.Pos, "%s: %s", operation.Name, message).WithLen(len(operation.Name))
}
