package openapi

import (
	"net/http"
	"slices"
	"strings"

	"fondaco/schema"
)

const (
	jsonMedia    = "application/json"
	problemMedia = "application/problem+json"
)

func (w *writer) operation(op *Operation) object {
	var o object
	tag := w.tagOf(op)
	w.tag(tag)
	o.set("tags", array{tag})
	o.set("operationId", op.ID)
	summary := op.Summary
	if summary == "" {
		summary = op.ID
	}
	o.set("summary", summary)
	description := op.Description
	if description == "" {
		description = summary
	}
	o.set("description", description)
	if op.Deprecated {
		o.set("deprecated", true)
	}
	o.set("security", w.security(op))
	if parameters := w.parameters(op); len(parameters) > 0 {
		o.set("parameters", parameters)
	}
	if op.Body != nil {
		o.set("requestBody", w.body(op))
	}
	o.set("responses", w.responses(op))
	if len(op.Callbacks) > 0 {
		o.set("callbacks", w.callbacks(op))
	}
	for _, x := range op.Extensions {
		o.set(x.Name, raw(x.Value))
	}
	return o
}

func (w *writer) security(op *Operation) array {
	alternatives := array{}
	for _, r := range op.Security {
		var all object
		for _, use := range r {
			scopes := array{}
			for _, scope := range use.Scopes {
				scopes = append(scopes, scope)
			}
			all.set(use.Scheme, scopes)
		}
		alternatives = append(alternatives, all)
	}
	return alternatives
}

func (w *writer) parameters(op *Operation) array {
	var list array
	holes := pathHoles(op.Path)
	for _, p := range op.Parameters {
		switch p.In {
		case "path":
			holes = slices.DeleteFunc(holes, func(name string) bool { return name == p.Name })
			p.Required = true
		case "header":
			switch http.CanonicalHeaderKey(p.Name) {
			case "Accept", "Content-Type", "Authorization":
				continue // OpenAPI says these elsewhere
			}
		}
		list = append(list, w.parameter(p))
	}
	for _, name := range holes { // declared by nobody: any text
		list = append(list, w.parameter(Parameter{Name: name, In: "path", Type: schema.TypeText, Required: true}))
	}
	return list
}

func (w *writer) parameter(p Parameter) object {
	o := object{{"name", p.Name}, {"in", p.In}}
	if p.Doc == "" && p.Type != nil {
		p.Doc = p.Type.Doc
	}
	o.text("description", p.Doc)
	if p.Required {
		o.set("required", true)
	}
	if p.Style != "" {
		o.set("style", p.Style)
		o.set("explode", p.Explode)
	}
	t := p.Type
	if t == nil {
		t = schema.TypeText
	}
	o.set("schema", w.ref(t))
	return o
}

// pathHoles returns the names in braces.
func pathHoles(path string) []string {
	var names []string
	for {
		_, rest, found := strings.Cut(path, "{")
		name, after, closed := strings.Cut(rest, "}")
		if !found || !closed {
			return names
		}
		names, path = append(names, name), after
	}
}

func (w *writer) body(op *Operation) object {
	media := op.BodyType
	if media == "" {
		media = JSONMedia(op.Method)
	}
	var o object
	o.text("description", op.BodyDoc)
	content := w.ref(op.Body)
	if op.Body.Kind == schema.KindBytes && !isJSON(media) {
		content = w.octets(op.Body, media)
	}
	offered := object{{"schema", content}}
	if media == multipartMedia {
		offered = w.form(op.Body, op.BodyEncoding)
	} else {
		w.example(&offered, op.Body, media)
	}
	o.set("content", object{{media, offered}})
	if op.BodyRequired || op.Method == http.MethodPatch {
		o.set("required", true)
	}
	return o
}

// responses writes the answers given, then those that every operation has: too many requests where there is a quota,
// and any other problem.
func (w *writer) responses(op *Operation) object {
	list := append(make([]Response, 0, len(op.Responses)+2), op.Responses...) // what a rate and the default add
	slices.SortStableFunc(list, func(a, b Response) int { return statusOrder(a.Status) - statusOrder(b.Status) })
	given := func(status int) bool {
		return slices.ContainsFunc(list, func(r Response) bool { return r.Status == status })
	}
	if op.RateLimited && !given(http.StatusTooManyRequests) {
		at := slices.IndexFunc(list, func(r Response) bool { return statusOrder(r.Status) > http.StatusTooManyRequests })
		if at < 0 {
			at = len(list)
		}
		list = slices.Insert(list, at, Response{Status: http.StatusTooManyRequests})
	}
	if !given(0) {
		list = append(list, Response{})
	}
	o := make(object, 0, len(list))
	for i := range list {
		if key := statusText(list[i].Status); !o.has(key) {
			o.set(key, w.response(&list[i], op.RateLimited))
		}
	}
	return o
}

