package trigger

import (
	"errors"
	"fmt"
	"mime"
	"strings"

	"fondaco/schema"
	"fondaco/transform/codec"
)

// DecodeBody reads a request's JSON body. A body that is not JSON is a problem; values that do not fit are added to
// bad, all of them.
func DecodeBody(d *codec.JSONDecoder, req *Request, bad *[]Invalid) (schema.Value, *Problem) {
	if !isJSON(req.Header.Get("Content-Type")) {
		return schema.Value{}, NewProblem(415, "The body of this operation is application/json in UTF-8.")
	}
	v, err := d.Decode(req.Body)
	if err == nil {
		return v, nil
	}
	var violations schema.Violations
	if errors.As(err, &violations) {
		for _, w := range violations {
			*bad = append(*bad, Invalid{Pointer: "#" + w.Path, Detail: "expected " + w.Expected})
		}
		return schema.Value{}, nil
	}
	var syntax *codec.SyntaxError
	if errors.As(err, &syntax) {
		return schema.Value{}, &Problem{Status: 400, Detail: fmt.Sprintf("The body is not what JSON admits, at byte %d: %s.", syntax.Offset,
			syntax.Reason), Err: err}
	}
	return schema.Value{}, &Problem{Status: 400, Detail: "The body cannot be read.", Err: err}
}

// isJSON reports whether a Content-Type says JSON in UTF-8.
func isJSON(contentType string) bool {
	if contentType == "application/json" {
		return true
	}
	kind, params, err := mime.ParseMediaType(contentType)
	if err != nil || kind != "application/json" && (!strings.HasPrefix(kind, "application/") || !strings.HasSuffix(kind, "+json")) {
		return false
	}
	charset := params["charset"]
	return charset == "" || strings.EqualFold(charset, "utf-8")
}
