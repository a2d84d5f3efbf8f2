package soap

import (
	"context"
	"fmt"
	"net/http"

	"fondaco/connectors"
	"fondaco/schema"
)

// offer returns the server side of a connector, answering with what answer makes of each request.
func offer(c *connectors.Connector, s *connectors.System, answer connectors.Answer, d connectors.Deps) (http.Handler, error) {
	x, err := newService(c, s, d.Now)
	if err != nil {
		return nil, err
	}
	x.memory = newMemory(d.Replays, "soap requests")
	if w := x.wire; w.signature.given && !d.Signer.IsAbsent() {
		x.rehearsed = d.Signer
	} else if w.signature.given {
		if x.signing, err = w.signing(s, "", x.memory, d.Now); err != nil {
			return nil, err
		}
		if x.signing.verifier == nil {
			return nil, fmt.Errorf("service %s: trusted is missing: whose requests are taken", s.Name)
		}
	}
	x.give = func(w *reply, r *http.Request, e *endpoint, in schema.Value) {
		ctx := r.Context()
		if !w.signer.IsAbsent() {
			ctx = connectors.WithSigner(ctx, w.signer)
		}
		w.answer(ctx, e, in, answer)
	}
	return x, nil
}

// answer answers with a value, a fault, or, where the operation has no output, with nothing and 202. In SOAP 1.2 a fault
// of the sender is a 400 (SOAP 1.2 part 2, table 20); every other fault is a 500.
func (w *reply) answer(ctx context.Context, e *endpoint, in schema.Value, answer connectors.Answer) {
	v, f := answer(ctx, e.operation, in)
	switch {
	case f != nil:
		w.fault(e, f, w.version.status(f.Code))
	case e.op.out.OneWay:
		w.WriteHeader(http.StatusAccepted)
	default:
		if err := w.value(e, v, http.StatusOK, connectors.BodyLimit(ctx)); err != nil {
			connectors.ReportFailure(ctx, err)
			w.fault(nil, &connectors.SampleFault{Code: "Server", Text: "the answer could not be written"}, http.StatusInternalServerError)
		}
	}
}
