package mail

import (
	"errors"
	"fmt"
	"html/template"
	"strconv"
	"strings"

	"fondaco/config/diag"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
	"fondaco/transform/funcs"
)

// letterTemplate is the message of an operation, compiled. Its parts are nil for none.
type letterTemplate struct {
	to, cc, bcc, from, replyTo, bounces, references expr.Eval // lists of texts, but for from, replyTo and bounces
	inReplyTo, attachments                          expr.Eval
	subject, text                                   *textTemplate
	html                                            *htmlTemplate
	slots                                           int
}

// textTemplate is a text with holes.
type textTemplate struct{ pieces []expr.Eval }

// htmlTemplate is HTML with holes, which html/template escapes by where they stand.
type htmlTemplate struct {
	source *template.Template
	holes  []expr.Eval
}

// The types of what a message is made of.
var (
	textOrNil  = schema.TypeText.OrNull()
	textsOrNil = schema.ListOf(schema.TypeText).OrNull()
	attachment = schema.RecordType(
		schema.Field{Name: "name", Type: schema.TypeText, Required: true},
		schema.Field{Name: "type", Type: textOrNil},
		schema.Field{Name: "content", Type: schema.TypeBytes, Required: true},
	)
	filesOrNone = schema.ListOf(attachment).OrNull()
)

// budget is how many steps the making of one message may take.
const budget = 10_000_000

// compiled types the message over the operation's input, and compiles it; nil if something is wrong, which goes to out.
func (p *op) compiled(operation *connectors.Operation, out *diag.List) *letterTemplate {
	own := &diag.List{}
	defer out.Join(own)
	scope := operation.Scope()
	scope.Declare("input", operation.Input)
	t := &letterTemplate{}
	one := func(m *transform.Mapping, name string, to *schema.Type) expr.Eval {
		if m.IsZero() {
			return nil
		}
		typed := m.Check(scope, own)
		typed.Fit(to, name, own)
		return typed.Compile(to)
	}
	several := func(m *transform.Mapping, name string) expr.Eval {
		if m.IsZero() {
			return nil
		}
		typed := m.Check(scope, own)
		if typed.Type.Kind == schema.KindList {
			typed.Fit(textsOrNil, name, own)
			return typed.Compile(textsOrNil)
		}
		typed.Fit(textOrNil, name, own)
		return typed.Compile(textOrNil)
	}
	t.to, t.cc, t.bcc = several(&p.to, "to"), several(&p.cc, "cc"), several(&p.bcc, "bcc")
	t.from, t.replyTo, t.bounces = one(&p.from, "from", schema.TypeText), one(&p.replyTo, "reply_to", textOrNil), one(&p.bounces, "bounces",
		schema.TypeText)
	t.inReplyTo, t.references = one(&p.inReplyTo, "in_reply_to", textOrNil), one(&p.references, "references", textsOrNil)
	t.attachments = one(&p.attachments, "attachments", filesOrNone)
	t.subject, t.text = textOf(&p.subject, "subject", scope, own), textOf(&p.text, "text", scope, own)
	t.html = p.htmlOf(operation, scope, own)
	t.slots = scope.Size()
	if own.Failed() {
		return nil
	}
	return t
}

// textOf compiles a text.
func textOf(m *transform.Mapping, name string, scope *expr.Scope, out *diag.List) *textTemplate {
	if m.IsZero() {
		return nil
	}
	typed := m.Check(scope, out)
	if !scalar(typed.Type) {
		typed.Fit(schema.TypeText, name, out)
	}
	t := &textTemplate{}
	for _, piece := range typed.Pieces() {
		t.pieces = append(t.pieces, piece.Compile(nil))
	}
	return t
}

// scalar reports whether a value of a type can stand in a text.
func scalar(t *schema.Type) bool {
	return !t.Nullable && (t.Kind.Number() || t.Kind == schema.KindBool || t.Kind.Textual())
}

func (t *textTemplate) print(f *expr.Frame) (string, error) {
	if t == nil {
		return "", nil
	}
	var b strings.Builder
	for _, piece := range t.pieces {
		v, err := piece(f)
		if err != nil {
			return "", err
		}
		b.WriteString(funcs.Print(v))
	}
	return b.String(), nil
}

// htmlOf compiles HTML. A hole where no value could be escaped is a problem.
func (p *op) htmlOf(operation *connectors.Operation, scope *expr.Scope, out *diag.List) *htmlTemplate {
	if p.html.IsZero() {
		return nil
	}
	own := &diag.List{}
	typed := p.html.Check(scope, own)
	if !scalar(typed.Type) {
		typed.Fit(schema.TypeText, "html", own)
	}
	out.Join(own)
	if own.Failed() {
		return nil
	}
	t := &htmlTemplate{}
	var source strings.Builder
	for _, piece := range typed.Pieces() {
		if piece.Constant() {
			v, err := piece.Compile(nil)(&expr.Frame{Budget: budget})
			if err != nil || funcs.Print(v) == p.html.Text() && strings.Contains(p.html.Text(), "${") {
				return nil // a hole is not closed, which was reported
			}
			source.WriteString(strings.ReplaceAll(funcs.Print(v), "{{", `{{"{{"}}`))
			continue
		}
		source.WriteString("{{index . " + strconv.Itoa(len(t.holes)) + "}}")
		t.holes = append(t.holes, piece.Compile(nil))
	}
	parsed, err := template.New("html").Parse(source.String())
	if err == nil {
		err = parsed.Execute(&strings.Builder{}, make([]string, len(t.holes))) // which finds out how each hole is escaped
	}
	if err != nil {
		out.Report(diag.BadConnector, p.html.Pos(), "%s: html: a value stands where it cannot be escaped: %s", operation.Name, whyNot(err)).
			WithHint("put holes into texts and into quoted attributes")
		return nil
	}
	t.source = parsed
	return t
}

// whyNot is what html/template says of a template, without its own places.
func whyNot(err error) string {
	text := err.Error()
	var e *template.Error
	if errors.As(err, &e) {
		text = e.Description
	}
	text, _, _ = strings.Cut(text, ": {") // the state of its parser
	return text
}

func (t *htmlTemplate) print(f *expr.Frame) (string, error) {
	if t == nil {
		return "", nil
	}
	values := make([]string, len(t.holes))
	for i, hole := range t.holes {
		v, err := hole(f)
		if err != nil {
			return "", err
		}
		values[i] = funcs.Print(v)
	}
	var b strings.Builder
	if err := t.source.Execute(&b, values); err != nil {
		return "", fmt.Errorf("html: %s", whyNot(err))
	}
	return b.String(), nil
}
