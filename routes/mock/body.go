package mock

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"

	"fondaco/connectors"
	"fondaco/openapi"
	"fondaco/routes/trigger"
	"fondaco/schema"
)

// mostBody bounds a body of several parts.
const mostBody = 4 << 20

// fill writes an answer of the document.
func (a *answers) fill(ctx context.Context, resp *trigger.Response, at, status int, w *wish, req *trigger.Request) error {
	r := &a.op.Responses[at]
	seed := a.seedOf(status, req)
	resp.Status = status
	a.headers(resp, r, seed)
	if r.Body == nil || status == http.StatusNoContent || status == http.StatusResetContent || status == http.StatusNotModified {
		return nil
	}
	resp.ContentType = r.ContentType
	if resp.ContentType == "" || strings.Contains(resp.ContentType, "*") {
		resp.ContentType = "application/json"
		if r.Binary {
			resp.ContentType = "application/octet-stream"
		}
	}
	t := r.Body
	form := a.forms[at]
	if form != nil {
		t = form.Type()
	}
	problem := strings.HasPrefix(resp.ContentType, trigger.ProblemType)
	if problem && len(r.Examples) == 0 {
		resp.Body = a.problem(ctx, resp.Body, status, r, seed)
		return nil
	}
	v, err := a.value(r, t, w, seed)
	if err != nil {
		return unmade(a.op, status, err)
	}
	switch {
	case form != nil:
		resp.Body, resp.ContentType, err = form.Write(v, resp.ContentType, mostBody)
		return err
	case isJSON(resp.ContentType):
		resp.Body = append(resp.Body, openapi.JSON(v)...)
	case v.Kind() == schema.KindBytes:
		octets, _ := v.Raw()
		resp.Body = append(resp.Body, octets...)
	case v.Kind() == schema.KindText:
		resp.Body = append(resp.Body, v.Str()...)
	default:
		return unmade(a.op, status, fmt.Errorf("its body is %s, of which only an example that is a text can be shown", resp.ContentType))
	}
	return nil
}

// unmade says that an answer cannot be made.
func unmade(op *openapi.Operation, status int, err error) error {
	return &trigger.Problem{
		Status: http.StatusNotImplemented, Err: err,
		Detail: fmt.Sprintf("The mock cannot make the answer %d of %s %s: %s. Give it an example in the document.", status, op.Method,
			op.Path, err),
	}
}

// problem appends the problem of a status, with the further members that the document describes.
func (a *answers) problem(ctx context.Context, dst []byte, status int, r *openapi.Response, seed uint64) []byte {
	p := trigger.NewProblem(status, "")
	var members []schema.Field
	for _, f := range r.Body.Fields {
		if !slices.ContainsFunc(trigger.ProblemSchema.Fields, func(own schema.Field) bool { return own.Name == f.Name }) {
			members = append(members, f)
		}
	}
	if r.Body.Kind == schema.KindRecord && len(members) > 0 {
		if v, err := schema.SampleOf(schema.RecordType(members...), schema.Every, seed); err == nil {
			text := openapi.JSON(v)
			p.Members = text[1 : len(text)-1]
		}
	}
	if status == http.StatusUnprocessableEntity {
		p.Errors = []trigger.Invalid{{Pointer: "#", Detail: "expected another value"}}
	}
	p.Detail = "An answer of the mock."
	dst = p.AppendJSON(dst)
	if trace := connectors.TraceOf(ctx); trace != nil && trace.RequestID != "" {
		dst = append(dst[:len(dst)-1], `,"request_id":"`+trace.RequestID+`"}`...)
	}
	return dst
}
