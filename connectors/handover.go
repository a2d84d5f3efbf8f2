package connectors

import (
	"context"
	"io"
	"time"

	"fondaco/schema"
)

// Handover asks a protocol for the body of one call's answer as a stream: whoever answers a request hands it on without
// looking inside. It serves one call at a time.
type Handover struct {
	Operation string        // the call that it is for: others with the same context are read as ever
	Idle      time.Duration // how long the system may send nothing

	Body        io.ReadCloser // set by the protocol once the head of a good answer has come; to be closed by whoever asked
	Length      int64         // of the body, -1 if the system does not say
	Type        string        // its media type, as the system says it
	Disposition string        // the answer's Content-Disposition, "" for none
}

// Close ends the stream, if there is one. It may be called at any time, concurrently with reading.
func (h *Handover) Close() {
	if h != nil && h.Body != nil {
		_ = h.Body.Close()
	}
}

type handoverKey struct{}

// WithHandover returns a context for a call whose answer's body is handed on.
func WithHandover(ctx context.Context, h *Handover) context.Context {
	return context.WithValue(ctx, handoverKey{}, h)
}

// HandoverOf returns what asks for the body of an operation's answer as a stream, nil for nobody.
func HandoverOf(ctx context.Context, operation string) *Handover {
	h, _ := ctx.Value(handoverKey{}).(*Handover)
	if h == nil || h.Operation != operation {
		return nil
	}
	return h
}

// Streamed returns what is known of an operation's answer whose body is handed on: the fields beside it, null if there are
// none. ok is false for an operation whose answer is not octets, or whose own rules look inside.
func (op *Operation) Streamed() (t *schema.Type, ok bool) {
	if op.Octets == "" || op.of != nil {
		return nil, false
	}
	for _, f := range op.Fails {
		if f.about == aboutAnswer {
			return nil, false
		}
	}
	if op.Output.Kind == schema.KindBytes {
		return schema.TypeNull, true
	}
	rest := schema.DropFields(op.Output, func(f *schema.Field) bool { return f.Type.Kind == schema.KindBytes })
	return rest, rest.Kind == schema.KindRecord
}