// statusOrder puts ranges behind their statuses and the default last.
func statusOrder(status int) int {
	switch {
	case status == 0:
		return 1000
	case status < 10:
		return status*100 + 99
	}
	return status
}

func (w *writer) response(r *Response, limited bool) object {
	problem := r.Status == 0 || r.Status >= 400 || r.Status == 4 || r.Status == 5
	doc := r.Doc
	if doc == "" {
		doc = w.info.Language.Status(r.Status)
	}
	o := object{{"description", doc}}
	if headers := w.headers(r, limited); len(headers) > 0 {
		o.set("headers", headers)
	}
	body, media := r.Body, r.ContentType
	if problem && body == nil {
		body, media = problemType, problemMedia
	}
	if media == "" && problem {
		media = problemMedia
	} else if media == "" {
		media = jsonMedia
	}
	if body == nil || r.Status == http.StatusNoContent || r.Status == http.StatusResetContent || r.Status == http.StatusNotModified {
		return o
	}
	if r.Encoding != nil && body == r.Body {
		content := object{{media, w.form(body, r.Encoding)}}
		w.others(&content, r.Others)
		o.set("content", content)
		return o
	}
	var schemaOf object
	if body == problemType {
		schemaOf = w.anyProblem(r.Kinds, w.problemRef(r.Members))
	} else {
		schemaOf = w.content(Content{media, body})
	}
	offered := object{{"schema", schemaOf}}
	if body == problemType {
		w.problemExample(&offered, r)
	} else {
		w.example(&offered, body, media)
	}
	content := object{{media, offered}}
	w.others(&content, r.Others)
	o.set("content", content)
	if body == problemType && w.common(r, limited) {
		return w.problemOnce(r, o)
	}
	return o
}

// problemRef writes the schema of a problem, with what it may hold beside its own members; nil if nothing.
func (w *writer) problemRef(members *schema.Type) object {
	problem := object{{"$ref", "#/components/schemas/" + problemName}}
	if members == nil {
		return problem
	}
	further := *members
	further.Open = true // a problem's own members stand beside them
	return object{{"allOf", array{problem, w.place(&further)}}}
}

// anyProblem writes the schema of what is one of the named problems or another one.
func (w *writer) anyProblem(kinds []*schema.Type, other object) object {
	if len(kinds) == 0 {
		return other
	}
	all := make(array, 0, len(kinds)+1)
	for _, kind := range kinds {
		all = append(all, w.ref(kind))
	}
	return object{{"anyOf", append(all, other)}}
}

// content writes the schema of a body.
func (w *writer) content(c Content) object {
	if c.Body.Kind == schema.KindBytes && !isJSON(c.Type) {
		return w.octets(c.Body, c.Type)
	}
	return w.ref(c.Body)
}

// others adds further media types to those of a message. One that it has already may be of either schema.
func (w *writer) others(content *object, list []Content) {
	for _, c := range list {
		other := w.content(c)
		for i := range *content {
			if had := (*content)[i]; had.name == c.Type {
				was, _ := had.value.(object)
				(*content)[i].value = append(object{{"schema", object{{"anyOf", array{was[0].value, other}}}}}, was[1:]...)
				other = nil
			}
		}
		if other != nil {
			offered := object{{"schema", other}}
			w.example(&offered, c.Body, c.Type)
			content.set(c.Type, offered)
		}
	}
}

// octets writes the schema of octets as they are, which is not that of the base64 text that they are within JSON.
func (w *writer) octets(t *schema.Type, media string) object {
	o := object{{"type", "string"}}
	if w.lists {
		o.set("contentMediaType", media)
	} else {
		o.set("format", "binary")
	}
	o.text("description", t.Doc)
	return o
}

// headers writes those that the answer has of itself, the caller's quota, and when to try again.
func (w *writer) headers(r *Response, limited bool) object {
	var o object
	for _, h := range r.Headers {
		t := h.Type
		if t == nil {
			t = schema.TypeText
		}
		var header object
		header.text("description", h.Doc)
		if h.Required {
			header.set("required", true)
		}
		header.set("schema", w.ref(t))
		if !o.has(h.Name) {
			o.set(h.Name, header)
		}
	}
	shared := func(name string) {
		if !o.has(name) {
			o.set(name, object{{"$ref", "#/components/headers/" + name}})
		}
	}
	if r.Status == http.StatusTooManyRequests || r.Status == http.StatusServiceUnavailable {
		w.retry = true
		shared("Retry-After")
	}
	if limited && (r.Status/100 == 2 || r.Status/100 == 4) {
		w.quota = true
		shared("X-RateLimit-Limit")
		shared("X-RateLimit-Remaining")
		shared("X-RateLimit-Reset")
	}
	return o
}
