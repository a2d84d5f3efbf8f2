package routes

import (
	"context"
	"log/slog"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// logging writes a line to the log. The exchange goes on whatever comes of it.
type logging struct {
	message transform.Mapping
	level   string
	fields  []*setting

	typed *transform.Typed // of the message
	node  *Step
}

// Spec declares the fields of "- log:".
func (l *logging) Spec(o *spec.Object) {
	l.level = "info"
	o.Var("log", &l.message).Required().Example("Pratica ${path.numero} presa in carico").
		Doc("What is written, a text with holes. Personal data, secrets and what no type describes are shown as ***; one line has 8 KiB of " +
			"text at most. A value that cannot be computed is logged as such: the exchange goes on.")
	o.Enum("level", &l.level, "info", "warn", "error", "debug").Default("info").Doc("How much it matters.")
	o.Entries("fields", (&transform.Mapping{}).Schema(), func(key config.Text, value *config.Node, out *diag.List) {
		f := &setting{name: key}
		f.mapping.Decode(value, out)
		l.fields = append(l.fields, f)
	}).AnyKeys().Doc("Values beside the text, each with its name; one that is nil is left out.")
}

// Check types the message and the fields.
func (l *logging) Check(s *Scope) {
	l.node = s.node
	defer s.Names.Moving()()
	l.typed = s.Map(&l.message)
	switch t := l.typed.Type; {
	case t.Kind == schema.KindRecord:
		s.check.out.Report(diag.TypeMismatch, l.message.Pos(), "log: expected a text with holes, found %s", t).
			WithHint(`write the text beside log, and level and fields below it: - log: "…", level: warn, fields: { NAME: … }`)
	case t.Kind == schema.KindAny, !t.Nullable && (t.Kind.Textual() || t.Kind.Number() || t.Kind == schema.KindBool):
	default:
		l.typed.Fit(schema.TypeText, "log", s.check.out)
	}
	for _, f := range l.fields {
		f.typed = s.Map(&f.mapping)
	}
	s.node.Title = l.level + ": " + l.message.Text()
}

// Compile computes the line where its level is written, and writes it.
func (l *logging) Compile(b *Builder) Run {
	var pieces, fields []logged
	for _, p := range l.typed.Pieces() {
		pieces = append(pieces, logged{eval: p.Compile(nil), typ: p.Type})
	}
	for _, f := range l.fields {
		fields = append(fields, logged{f.name.Value, f.typed.Compile(nil), f.typed.Type})
	}
	program := b.program
	var level slog.Level
	_ = level.UnmarshalText([]byte(l.level)) // the words of the field are those of slog
	place := []slog.Attr{slog.String("route", b.id), slog.String("step", l.node.ID), slog.String("place", l.node.Pos.String())}
	return func(ctx context.Context, x *Exchange) error {
		if !program.log.Enabled(ctx, level) {
			return nil
		}
		line := newLine()
		for _, p := range pieces {
			line.say(&x.Frame, p)
		}
		for _, f := range fields {
			line.add(&x.Frame, f)
		}
		attrs := append(make([]slog.Attr, 0, len(place)+2), place...)
		if t := connectors.TraceOf(ctx); t != nil {
			attrs = append(attrs, slog.String("request_id", t.RequestID))
		}
		text, values := line.end()
		if len(values) > 0 {
			attrs = append(attrs, slog.Attr{Key: "fields", Value: slog.GroupValue(values...)})
		}
		program.log.LogAttrs(ctx, level, text, attrs...)
		return nil
	}
}

// logged is a value that a line shows.
type logged struct {
	name string
	eval expr.Eval
	typ  *schema.Type
}
