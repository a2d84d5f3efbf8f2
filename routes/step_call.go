package routes

import (
	"context"
	"strings"

	"fondaco/config"
	"fondaco/config/diag"
	"fondaco/config/spec"
	"fondaco/connectors"
	"fondaco/connectors/policy"
	"fondaco/schema"
	"fondaco/transform"
	"fondaco/transform/expr"
)

// callStep asks a system for one of its operations.
type callStep struct {
	target   config.Text
	with     transform.Mapping
	as       config.Text
	policy   policy.Set
	fallback transform.Mapping
	catch    []catchValue
}

// catchValue turns a kind of fault into a value.
type catchValue struct {
	kind  connectors.FaultKind
	key   config.Text
	value transform.Mapping
}

func (c *callStep) spec(o *fields) {
	o.Text("call", &c.target).Required().Doc("The operation to call: system.operation.").Example("polizia-locale.elencoVerbali")
	o.Mapping("with", &c.with).Doc("What to send.")
	o.Text("as", &c.as).Doc("The name under which later steps read the answer.")
	c.policy.CallSpec(o.Object)
	o.Mapping("fallback", &c.fallback).Doc("The value that stands for the answer whatever fault the call ends with.")
	o.Entries("catch", spec.Schema{"type": "object", "propertyNames": spec.Schema{"enum": connectors.FaultKinds()}}, func(key config.Text, n *config.Node, out *diag.List) {
		kind := connectors.FaultKindOf(key.Value)
		if kind == 0 {
			key.Report(out, diag.UnknownField, "%q is no kind of fault", key.Value).WithNearest(key.Value, connectors.FaultKinds())
			return
		}
		v := catchValue{kind: kind, key: key}
		(&mapping{o, &v.value}).Decode(n, out)
		c.catch = append(c.catch, v)
	}).Doc("Values that stand for the answer when the call ends with a fault of a kind: not-found: null.")
}

// operation finds the system and its operation; what is wrong is reported once.
func (c *callStep) operation(s *Scope) (*connectors.System, *connectors.Operation) {
	name, opName, found := strings.Cut(c.target.Value, ".")
	m := s.route.typed.Model
	if !found {
		c.target.Report(s.out, diag.BadValue, "found %q, expected system.operation", c.target.Value)
		return nil, nil
	}
	sys := m.System(name)
	if sys == nil {
		c.target.Slice(0, len(name)).Report(s.out, diag.UnknownSystem, "the project has no system %q", name).WithNearest(name, m.systemNames())
		return nil, nil
	}
	if sys.Connector == nil {
		return nil, nil // reported with the connector
	}
	op := sys.Connector.Operation(opName)
	if op == nil {
		c.target.Slice(len(name)+1, len(c.target.Value)).Report(s.out, diag.UnknownOperation, "%s has no operation %q", name, opName).
			WithNearest(opName, sys.Connector.OperationNames())
		return nil, nil
	}
	return sys, op
}

// Check types the call: what is sent must fit, and the answer's type is known from here on.
func (c *callStep) Check(s *Scope) *Step {
	st := s.new("call", c.target.Value, c.target.Pos)
	sys, op := c.operation(s)
	if op == nil {
		if !c.with.IsZero() {
			c.with.Check(s.names, s.out)
		}
		s.declare(c.as, schema.TypeUnknown, st)
		return st
	}
	var with *transform.Typed
	if !c.with.IsZero() {
		with = c.with.Check(s.names, s.out)
		with.Fit(op.Input, "with", s.out)
	} else if missing := requiredFields(op.Input); len(missing) > 0 {
		c.target.Report(s.out, diag.DoesNotFit, "%s needs %s", c.target.Value, strings.Join(missing, ", ")).WithHint("write it under with:")
	}
	output := op.Output
	if t := s.route.pruned[c]; t != nil {
		output = t
	}
	result := output
	set := policy.Merge(s.route.typed.Model.policySet(sys.Name), c.policy)
	set.Check(op, c.target.Pos, s.out)
	catches := make([]*transform.Typed, len(c.catch))
	for i := range c.catch {
		catches[i] = c.catch[i].value.Check(s.names, s.out)
		result = joinAnswer(result, catches[i].Type)
	}
	var fallback *transform.Typed
	if !c.fallback.IsZero() {
		fallback = c.fallback.Check(s.names, s.out)
		result = joinAnswer(result, fallback.Type)
	}
	v := s.declare(c.as, result, st)
	if s.route.answers != nil {
		s.route.answers[c] = v.Use
	}
	st.Call = &CallInfo{System: sys.Name, Operation: op.Name, Effect: op.Effect, Input: op.Input, Output: output}
	for _, p := range set.Settings() {
		st.Call.Policies = append(st.Call.Policies, Setting(p))
	}
	st.Outcomes = c.outcomes(op, fallback != nil)
	s.route.calls = append(s.route.calls, st.Call)
	for _, k := range c.uncaught(op, fallback != nil) {
		s.route.faults[k] = true
	}
	st.compile = func(b *builder) Run {
		return c.compile(b, compiledCall{sys: sys, op: op, with: with, want: output, result: result, set: set, catches: catches, fallback: fallback, slot: v.Slot})
	}
	return st
}

