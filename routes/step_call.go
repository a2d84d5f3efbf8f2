package routes

import (
	"fmt"
	"slices"
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

// call asks a system for one of its operations.
type call struct {
	target   config.Text // system.operation
	with     transform.Mapping
	as       config.Text
	policies policy.Set
	unread   bool // it has an unknown key
	fallback transform.Mapping
	catches  []*catchValue

	system   *connectors.System
	op       *connectors.Operation
	merged   policy.Set   // in force: the call's and the system's
	want     *schema.Type // what is decoded of the answer: all of it, until its use is known
	input    *transform.Typed
	name     *expr.Var    // nil if nothing is named
	output   *schema.Type // of the name: the answer, or what stands in for it
	standIn  *transform.Typed
	draws    *expr.Drawing
	upload   bool         // it sends the request's body on
	sent     *schema.Type // what with must be: the operation's input, or that without the body that is sent on
	streamed bool         // its answer's body is handed on as the route's
	fault    *expr.Var    // what the mappings of catch see; nil if there are none
}

// catchValue is one entry of catch: a kind of fault and the value that stands in for the answer.
type catchValue struct {
	word    config.Text
	kind    connectors.FaultKind
	mapping transform.Mapping

	typed *transform.Typed
}

// Spec declares the fields of "- call:".
func (c *call) Spec(o *spec.Object) {
	o.Instead(callHabits)
	o.Text("call", &c.target).Required().Doc("The operation to call: system.operation.")
	o.Var("with", &c.with).Doc("What to send.")
	o.Text("as", &c.as).Doc("The name under which later steps read the answer.")
	o.Entries("catch", (&transform.Mapping{}).Schema(), func(key config.Text, value *config.Node, out *diag.List) {
		v := &catchValue{word: key, kind: faultWord(key, false, out)}
		v.mapping.Decode(value, out)
		c.catches = append(c.catches, v)
	}).Doc("Values that stand in for the answer, by kind of fault; in them, fault is as in try.")
	o.Bool("upload", &c.upload).Doc("The request's body, which the route takes by upload, is the operation's: it is sent on as it comes, " +
		"once. with then has no body.")
	o.Var("fallback", &c.fallback).Doc("The value that stands in for the answer while the system is unavailable, does not answer in time, " +
		"or answers with one that cannot be used.")
	c.policies.CallSpec(o)
}

func (c *call) misread() { c.unread = true }

// Check types the call: what is sent must fit, and the answer's type is known from here on.
func (c *call) Check(s *Scope) {
	s.node.Title = c.target.Value
	c.system, c.op = s.operation(c.target)
	if c.op == nil {
		mapped, _ := s.drawing()
		mapped.mapIf(&c.with)
		s.declareUnknown(c.as)
		return
	}
	whole, streamed := c.op.Output, s.route.streams(c)
	if streamed {
		if t, ok := c.op.Streamed(); ok {
			whole = t
		}
	}
	if c.streamed = streamed; !s.check.pruned || c.want == nil {
		c.want = whole
	}
	s.route.calls = append(s.route.calls, c)
	c.sent = c.op.Input
	if t, ok := c.op.Uploaded(); ok && c.upload {
		c.sent = t
	}
	mapped, draws := s.drawing()
	if c.draws = draws; !c.with.IsZero() || !c.unread { // else with may be what could not be read
		c.input = mapped.input(&c.with, c.sent, c.target)
	}
	c.checkPolicies(s)
	c.checkAnswer(s)
	s.node.Call = &CallInfo{
		System: c.system.Name, Operation: c.op.Name, Effect: c.op.Effect, Input: c.op.Input, Output: c.want,
		Pos: c.target.Pos, failure: c.op.Failure(), keyed: c.op.Key,
	}
	if q := c.op.Inquire; q != nil {
		s.node.Call.Inquiry = fmt.Sprintf("%s; that it was not done is believed %s after it was begun", q.Operation.Value, spec.Short(q.After))
	}
	if c.input != nil {
		s.node.Call.Sent = c.input.Type
	}
	settings, faults := c.merged.Settings(), faultsOf(c.op.Effect)
	s.node.Call.Policies = make([]Setting, 0, len(settings))
	for _, p := range settings {
		s.node.Call.Policies = append(s.node.Call.Policies, Setting(p))
	}
	s.route.Calls = append(s.route.Calls, s.node.Call)
	s.node.Outcomes = slices.Grow(s.node.Outcomes, len(faults))
	for _, k := range faults {
		s.node.Outcomes = append(s.node.Outcomes, c.outcome(s, k))
	}
	s.drawn(draws, true)
}

// checkAnswer names the answer. Its type admits what stands in for it.
func (c *call) checkAnswer(s *Scope) {
	c.name, c.output = nil, c.want
	c.checkCatches(s)
	if c.as.Value == "" {
		if !c.fallback.IsZero() {
			s.check.out.Report(diag.BadRoute, c.fallback.Pos(), "fallback is given and nothing is named: there is no as")
		}
		return
	}
	if c.streamed && c.want.Kind == schema.KindNull {
		return // of octets alone nothing can be read
	}
	if c.op.Output.Kind == schema.KindNull {
		s.Report(diag.BadRoute, c.as, "%s returns no answer to name", c.target.Value)
		s.declareUnknown(c.as)
		return
	}
	for _, v := range c.catches {
		c.output = standIn(c.output, v.typed.Type)
	}
	if !c.fallback.IsZero() {
		c.standIn = s.Map(&c.fallback)
		c.output = standIn(c.output, c.standIn.Type)
	}
	if q := c.op.Inquire; q != nil && q.Gives.IsZero() {
		s.Report(diag.BadRoute, c.as, "the answer of %s is named, and its inquire does not say what the answer was", c.target.Value).
			WithHint("write gives: below inquire: of %s in the connector; or leave as: out", c.op.Name)
	}
	c.name = s.Declare(c.as, c.output)
}

// checkCatches types what stands in for the answer, over the fault.
func (c *call) checkCatches(s *Scope) {
	if c.fault = nil; len(c.catches) == 0 {
		return
	}
	names := s.Names.Child()
	c.fault = names.Declare("fault", faultType([]*CallInfo{{failure: c.op.Failure()}}))
	within := s.child(names)
	for _, v := range c.catches {
		v.typed = within.Map(&v.mapping)
	}
}

// standIn joins an answer's type with that of a value in its place. A value that fits takes the answer's form.
func standIn(answer, value *schema.Type) *schema.Type {
	if len(schema.Fits(value, answer)) == 0 {
		return answer
	}
	return schema.Join(answer, value)
}

// checkPolicies reports policies that the call cannot have.
func (c *call) checkPolicies(s *Scope) {
	c.merged = policy.Merge(*s.check.model.policies[c.system], c.policies)
	c.merged.Check(c.op, c.target.Pos, s.check.out)
	if c.policies.Timeout > 0 {
		s.within(c.policies.Timeout, c.policies.TimeoutAt, "the call")
	}
}

// outcome reports what comes of a fault: a catch of the call's own, its fallback, or what the steps around it say.
func (c *call) outcome(s *Scope, k connectors.FaultKind) Outcome {
	cause := faultCauses[k]
	o := Outcome{If: cause.cause, Effect: cause.repeatable}
	if c.op.Effect == connectors.Once {
		o.Effect = cause.once
	}
	if c.op.Effect == connectors.Read {
		o.Effect = "nothing"
	}
	switch {
	case c.catcher(k) != nil:
		o.Seen = fmt.Sprintf("the answer with the value of catch %s", k)
	case c.standIn != nil && falls(k):
		o.Seen = "the answer with the value of fallback"
	default:
		o.Seen = s.fault(k)
	}
	return o
}

func (c *call) catcher(k connectors.FaultKind) *catchValue {
	for _, v := range c.catches {
		if v.kind == k {
			return v
		}
	}
	return nil
}

// falls reports whether fallback stands in for an answer that did not come for this reason.
func falls(k connectors.FaultKind) bool {
	return k == connectors.Unavailable || k == connectors.Timeout || k == connectors.Invalid
}

// prune leaves of the answer what the route uses, and what the connector's own rules look at.
func (c *call) prune() {
	use := &schema.Use{}
	if c.name != nil {
		use = c.name.Use
	}
	c.op.Reads(use)
	whole := c.op.Output
	if c.streamed {
		if whole, _ = c.op.Streamed(); whole == nil || whole.Kind == schema.KindNull {
			return
		}
	}
	c.want = schema.Prune(whole, use)
}

// operation finds the system and the operation that a call names. What is not there is reported once.
func (s *Scope) operation(t config.Text) (*connectors.System, *connectors.Operation) {
	name, opName, ok := strings.Cut(t.Value, ".")
	if !ok || name == "" || opName == "" {
		s.Report(diag.BadValue, t, "found %q, expected system.operation", t.Value)
		return nil, nil
	}
	system := s.check.model.System(name)
	if system == nil {
		if s.check.model.unsaid(len(s.check.model.Systems)) {
			return nil, nil
		}
		s.check.out.Report(diag.UnknownSystem, t.Pos, "the project has no system %q", name).WithLen(len(name)).
			WithNearest(name, s.check.model.systemNames())
		return nil, nil
	}
	if system.Connector == nil {
		return nil, nil // it could not be read, and that is reported
	}
	op := system.Connector.Operation(opName)
	if op == nil && !system.Connector.Unread {
		s.check.out.Report(diag.UnknownOperation, t.At(len(name)+1), "%s has no operation %q", name, opName).WithLen(len(opName)).
			WithNearest(opName, system.Connector.OperationNames())
	}
	return system, op
}
