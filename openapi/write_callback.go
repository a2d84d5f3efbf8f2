package openapi

import (
	"cmp"

	"fondaco/openapi/texts"
)

// callbacks writes the requests that an operation makes to its caller.
func (w *writer) callbacks(op *Operation) object {
	var all object
	for i := range op.Callbacks {
		c := &op.Callbacks[i]
		post := object{{"tags", array{w.tagOf(op)}}, {"operationId", op.ID + "_" + c.Name}, {"summary", c.Summary}}
		post.text("description", c.Description)
		post.set("security", array{})
		var parameters array
		for _, p := range c.Parameters {
			parameters = append(parameters, w.parameter(p))
		}
		if parameters != nil {
			post.set("parameters", parameters)
		}
		var content object
		switch {
		case c.Body == nil:
		case c.BodyEncoding != nil:
			content.set(c.BodyType, w.form(c.Body, c.BodyEncoding))
		default:
			content.set(cmp.Or(c.BodyType, jsonMedia), object{{"schema", w.ref(c.Body)}})
		}
		if c.Problem {
			content.set(problemMedia, object{{"schema", w.problemRef(c.Members)}})
		}
		w.others(&content, c.Others)
		if len(content) > 0 {
			post.set("requestBody", object{{"content", content}})
		}
		responses := object{}
		for _, r := range c.Responses {
			responses.set(statusText(r.Status), w.response(&r, false))
		}
		responses.set("default", w.response(&Response{}, false))
		post.set("responses", responses)
		all.set(c.Name, object{{c.Expression, object{{"post", post}}}})
	}
	return all
}

func (w *writer) tagOf(op *Operation) string {
	if op.Tag == "" {
		return w.text(texts.OtherTag)
	}
	return op.Tag
}
