package openapi

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"

	"fondaco/schema"
)

// mostExample is how long an example is at most, in bytes of JSON: without its optional fields where it would be longer, else none.
const mostExample = 8 << 10

// example adds to what a message is in a media type a body that fits its type, the same in every document: values that the type declares,
// and made-up ones. Bodies that are not JSON, and those of which no example is found, have none.
func (w *writer) example(content *object, t *schema.Type, media string) {
	if text := w.sample(t); text != "" && (isJSON(media) || plain(media) == "text/plain") {
		content.set("example", text)
	}
}

// sample returns a value that fits a type, as JSON; "" if there is none of reasonable length, or the document is to have none.
func (w *writer) sample(t *schema.Type) raw {
	if w.info.Spare {
		return ""
	}
	for _, choose := range []schema.Choose{schema.Every, nil} {
		v, err := schema.Sample(t, choose)
		if err != nil {
			continue
		}
		if text := valueJSON(v); len(text) <= mostExample {
			return text
		}
	}
	return ""
}

// problemExample adds to the content of an answer the problem that it is, a named one if it may be one, with what it may hold beside its
// own members.
func (w *writer) problemExample(content *object, r *Response) {
	if w.info.Spare {
		return
	}
	status := r.Status
	switch status {
	case 0, 5:
		status = http.StatusInternalServerError
	case 4:
		status = http.StatusBadRequest
	}
	if len(r.Kinds) > 0 {
		if text := w.sample(r.Kinds[0]); text != "" {
			content.set("example", text)
			return
		}
	}
	text := w.problemText(status)
	if r.Members != nil {
		if further := w.sample(r.Members); len(further) > len("{}") {
			text = strings.TrimSuffix(text, "}") + "," + strings.TrimPrefix(string(further), "{")
		}
	}
	content.set("example", raw(text))
}

// problemText returns a problem as JSON: as the API answers it, or with no more than its status.
func (w *writer) problemText(status int) string {
	if w.info.Problem != nil {
		return string(w.info.Problem(status))
	}
	text, _ := json.Marshal(struct { // three plain values can be written
		Type   string `json:"type"`
		Title  string `json:"title"`
		Status int    `json:"status"`
	}{"about:blank", w.info.Language.Status(status), status})
	return string(text)
}

// problemOnce returns a reference to an answer that other operations have too: a problem without anything of its own, which stands once
// in the document.
func (w *writer) problemOnce(r *Response, o object) object {
	name := "UnexpectedProblem"
	if r.Status != 0 {
		name = componentName(http.StatusText(r.Status))
	}
	if !w.problems.has(name) {
		w.problems.set(name, o)
	}
	return object{{"$ref", "#/components/responses/" + name}}
}

// common reports whether an answer is a problem without anything of its own.
func (w *writer) common(r *Response, limited bool) bool {
	return (r.Status == 0 || http.StatusText(r.Status) != "") && r.Status/100 != 2 &&
		(r.Doc == "" || r.Doc == w.info.Language.Status(r.Status)) && r.Body == nil && r.ContentType == "" && r.Members == nil &&
		r.Kinds == nil && r.Others == nil && r.Headers == nil && !(limited && r.Status/100 == 4)
}

// problemsOf lists the answers that several operations have, in the order of their statuses.
func (w *writer) problemsOf() object {
	slices.SortFunc(w.problems, func(a, b member) int { return strings.Compare(a.name, b.name) })
	return w.problems
}
