package openapi

import (
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"fondaco/openapi/texts"
	"fondaco/schema"
)

// Versions are those that Write writes.
var Versions = []string{"3.0.3", "3.1.0"}

var semantic = regexp.MustCompile(`^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$`)

// Write returns the document of an API as JSON: the same bytes for the same input, paths and fields in the order given.
// It passes the Italian guidelines' rules: /status is always there, each operation says its problems, numbers say their
// format, quotas stand where they are told. version is one of Versions. An error says what of the input cannot be described.
func Write(info Info, ops []Operation, version string) ([]byte, error) {
	if !slices.Contains(Versions, version) {
		return nil, fmt.Errorf("openapi %s cannot be written, only %s", version, strings.Join(Versions, " and "))
	}
	doc, err := document(info, ops, version)
	if err != nil {
		return nil, err
	}
	return slices.Clip(append(appendTree(nil, doc, 0), '\n')), nil
}

// document makes the tree of a document.
func document(info Info, ops []Operation, version string) (object, error) {
	if err := Check(info, ops); err != nil {
		return nil, err
	}
	w := &writer{info: info}
	w.components = newComponents(dialect{lists: version == "3.1.0"})
	head := w.head(version)
	w.survey(typesOf(ops)...)
	paths := w.paths(ops)
	return object{
		{"openapi", version},
		{"info", head},
		{"servers", w.servers()},
		{"tags", w.tags},
		{"paths", paths},
		{"components", w.shared()},
	}, nil
}

// typesOf lists all types of operations, in their order.
func typesOf(ops []Operation) (all []*schema.Type) {
	add := func(parameters []Parameter, body *schema.Type, responses []Response) {
		for _, p := range parameters {
			all = append(all, p.Type)
		}
		all = append(all, body)
		for _, r := range responses {
			all = append(append(all, r.Body, r.Members), r.Kinds...)
			for _, c := range r.Others {
				all = append(all, c.Body)
			}
			for _, h := range r.Headers {
				all = append(all, h.Type)
			}
		}
	}
	for i := range ops {
		op := &ops[i]
		add(op.Parameters, op.Body, op.Responses)
		for _, c := range op.Callbacks {
			add(c.Parameters, c.Body, append([]Response{{Members: c.Members, Others: c.Others}}, c.Responses...))
		}
	}
	return all
}

type writer struct {
	*components
	info  Info
	tags  array
	seen  map[string]bool // tags that are in tags
	quota bool            // some answer states a quota
	retry bool            // some answer says when to try again

	problems object // answers that several operations have, by name
}

// text returns a text that Write adds by itself.
func (w *writer) text(k texts.Key) string { return w.info.Language.Text(k) }

func (w *writer) head(version string) object {
	in := w.info
	if in.Version == "" {
		in.Version = "1.0.0"
	}
	var o object
	o.set("title", in.Title)
	if in.Summary == "" {
		in.Summary = in.Title
	}
	if version == "3.1.0" {
		o.set("summary", in.Summary)
	}
	if in.Description == "" {
		in.Description = in.Summary
	}
	o.set("description", in.Description)
	o.text("termsOfService", in.TermsOfService)
	contact := object{}
	if in.Contact == (Contact{}) {
		in.Contact.Name = in.Title
	}
	contact.text("name", in.Contact.Name)
	contact.text("url", in.Contact.URL)
	contact.text("email", in.Contact.Email)
	o.set("contact", contact)
	if in.License.Name != "" {
		license := object{{"name", in.License.Name}}
		if license.text("url", in.License.URL); in.License.SPDX && in.License.URL == "" && version == "3.1.0" {
			license.set("identifier", in.License.Name)
		}
		o.set("license", license)
	}
	o.set("version", in.Version)
	o.set("x-summary", in.Summary)
	o.text("x-api-id", in.APIID)
	return o
}

// servers returns the addresses. Without one it is the server that the document came from, a sandbox to whoever reads
// the rules.
func (w *writer) servers() array {
	list := w.info.Servers
	if len(list) == 0 {
		list = []Server{{URL: "/", Sandbox: true}}
	}
	var servers array
	for _, s := range list {
		o := object{{"url", s.URL}}
		if s.Description == "" {
			s.Description = w.text(texts.ThisServer)
		}
		o.set("description", s.Description)
		if s.Sandbox || !strings.HasPrefix(s.URL, "https://") {
			o.set("x-sandbox", true)
		}
		servers = append(servers, o)
	}
	return servers
}

// paths writes operations that Check finds nothing wrong with, and the service's own status.
func (w *writer) paths(ops []Operation) object {
	if !hasStatus(ops) {
		op := w.status()
		for slices.ContainsFunc(ops, func(o Operation) bool { return o.ID == op.ID }) {
			op.ID += "_"
		}
		ops = append(ops[:len(ops):len(ops)], op)
	}
	var o object
	rows := map[string]int{} // of o, by path
	for i := range ops {
		at, met := rows[ops[i].Path]
		if !met {
			at = len(o)
			rows[ops[i].Path] = at
			o = append(o, member{ops[i].Path, object(nil)})
		}
		methods, _ := o[at].value.(object)
		methods.set(strings.ToLower(ops[i].Method), w.operation(&ops[i]))
		o[at].value = methods
	}
	return o
}

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

