package connectors

import (
	"context"
	"slices"

	"fondaco/config/diag"
	"fondaco/schema"
	"fondaco/transform/expr"
)

// FailRules returns the operation's rules compiled for answers of type want: given an answer and its status, the fault
// that it is, nil if it is none. params is what System.RuleParams returns. System and Operation of the fault are left
// to the caller to fill in. Nil if there are no rules.
func (op *Operation) FailRules(want *schema.Type, params schema.Value) func(ctx context.Context, answer schema.Value, status int) *Fault {
	rules := op.rules(want, params, aboutAnswer, aboutStatus)
	if len(rules) == 0 {
		return nil
	}
	return func(_ context.Context, answer schema.Value, status int) *Fault {
		return rules.judge(answerSlot, answer, status)
	}
}

// ErrorRules returns the operation's rules on answers whose status is a failure, compiled: given such an answer as a value
// of Error, absent where it could not be read as one, and its status, the fault that it is, nil if no rule fits. System
// and Operation are left to the caller to fill in. Nil if there are no such rules.
func (op *Operation) ErrorRules(params schema.Value) func(answer schema.Value, status int) *Fault {
	all, unread := op.rules(op.Output, params, aboutError, aboutStatus), op.rules(op.Output, params, aboutStatus)
	if len(all) == 0 {
		return nil
	}
	return func(answer schema.Value, status int) *Fault {
		list := all
		if answer.IsAbsent() {
			list = unread
		}
		if f := list.judge(errorSlot, answer, status); f != nil && f.Err == nil {
			return f
		}
		return nil // the status alone says what it is
	}
}

// FaultRules returns the operation's rules about faults compiled: given a value of FaultType and the HTTP status, the
// fault that it is to callers, nil if no rule fits. System and Operation are left to the caller to fill in. Nil if there
// are no such rules.
func (op *Operation) FaultRules(params schema.Value) func(fault schema.Value, status int) *Fault {
	rules := op.rules(op.Output, params, aboutFault)
	if len(rules) == 0 {
		return nil
	}
	return func(fault schema.Value, status int) *Fault { return rules.judge(faultSlot, fault, status) }
}

// rule is a Fail ready to be asked.
type rule struct {
	as           FaultKind
	lost         bool
	when, detail expr.Eval
	size         int
	params       schema.Value
}

type rules []rule

// rules compiles the rules that are about one of these, over answers of type want.
func (op *Operation) rules(want *schema.Type, params schema.Value, about ...about) (list rules) {
	for _, f := range op.Fails {
		var out diag.List
		c := &Fail{When: f.When, As: f.As, Lost: f.Lost, Detail: f.Detail}
		c.bind(op, want, &out)
		if out.Failed() || !slices.Contains(about, c.about) {
			continue // the failed ones were reported when the connector was read
		}
		r := rule{as: f.As, lost: f.Lost, when: c.when.Compile(), params: params}
		if c.detail != nil {
			r.detail = c.detail.Compile(schema.TypeText)
		}
		r.size = c.scope.Size()
		list = append(list, r)
	}
	return list
}

// judge returns the fault that the first rule that fits makes of an answer or a fault.
func (list rules) judge(slot int, v schema.Value, status int) *Fault {
	for _, r := range list {
		frame := expr.Frame{Slots: make([]schema.Value, r.size), Budget: failBudget}
		frame.Slots[slot], frame.Slots[statusSlot] = v, schema.Int(int64(status))
		frame.Slots[ruleParamSlot] = r.params
		fits, err := r.when(&frame)
		if err != nil {
			return &Fault{Kind: Invalid, Status: status, Sent: true, Err: err}
		}
		if !fits.Bool() {
			continue
		}
		fault := &Fault{Kind: r.as, Status: status, Sent: true, session: r.lost, said: true}
		if r.detail != nil {
			if d, err := r.detail(&frame); err == nil {
				fault.Detail = d.Str()
			}
		}
		return fault
	}
	return nil
}

// failBudget is how many steps the rules of one answer may take.
const failBudget = 1_000_000
