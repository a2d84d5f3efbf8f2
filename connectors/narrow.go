package connectors

import (
	"context"
	"slices"
	"strings"

	"fondaco/schema"
)

// narrow takes out of the output what rules say is a failure: where "answer.prestito == nil" is one, an answer that is
// none has the field. What is read from the wire stays as wide as it was.
func (op *Operation) narrow() {
	t := op.Output
	for _, f := range op.Fails {
		if f.about != aboutAnswer && f.about != aboutStatus {
			continue
		}
		for _, fact := range f.when.Facts(false) {
			path := strings.Split(fact, ".")
			if path[0] != "answer" {
				continue
			}
			if n := without(t, path[1:]); n != t {
				t, op.narrowed = n, append(op.narrowed, path[1:])
			}
		}
	}
	if t != op.Output {
		op.whole, op.Output = op.Output, t
	}
}

// Answered returns the type of the operation's answers as the protocol has described them: those that are failures by fails
// are among them, which Output is without.
func (op *Operation) Answered() *schema.Type {
	if op.whole != nil {
		return op.whole
	}
	return op.Output
}

// without returns t with the field at a path there and not null; t itself if it is so already, or is no record up to there.
func without(t *schema.Type, path []string) *schema.Type {
	if len(path) == 0 {
		return t.NotNull()
	}
	at := -1
	if t.Kind == schema.KindRecord {
		at = t.Index(path[0])
	}
	if at < 0 {
		return t
	}
	inner := without(t.Fields[at].Type, path[1:])
	if inner == t.Fields[at].Type && (t.Fields[at].Required || len(path) > 1) {
		return t
	}
	return with(t, at, inner, t.Fields[at].Required || len(path) == 1)
}

// with returns the record t with another type of a field.
func with(t *schema.Type, at int, field *schema.Type, required bool) *schema.Type {
	c := *t
	c.Fields = slices.Clone(t.Fields)
	c.Fields[at].Type, c.Fields[at].Required = field, required
	return c.Seal()
}

// widened returns want, which is the output or what schema.Prune has left of it, as the wire has it.
func (op *Operation) widened(want *schema.Type) *schema.Type {
	for _, path := range op.narrowed {
		want = again(want, op.whole, path)
	}
	return want
}

// again returns t with the field at a path as free as it is in from.
func again(t, from *schema.Type, path []string) *schema.Type {
	if len(path) == 0 {
		if from.Nullable {
			return t.OrNull()
		}
		return t
	}
	if t.Kind != schema.KindRecord {
		return t
	}
	at, was := t.Index(path[0]), from.Index(path[0])
	if at < 0 || was < 0 {
		return t
	}
	return with(t, at, again(t.Fields[at].Type, from.Fields[was].Type, path[1:]), from.Fields[was].Required)
}

// narrowCaller calls operations whose output fails has narrowed: what comes is read as wide as the wire has it, the rules
// are asked, and what is left is laid out as the narrow type.
type narrowCaller struct {
	Caller
	system string
}

// Call prepares the calls of one operation.
func (c narrowCaller) Call(op *Operation, want *schema.Type) (Call, error) {
	wide := want
	if op.whole != nil {
		wide = op.widened(want)
	}
	do, err := c.Caller.Call(op, wide)
	if err != nil || schema.Same(wide, want) {
		return do, err
	}
	return func(ctx context.Context, in schema.Value) (schema.Value, error) {
		v, err := do(ctx, in)
		if err != nil {
			return v, err
		}
		if v, err = schema.Convert(v, want); err != nil {
			return v, &Fault{System: c.system, Operation: op.Name, Kind: Invalid, Sent: true, Err: err}
		}
		return v, nil
	}, nil
}

// narrows reports whether rules of some operation narrow its output.
func (c *Connector) narrows() bool {
	return slices.ContainsFunc(c.Operations, func(op *Operation) bool { return op.whole != nil })
}