const statusPath = "/status"

// status is the operation that reports whether the API is available; the server answers it, not a route.
func (w *writer) status() Operation {
	return Operation{
		ID: "service_status", Method: http.MethodGet, Path: statusPath, Tag: w.text(texts.StatusTag),
		Summary: w.text(texts.ServiceStatus), Description: w.text(texts.ServiceStatusDoc),
		Responses: []Response{
			{Status: 200, Doc: w.text(texts.ServiceUp), Body: problemType, ContentType: problemMedia},
			{Status: 503, Doc: w.text(texts.ServiceDown)},
		},
	}
}

func (w *writer) tag(name string) {
	if w.seen == nil {
		w.seen = map[string]bool{}
	}
	if w.seen[name] {
		return
	}
	w.seen[name] = true
	doc := name
	for _, t := range w.info.Tags {
		if t.Name == name && t.Description != "" {
			doc = t.Description
		}
	}
	w.tags = append(w.tags, object{{"name", name}, {"description", doc}})
}

// shared returns the components.
func (w *writer) shared() object {
	var o object
	var schemes object
	for _, s := range w.info.Schemes {
		schemes.set(s.Name, w.scheme(s))
	}
	if len(schemes) > 0 {
		o.set("securitySchemes", schemes)
	}
	var headers object
	number := func(name, doc string, most string) {
		headers.set(name, object{{"description", doc}, {
			"schema",
			object{{"type", "integer"}, {"format", "int32"}, {"minimum", 0}, {"maximum", raw(most)}},
		}})
	}
	if w.quota {
		number("X-RateLimit-Limit", w.text(texts.QuotaLimit), "1000000000")
		number("X-RateLimit-Remaining", w.text(texts.QuotaLeft), "1000000000")
		number("X-RateLimit-Reset", w.text(texts.QuotaReset), "86400")
	}
	if w.retry {
		number("Retry-After", w.text(texts.RetryAfter), "86400")
	}
	if len(headers) > 0 {
		o.set("headers", headers)
	}
	if len(w.problems) > 0 {
		o.set("responses", w.problemsOf())
	}
	schemas := append(object{{problemName, w.problem()}}, w.bodies...)
	o.set("schemas", schemas)
	return o
}

func (w *writer) scheme(s Scheme) object {
	o := object{{"type", s.Type}}
	o.text("description", s.Doc)
	o.text("scheme", s.HTTP)
	o.text("bearerFormat", s.BearerFormat)
	o.text("in", s.In)
	o.text("name", s.Key)
	o.text("openIdConnectUrl", s.URL)
	if s.Type == "oauth2" {
		var flows object
		for _, f := range s.Flows {
			flow := object{}
			flow.text("authorizationUrl", f.AuthorizationURL)
			flow.text("tokenUrl", f.TokenURL)
			scopes := object{}
			for _, scope := range f.Scopes {
				scopes.set(scope.Name, scope.Description)
			}
			flow.set("scopes", scopes)
			flows.set(f.Kind, flow)
		}
		o.set("flows", flows)
	}
	return o
}

// problemType stands for the component Problem; its schema is problem's.
var problemType = &schema.Type{Kind: schema.KindRecord, Name: problemName}

// problem is the schema of RFC 9457's problems, as the server writes them.
func (w *writer) problem() object {
	text := func(doc texts.Key, most int) object {
		return object{{"type", "string"}, {"maxLength", most}, {"description", w.text(doc)}}
	}
	uri := func(doc texts.Key) object {
		return object{{"type", "string"}, {"format", "uri-reference"}, {"maxLength", 2048}, {"description", w.text(doc)}}
	}
	item := object{{"type", "object"}, {"required", array{"detail"}}, {"properties", object{
		{"pointer", text(texts.ProblemPointer, 2048)},
		{"parameter", text(texts.ProblemParameter, 256)},
		{"detail", text(texts.ProblemDetail, 4096)},
	}}}
	return object{
		{"type", "object"},
		{"description", w.text(texts.Problem)},
		{"required", array{"title", "status"}},
		{"properties", object{
			{"type", uri(texts.ProblemType)},
			{"title", text(texts.ProblemTitle, 1024)},
			{"status", object{
				{"type", "integer"}, {"format", "int32"}, {"minimum", 100}, {"maximum", 599}, {"description", w.text(texts.ProblemStatus)},
			}},
			{"detail", text(texts.ProblemDetail, 4096)},
			{"instance", uri(texts.ProblemInstance)},
			{"errors", object{{"type", "array"}, {"description", w.text(texts.ProblemErrors)}, {"items", item}}},
			{"request_id", text(texts.ProblemRequest, 64)},
		}},
	}
}
