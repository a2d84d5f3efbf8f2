package trigger

import (
	"errors"
	"fmt"
	"mime"

	"fondaco/schema"
	"fondaco/transform/parts"
)

// maxParts is how many parts a request's body may have.
const maxParts = 1000

// DecodeForm reads a request's body of fields and files. A body that cannot be taken apart, or is too large, is a problem; values that do
// not fit are added to bad, all of them.
func DecodeForm(form *parts.Form, req *Request, bad *[]Invalid) (schema.Value, *Problem) {
	base, params, err := mime.ParseMediaType(req.Header.Get("Content-Type"))
	if err != nil || base != "multipart/form-data" {
		return schema.Value{}, NewProblem(415, "The body of this operation is multipart/form-data.")
	}
	v, err := form.Decode(req.Body, params["boundary"], parts.Reading{Most: maxParts, Strict: true})
	var (
		violations schema.Violations
		broken     *parts.Broken
		large      *parts.LargeError
	)
	switch {
	case err == nil:
		return v, nil
	case errors.As(err, &violations):
		for _, w := range violations {
			*bad = append(*bad, Invalid{Pointer: "#" + w.Path, Detail: "expected " + w.Expected})
		}
		return schema.Value{}, nil
	case errors.As(err, &broken):
		return schema.Value{}, &Problem{Status: 400, Detail: "The body is not what multipart/form-data admits: " + broken.Reason + ".", Err: err}
	case errors.Is(err, parts.ErrMany):
		return schema.Value{}, NewProblem(413, fmt.Sprintf("The body has more than %d parts.", maxParts))
	case errors.As(err, &large):
		return schema.Value{}, NewProblem(413, fmt.Sprintf("The file %s is larger than %d bytes.", large.Field, large.Most))
	}
	return schema.Value{}, &Problem{Status: 400, Detail: "The body cannot be read.", Err: err}
}
