package connectors

import (
	"context"
	"slices"

	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// The slots of the names in with: and gives: of an operation that another one does.
const (
	inputSlot = iota
	paramSlot
	gotSlot
)

// adaptation is an operation's translation into another one, typed.
type adaptation struct {
	params   *schema.Type
	with     *transform.Typed
	withSize int
}

// ParamsType returns the type of the name param.
func (c *Connector) ParamsType() *schema.Type {
	t := &schema.Type{Kind: schema.KindRecord}
	for _, p := range c.Params {
		t.Fields = append(t.Fields, schema.Field{Name: p.Name, Type: p.Type, Required: p.Required || p.Default != ""})
	}
	return t.Seal()
}

// adapt types the operations that other ones do, once those have their types.
func (c *Connector) adapt(out *diag.List) {
	params := c.ParamsType()
	for _, op := range c.Operations {
		if op.Of.Value == "" {
			continue
		}
		of := c.Operation(op.Of.Value)
		if of == nil || of == op || of.Of.Value != "" {
			var own []string
			for _, x := range c.Operations {
				if x.Of.Value == "" {
					own = append(own, x.Name)
				}
			}
			op.Of.Report(out, diag.UnknownOperation, "found %q, expected an operation of this connector that the system itself has", op.Of.Value).
				WithNearest(op.Of.Value, own)
			continue
		}
		op.of, op.Effect = of, max(op.Effect, of.Effect)
		if op.Input == nil {
			op.Input = schema.RecordType()
		}
		if of.Input.Kind == schema.KindUnknown || of.Output.Kind == schema.KindUnknown {
			continue
		}
		scope := op.adaptedScope(params, nil)
		a := &adaptation{params: params, with: op.With.Check(scope, out), withSize: scope.Size()}
		a.with.Fit(of.Input, of.Name, out)
		op.adapted = a
		var use schema.Use
		t := op.gives(of.Output, params, &use, out)
		switch {
		case t == nil:
			op.Output = of.Output
		case op.Output == nil:
			op.Output = t.Type
		default:
			t.Fit(op.Output, op.Name, out)
		}
	}
}

// gives returns the typed mapping from the other operation's answer to this one's; nil if the answer stays as it is. use is what
// is read of it.
func (op *Operation) gives(answer, params *schema.Type, use *schema.Use, out *diag.List) *transform.Typed {
	if op.Gives.IsZero() {
		use.All()
		return nil
	}
	scope := op.adaptedScope(params, answer)
	t := op.Gives.Check(scope, out)
	use.Merge(scope.Lookup("answer").Use)
	op.givesSize = scope.Size()
	return t
}

// adaptedScope declares the names of with: and, where there is an answer, of gives:.
func (op *Operation) adaptedScope(params, answer *schema.Type) *expr.Scope {
	scope := op.Scope()
	scope.Declare("input", op.Input)
	scope.Declare("param", params)
	if answer != nil {
		scope.Declare("answer", answer)
	}
	return scope
}

// adaptedCaller calls operations that other ones do.
type adaptedCaller struct {
	Caller
	system string
	params schema.Value
	rules  schema.Value // what rules read as param
}

// adapts reports whether some operation is done by another one.
func (c *Connector) adapts() bool {
	return slices.ContainsFunc(c.Operations, func(op *Operation) bool { return op.adapted != nil })
}

// Call prepares the calls of one operation.
func (c *adaptedCaller) Call(op *Operation, want *schema.Type) (Call, error) {
	if op.adapted == nil {
		return c.Caller.Call(op, want)
	}
	var use schema.Use
	var ignored diag.List
	op.gives(op.of.Output, op.adapted.params, &use, &ignored)
	op.of.Reads(&use)
	inner := schema.Prune(op.of.Output, &use)
	if op.Gives.IsZero() {
		inner = want
	}
	do, err := c.Caller.Call(op.of, inner)
	if err != nil {
		return nil, err
	}
	with := op.adapted.with.Compile(op.of.Input)
	var gives expr.Eval
	if t := op.gives(inner, op.adapted.params, &schema.Use{}, &ignored); t != nil {
		gives = t.Compile(want)
	}
	size := max(op.adapted.withSize, op.givesSize, gotSlot+1)
	fails := op.FailRules(want, c.rules)
	return func(ctx context.Context, in schema.Value) (schema.Value, error) {
		frame := expr.Frame{Slots: make([]schema.Value, size), Budget: failBudget, Context: ctx}
		frame.Slots[inputSlot], frame.Slots[paramSlot] = in, c.params
		sent, err := with(&frame)
		if err != nil {
			return schema.Value{}, &Fault{Operation: op.Name, Kind: Refused, Err: err}
		}
		out, err := do(ctx, sent)
		if err != nil || gives == nil && fails == nil {
			return out, err
		}
		if gives != nil {
			frame.Slots[gotSlot] = out
			if out, err = gives(&frame); err != nil {
				return schema.Value{}, &Fault{Operation: op.Name, Kind: Invalid, Sent: true, Err: err}
			}
		}
		if fails != nil {
			if f := fails(ctx, out, 0); f != nil {
				f.System, f.Operation = c.system, op.Name
				return schema.Value{}, f
			}
		}
		return out, nil
	}, nil
}

// Behind returns the operation that does what op says (of), with what it is sent and what is read of its answer; nil if op
// is one of the system's own.
func (op *Operation) Behind() (of *Operation, sent, read *schema.Type) {
	if op.of == nil || op.adapted == nil {
		return op.of, nil, nil
	}
	var use schema.Use
	var ignored diag.List
	op.gives(op.of.Output, op.adapted.params, &use, &ignored)
	op.of.Reads(&use)
	return op.of, op.adapted.with.Type, schema.Prune(op.of.Output, &use)
}

// ParamValues returns the values of the system's parameters, secrets included, as a record of its connector's ParamsType. The error
// names the parameter, never its value.
func (s *System) ParamValues(t *schema.Type) (schema.Value, error) {
	slots := schema.Slots(t)
	for i, f := range t.Fields {
		text, _, err := s.Param(f.Name)
		if err != nil {
			return schema.Value{}, err
		}
		if text == "" && !f.Required {
			continue
		}
		v, err := schema.ParseText(text, f.Type)
		if err != nil {
			return schema.Value{}, &paramError{s.Name, f.Name}
		}
		slots[i+1] = v
	}
	return schema.Record(t, slots), nil
}

// paramError names a parameter whose value does not fit its type, without the value.
type paramError struct{ system, param string }

func (e *paramError) Error() string {
	return "system " + e.system + ", parameter \"" + e.param + "\": it does not fit its type"
}