// joinAnswer joins an answer's type with what may stand for it. An empty list or record literal takes the answer's form.
func joinAnswer(answer, value *schema.Type) *schema.Type {
	if len(schema.Fits(value, answer)) == 0 {
		return answer
	}
	return schema.Join(answer, value)
}

func requiredFields(t *schema.Type) (names []string) {
	for _, f := range t.Fields {
		if f.Required {
			names = append(names, f.Name)
		}
	}
	return names
}

// uncaught lists the kinds of faults that leave the step.
func (c *callStep) uncaught(op *connectors.Operation, fallback bool) []connectors.FaultKind {
	if fallback {
		return nil
	}
	kinds := []connectors.FaultKind{connectors.Unavailable, connectors.Invalid, connectors.NotFound, connectors.Refused, connectors.Conflict}
	if op.Effect == connectors.Once {
		kinds = append(kinds, connectors.Unknown)
	}
	kinds = append(kinds, connectors.Timeout)
	var out []connectors.FaultKind
	for _, k := range kinds {
		caught := false
		for _, v := range c.catch {
			caught = caught || v.kind == k
		}
		if !caught {
			out = append(out, k)
		}
	}
	return out
}

// compiledCall is what compile needs.
type compiledCall struct {
	sys          *connectors.System
	op           *connectors.Operation
	with         *transform.Typed
	want, result *schema.Type
	set          policy.Set
	catches      []*transform.Typed
	fallback     *transform.Typed
	slot         int
}

// compile binds the call to its system.
func (c *callStep) compile(b *builder, k compiledCall) Run {
	do := b.bind(k.sys, k.op, k.want, k.set)
	input := func(*expr.Frame) (schema.Value, error) { return schema.RecordOf(k.op.Input), nil }
	var checker *schema.Checker
	if k.with != nil {
		input = k.with.Compile(k.op.Input)
		if schema.NeedsCheck(k.with.Type, k.op.Input) {
			checker = schema.NewChecker(k.op.Input)
		}
	}
	var caught [16]expr.Eval
	for i := range c.catch {
		caught[c.catch[i].kind] = k.catches[i].Compile(k.result)
	}
	var fallback expr.Eval
	if k.fallback != nil {
		fallback = k.fallback.Compile(k.result)
	}
	same := k.result == k.want
	return func(ctx context.Context, x *Exchange) error {
		in, err := input(&x.Frame)
		if err != nil {
			return err
		}
		if checker != nil {
			if wrong := checker.Check(in); wrong != nil {
				return &connectors.Fault{System: k.sys.Name, Operation: k.op.Name, Kind: connectors.Refused, Path: wrong[0].Path, Err: wrong}
			}
		}
		v, err := do.call(ctx, in)
		if err != nil {
			f := connectors.AsFault(err)
			switch {
			case f == nil:
				return err
			case caught[f.Kind] != nil:
				v, err = caught[f.Kind](&x.Frame)
			case fallback != nil:
				v, err = fallback(&x.Frame)
			}
			if err != nil {
				return err
			}
		} else if !same {
			if v, err = schema.Convert(v, k.result); err != nil {
				return err
			}
		}
		x.Frame.Slots[k.slot] = v
		return nil
	}
}

// outcomes says what comes of the call's failures.
func (c *callStep) outcomes(op *connectors.Operation, fallback bool) []Outcome {
	seen := func(k connectors.FaultKind) string {
		for _, v := range c.catch {
			if v.kind == k {
				return "the value of catch: " + k.String()
			}
		}
		if fallback {
			return "the fallback's value"
		}
		return statusLine(k)
	}
	done, late := "nothing", connectors.Timeout
	if op.Effect == connectors.Once {
		done, late = "unknown", connectors.Unknown
	} else if op.Effect == connectors.Idempotent {
		done = "once or nothing; it may be repeated"
	}
	return []Outcome{
		{"the system is down, or its breaker is open", "nothing", seen(connectors.Unavailable)},
		{"it does not answer in time", done, seen(late)},
		{"it says no", "nothing", seen(connectors.Refused)},
		{"its answer does not fit its schema", map[bool]string{true: "once", false: "nothing"}[op.Effect != connectors.Read], seen(connectors.Invalid)},
	}
}
