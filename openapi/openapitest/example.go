package openapitest

import (
	"encoding/json"
	"maps"
	"mime"
	"slices"
	"strings"

	"github.com/getkin/kin-openapi/openapi3"
)

// Example is a body that a document shows.
type Example struct {
	Where     string // "request", or the status of the answer as the document has it
	Name      string // "" of the only one
	MediaType string
	Body      []byte
	Invalid   error // why the document itself does not admit it, as the other reader has it
}

// Examples are the bodies in JSON that the document shows of an operation, whose path is as the document writes it: those of its
// request and of its answers, and those of their schemas.
func (j *Judge) Examples(method, path string) (list []Example) {
	_, operation, err := j.find(method, path)
	if err != nil {
		return nil
	}
	if operation.RequestBody != nil && operation.RequestBody.Value != nil {
		list = shown(list, "request", operation.RequestBody.Value.Content)
	}
	answers := operation.Responses.Map()
	for _, status := range slices.Sorted(maps.Keys(answers)) {
		if answers[status].Value != nil {
			list = shown(list, status, answers[status].Value.Content)
		}
	}
	return list
}

func shown(list []Example, where string, content openapi3.Content) []Example {
	add := func(name, media string, schema *openapi3.SchemaRef, v any) {
		if v == nil {
			return
		}
		if text, is := v.(string); is && strings.HasPrefix(strings.TrimSpace(text), "{") { // JSON within a text
			v = json.RawMessage(text)
		}
		if body, err := json.Marshal(v); err == nil {
			list = append(list, Example{where, name, media, body, judged(where, schema, body)})
		}
	}
	for _, media := range slices.Sorted(maps.Keys(content)) {
		base, _, err := mime.ParseMediaType(media)
		if err != nil || base != "application/json" && !strings.HasSuffix(base, "+json") {
			continue
		}
		offered := content[media]
		add("", media, offered.Schema, offered.Example)
		for _, name := range slices.Sorted(maps.Keys(offered.Examples)) {
			if offered.Examples[name].Value != nil {
				add(name, media, offered.Schema, offered.Examples[name].Value.Value)
			}
		}
		if offered.Schema != nil && offered.Schema.Value != nil {
			add("schema", media, offered.Schema, offered.Schema.Value.Example)
		}
	}
	return list
}

func judged(where string, schema *openapi3.SchemaRef, body []byte) error {
	var v any
	if err := json.Unmarshal(body, &v); err != nil || schema == nil || schema.Value == nil {
		return err
	}
	as := openapi3.VisitAsResponse()
	if where == "request" {
		as = openapi3.VisitAsRequest()
	}
	return schema.Value.VisitJSON(v, as)
}
