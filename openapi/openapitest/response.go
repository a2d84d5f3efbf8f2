package openapitest

import (
	"context"
	"net/http"

	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
)

// Response judges an answer of an operation, whose path is as the document writes it. The error says what of it the document
// does not admit: its status, its media type, its body.
func (j *Judge) Response(method, path string, status int, header http.Header, body []byte) error {
	item, operation, err := j.find(method, path)
	if err != nil {
		return err
	}
	r, err := http.NewRequestWithContext(context.Background(), method, path, http.NoBody)
	if err != nil {
		return err
	}
	in := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: &openapi3filter.RequestValidationInput{
			Request: r, Route: &routers.Route{Spec: j.doc, Path: path, PathItem: item, Method: method, Operation: operation},
		},
		Status: status, Header: header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	in.SetBodyBytes(body)
	return openapi3filter.ValidateResponse(context.Background(), in)
}

// Has reports whether the document has an operation on a method and a path as it writes it.
func (j *Judge) Has(method, path string) bool {
	_, _, err := j.find(method, path)
	return err == nil
}

// Paths returns the paths of the document as it writes them.
func (j *Judge) Paths() []string { return j.doc.Paths.InMatchingOrder() }

// Operation returns the method and the path of an operation, as the document writes it; "" if the document has none of that id.
func (j *Judge) Operation(id string) (method, path string) {
	for _, p := range j.doc.Paths.InMatchingOrder() {
		for m, o := range j.doc.Paths.Value(p).Operations() {
			if o.OperationID == id {
				return m, p
			}
		}
	}
	return "", ""
}
