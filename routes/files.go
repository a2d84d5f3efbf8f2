package routes

import (
	"mime"
	"slices"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/openapi"
	"fondaco/schema"
	"fondaco/transform/parts"
)

// formMedia is the media type of bodies with fields and files.
const formMedia = "multipart/form-data"

// bodyContent is how the body of a request stands on the wire, where it is not JSON.
type bodyContent struct {
	media config.Text // "" for JSON
	files []*fileWords
	form  *parts.Form  // nil for JSON
	sent  *schema.Type // the body as the route's file has it: its files are octets
}

// fileWords is what a route says of a file beside its schema.
type fileWords struct {
	name  config.Text
	types []config.Text
	size  int64
}

func (b *bodyContent) spec(o *spec.Object) {
	o.Text("content", &b.media).Doc("The media type of the body: multipart/form-data for a body with files. Its fields of octets (format: " +
		"binary), and lists of such, are files: records of content, and where the caller says them name and type. Without it the body is JSON.").
		Example(formMedia)
}

// filesDoc says what files: is beside the trigger of that key.
const filesDoc = "Of a body with content: multipart/form-data, what its files may be, by the names of their fields."

// filesChoice is the form of files: that says what the files of a body may be.
func (b *bodyContent) filesChoice() spec.Choice {
	return spec.MapOf(func(key config.Text) func(*spec.Object) {
		f := &fileWords{name: key}
		b.files = append(b.files, f)
		return f.spec
	})
}

func (f *fileWords) spec(o *spec.Object) {
	o.Texts("types", &f.types).Doc("The media types that are taken, as the caller says them; image/* is any image. Without it, any.").
		Example("[image/jpeg, image/png]")
	o.Size("size", &f.size).Doc("How large one file may be; limits.body bounds all of them together.").Example("5MiB")
}

// read prepares the body of a type, and returns the type that routes see: its files are records.
func (b *bodyContent) read(d *RouteModel, body *schema.Type, out *diag.List) *schema.Type {
	if b.media.Value == "" && len(b.files) > 0 && d.headless { // it stands under a key that could not be read
		b.media.Value = formMedia
	}
	if b.media.Value == "" {
		if len(b.files) > 0 {
			b.files[0].name.Report(out, diag.BadRoute, "the route has files, and its body is JSON").WithHint("write content: " + formMedia)
		}
		return body
	}
	report := func(format string, args ...any) *diag.Problem {
		return b.media.Report(out, diag.BadRoute, format, args...)
	}
	switch {
	case b.media.Value != formMedia:
		report("bodies of %s are not supported; found content, expected %s", b.media.Value, formMedia).
			WithHint("leave content out for JSON; a body that one call sends on as it comes is upload:")
		return body
	case body == nil:
		if d.body.node == nil && d.Public() && !d.headless {
			report("the route has content and no body: its fields and files are not said").WithHint("write body: with a schema of an object")
		}
		return body
	case body.Kind == schema.KindUnknown:
		return body
	}
	encoding := map[string]parts.Encoding{}
	for i := range body.Fields {
		if f := &body.Fields[i]; ofFiles(f.Type) {
			encoding[f.Name] = parts.Encoding{Binary: true}
		}
	}
	for _, f := range b.files {
		e, known := encoding[f.name.Value]
		if !known {
			f.report(body, out)
			continue
		}
		e.ContentType, e.Size = f.media(out), f.size
		encoding[f.name.Value] = e
	}
	form, err := parts.Of(body, encoding)
	if err != nil {
		report("the body cannot be read as %s: %v", formMedia, err)
		return body
	}
	b.form, b.sent = form, body
	return form.Type()
}

// ofFiles reports whether a field's values are a file, or a list of files.
func ofFiles(t *schema.Type) bool {
	return t.Kind == schema.KindBytes || t.Kind == schema.KindList && t.Elem.Kind == schema.KindBytes
}

// report says that the body has no such file.
func (f *fileWords) report(body *schema.Type, out *diag.List) {
	var names []string
	for i := range body.Fields {
		if ofFiles(body.Fields[i].Type) {
			names = append(names, body.Fields[i].Name)
		}
	}
	p := f.name.Report(out, diag.BadRoute, "the body has no file %q: a file is a field of octets, or a list of such", f.name.Value)
	if p.WithNearest(f.name.Value, names); body.Index(f.name.Value) >= 0 {
		p.WithHint("write { type: string, format: binary } as its schema")
	}
}

// media returns the types as one text.
func (f *fileWords) media(out *diag.List) string {
	var all []string
	for _, t := range f.types {
		base, _, err := mime.ParseMediaType(t.Value)
		if kind, _, two := strings.Cut(base, "/"); err != nil || !two || kind == "multipart" || strings.Contains(t.Value, ",") {
			t.Report(out, diag.BadValue, "found %q, expected a media type as image/jpeg, or image/*", t.Value)
			continue
		}
		all = append(all, t.Value)
	}
	return strings.Join(all, ", ")
}

// check reports words that nothing of a route without requests of its own can mean.
func (b *bodyContent) check(d *RouteModel, out *diag.List) {
	at := b.media
	if at.Value == "" && len(b.files) > 0 {
		at = b.files[0].name
	}
	if at.Value != "" && !d.Public() && !d.headless {
		at.Report(out, diag.BadRoute, "the route has %s and no http; how a body stands on the wire is said of requests", at.Value)
	}
}

// describe says of an operation how its body stands on the wire.
func (b *bodyContent) describe(op *openapi.Operation) {
	if b.form == nil {
		return
	}
	op.Body, op.BodyType, op.BodyEncoding = b.sent, formMedia, map[string]openapi.Encoding{}
	for i := range b.sent.Fields {
		if f := &b.sent.Fields[i]; ofFiles(f.Type) {
			e := openapi.Encoding{Binary: true}
			if at := slices.IndexFunc(b.files, func(w *fileWords) bool { return w.name.Value == f.Name }); at >= 0 {
				e.ContentType = b.files[at].media(&diag.List{})
			}
			op.BodyEncoding[f.Name] = e
		}
	}
}
