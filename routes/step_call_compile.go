package routes

import (
	"context"
	"errors"

	"fondaco/connectors"
	"fondaco/schema"
	"fondaco/transform/expr"
)

// Compile binds the call to its system.
func (c *call) Compile(b *Builder) Run {
	do := b.bind(c)
	input, upload := compileInput(c.input, c.sent), c.upload
	system, operation := c.system.Name, c.op.Name
	slot, convert := c.result()
	instead, fault := c.instead(), c.fault
	if fault != nil && !fault.Named {
		fault = nil
	}
	once, program := c.op.Blind(), b.program
	effects := c.op.Effect != connectors.Read
	streamed := c.streamed
	changes, path := c.op.Effect == connectors.Once, b.at.path
	keyed := changes && c.op.Key
	return b.numbered(c.draws, func(ctx context.Context, x *Exchange) error {
		in, err := input(&x.Frame)
		if err != nil {
			var wrong *inputError
			if errors.As(err, &wrong) {
				return wrong.fault(system, operation)
			}
			return err
		}
		calling := connectors.WithBodyLimit(ctx, x.Frame.Most())
		if keyed {
			calling = connectors.WithEffectID(calling, x.effectID(ctx, path, system+"."+operation))
		}
		if upload {
			calling = x.shared.uploading(calling, operation)
		}
		if streamed {
			calling = connectors.WithHandover(calling, x.shared.handed(operation))
		}
		var out schema.Value
		if once {
			out, err = do.once(calling, x, program, path, in)
		} else {
			out, err = do.call(calling, in)
		}
		if effects {
			x.shared.ended(err)
		}
		stand, caught := instead(err, ctx)
		if once && tookEffect(err) && (caught || !asked(err)) {
			x.shared.took(system + "." + operation)
		}
		switch {
		case err != nil:
			if !caught {
				return doubtful(err, changes)
			}
			if stand == nil {
				return nil
			}
			if fault != nil {
				x.Frame.Slots[fault.Slot] = faultValue(connectors.AsFault(err), fault.Type)
			}
			if out, err = stand(&x.Frame); err != nil {
				return err
			}
		case convert != nil && !out.IsNil():
			if out, err = expr.Convert(&x.Frame, out, convert); err != nil {
				return err
			}
		}
		if slot >= 0 {
			x.Frame.Slots[slot] = out
		}
		return nil
	})
}

// result returns the slot that the answer goes into, -1 for none, and the type that it is converted to, nil for none.
func (c *call) result() (slot int, convert *schema.Type) {
	if c.name == nil {
		return -1, nil
	}
	if !schema.Same(c.want.OrNull(), c.output.OrNull()) {
		convert = c.output
	}
	return c.name.Slot, convert
}

// uploading returns a context in which an operation sends the upload of the exchange, if it has one.
func (s *shared) uploading(ctx context.Context, operation string) context.Context {
	u := s.upload
	if u == nil {
		return ctx
	}
	return connectors.WithUpload(ctx, &connectors.Upload{
		Operation: operation, From: u, Length: u.Length, Type: u.Type,
		Disposition: u.Disposition,
	})
}

// tookEffect reports whether a call that ended so may have changed something.
func tookEffect(err error) bool {
	if err == nil {
		return true
	}
	f := connectors.AsFault(err)
	return f != nil && (f.Kind == connectors.Unknown || f.Kind == connectors.Invalid && f.Sent)
}

// asked reports whether the outcome of a call is asked for when the work comes again.
func asked(err error) bool {
	var u *undecided
	return errors.As(err, &u)
}

// instead returns what computes the value that stands in for an answer, by the error in its place; caught reports whether
// there is one. Once the exchange's own time is up nothing stands in.
func (c *call) instead() func(err error, ctx context.Context) (stand expr.Eval, caught bool) {
	if len(c.catches) == 0 && c.standIn == nil {
		return func(error, context.Context) (expr.Eval, bool) { return nil, false }
	}
	var evals [len(faultProblems)]expr.Eval
	var caught [len(faultProblems)]bool
	if c.standIn != nil {
		eval := c.standIn.Compile(c.output)
		for k := range evals {
			if falls(connectors.FaultKind(k)) {
				evals[k], caught[k] = eval, true
			}
		}
	}
	for _, v := range c.catches {
		caught[v.kind] = true
		if c.name != nil {
			evals[v.kind] = v.typed.Compile(c.output)
		}
	}
	return func(err error, ctx context.Context) (expr.Eval, bool) {
		f := connectors.AsFault(err)
		if f == nil || ctx.Err() != nil || costly(err) {
			return nil, false
		}
		return evals[f.Kind], caught[f.Kind]
	}
}
