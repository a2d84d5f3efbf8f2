package routes

import (
	"context"
	"errors"

	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/codec"
	"fondaco/transform/expr"
	"fondaco/transform/parts"
)

// spoken is a compiled answer.
type spoken struct {
	status      int
	contentType string
	headers     []headerEval
	tag         func(*expr.Frame) (string, error) // that is known before the body is written, nil for none
	tagBody     bool                              // the body makes the tag
	write       writer                            // of the body over HTTP, nil if there is none, or it has parts
	parts       partsWriter                       // of a body of several parts, nil for another
	form        *parts.Form                       // that reads such a body
	output      expr.Eval                         // what a sub-route gives back, or a service returns; nil if that is nothing
	missing     int                               // slot, -1 if no optional branch is on the way to it
}

// headerEval is a field of the answer's head.
type headerEval struct {
	name string
	eval expr.Eval
}

// writer appends a body's bytes.
type writer func(f *expr.Frame, dst []byte) ([]byte, error)

// partsWriter returns a body of several parts, and its Content-Type, which has a boundary that no content holds.
type partsWriter func(f *expr.Frame) (body []byte, contentType string, err error)

// early ends an exchange with an answer before the end of its route. It travels as an error does, and is none: the log and the traces
// show no failure.
type early struct{ said *spoken }

// Error says what it is; nobody is told.
func (e *early) Error() string { return "the route has answered" }

// answeredBy returns the answer with which a step ended the exchange, nil if err is something else.
func answeredBy(err error) *spoken {
	var e *early
	if err != nil && errors.As(err, &e) {
		return e.said
	}
	return nil
}

// answered runs the steps and returns the answer that is to be computed: of the step that ended them with one, or at their end.
func (u *unit) answered(ctx context.Context, x *Exchange) (*spoken, error) {
	err := u.run(ctx, x)
	if err == nil {
		return u.finally, nil
	}
	if said := answeredBy(err); said != nil {
		return said, nil
	}
	return nil, err
}

// compile prepares an answer of a route; p is nil for the one at an end that is never reached.
func (p *reply) compile(r *TypedRoute) *spoken {
	said := &spoken{missing: -1}
	if p == nil {
		return said
	}
	said.status = p.status
	if p.missing != nil {
		said.missing = p.missing.Slot
	}
	switch d := p.said; {
	case d == nil:
	case r.serves != nil:
		if p.body != nil {
			said.output = compileInput(p.body, r.serves.Answered())
		}
	case r.Model.Sub():
		if p.body != nil {
			said.output = p.body.Compile(r.returned)
		}
	default:
		p.compileHTTP(said)
	}
	return said
}

// compileHTTP prepares head and body of an answer over HTTP.
func (p *reply) compileHTTP(said *spoken) {
	d := p.said
	said.tag, said.tagBody = d.etag.compile(), d.etag.given && d.etag.of.IsZero()
	for _, h := range d.headers {
		said.headers = append(said.headers, headerEval{h.name.Value, h.typed.Compile(nil)})
	}
	switch {
	case p.body == nil:
	case p.parts != nil:
		given := p.given
		if given != nil && !schema.NeedsCheck(p.typ, given) {
			given = nil
		}
		said.form, said.parts = p.parts.form, p.parts.compile(p.body.Compile(nil), d.content.Value, p.typ, given, d.body.Pos())
	case d.content.Value != "":
		said.contentType, said.write = d.content.Value, octets(p.body.Compile(nil), d.body.Pos())
	case p.given != nil && schema.NeedsCheck(p.typ, p.given):
		said.contentType, said.write = "application/json", promised(p.body.Compile(p.given), p.given, d.body.Pos())
	default:
		said.contentType, said.write = "application/json", writer(p.body.CompileJSON())
	}
}

// promised writes a body as JSON once it is known to fit what a contract says of it, where types alone do not prove it.
func promised(eval expr.Eval, given *schema.Type, pos diag.Pos) writer {
	checker := schema.NewChecker(given)
	return func(f *expr.Frame, dst []byte) ([]byte, error) {
		v, err := eval(f)
		if err != nil {
			return dst, err
		}
		if err := f.SpendDeep(v); err != nil {
			return dst, &expr.Failure{Pos: pos, Err: err}
		}
		if violations := checker.Check(v); violations != nil {
			return dst, violations
		}
		if dst, err = codec.AppendJSONWithin(dst, v, f.Most()); err != nil {
			err = &expr.Failure{Pos: pos, Err: err}
		}
		return dst, err
	}
}

// octets writes a body of bytes or text as it is.
func octets(eval expr.Eval, pos diag.Pos) writer {
	return func(f *expr.Frame, dst []byte) ([]byte, error) {
		v, err := eval(f)
		if err != nil {
			return dst, err
		}
		if n := len(dst) + v.Len(); !f.Fits(n) {
			if err := f.MayWrite(n); err != nil {
				return dst, &expr.Failure{Pos: pos, Err: err}
			}
		}
		if v.Kind() == schema.KindBytes {
			return append(dst, schema.Octets(v)...), nil
		}
		return append(dst, v.Str()...), nil
	}
}
