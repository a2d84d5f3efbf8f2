package routes

import (
	"mime"
	"slices"

	"fondaco/config/diag"
	"fondaco/openapi"
	"fondaco/routes/trigger"
	"fondaco/schema"
)

// checkUpload checks that the body of the request is sent on by one call, and that nothing else looks at it.
func (c *checker) checkUpload(r *TypedRoute) {
	d := r.Model
	var calls []*call
	for _, one := range r.calls {
		if one.upload {
			calls = append(calls, one)
		}
	}
	if d.upload.Value == "" {
		for _, one := range calls {
			one.target.Report(c.out, diag.BadRoute, "the call sends the request's body on (upload), and the route takes none").
				WithHint("write upload: and the media type in the route")
		}
		return
	}
	report := func(format string, args ...any) *diag.Problem {
		return d.upload.Report(c.out, diag.BadRoute, format, args...)
	}
	switch {
	case !d.Public():
		report("the route has upload and no http; what is sent on comes from a request")
	case d.Body != nil:
		report("the route has body and upload, and a request has one body")
	case d.Async:
		report("the route works later (accept: async), and what is sent on is not kept")
	case d.Keyed():
		report("requests under an Idempotency-Key are compared, and what is sent on is not looked at").
			WithHint("say idempotency: off in the route")
	case d.Pattern.Method == "GET":
		report("a GET has no body")
	case len(calls) != 1:
		report("found %d calls with upload: true, expected one: what is sent on can be sent once", len(calls))
	case !slices.ContainsFunc(d.steps, func(s *step) bool { return s.kind == calls[0] }):
		report("the call that sends the body on is not a step of the route itself: within other steps it might run twice, or not at all")
	case calls[0].op != nil:
		op, form := calls[0].op, plainMedia(d.upload.Value) == formMedia
		if _, ok := op.Uploaded(); !ok {
			calls[0].target.Report(c.out, diag.BadRoute, "the body of %s is not octets that can be sent on as they come: it is of another kind, "+
				"or a signature is made over it", calls[0].target.Value)
		} else if form != (op.UploadForm != nil) {
			calls[0].target.Report(c.out, diag.BadRoute, "the body of %s is %s, and the route takes %s by upload", calls[0].target.Value,
				op.Uploads, d.upload.Value)
		}
	}
}

// plainMedia returns a media type without its parameters.
func plainMedia(media string) string {
	base, _, _ := mime.ParseMediaType(media)
	return base
}

// uploaded returns how the document says a body that is sent on.
func (r *TypedRoute) uploaded(op *openapi.Operation) {
	op.Body, op.BodyType, op.BodyRequired = schema.TypeBytes, r.Model.upload.Value, true
	for _, c := range r.calls {
		if c.upload && c.op != nil && c.op.UploadForm != nil {
			op.Body, op.BodyType, op.BodyEncoding = c.op.UploadForm.Type, formMedia, c.op.UploadForm.Parts
		}
	}
}

// failedUpload returns the problem of a request whose body did not come whole, nil if it did.
func failedUpload(req *trigger.Request) *trigger.Problem {
	if req.Upload == nil {
		return nil
	}
	return req.Upload.Problem()
}
